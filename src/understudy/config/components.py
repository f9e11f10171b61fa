"""Blocks of ``extra_config`` that the core reads itself: router, CORS, static answers, flatmap, backend options."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from understudy.config import keys
from understudy.config.kinds import meant, shown
from understudy.config.model import Cors, FlatmapOp, RouterOptions, Static
from understudy.config.notes import COMMENT, Notes, Path, read_lenient
from understudy.config.strict import is_token

Block = tuple[str, Any]
"""The name in the file and what stands under it."""


def read_router(block: Block | None, path: Path, notes: Notes) -> tuple[RouterOptions, bool]:
    """The router's options, and whether its old ``use_h2c`` is set. A wrong type voids the block, as in KrakenD."""
    if block is None:
        return RouterOptions(), False
    name, section = block
    inside = Notes()
    values = read_lenient(section, keys.ROUTER, (*path, name), inside)
    void = [p for p in inside.problems if p.code == "ignored"]
    for problem in inside.problems:
        if problem.code != "ignored":
            notes.problems.append(problem)
    if void:
        first = void[0].message.removesuffix(".")
        notes.warn(void[0].path, f"{first}; and with it all of \"{name}\".", "ignored")
        return RouterOptions(), False
    for key in ("max_multipart_memory", "max_payload", "decompress_gzip", "disable_gzip"):
        values.pop(key, None)
    bodies = values.pop("error_body", {})
    old_h2c = values.pop("use_h2c", False)
    values = {key: value for key, value in values.items() if value != ()}
    if not values.get("health_path", "/"):
        values.pop("health_path")
    if "health_path" in values and values["health_path"][:1] != "/":
        values["health_path"] = "/" + values["health_path"]
    _check_networks(values.get("trusted_proxies", ()), (*path, name, "trusted_proxies"), notes)
    for index, header in enumerate(values.get("remote_ip_headers", ())):
        if not is_token(header):
            notes.warn((*path, name, "remote_ip_headers", index), f"{shown(header)} cannot be the name of a header: it "
                       "is never found; write one name an item.", "header_name")
    return RouterOptions(**values, error_bodies=_bodies(bodies, (*path, name, "error_body"), notes)), old_h2c


def _check_networks(networks: tuple[str, ...], path: Path, notes: Notes) -> None:
    if not networks:
        return
    from ipaddress import ip_network

    for index, text in enumerate(networks):
        try:
            ip_network(text, strict=False)
        except ValueError:
            notes.warn((*path, index), f'"{text}" is no address and no network, and is ignored; write one such as '
                                       "10.0.0.0/8.", "ignored")


def _bodies(bodies: Mapping[str, Any], path: Path, notes: Notes) -> dict[int, bytes]:
    out = {}
    for code, body in bodies.items():
        if code not in ("404", "405"):
            notes.warn((*path, code), f'"{code}" has no effect, as in KrakenD: write "404" or "405".', "no_effect")
        elif body is not None:
            out[int(code)] = _go_json(body)
    return out


def _go_json(value: Any) -> bytes:
    import json

    text = json.dumps(numbers(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("utf-8", "surrogatepass")


def numbers(value: Any, seen: dict[int, Any] | None = None) -> Any:
    """The same with 3.0 as 3, as Go writes numbers; shared parts stay shared."""
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() and abs(value) < 1e21 else value
    if not isinstance(value, (dict, list)):
        return value
    seen = {} if seen is None else seen
    if id(value) not in seen:
        seen[id(value)] = ({key: numbers(item, seen) for key, item in value.items()} if isinstance(value, dict)
                           else [numbers(item, seen) for item in value])
    return seen[id(value)]


def read_cors(block: Block | None, path: Path, notes: Notes) -> Cors | None:
    """``security/cors``, with the code's defaults; an empty list counts as absent."""
    if block is None:
        return None
    name, section = block
    if not isinstance(section, Mapping):
        notes.warn((*path, name), f'"{name}" is ignored: it must be an object, not {shown(section)}.', "ignored")
        return None
    values = read_lenient(section, keys.CORS, (*path, name), notes)
    values = {key: value for key, value in values.items() if value != ()}
    status = values.get("options_success_status", 204)
    if status == 0:
        values.pop("options_success_status")
    elif not 200 <= status <= 599:
        notes.error((*path, name, "options_success_status"), f'"options_success_status" is {status}, which is no '
                    "status of an answer: choose 204 or 200.", "value")
    for index, method in enumerate(values.get("allow_methods", ())):
        if not is_token(method):
            notes.warn((*path, name, "allow_methods", index), f"{shown(method)} is no method: it is never used; write "
                       "one method an item.", "ignored")
    if values.get("max_age", 0) < 0:
        notes.warn((*path, name, "max_age"), '"max_age" is below zero: browsers keep nothing; write 0 or more.',
                   "below_zero")
    if "allow_methods" in values:
        values["allow_methods"] = tuple(method.upper() for method in values["allow_methods"])
    return Cors(**values)


_STRATEGIES = ("always", "success", "errored", "complete", "incomplete")


def read_static(value: Any, path: Path, notes: Notes) -> Static | None:
    """``static``: without an object under ``data`` it is ignored; an unknown strategy is always."""
    if not isinstance(value, Mapping) or not isinstance(value.get("data"), Mapping):
        notes.warn(path, '"static" is ignored, as in KrakenD: it must be an object with an object under "data".',
                   "ignored")
        return None
    for key in value:
        if key not in ("data", "strategy") and key[:1] not in COMMENT:
            hint = meant(key, ["data", "strategy"]) or "; remove it."
            notes.warn((*path, key), f'the key "{key}" is not known and is ignored{hint}', "unknown_key")
    strategy = value.get("strategy", "always")
    if strategy not in _STRATEGIES:
        words = ", ".join(f'"{word}"' for word in _STRATEGIES)
        notes.warn((*path, "strategy"), f'"strategy" is {shown(strategy)}, which counts as "always", as in KrakenD; '
                                        f"it knows {words}.", "unknown_value")
        strategy = "always"
    return Static(numbers(dict(value["data"])), strategy)


_LEAST = {"move": 2, "append": 2, "del": 1}


def read_flatmap(value: Any, path: Path, notes: Notes) -> tuple[FlatmapOp, ...]:
    """``flatmap_filter``: unknown operations are skipped; too few arguments, fatal in KrakenD, are an error."""
    if not isinstance(value, list):
        notes.warn(path, f'"flatmap_filter" is ignored: it must be a list of operations, not {shown(value)}.',
                   "ignored")
        return ()
    out = []
    for index, item in enumerate(value):
        here = (*path, index)
        for key in item if isinstance(item, Mapping) else ():
            if key not in ("type", "args") and key[:1] not in COMMENT:
                hint = meant(key, ["type", "args"]) or "; remove it."
                notes.warn((*here, key), f'the key "{key}" is not known and is ignored{hint}', "unknown_key")
        kind = item.get("type") if isinstance(item, Mapping) else None
        args = item.get("args") if isinstance(item, Mapping) else None
        if kind not in _LEAST:
            hint = meant(kind, list(_LEAST)) or "."
            notes.warn(here, f'the operation is skipped, as in KrakenD: its "type" must be move, append or del{hint}',
                       "ignored")
        elif not isinstance(args, list) or not all(isinstance(arg, str) for arg in args):
            notes.warn(here, 'the operation is skipped, as in KrakenD: its "args" must be a list of paths.', "ignored")
        elif len(args) < _LEAST[kind] and (kind != "del"):
            notes.error((*here, "args"), f'"{kind}" needs {_LEAST[kind]} paths, not {len(args)}: every request would '
                                         "fail. Name where from and where to.", "flatmap")
        elif args:
            out.append(FlatmapOp(kind, tuple(tuple(arg.split(".")) for arg in args)))
    return tuple(out)


def read_backend_http(block: Block | None, path: Path, notes: Notes) -> tuple[str | None, bool]:
    """``backend/http``: the alias for error details, and whether the backend's status is passed on."""
    if block is None:
        return None, False
    name, section = block
    values = read_lenient(section, keys.BACKEND_HTTP, (*path, name), notes)
    if isinstance(section, Mapping) and "return_error_details" in section:
        if values.get("return_error_code"):
            notes.warn((*path, name, "return_error_code"), '"return_error_code" has no effect: "return_error_details" '
                                                          "stands here too, and goes before it.", "no_effect")
        return values.get("return_error_details") or None, False
    return None, bool(values.get("return_error_code"))


def read_http_client(block: Block | None, path: Path, notes: Notes) -> bool:
    """``backend/http/client``: whether bodies are sent again on redirects."""
    if block is None:
        return False
    name, section = block
    return bool(read_lenient(section, keys.HTTP_CLIENT, (*path, name), notes).get("send_body_on_redirect"))
