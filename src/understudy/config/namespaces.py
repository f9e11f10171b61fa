"""The namespaces of ``extra_config``: long names of old files, where each belongs, and which ones do something here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from understudy.config.kinds import meant, shown
from understudy.config.notes import COMMENT, Notes, Path

Level = Literal["service", "endpoint", "backend"]

_K = "github.com/devopsfaith/krakend"
_U = "github_com/devopsfaith"
LEGACY: Mapping[str, str] = {
    "github_com/devopsfaith/krakend/transport/http/server/handler": "plugin/http-server",
    f"{_K}/transport/http/client/executor": "plugin/http-client",
    f"{_K}/proxy/plugin": "plugin/req-resp-modifier",
    f"{_K}/proxy": "proxy",
    "github_com/luraproject/lura/router/gin": "router",
    f"{_K}-httpcache": "qos/http-cache",
    f"{_K}-circuitbreaker/gobreaker": "qos/circuit-breaker",
    f"{_K}-oauth2-clientcredentials": "auth/client-credentials",
    f"{_K}-jose/validator": "auth/validator",
    f"{_K}-jose/signer": "auth/signer",
    f"{_U}/bloomfilter": "auth/revoker",
    f"{_U}/krakend-botdetector": "security/bot-detector",
    f"{_U}/krakend-httpsecure": "security/http",
    f"{_U}/krakend-cors": "security/cors",
    f"{_K}-cel": "validation/cel",
    f"{_K}-jsonschema": "validation/json-schema",
    f"{_K}-amqp/agent": "async/amqp",
    f"{_K}-amqp/consume": "backend/amqp/consumer",
    f"{_K}-amqp/produce": "backend/amqp/producer",
    f"{_K}-lambda": "backend/lambda",
    f"{_K}-pubsub/publisher": "backend/pubsub/publisher",
    f"{_K}-pubsub/subscriber": "backend/pubsub/subscriber",
    f"{_K}/transport/http/client/graphql": "backend/graphql",
    f"{_K}/http": "backend/http",
    f"{_U}/krakend-gelf": "telemetry/gelf",
    f"{_U}/krakend-gologging": "telemetry/logging",
    f"{_U}/krakend-logstash": "telemetry/logstash",
    f"{_U}/krakend-metrics": "telemetry/metrics",
    "github_com/letgoapp/krakend-influx": "telemetry/influx",
    f"{_U}/krakend-opencensus": "telemetry/opencensus",
    f"{_K}-lua/router": "modifier/lua-endpoint",
    f"{_K}-lua/proxy": "modifier/lua-proxy",
    f"{_K}-lua/proxy/backend": "modifier/lua-backend",
    f"{_K}-martian": "modifier/martian",
}

_S: tuple[Level, ...] = ("service",)
_E: tuple[Level, ...] = ("endpoint",)
_B: tuple[Level, ...] = ("backend",)
PLACES: Mapping[str, tuple[Level, ...]] = {
    "router": _S, "security/cors": _S, "understudy/service": _S,
    "proxy": _E + _B, "backend/http": _B, "backend/http/client": _B, "understudy/shadow": _B,
    "plugin/http-server": _S, "plugin/http-client": _B, "plugin/req-resp-modifier": _E + _B,
    "qos/http-cache": _B, "qos/circuit-breaker": _B, "qos/ratelimit/router": _E, "qos/ratelimit/proxy": _B,
    "auth/client-credentials": _B, "auth/validator": _S + _E, "auth/signer": _E, "auth/revoker": _S,
    "security/bot-detector": _S + _E, "security/http": _S,
    "validation/cel": _E + _B, "validation/json-schema": _E,
    "async/amqp": _S, "backend/amqp/consumer": _B, "backend/amqp/producer": _B, "backend/lambda": _B,
    "backend/pubsub/publisher": _B, "backend/pubsub/subscriber": _B, "backend/graphql": _B,
    "telemetry/gelf": _S, "telemetry/logging": _S, "telemetry/logstash": _S, "telemetry/metrics": _S,
    "telemetry/influx": _S, "telemetry/opencensus": _S + _E + _B, "telemetry/opentelemetry": _S + _E + _B,
    "modifier/lua-endpoint": _S + _E, "modifier/lua-proxy": _E, "modifier/lua-backend": _B, "modifier/martian": _B,
}
"""Where each namespace of the community edition (and of ours) has an effect."""

SUPPORTED = frozenset(("router", "security/cors", "security/http", "understudy/service", "proxy", "backend/http",
                       "backend/http/client", "understudy/shadow", "security/bot-detector",
                       "validation/json-schema", "validation/cel", "modifier/martian"))
"""What does something here today. A component that is added must be named here, or its users are warned."""

NEEDED = frozenset(("auth/validator", "auth/signer", "auth/revoker", "validation/cel", "validation/json-schema",
                    "security/bot-detector", "modifier/lua-endpoint", "modifier/lua-proxy", "modifier/lua-backend",
                    "modifier/martian", "backend/graphql", "backend/lambda", "backend/amqp/consumer",
                    "backend/amqp/producer", "backend/pubsub/publisher", "backend/pubsub/subscriber"))
"""What decides who gets an answer, or which: as long as one is not supported, a file with it does not run, unless the
file itself says ``run_without``."""

ENTERPRISE = frozenset((
    "auth/api-keys", "auth/basic", "auth/gcp", "auth/aws-sigv4", "auth/ntlm", "backend/conditional", "backend/grpc",
    "grpc", "backend/soap", "backend/static-filesystem", "server/static-filesystem", "server/virtualhost",
    "websocket", "workflow", "governance/quota", "governance/processors", "redis", "messaging/kafka",
    "documentation/openapi", "documentation/postman", "modifier/body-generator", "modifier/response-body-generator",
    "modifier/response-body", "modifier/jmespath", "modifier/request-body-extractor", "modifier/response-headers",
    "qos/ratelimit/service", "qos/ratelimit/tiered", "qos/ratelimit/service/redis", "qos/ratelimit/router/redis",
    "qos/ratelimit/tiered/redis", "qos/circuit-breaker/http", "security/policies", "telemetry/moesif",
    "telemetry/newrelic", "telemetry/ganalytics", "telemetry/instana", "telemetry/opentelemetry-security",
    "validation/response-json-schema",
))


def enterprise(namespace: str) -> bool:
    """Whether only KrakenD's Enterprise edition knows this namespace."""
    return namespace in ENTERPRISE or namespace.startswith("ai/")


def read_extra(value: Any, level: Level, path: Path, notes: Notes) -> dict[str, tuple[str, Any]]:
    """The blocks of an ``extra_config``: short namespace to (name in the file, block). The rest becomes warnings."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        notes.warn(path, f'"extra_config" is ignored: it must be an object, not {shown(value)}.', "ignored")
        return {}
    out: dict[str, tuple[str, Any]] = {}
    for name, block in value.items():
        short = LEGACY.get(name, name)
        if short != name and short in value:
            notes.warn((*path, name), f'"{name}" is ignored: "{short}", its new name, stands here too; '
                                           "remove one of them.", "ignored")
            continue
        if name[:1] in COMMENT:
            continue
        _judge(name, short, level, (*path, name), notes)
        out[short] = (name, block)
    return out


def _judge(name: str, short: str, level: Level, path: Path, notes: Notes) -> None:
    places = PLACES.get(short)
    if places is None:
        if enterprise(short):
            notes.warn(path, f'"{name}" is ignored: it belongs to KrakenD\'s Enterprise edition; remove it.',
                       "enterprise")
        else:
            hint = meant(short, list(PLACES)) or "; remove it, or begin its name with # to keep it as a comment."
            notes.warn(path, f'The namespace "{name}" is not known and is ignored{hint}', "unknown_namespace")
    elif level not in places:
        where = _named(places)
        notes.warn(path, f'"{name}" has no effect here: it belongs to the extra_config of {where}.', "misplaced")
    elif short in NEEDED - SUPPORTED - notes.run_without:
        notes.error(path, f'"{name}" is not supported yet, and without it users could get what they should not. Serve '
                          "this part with KrakenD; or, when somebody else takes care of that, say "
                          f'"run_without": ["{short}"] in the root\'s extra_config["understudy/service"].', "not_yet")
    elif short not in SUPPORTED:
        notes.warn(path, f'"{name}" is not supported yet: this gateway runs without it; keep KrakenD for what '
                         "needs it.", "not_yet")


def _named(places: tuple[Level, ...]) -> str:
    words = {"service": "the root", "endpoint": "an endpoint", "backend": "a backend"}
    return " or ".join(words[place] for place in places)
