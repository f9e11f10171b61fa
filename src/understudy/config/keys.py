"""Every key of KrakenD's that we know, by place: what it takes, what it is for, and whether it does anything here."""

from __future__ import annotations

from understudy.config.kinds import (
    ANY,
    BOOLEAN,
    DURATION,
    INTEGER,
    INTEGERS,
    MAPPING,
    OBJECT,
    OBJECTS,
    TEXT,
    TEXTS,
)
from understudy.config.notes import Known, Table
from understudy.config.strict import FLAG, LIST, PLAIN_TEXT, TIME, WHOLE

_EE = "it belongs to KrakenD's Enterprise edition; remove it"
_OF_ENDPOINT = "it belongs to the endpoint; write it into the extra_config there"
_OF_BACKEND = "it belongs to a backend; write it into the extra_config there"
_INHERITED = "the endpoint's value holds, as in KrakenD; set it there"
_NO_PLUGINS = "Go plugins cannot be loaded here; put their function before or behind the gateway"
_NOR_THERE = "it has none in KrakenD either; remove it"
_NOT_YET = "it is not supported yet; keep KrakenD for what needs it, or remove it"
_NO_LIMIT = "there is no limit"
_AT_ONCE = "every request fails at once, as in KrakenD"
_TOLD = "clients are told so, as in KrakenD"

ROOT: Table = {
    "version": Known(INTEGER, "Version of the file format: 3.", below_zero=""),
    "name": Known(TEXT, "Name of the service, for people and telemetry."),
    "port": Known(INTEGER, "TCP port for clients; 8080 when 0 or absent.", below_zero=""),
    "listen_ip": Known(TEXT, "Address to listen on; all interfaces when empty."),
    "host": Known(TEXTS, "Default hosts for backends that name none."),
    "timeout": Known(DURATION, "Default timeout of endpoints; 2s when 0 or absent.", below_zero=_AT_ONCE),
    "cache_ttl": Known(DURATION, "Default for the max-age that endpoints announce.", below_zero=_TOLD),
    "output_encoding": Known(TEXT, "Default encoding of answers; json when absent."),
    "endpoints": Known(OBJECTS, "What clients can call."),
    "extra_config": Known(ANY, "Components, by namespace."),
    "async_agent": Known(OBJECTS, "Consumers of message queues.", _NOT_YET),
    "read_timeout": Known(DURATION, "How long reading a whole request may take; off when 0.", below_zero=_NO_LIMIT),
    "write_timeout": Known(DURATION, "How long writing an answer may take; off when 0.", below_zero=_NO_LIMIT),
    "idle_timeout": Known(DURATION, "How long an idle keep-alive connection stays open.", below_zero=_NO_LIMIT),
    "read_header_timeout": Known(DURATION, "How long reading a header section may take; off when 0.",
                                 below_zero=_NO_LIMIT),
    "max_header_bytes": Known(INTEGER, "Limit on a request's header section in bytes; 1 MiB when 0 or absent.",
                              below_zero="it counts as 1 MiB"),
    "use_h2c": Known(BOOLEAN, "Serve HTTP/2 without TLS."),
    "tls": Known(OBJECT, "How clients are served over TLS."),
    "client_tls": Known(OBJECT, "How backends are reached over TLS."),
    "allow_insecure_connections": Known(BOOLEAN, "Accept any certificate of a backend; client_tls has it too."),
    "max_idle_connections": Known(INTEGER, "Idle connections to all backends together; no limit when 0.",
                                  below_zero=_NO_LIMIT),
    "max_idle_connections_per_host": Known(INTEGER, "Idle connections to one backend host; 250 when 0.",
                                           below_zero="it counts as 250"),
    "idle_connection_timeout": Known(DURATION, "When idle connections to backends are closed; never when 0.",
                                     below_zero=_NO_LIMIT),
    "response_header_timeout": Known(DURATION, "How long a backend may take to begin its answer; off when 0.",
                                     below_zero=_NO_LIMIT),
    "expect_continue_timeout": Known(DURATION, "How long to wait for 100 Continue of a backend."),
    "dialer_timeout": Known(DURATION, "How long connecting to a backend may take; off when 0.", below_zero=_NO_LIMIT),
    "dialer_fallback_delay": Known(DURATION, "Head start of IPv6 before IPv4 is tried too; 300ms when 0.",
                                   below_zero=""),
    "dialer_keep_alive": Known(DURATION, "Period of TCP keep-alive probes to backends; 15s when 0.", below_zero=""),
    "disable_keep_alives": Known(BOOLEAN, "Use every connection to a backend only once."),
    "disable_compression": Known(BOOLEAN, "Do not ask backends for gzip."),
    "disable_rest": Known(BOOLEAN, "Allow {parameters} anywhere in paths."),
    "debug_endpoint": Known(BOOLEAN, "Serve /__debug/."),
    "echo_endpoint": Known(BOOLEAN, "Serve /__echo/."),
    "sequential_start": Known(BOOLEAN, "Start async agents before the router.", _NOT_YET),
    "plugin": Known(OBJECT, "Where Go plugins are.", _NO_PLUGINS),
    "dns_cache_ttl": Known(DURATION, "How often SRV records are looked up again; 30s when less than 1s.",
                           below_zero="it counts as 30s"),
    "max_shutdown_wait_time": Known(DURATION, "How long running requests may take at shutdown; no limit when 0.",
                                    below_zero=_NO_LIMIT),
}

ENDPOINT: Table = {
    "endpoint": Known(TEXT, "Path, with {parameters}: /user/{id}."),
    "method": Known(TEXT, "GET (default), POST, PUT, PATCH or DELETE."),
    "backend": Known(OBJECTS, "Where the data comes from; shadows stand here too."),
    "timeout": Known(DURATION, "How long an answer may take; the service's when absent.", below_zero=_AT_ONCE),
    "cache_ttl": Known(DURATION, "max-age announced on complete answers; the service's when 0.", below_zero=_TOLD),
    "concurrent_calls": Known(INTEGER, "Ask each backend this many times at once and take the first answer.",
                              below_zero="it counts as 1"),
    "input_headers": Known(TEXTS, 'Headers of the client that backends see; "*" is all.'),
    "input_query_strings": Known(TEXTS, 'Query parameters of the client that backends see; "*" is all.'),
    "output_encoding": Known(TEXT, "json, json-collection, string, xml, yaml, negotiate or no-op."),
    "extra_config": Known(ANY, "Components, by namespace."),
}

BACKEND: Table = {
    "host": Known(TEXTS, "Where to send requests: http://name:port. More than one are balanced."),
    "url_pattern": Known(TEXT, "Path and query, with {parameters} of the endpoint."),
    "method": Known(TEXT, "The endpoint's when absent."),
    "encoding": Known(TEXT, "json (default), safejson, string, xml, rss or no-op."),
    "is_collection": Known(BOOLEAN, "The backend answers with a list."),
    "group": Known(TEXT, "Put the answer under this key."),
    "target": Known(TEXT, "Take only what is under this dotted path."),
    "allow": Known(TEXTS, "Keep only these dotted paths."),
    "deny": Known(TEXTS, "Remove these dotted paths."),
    "mapping": Known(MAPPING, "Rename keys."),
    "sd": Known(TEXT, "How hosts are found: static (default) or dns (SRV records)."),
    "sd_scheme": Known(TEXT, "Scheme of hosts found by DNS; http when absent."),
    "disable_host_sanitize": Known(BOOLEAN, "Take hosts as they are written."),
    "input_headers": Known(TEXTS, "Of the headers that the endpoint forwards, only these."),
    "input_query_strings": Known(TEXTS, "Of the query parameters that the endpoint forwards, only these."),
    "extra_config": Known(ANY, "Components, by namespace."),
    "timeout": Known(DURATION, "Not a key of the community edition.", _INHERITED),
    "concurrent_calls": Known(INTEGER, "Not a key of the community edition.", _INHERITED),
}

_PAIRS = "List of objects with two file names."
TLS: Table = {
    "disabled": Known(BOOLEAN, "Serve without TLS although keys are given."),
    "keys": Known(OBJECTS, "Certificates: list of {public_key, private_key}; the client's server name chooses."),
    "public_key": Known(TEXT, "File of a certificate chain; use keys instead."),
    "private_key": Known(TEXT, "File of its private key; use keys instead."),
    "min_version": Known(TEXT, "TLS10, TLS11, TLS12 or TLS13 (default)."),
    "max_version": Known(TEXT, "TLS10, TLS11, TLS12 or TLS13 (default)."),
    "curve_preferences": Known(INTEGERS, "IANA numbers of curves, best first."),
    "cipher_suites": Known(INTEGERS, "IANA numbers of cipher suites, for TLS 1.2 and older."),
    "prefer_server_cipher_suites": Known(BOOLEAN, "Accepted for old files.", _NOR_THERE),
    "enable_mtls": Known(BOOLEAN, "Clients must show a certificate."),
    "ca_certs": Known(TEXTS, "Files of authorities that sign clients' certificates."),
    "disable_system_ca_pool": Known(BOOLEAN, "Trust only ca_certs."),
}

TLS_KEY: Table = {
    "public_key": Known(TEXT, "File of a certificate chain in PEM."),
    "private_key": Known(TEXT, "File of its private key in PEM."),
}

CLIENT_TLS: Table = {
    "allow_insecure_connections": Known(BOOLEAN, "Accept any certificate of a backend."),
    "ca_certs": Known(TEXTS, "Files of authorities that sign backends' certificates."),
    "disable_system_ca_pool": Known(BOOLEAN, "Trust only ca_certs."),
    "min_version": Known(TEXT, "TLS10, TLS11, TLS12 or TLS13 (default)."),
    "max_version": Known(TEXT, "TLS10, TLS11, TLS12 or TLS13 (default)."),
    "curve_preferences": Known(INTEGERS, "IANA numbers of curves, best first."),
    "cipher_suites": Known(INTEGERS, "IANA numbers of cipher suites, for TLS 1.2 and older."),
    "client_certs": Known(OBJECTS, "Our own certificates: list of {certificate, private_key}."),
}

CLIENT_CERT: Table = {
    "certificate": Known(TEXT, "File of a certificate chain in PEM."),
    "private_key": Known(TEXT, "File of its private key in PEM."),
}

ROUTER: Table = {
    "return_error_msg": Known(FLAG, "Answer failures with the text of the error."),
    "disable_redirect_trailing_slash": Known(FLAG, "Do not redirect /x/ to /x and back."),
    "disable_redirect_fixed_path": Known(FLAG, "Do not redirect to the cleaned path."),
    "disable_handle_method_not_allowed": Known(FLAG, "404 instead of 405."),
    "auto_options": Known(FLAG, "Answer OPTIONS on every path."),
    "forwarded_by_client_ip": Known(FLAG, "Find the client's address in remote_ip_headers."),
    "remote_ip_headers": Known(LIST, "Headers that carry the client's address."),
    "trusted_proxies": Known(LIST, "Networks whose remote_ip_headers are believed."),
    "app_engine": Known(FLAG, "Trust X-Appengine-Remote-Addr."),
    "remove_extra_slash": Known(FLAG, "Treat // in paths as /."),
    "hide_version_header": Known(FLAG, "Do not tell the version in X-Krakend."),
    "health_path": Known(PLAIN_TEXT, "Where health is told; /__health."),
    "disable_health": Known(FLAG, "Do not serve the health path."),
    "disable_access_log": Known(FLAG, "No access log."),
    "logger_skip_paths": Known(LIST, "Paths without access log."),
    "disable_path_decoding": Known(FLAG, "Do not refuse encoded ? and # in path parameters."),
    "error_body": Known(OBJECT, 'JSON bodies by status: {"404": ..., "405": ...}.'),
    "max_multipart_memory": Known(WHOLE, "Accepted for old files.", "forms are never parsed here; remove it"),
    "use_h2c": Known(FLAG, "The root key use_h2c."),
    "max_payload": Known(WHOLE, "Enterprise.", _EE),
    "decompress_gzip": Known(FLAG, "Enterprise.", _EE),
    "disable_gzip": Known(FLAG, "Enterprise.", _EE),
}

CORS: Table = {
    "allow_origins": Known(LIST, 'Origins that may call; "*" when absent.'),
    "allow_methods": Known(LIST, "Methods that may be used; GET, HEAD, POST when absent."),
    "allow_headers": Known(LIST, 'Request headers that may be sent; "*" when absent.'),
    "expose_headers": Known(LIST, "Answer headers that scripts may read."),
    "allow_credentials": Known(FLAG, "Cookies and Authorization may be sent."),
    "allow_private_network": Known(FLAG, "Allow requests from public sites to private networks."),
    "max_age": Known(TIME, "How long browsers may keep the answer to a preflight."),
    "options_passthrough": Known(FLAG, "Hand preflights on to the router."),
    "options_success_status": Known(WHOLE, "Status of accepted preflights; 204."),
    "debug": Known(FLAG, "Log decisions."),
}

BOT_DETECTOR: Table = {
    "allow": Known(LIST, "User-Agents that are never bots."),
    "deny": Known(LIST, "User-Agents that are bots."),
    "patterns": Known(LIST, "Regular expressions (RE2), searched in the User-Agent of bots."),
    "cache_size": Known(WHOLE, "How many verdicts are remembered; none when 0."),
    "empty_user_agent_is_bot": Known(FLAG, "Requests without User-Agent are refused."),
}

CEL_CHECK: Table = {
    "check_expr": Known(PLAIN_TEXT, "A CEL expression that must be true."),
}

ENDPOINT_PROXY: Table = {
    "sequential": Known(FLAG, "Ask the backends one after the other."),
    "sequential_propagated_params": Known(LIST, "respN_path values that later backends may use."),
    "static": Known(ANY, "Data that is merged into the answer: {data, strategy}."),
    "flatmap_filter": Known(ANY, "Operations on the merged answer."),
    "combiner": Known(PLAIN_TEXT, "Name of a merge function.", "there is only the default one; remove it"),
    "max_payload": Known(WHOLE, "Enterprise.", _EE),
    "decompress_gzip": Known(FLAG, "Enterprise.", _EE),
    "shadow": Known(ANY, "Belongs to a backend.", _OF_BACKEND),
    "shadow_timeout": Known(ANY, "Belongs to a backend.", _OF_BACKEND),
}

BACKEND_PROXY: Table = {
    "shadow": Known(ANY, "true: this backend gets copies, and its answers are thrown away."),
    "shadow_timeout": Known(ANY, "How long a copy may take; the endpoint's timeout when absent."),
    "flatmap_filter": Known(ANY, "Operations on the backend's answer."),
    "sequential": Known(ANY, "Belongs to the endpoint.", _OF_ENDPOINT),
    "static": Known(ANY, "Belongs to the endpoint.", _OF_ENDPOINT),
}

BACKEND_HTTP: Table = {
    "return_error_details": Known(PLAIN_TEXT, "Answer a bad status with an object under error_NAME."),
    "return_error_code": Known(FLAG, "Give the backend's bad status to the client."),
}

HTTP_CLIENT: Table = {
    "send_body_on_redirect": Known(FLAG, "Send the body again to where a 307 or 308 points."),
    "client_tls": Known(ANY, "Enterprise.", _EE),
    "no_redirect": Known(ANY, "Enterprise.", _EE),
    "proxy_address": Known(ANY, "Enterprise.", _EE),
}
