"""The JSON schema of a configuration file, made from the same tables of keys that read it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from understudy.config import endpoints, keys, martian, namespaces, ours, paths
from understudy.config.notes import Table

_COMMENTS = {"^[@$_#]": True}
_VERSION = {"enum": ["TLS10", "TLS11", "TLS12", "TLS13"]}


def schema() -> dict[str, Any]:
    """Draft 2020-12. Stricter than the gateway: unknown keys and weakly typed values are refused."""
    root = _object(keys.ROOT, required=("version",), more={
        "version": {"const": 3}, "port": {"type": "integer", "minimum": 0, "maximum": 65535},
        "output_encoding": {"enum": [*endpoints.OUTPUTS, "fast-json"]},
        "endpoints": {"type": "array", "items": {"$ref": "#/$defs/endpoint"}},
        "tls": {"$ref": "#/$defs/tls"}, "client_tls": {"$ref": "#/$defs/client_tls"},
        "extra_config": _extra("service"),
    })
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Understudy configuration",
        "description": "A KrakenD configuration, version 3, with Understudy's own namespaces.",
        **root,
        "$defs": {
            "endpoint": _object(keys.ENDPOINT, required=("endpoint", "backend"), more={
                "method": {"enum": list(paths.METHODS)},
                "output_encoding": {"enum": [*endpoints.OUTPUTS, "fast-json"]},
                "concurrent_calls": {"type": "integer", "minimum": 1},
                "backend": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/backend"}},
                "extra_config": _extra("endpoint"),
            }),
            "backend": _object(keys.BACKEND, required=("url_pattern",), more={
                "sd": {"enum": ["static", "dns"]}, "encoding": {"enum": [*endpoints.ENCODINGS, "fast-json"]},
                "extra_config": _extra("backend"),
            }),
            "tls": _object(keys.TLS, more={
                "keys": {"type": "array", "items": _object(keys.TLS_KEY)},
                "min_version": _VERSION, "max_version": _VERSION,
            }),
            "client_tls": _object(keys.CLIENT_TLS, more={
                "client_certs": {"type": "array", "items": _object(keys.CLIENT_CERT)},
                "min_version": _VERSION, "max_version": _VERSION,
            }),
            "flatmap": {"type": "array", "items": {
                "type": "object", "required": ["type", "args"], "additionalProperties": False,
                "patternProperties": _COMMENTS,
                "properties": {"type": {"enum": ["move", "del", "append"]},
                               "args": {"type": "array", "items": {"type": "string"}, "minItems": 1}}}},
            "martian": _martian(),
            **{name: _object(table) for name, table in (("match", ours.MATCH), ("headers", ours.HEADERS),
                                                        ("breaker", ours.BREAKER), ("guard", ours.GUARD),
                                                        ("compare", ours.COMPARE))},
            "understudy/shadow": _object(ours.SHADOW, more={
                "match": {"anyOf": [{"$ref": "#/$defs/match"}, {"type": "string", "minLength": 1}]},
                "headers": {"$ref": "#/$defs/headers"},
                **{name: {"anyOf": [{"type": "boolean"}, {"$ref": f"#/$defs/{name}"}]}
                   for name in ("breaker", "guard", "compare")},
            }),
        },
    }


def _object(table: Table, *, required: Iterable[str] = (), more: Mapping[str, Any] | None = None,
            without: Iterable[str] = ()) -> dict[str, Any]:
    more = more or {}
    properties = {key: {"description": known.doc, **more.get(key, known.kind.schema)}
                  for key, known in table.items() if key not in without}
    out = {"type": "object", "properties": properties, "patternProperties": _COMMENTS, "additionalProperties": False}
    return {**out, "required": list(required)} if required else out


_FLATMAP = {"flatmap_filter": {"$ref": "#/$defs/flatmap"}}
_STATIC = {"type": "object", "required": ["data"], "additionalProperties": False, "patternProperties": _COMMENTS,
           "properties": {"data": {"type": "object"},
                          "strategy": {"enum": ["always", "success", "errored", "complete", "incomplete"]}}}


def _martian() -> dict[str, Any]:
    """One modifier of ``modifier/martian``: an object whose only key says which."""
    inside = {"$ref": "#/$defs/martian"}
    listed = {"type": "array", "items": inside}
    ranked = {"type": "array", "items": {"type": "object", "additionalProperties": False, "required": ["modifier"],
                                         "properties": {"priority": {"type": "integer"}, "modifier": inside}}}
    kinds: dict[str, Any] = {}
    for kind, (table, works_on) in martian.KINDS.items():
        scope = {"type": "array", "items": {"enum": sorted(works_on)}}
        more: dict[str, Any] = {"scope": scope, "modifier": inside, "else": inside,
                                "modifiers": ranked if kind == "priority.Group" else listed}
        kinds[kind] = _object(table, more={key: value for key, value in more.items() if key in table},
                              required=("modifier",) if "modifier" in table else ())
    return {"type": "object", "properties": kinds, "additionalProperties": False, "minProperties": 1,
            "maxProperties": 1}


def _extra(level: namespaces.Level) -> dict[str, Any]:
    """All namespaces that may stand here; those that are not ours to read may hold anything."""
    bots = _object(keys.BOT_DETECTOR)
    cel = {"type": "array", "items": _object(keys.CEL_CHECK, required=("check_expr",))}
    blocks: dict[str, Any] = {
        "service": {"router": _object(keys.ROUTER), "security/cors": _object(keys.CORS),
                    "security/bot-detector": bots, "understudy/service": _object(ours.SERVICE)},
        "endpoint": {"proxy": _object(keys.ENDPOINT_PROXY, more={**_FLATMAP, "static": _STATIC},
                                      without=("shadow", "shadow_timeout")),
                     "security/bot-detector": bots, "validation/cel": cel,
                     "validation/json-schema": {"type": ["object", "boolean"]}},
        "backend": {"proxy": _object(keys.BACKEND_PROXY, more={**_FLATMAP, "shadow": {"type": "boolean"}},
                                     without=("shadow_timeout", "sequential", "static")),
                    "validation/cel": cel, "modifier/martian": {"$ref": "#/$defs/martian"},
                    "backend/http": _object(keys.BACKEND_HTTP), "backend/http/client": _object(keys.HTTP_CLIENT),
                    "understudy/shadow": {"$ref": "#/$defs/understudy/shadow".replace("understudy/", "understudy~1")}},
    }[level]
    names = [name for name, levels in namespaces.PLACES.items() if level in levels]
    legacy = [long for long, short in namespaces.LEGACY.items() if short in names]
    rest: dict[str, Any] = dict.fromkeys([*names, *legacy, *sorted(namespaces.ENTERPRISE)], True)
    return {"type": "object", "properties": {**rest, **blocks}, "patternProperties": {**_COMMENTS, "^ai/": True},
            "additionalProperties": False}
