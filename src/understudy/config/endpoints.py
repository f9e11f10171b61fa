"""One entry of ``endpoints`` with its backends, every inherited value filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from understudy.config import keys, paths
from understudy.config.cel import read_cel
from understudy.config.checks import read_bot_detector, read_json_schema
from understudy.config.components import read_backend_http, read_flatmap, read_http_client, read_static
from understudy.config.kinds import meant, shown
from understudy.config.martian import read_martian
from understudy.config.model import Backend, Endpoint, FlatmapOp
from understudy.config.namespaces import read_extra
from understudy.config.notes import Notes, Path, read_lenient, read_section
from understudy.config.safety import check_shadows
from understudy.config.shadows import Draft, cast, read_draft, read_proxy
from understudy.config.strict import canonical_name, is_token

OUTPUTS = ("json", "json-collection", "string", "xml", "yaml", "negotiate", "no-op")
ENCODINGS = ("json", "safejson", "string", "xml", "rss", "no-op")


class Defaults(msgspec.Struct, frozen=True):
    """What endpoints inherit from the root object. Durations in seconds."""

    hosts: tuple[str, ...] = ()
    timeout: float = 2.0
    cache_ttl: float = 0.0
    output_encoding: str = "json"
    disable_rest: bool = False
    taken: set[str] = set()
    """Names of shadows so far."""


def read_endpoint(item: Any, index: int, defaults: Defaults, notes: Notes) -> Endpoint | None:
    """The endpoint, or None when it cannot be one; what is wrong is in ``notes``."""
    path: Path = ("endpoints", index)
    if not isinstance(item, Mapping):
        notes.error(path, f"an endpoint must be an object, not {shown(item)}.", "type")
        return None
    values = read_section(item, keys.ENDPOINT, path, notes)
    url = paths.clean_path(values.get("endpoint", ""))
    method = values.get("method", "").upper() or "GET"
    _check_path(url, values, path, notes)
    params = paths.path_params(url, defaults.disable_rest)
    extra = read_extra(values.get("extra_config"), "endpoint", (*path, "extra_config"), notes)
    output = values.get("output_encoding") or defaults.output_encoding
    if "output_encoding" in values:
        check_output(output, path, notes)
    headers = header_names(values, path, notes)
    endpoint = Endpoint(
        index=index, path=url, method=method, backends=(), timeout=values.get("timeout") or defaults.timeout,
        cache_ttl=values.get("cache_ttl") or defaults.cache_ttl,
        concurrent_calls=max(1, values.get("concurrent_calls", 1)), input_headers=headers,
        input_query_strings=values.get("input_query_strings", ()), output_encoding=output, params=params,
        extra=_rest(extra), **_proxy(extra, (*path, "extra_config"), notes),
        **_checks(extra, (*path, "extra_config"), notes),
    )
    entries = [_Entry(entry, place, endpoint, defaults, (*path, "backend", place), notes)
               for place, entry in enumerate(values.get("backend", ()))]
    backends = tuple(entry.backend for entry in entries if entry.backend is not None)
    drafts = {entry.index: entry.draft for entry in entries if entry.draft is not None and entry.backend is not None}
    endpoint = cast(msgspec.structs.replace(endpoint, backends=backends), drafts, defaults.taken, notes)
    if len(backends) == len(entries):
        _check_endpoint(endpoint, path, notes)
        check_shadows(endpoint, drafts, path, notes)
    if method not in paths.METHODS:
        notes.warn((*path, "method"), f"Unsupported method {method}: this endpoint is left out, as in KrakenD; use one "
                                      f"of {', '.join(paths.METHODS)}.", "method")
        return None
    return endpoint


def check_output(output: str, path: Path, notes: Notes) -> None:
    """Warn about an ``output_encoding`` that is not known; ``path`` is where it stands."""
    if output not in OUTPUTS:
        hint = meant(output, list(OUTPUTS)) or "."
        notes.warn((*path, "output_encoding"), f'"output_encoding" is {shown(output)}, which is not known{hint} '
                                               f"Answers are JSON, as in KrakenD, which knows {', '.join(OUTPUTS)}.",
                   "unknown_value")


def header_names(values: Mapping[str, Any], path: Path, notes: Notes) -> tuple[str, ...]:
    """``input_headers`` as they stand on the wire; a text that cannot be a header's name is never found there."""
    for index, name in enumerate(names := values.get("input_headers", ())):
        if name and not is_token(name):
            notes.warn((*path, "input_headers", index), f"{shown(name)} cannot be the name of a header: nothing is "
                                                        "forwarded for it; write one name an item.", "header_name")
    return tuple(map(canonical_name, names))


def _check_path(url: str, values: Mapping[str, Any], path: Path, notes: Notes) -> None:
    method = values.get("method", "")
    if "endpoint" not in values:
        notes.warn(path, 'the key "endpoint" is missing: the endpoint is served at "/", as in KrakenD.', "missing_key")
    if paths.refused_path(url):
        why = ("wildcards belong to KrakenD's Enterprise edition" if "*" in url
               else "/__debug, /__echo and /__health are the gateway's own")
        notes.error((*path, "endpoint"), f"ignoring the '{method} {url}' endpoint, since it is invalid!!! "
                                         f"Choose another path: {why}.", "endpoint")
    if not values.get("backend"):
        place = (*path, "backend") if "backend" in values else path
        notes.error(place, f"ignoring the '{method} {url}' endpoint, since it has 0 backends defined! Add one to "
                           '"backend".', "endpoint")


def _check_endpoint(endpoint: Endpoint, path: Path, notes: Notes) -> None:
    output = endpoint.output_encoding
    if output == "no-op" and len(endpoint.regular) > 1:
        notes.error((*path, "backend"), "can not use NoOp encoding with more than one backends connected to the same "
                                        "endpoint: keep one, make the others shadows, or use another output_encoding.",
                    "no_op")
    for segment in endpoint.path.split("/"):
        if segment[:1] == "{" and "}" in segment and segment[-1:] != "}":
            notes.warn((*path, "endpoint"), f'"{segment}" has text after its parameter, which is then never filled; a '
                                            "parameter takes a whole segment.", "endpoint")
    for index, backend in enumerate(endpoint.backends):
        if output == "json" and backend.encoding == "no-op" and backend.shadow is None:
            notes.warn((*path, "backend", index, "encoding"), '"no-op" decodes nothing: users get an empty object. Say '
                                                              '"output_encoding": "no-op" on the endpoint.', "no_op")


def _rest(extra: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    return {short: block for short, (_, block) in extra.items()}


def _checks(extra: Mapping[str, tuple[str, Any]], path: Path, notes: Notes) -> dict[str, Any]:
    return {
        "bot_detector": read_bot_detector(extra.get("security/bot-detector"), path, notes),
        "cel": read_cel(extra.get("validation/cel"), path, notes),
        "json_schema": read_json_schema(extra.get("validation/json-schema"), path, notes),
    }


def _proxy(extra: Mapping[str, tuple[str, Any]], path: Path, notes: Notes) -> dict[str, Any]:
    if "proxy" not in extra:
        return {}
    name, section = extra["proxy"]
    place = (*path, name)
    values = read_lenient(section, keys.ENDPOINT_PROXY, place, notes)
    out: dict[str, Any] = {"sequential": values.get("sequential", False),
                           "propagated_params": values.get("sequential_propagated_params", ())}
    for index, name in enumerate(out["propagated_params"]):
        if not paths.names_answer(name):
            notes.warn((*place, "sequential_propagated_params", index), f"{shown(name)} has no effect: write "
                       "respN_path for a value of the answer N, or respN for all of it; N counts from 0.", "no_effect")
    if "static" in values:
        out["static"] = read_static(values["static"], (*place, "static"), notes)
    if "flatmap_filter" in values:
        out["flatmap"] = read_flatmap(values["flatmap_filter"], (*place, "flatmap_filter"), notes)
    return out


class _Entry:
    """One entry of ``backend``: the backend, and its draft when it is a shadow; None when it cannot be one."""

    def __init__(self, item: Any, index: int, endpoint: Endpoint, defaults: Defaults, path: Path, notes: Notes) -> None:
        self.index = index
        self.backend: Backend | None = None
        self.draft: Draft | None = None
        if not isinstance(item, Mapping):
            notes.error(path, f"a backend must be an object, not {shown(item)}.", "type")
            return
        values = read_section(item, keys.BACKEND, path, notes)
        place = (*path, "extra_config")
        extra = read_extra(values.get("extra_config"), "backend", place, notes)
        is_shadow, own_timeout, flatmap = read_proxy(extra.get("proxy"), place, notes)
        self.draft = read_draft(extra.get("understudy/shadow"), is_shadow, own_timeout, place, notes)
        details, code = read_backend_http(extra.get("backend/http"), place, notes)
        pattern = paths.clean_path(values.get("url_pattern", ""))
        _check_placeholders(pattern, index, endpoint, path, notes)
        flat: tuple[FlatmapOp, ...] = ()
        if flatmap is not None:
            flat = read_flatmap(flatmap, (*place, extra["proxy"][0], "flatmap_filter"), notes)
        self.backend = Backend(
            index=index, hosts=_hosts(values, defaults, path, notes), url_pattern=pattern,
            method=_method(values, path, notes) or endpoint.method,
            encoding=_encoding(values.get("encoding", ""), endpoint, path, notes),
            is_collection=values.get("is_collection", False), group=values.get("group", ""),
            target=values.get("target", ""), allow=values.get("allow", ()), deny=values.get("deny", ()),
            mapping=values.get("mapping", {}), sd=_discovery(values, path, notes),
            sd_scheme=values.get("sd_scheme") or "http",
            input_headers=header_names(values, path, notes),
            input_query_strings=values.get("input_query_strings", ()), concurrent_calls=endpoint.concurrent_calls,
            flatmap=flat, flatmap_replaces=isinstance(flatmap, list),
            return_error_details=details, return_error_code=code,
            send_body_on_redirect=read_http_client(extra.get("backend/http/client"), place, notes),
            cel=read_cel(extra.get("validation/cel"), place, notes),
            martian=read_martian(extra.get("modifier/martian"), place, notes), extra=_rest(extra),
        )


def _check_placeholders(pattern: str, index: int, endpoint: Endpoint, path: Path, notes: Notes) -> None:
    for name in (names := paths.placeholders(pattern)):
        if paths.from_answer(name):
            if name.startswith("resp") and not endpoint.sequential:
                notes.warn((*path, "url_pattern"), f'"{{{name}}}" is never filled: the endpoint is not "sequential".',
                           "placeholder")
            continue
        if name not in endpoint.params:
            shape = paths.router_path(endpoint.path, endpoint.params)
            hint = meant(name, list(endpoint.params)) or "; name it in the endpoint's path, or remove it."
            notes.error((*path, "url_pattern"),
                        f"undefined output param '{name}'! endpoint: {endpoint.method} {shape}, backend: {index}. "
                        f"input: [{' '.join(sorted(endpoint.params))}], output: [{' '.join(names)}]{hint}",
                        "placeholder")


def _method(values: Mapping[str, Any], path: Path, notes: Notes) -> str:
    method: str = values.get("method", "").upper()
    if method and not is_token(method):
        notes.error((*path, "method"), f'"method" is {shown(method)}, which is no method: every request would fail. '
                                       f"Write one such as {', '.join(paths.METHODS)}.", "method")
    return method


def _hosts(values: Mapping[str, Any], defaults: Defaults, path: Path, notes: Notes) -> tuple[str, ...]:
    hosts: tuple[str, ...] = values.get("host", ())
    if not hosts:
        if not defaults.hosts:
            notes.warn(path, "there is no host, neither here nor at the root: every request to it will fail.",
                       "no_host")
        return defaults.hosts
    if values.get("disable_host_sanitize"):
        for index, host in enumerate(hosts):
            if not paths.can_be_asked(host):
                notes.warn((*path, "host", index), f'host "{host}" cannot be asked: every request to it will fail, as '
                                                   "in KrakenD; write http://name:port or https://name:port.", "host")
        return hosts
    return clean_hosts(hosts, (*path, "host"), notes)


def clean_hosts(hosts: tuple[str, ...], path: Path, notes: Notes) -> tuple[str, ...]:
    """Each as ``http://name:port``; what KrakenD refuses is an error."""
    out = []
    for index, host in enumerate(hosts):
        try:
            clean, whole = paths.clean_host(host)
        except ValueError:
            notes.error((*path, index), f"host {host} not valid: invalid host. Write http://name:port without a path, "
                                        'put paths into url_pattern, or set "disable_host_sanitize": true.', "host")
            continue
        if not whole:
            notes.warn((*path, index), f'host "{host}" is used as "{clean}", as in KrakenD.', "host")
        out.append(clean)
    return tuple(out)


def _encoding(encoding: str, endpoint: Endpoint, path: Path, notes: Notes) -> str:
    if endpoint.output_encoding == "no-op":
        return "no-op"
    name = encoding.lower() or "json"
    if name in ENCODINGS:
        return name
    enterprise = name in ("fast-json", "yaml")
    why = "belongs to KrakenD's Enterprise edition" if enterprise else "is not known"
    hint = "" if enterprise else meant(name, list(ENCODINGS))
    notes.warn((*path, "encoding"), f'"encoding" is {shown(encoding)}, which {why}{hint or "."} It is read as '
                                    f"json, as in KrakenD, which knows {', '.join(ENCODINGS)}.", "unknown_value")
    return "json"


def _discovery(values: Mapping[str, Any], path: Path, notes: Notes) -> Any:
    sd, scheme = values.get("sd", ""), values.get("sd_scheme", "")
    if scheme not in ("", "http", "https"):
        notes.warn((*path, "sd_scheme"), f'"sd_scheme" is {shown(scheme)}: no request can be sent with it; write http '
                                         "or https.", "unknown_value")
    if sd in ("", "static", "dns"):
        return sd or "static"
    notes.warn((*path, "sd"), f'"sd" is {shown(sd)}, which counts as "static", as in KrakenD; it knows static and dns.',
               "unknown_value")
    return "static"
