"""For every key of the tables: a value of a wrong type, and one of the right type that is wrong."""

from __future__ import annotations

from typing import Any, NamedTuple

from understudy.config import keys, ours
from understudy.config.notes import Table

FREE = object()
"""Instead of a wrong value: every value of the type is right."""
Step = str | int


class Place(NamedTuple):
    """A table, where its keys stand in ``test_bad_input.BASE``, and what a wrong type is there."""

    table: Table
    path: tuple[Step, ...]
    severity: str


_E: tuple[Step, ...] = ("endpoints", 0)
_B: tuple[Step, ...] = (*_E, "backend", 0)
_S: tuple[Step, ...] = (*_E, "backend", 1, "extra_config", "understudy/shadow")
PLACES: dict[str, Place] = {
    "root": Place(keys.ROOT, (), "error"),
    "endpoint": Place(keys.ENDPOINT, _E, "error"),
    "backend": Place(keys.BACKEND, _B, "error"),
    "tls": Place(keys.TLS, ("tls",), "error"),
    "tls.keys": Place(keys.TLS_KEY, ("tls", "keys", 0), "error"),
    "client_tls": Place(keys.CLIENT_TLS, ("client_tls",), "error"),
    "client_certs": Place(keys.CLIENT_CERT, ("client_tls", "client_certs", 0), "error"),
    "router": Place(keys.ROUTER, ("extra_config", "router"), "warning"),
    "cors": Place(keys.CORS, ("extra_config", "security/cors"), "warning"),
    "bot detector": Place(keys.BOT_DETECTOR, (*_E, "extra_config", "security/bot-detector"), "warning"),
    "cel check": Place(keys.CEL_CHECK, (*_E, "extra_config", "validation/cel", 0), "warning"),
    "endpoint proxy": Place(keys.ENDPOINT_PROXY, (*_E, "extra_config", "proxy"), "warning"),
    "backend proxy": Place(keys.BACKEND_PROXY, (*_B, "extra_config", "proxy"), "warning"),
    "backend/http": Place(keys.BACKEND_HTTP, (*_B, "extra_config", "backend/http"), "warning"),
    "backend/http/client": Place(keys.HTTP_CLIENT, (*_B, "extra_config", "backend/http/client"), "warning"),
    "understudy/service": Place(ours.SERVICE, ("extra_config", "understudy/service"), "error"),
    "understudy/shadow": Place(ours.SHADOW, _S, "error"),
    "headers": Place(ours.HEADERS, (*_S, "headers"), "error"),
    "match": Place(ours.MATCH, (*_S, "match"), "error"),
    "breaker": Place(ours.BREAKER, (*_S, "breaker"), "error"),
    "guard": Place(ours.GUARD, (*_S, "guard"), "error"),
    "compare": Place(ours.COMPARE, (*_S, "compare"), "error"),
}

_NO_TIME = ({}, "soon")
_NO_FLAG = ([[1]], FREE)
_NO_TEXT = ([[1]], FREE)
_NO_SIZE = (True, "5 pounds")
_NOTHING = ([[1]], FREE)

ROWS: dict[str, dict[str, tuple[Any, Any]]] = {
    "root": {
        "version": ({}, 2), "name": _NO_TEXT, "port": ("many", 70000), "listen_ip": ([], "here"),
        "host": ({"a": 1}, ["http://h/path"]), "timeout": _NO_TIME, "cache_ttl": ({}, "-1s"),
        "output_encoding": ({}, "csv"), "endpoints": (5, [7]), "extra_config": ([], FREE),
        "async_agent": (5, FREE), "read_timeout": ([], "-1s"), "write_timeout": ({}, "1d"), "idle_timeout": ({}, "3"),
        "read_header_timeout": ({}, "-2ms"), "max_header_bytes": ([], -1), "use_h2c": _NO_FLAG,
        "tls": ("on", {"keys": []}), "client_tls": ("on", {"min_version": "TLS99"}),
        "allow_insecure_connections": _NO_FLAG, "max_idle_connections": ({}, -1),
        "max_idle_connections_per_host": ({}, -1), "idle_connection_timeout": _NO_TIME,
        "response_header_timeout": _NO_TIME, "expect_continue_timeout": _NO_TIME, "dialer_timeout": ({}, "-1s"),
        "dialer_fallback_delay": _NO_TIME, "dialer_keep_alive": _NO_TIME, "disable_keep_alives": _NO_FLAG,
        "disable_compression": _NO_FLAG, "disable_rest": _NO_FLAG, "debug_endpoint": _NO_FLAG,
        "echo_endpoint": _NO_FLAG, "sequential_start": _NO_FLAG, "plugin": (5, FREE),
        "dns_cache_ttl": ({}, "10ms"), "max_shutdown_wait_time": ({}, "-1s"),
    },
    "endpoint": {
        "endpoint": ({}, "/__health"), "method": ({}, "HEAD"), "backend": (5, []), "timeout": ({}, "-1s"),
        "cache_ttl": ({}, "5 minutes"), "concurrent_calls": ({}, -1), "input_headers": ({"a": 1}, ["a b"]),
        "input_query_strings": ({"a": 1}, FREE), "output_encoding": ({}, "jsno"), "extra_config": (5, FREE),
    },
    "backend": {
        "host": ({"a": 1}, ["http://u@h"]), "url_pattern": ([], "/{nobody}"), "method": ([], "GE T"),
        "encoding": ([], "jsno"), "is_collection": _NO_FLAG, "group": _NO_TEXT, "target": _NO_TEXT,
        "allow": ({"a": 1}, FREE), "deny": ({"a": 1}, FREE), "mapping": ("a", FREE), "sd": ([], "etcd"),
        "sd_scheme": ([], "ftp"), "disable_host_sanitize": _NO_FLAG, "input_headers": ({"a": 1}, ["a: b"]),
        "input_query_strings": ({"a": 1}, FREE), "extra_config": (5, FREE), "timeout": _NO_TIME,
        "concurrent_calls": ({}, 2),
    },
    "tls": {
        "disabled": _NO_FLAG, "keys": (5, [7]), "public_key": _NO_TEXT, "private_key": _NO_TEXT,
        "min_version": ([], "TLS99"), "max_version": ([], "SSL3.0"), "curve_preferences": ("x", [1]),
        "cipher_suites": ("x", [1]), "prefer_server_cipher_suites": _NO_FLAG, "enable_mtls": _NO_FLAG,
        "ca_certs": ({"a": 1}, FREE), "disable_system_ca_pool": _NO_FLAG,
    },
    "tls.keys": {"public_key": ([], ""), "private_key": ([], "")},
    "client_tls": {
        "allow_insecure_connections": _NO_FLAG, "ca_certs": ({"a": 1}, FREE), "disable_system_ca_pool": _NO_FLAG,
        "min_version": ([], "1.2"), "max_version": ([], "TLS11"), "curve_preferences": ("x", [1]),
        "cipher_suites": ("x", [1]), "client_certs": (5, [7]),
    },
    "client_certs": {"certificate": ([], ""), "private_key": ([], "")},
    "router": {
        **dict.fromkeys(("return_error_msg", "disable_redirect_trailing_slash", "disable_redirect_fixed_path",
                         "disable_handle_method_not_allowed", "auto_options", "forwarded_by_client_ip", "app_engine",
                         "remove_extra_slash", "hide_version_header", "disable_health", "disable_access_log",
                         "disable_path_decoding", "use_h2c"), ("true", FREE)),
        **dict.fromkeys(("decompress_gzip", "disable_gzip"), (5, True)),
        "remote_ip_headers": ("X-Real-Ip", ["a b"]), "trusted_proxies": ("10.0.0.0/8", ["10.0.0.0/99"]),
        "health_path": (5, FREE), "logger_skip_paths": ("/x", FREE), "error_body": (5, {"500": {}}),
        "max_multipart_memory": ("1", 1), "max_payload": ("1", 1),
    },
    "cors": {
        "allow_origins": ("*", FREE), "allow_methods": ("GET", ["GE T"]), "allow_headers": ("X", FREE),
        "expose_headers": ("X", FREE), "allow_credentials": ("true", FREE), "allow_private_network": ("true", FREE),
        "max_age": (5, "-5s"), "options_passthrough": ("true", FREE), "options_success_status": ("200", 99),
        "debug": ("true", FREE),
    },
    "bot detector": {
        "allow": _NOTHING, "deny": _NOTHING, "patterns": ("x", ["("]), "cache_size": ("many", FREE),
        "empty_user_agent_is_bot": _NO_FLAG,
    },
    "cel check": {"check_expr": ([[1]], "req_method =")},
    "endpoint proxy": {
        "sequential": ("true", FREE), "sequential_propagated_params": ("resp0_a", ["id"]),
        "static": ([], {"data": {}, "strategy": "some"}), "flatmap_filter": ({}, [{"type": "mov", "args": ["a", "b"]}]),
        "combiner": (5, "mine"), "max_payload": ("1", 1), "decompress_gzip": (5, True), "shadow": (True, True),
        "shadow_timeout": ("1s", "1s"),
    },
    "backend proxy": {
        "shadow": ("true", FREE), "shadow_timeout": (5, "soon"),
        "flatmap_filter": ({}, [{"type": "move", "args": ["a"]}]), "sequential": (True, True), "static": ({}, {}),
    },
    "backend/http": {"return_error_details": (5, FREE), "return_error_code": ("true", FREE)},
    "backend/http/client": {
        "send_body_on_redirect": ("true", FREE), "client_tls": ({}, {}), "no_redirect": (True, True),
        "proxy_address": ("x", "x"),
    },
    "understudy/service": {
        "workers": ("many", 0), "mirrors": ("1", 65), "mirror_nice": ("1", -5), "admin_address": (5, "here"),
        "admin_port": ("80", 70000), "admin_token": (5, ""), "admin_disabled": ("true", FREE), "listen_unix": (5, ""),
        "log_level": (5, "LOUD"), "log_format": (5, "xml"), "access_log": ("false", FREE), "max_body_bytes": _NO_SIZE,
        "max_target_bytes": _NO_SIZE, "max_header_fields": ("9", 0), "head_timeout": (5, "0s"),
        "body_timeout": (5, "0s"), "idle_timeout": (5, "0s"), "max_connections": ("9", -1),
        "max_connections_per_host": ("9", -1), "max_response_head_bytes": _NO_SIZE, "max_response_bytes": _NO_SIZE,
        "link_bytes": _NO_SIZE, "mirror_memory_bytes": _NO_SIZE, "settings_writable": ("true", FREE),
        "explain_header": ("true", FREE), "store": (5, "mysql://host/name"),
        "run_without": ("auth/validator", ["no/such"]),
    },
    "understudy/shadow": {
        "name": (5, "a b"), "timeout": (5, "soon"), "of": (True, "nobody"), "role": (5, "canary"),
        "percent": ("10", 101), "sticky_by": (5, "user"), "match": (5, ""), "start": (5, "before"),
        "host_header": (5, ""), "headers": (5, {"set": {"Host": "x"}}), "credentials": ("Cookie", ["a b"]),
        "mark": (5, "a b"), "max_body": _NO_SIZE, "max_in_flight": ("9", 0), "max_rate": ("9", 0),
        "amplify": ("9", 101), "breaker": ("on", {"failures": 0}), "guard": ("on", {"lag": "0s"}),
        "compare": ("on", {"resample": 2}),
    },
    "headers": {"set": ([], {"Content-Length": "5"}), "remove": ("Cookie", ["a b"])},
    "match": {"methods": ("GET", []), "headers": ([], {"x": "("}), "query": ([], {"x": "("}), "path": (5, "(")},
    "breaker": {"enabled": ("true", FREE), "failures": ("9", 0), "pause": (5, "0s")},
    "guard": {"enabled": ("true", FREE), "latency_ratio": ("2", 1), "error_rise": ("1", 2), "lag": (5, "0s"),
              "pause": (5, "-1s")},
    "compare": {
        "enabled": ("true", FREE), "ignore": ("$.a", ["a"]), "unordered": ("$.a", ["$status"]),
        "id_field": ([], {"$.a": ""}),
        "tolerance": ([], {"$.a": -1}), "headers": ("ETag", ["a b"]), "max_body": _NO_SIZE, "resample": ("1", 1.5),
        "cached": ("true", FREE),
    },
}  # fmt: skip
