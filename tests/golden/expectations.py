"""Which recorded cases are played, and which of them are expected to differ, and why."""

from __future__ import annotations

COMPONENTS = frozenset(
    {
        "auth_claims", "auth_signer", "auth_validator", "bot_detector", "cel", "circuit_breaker", "client_credentials",
        "component_order", "graphql", "http_cache", "json_schema", "lua", "martian", "ratelimit_proxy",
        "ratelimit_router", "shadow_components", "telemetry_logging",
    }
)  # fmt: skip
"""Files about components that a later version brings; ``understudy check`` names each of them as not supported yet."""

ON_PURPOSE = {
    "headers/headers: star and hop-by-hop":
        "Te, Keep-Alive and what Connection names speak of one connection: they are never forwarded.",
}
"""Cases where this gateway answers better than the recorded one; each stands in docs/krakend.md."""


NOT_YET = {
    "flexible_config/off: without FC_ENABLE template text stays": "modifier/martian",
    "unknown_namespaces/legacy: cel": "validation/cel",
    "unknown_namespaces/legacy: martian": "modifier/martian",
    "unknown_namespaces/legacy: json-schema": "validation/json-schema",
    "unknown_namespaces/legacy: bot detector": "security/bot-detector",
}
"""Single cases, in files that are played, that need a component of a later version."""
