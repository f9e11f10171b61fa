"""Endpoint paths, url patterns and hosts: cleaned and checked as KrakenD does it."""

from __future__ import annotations

import re
from collections.abc import Collection

_REFUSED = re.compile(r"^[^/]|\*.|/__(debug|echo|health)(/.*)?$")
_STRICT_PARAM = re.compile(r"/\{([a-zA-Z\-_0-9]+)\}")
_ANY_PARAM = re.compile(r"\{([\w\-.:/]+)\}", re.ASCII)
_FROM_ANSWER = re.compile(r"resp\d+_.*|JWT\.[\w\-.:/]*", re.ASCII)
_PROPAGATED = re.compile(r"resp\d+(_.+)?", re.ASCII)
_ASKABLE = re.compile(r"(https?://)?([^\s/@]+@)?(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9._\-]+)(:[0-9]{1,5})?(/\S*)?")
_HOST = re.compile(r"(https?://)?([a-zA-Z0-9._\-]+)(:[0-9]{2,6})?/?")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def clean_path(path: str) -> str:
    """With a leading slash."""
    return path if path[:1] == "/" else "/" + path


def refused_path(path: str) -> bool:
    """Whether KrakenD refuses an endpoint with this (cleaned) path: wildcards inside, and its own paths."""
    return _REFUSED.search(path) is not None


def path_params(path: str, disable_rest: bool) -> tuple[str, ...]:
    """The names of an endpoint's parameters, in order, each once."""
    found = (_ANY_PARAM if disable_rest else _STRICT_PARAM).findall(path)
    return tuple(dict.fromkeys(found))


def placeholders(url_pattern: str) -> tuple[str, ...]:
    """The names between braces in a backend's pattern, in order, each once."""
    if "{" not in url_pattern:
        return ()
    return tuple(dict.fromkeys(_ANY_PARAM.findall(url_pattern)))


def from_answer(name: str) -> bool:
    """Whether a placeholder is filled by an earlier answer (``resp0_id``) or a token's claim (``JWT.sub``)."""
    return _FROM_ANSWER.fullmatch(name) is not None


def names_answer(name: str) -> bool:
    """Whether a name stands for an earlier answer (``resp0``) or a value of it (``resp0_id``)."""
    return _PROPAGATED.fullmatch(name) is not None


def can_be_asked(host: str) -> bool:
    """Whether a host that is taken as it is written can be reached by HTTP at all."""
    return _ASKABLE.fullmatch(host) is not None


def router_path(path: str, params: Collection[str]) -> str:
    """The way KrakenD prints it: ``/user/:id``."""
    for name in params:
        path = path.replace("{" + name + "}", ":" + name)
    return path


def internal_pattern(url_pattern: str) -> str:
    """The way KrakenD prints a backend's pattern: ``/v1/{{.Id}}``."""
    for name in placeholders(url_pattern):
        url_pattern = url_pattern.replace("{" + name + "}", "{{." + name[:1].upper() + name[1:] + "}}")
    return url_pattern


def clean_host(host: str) -> tuple[str, bool]:
    """``http://name:port`` without a final slash, and whether all of the text was used.

    Raises ValueError for what KrakenD refuses: a path, a user, an IPv6 address, another scheme, nothing.
    """
    found = list(_HOST.finditer(host))
    if len(found) != 1:
        raise ValueError(host)
    scheme, name, port = found[0].groups()
    return (scheme or "http://") + name + (port or ""), found[0].group() == host
