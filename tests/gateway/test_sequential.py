"""One backend after the other."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.gateway.test_merge import ask
from understudy.config.model import Backend
from understudy.errors import BadStatus
from understudy.gateway.sequential import go_text, propagated, sequence, wanted_by
from understudy.gateway.types import Ask, Reply


def backend(pattern: str) -> Backend:
    """With this url_pattern."""
    return Backend(index=0, hosts=("http://a",), url_pattern=pattern, method="GET")


def answering(*replies: Reply | Exception) -> tuple[list[Any], list[dict[str, str]]]:
    """Proxies that give these, and the parameters that each saw."""
    seen: list[dict[str, str]] = []

    def make(outcome: Reply | Exception) -> Any:
        async def proxy(ask: Ask) -> Reply:
            seen.append(dict(ask.params))
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        return proxy

    return [make(r) for r in replies], seen


async def test_later_steps_use_what_earlier_ones_answered() -> None:
    """Nested values too; a missing one leaves no parameter."""
    proxies, seen = answering(Reply({"id": 7, "o": {"k": "v"}}, True), Reply({"x": 1}, True))
    reply = await sequence(proxies, [backend("/a"), backend("/b/{resp0_id}/{resp0_o.k}/{resp0_no}")], (), 5.0)(ask())
    assert reply is not None
    assert reply.data == {"id": 7, "o": {"k": "v"}, "x": 1}
    assert seen[1] == {"Resp0_id": "7", "Resp0_o.k": "v"}


async def test_the_first_error_is_the_endpoints_a_later_one_ends_it() -> None:
    """With what has been merged so far, incomplete."""
    proxies, _ = answering(BadStatus("bad", 500), Reply({}, True))
    with pytest.raises(BadStatus):
        await sequence(proxies, [backend("/a"), backend("/b")], (), 5.0)(ask())
    proxies, seen = answering(Reply({"a": 1}, True), BadStatus("bad", 500), Reply({"c": 1}, True))
    reply = await sequence(proxies, [backend("/a"), backend("/b"), backend("/c")], (), 5.0)(ask())
    assert reply is not None
    assert (reply.data, reply.complete, len(seen)) == ({"a": 1}, False, 2)


async def test_an_incomplete_part_ends_the_sequence() -> None:
    """As with return_error_details."""
    proxies, seen = answering(Reply({"error": 1}, False), Reply({"b": 1}, True))
    reply = await sequence(proxies, [backend("/a"), backend("/b")], (), 5.0)(ask())
    assert reply is not None
    assert (reply.complete, len(seen)) == (False, 1)


async def test_propagated_parameters_reach_every_later_step() -> None:
    """Also those whose pattern does not name them; a raw body under respN."""
    proxies, seen = answering(Reply(None, True, body=b"raw"), Reply({"id": 5}, True), Reply({}, True))
    backends = [backend("/a"), backend("/b"), backend("/c")]
    await sequence(proxies, backends, ("resp0", "resp1_id", "nonsense"), 5.0)(ask())
    assert seen[2] == {"Resp0": "raw", "Resp1_id": "5"}


def test_only_earlier_backends_can_be_named() -> None:
    """By their index."""
    assert wanted_by("/x/{resp0_a}/{resp1_b}/{id}", 1) == ((0, "a", "Resp0_a"),)
    assert propagated(["resp0_a.b", "resp2", "x"]) == ((0, "a.b", "Resp0_a.b"), (2, "", "Resp2"))


@pytest.mark.parametrize(
    ("value", "text"),
    [("a/b", "a/b"), (True, "true"), (None, "<nil>"), (12345678901234567890, "12345678901234567890"),
     (["a", "b", 3], "a,b,3"), ([{"id": 1}], "map[id:1]"), ({"k": "v", "deep": {"z": 9}}, "map[deep:map[z:9] k:v]"),
     (msgspec.Raw(b"1.50"), "1.50")],
)  # fmt: skip
def test_values_become_text_as_go_prints_them(value: Any, text: str) -> None:
    """Recorded from a live KrakenD."""
    assert go_text(value) == text
