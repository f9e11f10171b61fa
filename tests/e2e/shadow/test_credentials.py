"""Who users are stays between them and those whom the configuration lets know it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.e2e.shadow.stage import at_rest, config, endpoint, shadow
from understudy.testing import faults
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client, Got
from understudy.testing.gateway import RunningGateway

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "s3cr3t-of-a-user"
GIVEN = [
    ("Authorization", f"Bearer {SECRET}"), ("Cookie", f"sid={SECRET}"), ("X-Api-Key", SECRET),
    ("Proxy-Authorization", f"Basic {SECRET}"), ("X-Other", "harmless"),
]  # fmt: skip
LISTED = [name for name, _ in GIVEN]
LEAVING = {
    "as-krakend": (None, {"authorization", "cookie", "x-api-key", "proxy-authorization"}),
    "none": ([], set()),
    "named": (["Authorization"], {"authorization"}),
}
"""For a shadow on another host: its ``credentials``, and which headers arrive."""


class Stage:
    """A gateway whose shadows may know different things."""

    def __init__(self, gateway: RunningGateway, lead: Backend, study: Backend, bad: Backend) -> None:
        self.gateway = gateway
        self.lead = lead
        self.study = study
        self.bad = bad
        """A shadow that resets every connection."""

    async def ask(self, path: str) -> Got:
        """With all credentials there are."""
        async with Client(self.gateway.port) as client:
            return await client.get(f"{path}?token={SECRET}", *GIVEN)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    async with Backend(reply({"ok": 1})) as lead, Backend(reply({"copy": 1})) as study, Backend(faults.reset) as bad:
        def entry(name: str, understudy: dict[str, Any], headers: list[str] = LISTED) -> dict[str, Any]:
            return endpoint(f"/{name}", [{"url_pattern": f"/{name}", "host": [lead.url]}, understudy],
                            input_headers=headers)  # fmt: skip

        def options(given: list[str] | None) -> dict[str, Any]:
            return {} if given is None else {"credentials": given}

        settings = config(
            [
                *(entry(name, shadow(study.url, f"/{name}", name=name, of=0, **options(given)))
                  for name, (given, _) in LEAVING.items()),
                entry("same", shadow(lead.url, "/same-copy", name="same", of=0, credentials=[])),
                entry("unlisted", shadow(study.url, "/unlisted", name="unlisted", of=0), ["X-Other"]),
                entry("own-list", shadow(study.url, "/own-list", name="own-list", of=0,
                                         entry={"input_headers": ["X-Other"]})),
                entry("failing", shadow(bad.url, "/failing", name="failing", of=0)),
            ],
            log_level="DEBUG", explain_header=True,
        )  # fmt: skip
        async with RunningGateway(settings, arguments=("-d",)) as gateway:
            yield Stage(gateway, lead, study, bad)


def _names(backend: Backend, path: str) -> set[str]:
    (seen,) = [seen for seen in backend.seen if seen.target.partition("?")[0] == path]
    assert seen.header("x-other") == "harmless"
    return {name for name, value in seen.headers if SECRET in value}


@pytest.mark.parametrize("name", LEAVING)
async def test_credentials_leave_for_another_host_only_where_the_configuration_lets_them(
    name: str, stage: Stage
) -> None:
    """The primary gets them as ever."""
    assert (await stage.ask(f"/{name}")).status == 200
    await at_rest(stage.gateway)
    assert {"authorization", "cookie", "x-api-key"} <= _names(stage.lead, f"/{name}")
    assert _names(stage.study, f"/{name}") == LEAVING[name][1]


async def test_a_shadow_on_the_primarys_own_hosts_gets_what_the_primary_gets(stage: Stage) -> None:
    """Nothing leaves."""
    await stage.ask("/same")
    await at_rest(stage.gateway)
    assert _names(stage.lead, "/same-copy") == _names(stage.lead, "/same")


@pytest.mark.parametrize("name", ["unlisted", "own-list"])
async def test_what_the_lists_do_not_name_goes_nowhere(name: str, stage: Stage) -> None:
    """The endpoint's list, and the shadow's own."""
    await stage.ask(f"/{name}")
    await at_rest(stage.gateway)
    assert _names(stage.study, f"/{name}") == set()


async def test_nothing_of_them_is_kept(stage: Stage) -> None:
    """Not in logs (of failures, with DEBUG) or other files, nor metrics, nor the admin API, nor an explanation."""
    await stage.ask("/failing")
    await at_rest(stage.gateway)
    id = stage.bad.seen[-1].header("x-understudy-shadow")
    explained = await stage.gateway.admin_get(f"/api/explain/{id}")
    assert [decision["shadow"] for decision in explained["decisions"]] == ["failing"]
    paths = ("/metrics", "/api/shadows", "/api/config", "/api/events", "/api/status")
    pages = [json.dumps(explained), *[str(await stage.gateway.admin_get(path)) for path in paths]]
    async with asyncio.timeout(10):
        while "reset" not in stage.gateway.log:  # lines are written in batches
            await asyncio.sleep(0.02)
    credentials = [f"Bearer {SECRET}", f"sid={SECRET}", f"Basic {SECRET}"]
    files = [path.read_bytes().decode("latin-1") for path in stage.gateway.folder.rglob("*") if path.is_file()]
    assert not [text for text in (*pages, *files) if any(c in text for c in credentials)]
    assert SECRET not in "".join(pages)
