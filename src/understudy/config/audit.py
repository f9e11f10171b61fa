"""What ``understudy audit`` looks for; a configuration in, advice out. Numbers and severities are KrakenD's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from understudy.config.model import Backend, Endpoint, Service

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")


class Recommendation(NamedTuple):
    """A rule that a configuration does not keep."""

    rule: str
    severity: str
    message: str


class Facts(NamedTuple):
    """What rules ask about: the service as it is understood, and the root object of the file for the rest."""

    service: Service
    root: Mapping[str, Any]

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All endpoints."""
        return self.service.endpoints

    @property
    def backends(self) -> tuple[Backend, ...]:
        """All backends, shadows too."""
        return tuple(backend for endpoint in self.endpoints for backend in endpoint.backends)

    def on_service(self, *names: str) -> bool:
        """Whether one of these components stands at the root."""
        return any(name in self.service.extra for name in names)

    def on_endpoints(self, *names: str) -> bool:
        """Whether an endpoint has one of these."""
        return any(name in endpoint.extra for endpoint in self.endpoints for name in names)

    def on_backends(self, *names: str) -> bool:
        """Whether a backend has one of these."""
        return any(name in backend.extra for backend in self.backends for name in names)

    def anywhere(self, *names: str) -> bool:
        """Whether one of these stands at any place."""
        return self.on_service(*names) or self.on_endpoints(*names) or self.on_backends(*names)

    def plugin(self, place: str, name: str) -> bool:
        """Whether a plugin of this name is asked for in the namespace ``place``."""
        extras = (self.service.extra, *(e.extra for e in self.endpoints), *(b.extra for b in self.backends))
        return any(name in _plugins(extra.get(place)) for extra in extras)


def recommendations(service: Service, root: Mapping[str, Any], *, ignored: Iterable[str] = (),
                    severities: Iterable[str] = SEVERITIES) -> tuple[Recommendation, ...]:
    """What to think about, in the order of the rules, without ignored rules and other severities."""
    facts = Facts(service, root)
    left, wanted = frozenset(ignored), frozenset(severities)
    return tuple(Recommendation(rule, severity, message) for rule, severity, message, fires in RULES
                 if severity in wanted and rule not in left and fires(facts))


def _plugins(block: Any) -> Iterable[Any]:
    if not isinstance(block, Mapping):
        return ()
    name = block.get("name")
    return name if isinstance(name, list) else (name,)


def _tls(facts: Facts) -> Mapping[str, Any] | None:
    section = facts.root.get("tls")
    return section if isinstance(section, Mapping) else None


def _tls_disabled(facts: Facts) -> bool:
    section = _tls(facts)
    return section is not None and bool(section.get("disabled"))


def _old_keys(facts: Facts) -> bool:
    section = _tls(facts) or {}
    return bool(section.get("public_key") or section.get("private_key"))


def _h2c(facts: Facts) -> bool:
    router = facts.service.extra.get("router")
    return facts.service.use_h2c or (isinstance(router, Mapping) and router.get("use_h2c") is True)


def _insecure_backend(facts: Facts) -> bool:
    blocks = (backend.extra.get("backend/http/client") for backend in facts.backends)
    tls = (block.get("client_tls") for block in blocks if isinstance(block, Mapping))
    return any(isinstance(section, Mapping) and bool(section.get("allow_insecure_connections")) for section in tls)


def _empty_grpc(facts: Facts) -> bool:
    block = facts.service.extra.get("grpc")
    server = block.get("server") if isinstance(block, Mapping) else None
    return isinstance(server, Mapping) and not server.get("services")


def _boundless_cache(facts: Facts) -> bool:
    blocks = (b.extra["qos/http-cache"] for b in facts.backends if "qos/http-cache" in b.extra)
    return any(not isinstance(block, Mapping) or not block.get("max_size") or not block.get("max_items")
               for block in blocks)


def _slower(seconds: float) -> Callable[[Facts], bool]:
    return lambda facts: any(endpoint.timeout > seconds for endpoint in facts.endpoints)


def _telemetry(facts: Facts) -> bool:
    """More than one system that sends metrics or traces."""
    systems = ("telemetry/metrics", "telemetry/opencensus", "telemetry/opentelemetry", "telemetry/influx",
               "telemetry/ganalytics", "telemetry/instana", "telemetry/newrelic")
    return sum(name in facts.service.extra for name in systems) > 1


def _several_writes(facts: Facts) -> bool:
    return any(sum(backend.method not in ("GET", "HEAD") for backend in endpoint.backends) > 1
               for endpoint in facts.endpoints)


def _all_noop(facts: Facts) -> bool:
    return all(endpoint.output_encoding == "no-op" for endpoint in facts.endpoints)


def _many_agents(facts: Facts) -> bool:
    agents = facts.root.get("async_agent")
    return bool(facts.root.get("sequential_start")) and isinstance(agents, list) and len(agents) >= 10


def _absent(*names: str) -> Callable[[Facts], bool]:
    return lambda facts: not facts.on_service(*names)


def _old_plugin(place: str, name: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.plugin(place, name)


_SERVER, _CLIENT, _MODIFIER = "plugin/http-server", "plugin/http-client", "plugin/req-resp-modifier"
_INSECURE = "allow_insecure_connections"
Rule = tuple[str, str, str, Callable[[Facts], bool]]

RULES: tuple[Rule, ...] = (
    ("1.1.1", "HIGH", "Prefer tokens to basic authentication.",
     lambda f: f.anywhere("auth/basic") or f.plugin(_SERVER, "basic-auth")),
    ("1.1.2", "MEDIUM", "Prefer tokens to API keys.", lambda f: f.anywhere("auth/api-keys")),
    ("1.2.1", "HIGH", "Let an endpoint validate tokens (auth/validator); now anyone may call all of them.",
     lambda f: not f.on_endpoints("auth/validator")),
    ("2.1.1", "HIGH", "Verify the certificates of backends: remove allow_insecure_connections.",
     lambda f: bool(f.root.get(_INSECURE)) or not f.service.upstreams.tls.verify),
    ("2.1.2", "HIGH", "Serve over TLS, or put something that does in front of the gateway.", lambda f: _tls(f) is None),
    ("2.1.3", "CRITICAL", "TLS is configured and switched off: remove \"disabled\" from tls.", _tls_disabled),
    ("2.1.7", "HIGH", "Add security headers and host checks (security/http).", _absent("security/http")),
    ("2.1.8", "HIGH", "Do without HTTP/2 in clear text (use_h2c).", _h2c),
    ("2.1.9", "LOW", "Verify the certificates of every backend (backend/http/client).", _insecure_backend),
    ("2.2.1", "MEDIUM", "Hide the version header (router.hide_version_header).",
     lambda f: not f.service.router.hide_version_header),
    ("2.2.2", "HIGH", "Say which web pages may call the API (security/cors).", _absent("security/cors")),
    ("2.2.3", "HIGH", "Name the headers that backends need, in place of * in input_headers.",
     lambda f: any("*" in e.input_headers for e in f.endpoints)),
    ("2.2.4", "HIGH", "Name the parameters that backends need, in place of * in input_query_strings.",
     lambda f: any("*" in e.input_query_strings for e in f.endpoints)),
    ("2.2.5", "LOW", "The gRPC server has no services: remove it.", _empty_grpc),
    ("2.3.1", "MEDIUM", "Limit what is cached (max_items and max_size of qos/http-cache).", _boundless_cache),
    ("3.1.1", "LOW", "Keep bots out (security/bot-detector).", _absent("security/bot-detector")),
    ("3.1.2", "HIGH", "Limit rates somewhere (qos/ratelimit/router or qos/ratelimit/proxy).",
     lambda f: not f.anywhere("qos/ratelimit/router", "qos/ratelimit/proxy", "qos/ratelimit/service",
                              "qos/ratelimit/tiered")),
    ("3.1.3", "HIGH", "Protect backends with a circuit breaker (qos/circuit-breaker).",
     lambda f: not f.anywhere("qos/circuit-breaker", "qos/circuit-breaker/http")),
    ("3.3.1", "LOW", "An endpoint may take more than 3 seconds: lower its timeout.", _slower(3)),
    ("3.3.2", "MEDIUM", "An endpoint may take more than 5 seconds: lower its timeout.", _slower(5)),
    ("3.3.3", "HIGH", "An endpoint may take more than 30 seconds: lower its timeout.", _slower(30)),
    ("3.3.4", "CRITICAL", "An endpoint may take more than a minute: lower its timeout.", _slower(60)),
    ("4.1.1", "MEDIUM", "Collect metrics (telemetry/metrics).",
     _absent("telemetry/metrics", "telemetry/influx", "telemetry/opencensus", "telemetry/newrelic",
             "telemetry/ganalytics", "telemetry/instana")),
    ("4.1.3", "HIGH", "Keep one telemetry system; several of them cost twice.", _telemetry),
    ("4.2.1", "MEDIUM", "Collect traces (telemetry/opentelemetry).",
     _absent("telemetry/opentelemetry", "telemetry/opencensus", "telemetry/newrelic", "telemetry/ganalytics",
             "telemetry/instana")),
    ("4.3.1", "MEDIUM", "Write logs that programs can read (telemetry/logging).",
     _absent("telemetry/logging", "telemetry/gelf", "telemetry/logstash")),
    ("5.1.1", "LOW", "Write paths as REST has them: remove disable_rest.", lambda f: f.service.disable_rest),
    ("5.1.2", "LOW", "Switch off the debug endpoint (debug_endpoint).", lambda f: f.service.debug_endpoint),
    ("5.1.3", "LOW", "Switch off the echo endpoint (echo_endpoint).", lambda f: f.service.echo_endpoint),
    ("5.1.4", "LOW", "Name endpoints one by one, in place of a wildcard.",
     lambda f: any("*" in e.path for e in f.endpoints)),
    ("5.1.5", "MEDIUM", "Name endpoints one by one, in place of /__catchall.",
     lambda f: any(e.path == "/__catchall" for e in f.endpoints)),
    ("5.1.6", "MEDIUM", "Let an endpoint write to one backend only; copies of writes are writes too.", _several_writes),
    ("5.1.7", "MEDIUM", "Do without sequential backends: each waits for the one before.",
     lambda f: any(e.sequential for e in f.endpoints)),
    ("5.2.1", "CRITICAL", "An endpoint has no backend.", lambda f: any(not e.backends for e in f.endpoints)),
    ("5.2.2", "LOW", "Put several backends behind an endpoint, so that clients ask once.",
     lambda f: not any(len(e.backends) > 1 for e in f.endpoints)),
    ("5.2.3", "LOW", "Let the gateway work on answers; with no-op everywhere clients are tied to backends.", _all_noop),
    ("6.1.1", "LOW", "Many agents start one after the other: remove sequential_start.", _many_agents),
    ("7.1.1", "HIGH", "The plugin virtualhost is outdated: use server/virtualhost.",
     _old_plugin(_SERVER, "virtualhost")),
    ("7.1.2", "HIGH", "The plugin static-filesystem is outdated: use server/static-filesystem.",
     _old_plugin(_SERVER, "static-filesystem")),
    ("7.1.3", "HIGH", "The plugin basic-auth is outdated: use auth/basic.", _old_plugin(_SERVER, "basic-auth")),
    ("7.1.4", "HIGH", "The plugin wildcard is outdated: write /* endpoints.", _old_plugin(_SERVER, "wildcard")),
    ("7.1.5", "HIGH", "The plugin http-proxy is outdated: use backend/http/client.",
     _old_plugin(_CLIENT, "http-proxy")),
    ("7.1.6", "HIGH", "The plugin static-filesystem is outdated: use backend/static-filesystem.",
     _old_plugin(_CLIENT, "static-filesystem")),
    ("7.1.7", "HIGH", "The plugin no-redirect is outdated: use backend/http/client.",
     _old_plugin(_CLIENT, "no-redirect")),
    ("7.1.8", "HIGH", "The plugin content-replacer is outdated: use modifier/response-body.",
     _old_plugin(_MODIFIER, "content-replacer")),
    ("7.1.9", "HIGH", "The plugin response-schema-validator is outdated: use validation/response-json-schema.",
     _old_plugin(_MODIFIER, "response-schema-validator")),
    ("7.2.1", "HIGH", "telemetry/ganalytics is outdated: use telemetry/opentelemetry.",
     lambda f: f.on_service("telemetry/ganalytics")),
    ("7.2.2", "HIGH", "telemetry/instana is outdated: use telemetry/opentelemetry.",
     lambda f: f.on_service("telemetry/instana")),
    ("7.2.3", "HIGH", "telemetry/opencensus is outdated: use telemetry/opentelemetry.",
     lambda f: f.anywhere("telemetry/opencensus")),
    ("7.2.4", "HIGH", "telemetry/influx is outdated: use telemetry/opentelemetry.",
     lambda f: f.on_service("telemetry/influx")),
    ("7.3.1", "MEDIUM", "tls.public_key and tls.private_key are outdated: use tls.keys.", _old_keys),
)
"""Rule, severity, advice, and when it is given. 4.1.2 is in KrakenD's list and never given there."""
