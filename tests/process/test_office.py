"""What children may ask the supervisor, asked of a real gateway over its admin side."""

from __future__ import annotations

from understudy.testing.backend import Backend, reply
from understudy.testing.gateway import RunningGateway

OK = reply({"ok": True})


async def test_the_configuration_in_force_has_inherited_values_and_no_secrets() -> None:
    async with Backend(OK) as backend:
        shadow = {
            "url_pattern": "/b", "host": [backend.url],
            "extra_config": {"proxy": {"shadow": True}, "understudy/shadow": {
                "name": "orders", "headers": {"set": {"Authorization": "Bearer abc"}}, "percent": 50,
            }},
        }  # fmt: skip
        config = {
            "version": 3, "timeout": "3s", "name": "shop",
            "endpoints": [{"endpoint": "/a", "backend": [{"url_pattern": "/a", "host": [backend.url]}, shadow]}],
        }  # fmt: skip
        async with RunningGateway(config) as gateway:
            shown = await gateway.admin_get("/api/config")
            assert shown["service"]["endpoints"][0]["timeout"] == 3.0 and shown["service"]["name"] == "shop"
            assert "abc" not in str(shown) and "***" in str(shown)
            assert shown["file"] == str(gateway.path)
            status = await gateway.admin_get("/api/status")
            assert (status["workers"], status["workers_ready"], status["stopping"]) == (1, 1, False)
            kinds = [c["kind"] for c in await gateway.admin_get("/api/children")]
            assert kinds == ["supervisor", "mirror", "worker", "admin"]


async def test_all_workers_are_asked_about_a_request() -> None:
    """One that nobody remembers has no decisions; so it is without shadows."""
    async with Backend(OK) as backend:
        plain = {"url_pattern": "/a", "host": [backend.url]}
        shadow = {**plain, "extra_config": {"proxy": {"shadow": True}}}
        service = {"understudy/service": {"workers": 2}}
        for backends in ([plain, shadow], [plain]):
            config = {"version": 3, "extra_config": service, "endpoints": [{"endpoint": "/a", "backend": backends}]}
            async with RunningGateway(config) as gateway:
                assert await gateway.admin_get("/api/explain/00ff") == {"id": "00ff", "decisions": []}
