"""Which recorded cases are played, and which of them are expected to differ, and why."""

from __future__ import annotations

COMPONENTS = frozenset(
    {
        "auth_claims", "auth_signer", "auth_validator", "circuit_breaker", "client_credentials", "component_order",
        "graphql", "http_cache", "lua", "ratelimit_proxy", "ratelimit_router", "shadow_components",
        "telemetry_logging",
    }
)  # fmt: skip
"""Files about components that a later version brings; ``understudy check`` names each of them as not supported yet."""

ON_PURPOSE = {
    "headers/headers: star and hop-by-hop":
        "Te, Keep-Alive and what Connection names speak of one connection: they are never forwarded.",
}
"""Cases where this gateway answers better than the recorded one; each stands in docs/krakend.md."""
