"""What begins new evidence, and what lets it go on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, read, shadow
from understudy.store.comparable import digest


def of(block: dict[str, Any], url: str = "/v1", **root: Any) -> str:
    return digest(read(config(endpoint(backend(url_pattern=url), shadow(block)), **root)))


@pytest.mark.parametrize("block", [
    {"compare": {"ignore": ["$.at"]}}, {"role": "control"}, {"match": {"methods": ["GET"]}}, {"name": "other"},
    {"headers": {"set": {"X-A": "1"}}}, {"host_header": "h"}, {"timeout": "50ms"},
])
def test_other_rules_or_questions_are_other_evidence(block: dict[str, Any]) -> None:
    assert of(block) != of({})
    assert of(block) == of(block)


@pytest.mark.parametrize("block", [
    {"percent": 5}, {"max_in_flight": 3}, {"max_rate": 7}, {"guard": False}, {"breaker": {"failures": 3}},
])
def test_how_much_is_copied_may_change(block: dict[str, Any]) -> None:
    assert of(block) == of({})


def test_another_primary_is_other_evidence_and_another_port_is_not() -> None:
    assert of({}, "/v2") != of({})
    assert of({}, port=9999) == of({})


def test_endpoints_without_shadows_do_not_matter() -> None:
    alone, both = (read(config(*more, endpoint(backend(), shadow({})))) for more in
                   ((), (endpoint(backend(), endpoint="/alone"),)))  # fmt: skip
    assert len(both.endpoints) == len(alone.endpoints) + 1
    assert digest(alone) == digest(both)
