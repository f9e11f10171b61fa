"""Bot detector and JSON schema, as they are read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.config.reading import config, endpoint, only_warning, problems, read
from understudy.config.checks import validator

BOT, SCHEMA = "security/bot-detector", "validation/json-schema"


def test_a_bot_detector_is_read_at_the_root_and_at_an_endpoint_by_both_names() -> None:
    block = {"allow": ["a"], "deny": ["b"], "patterns": ["^c"], "cache_size": 10, "empty_user_agent_is_bot": True}
    service = read(config(endpoint(extra_config={"github_com/devopsfaith/krakend-botdetector": block}),
                          extra_config={BOT: block}))
    detector = service.bot_detector
    assert detector is not None and detector == service.endpoints[0].bot_detector
    assert (detector.allow, detector.deny, detector.patterns) == (("a",), ("b",), ("^c",))
    assert (detector.cache_size, detector.empty_user_agent_is_bot, service.problems) == (10, True, ())


@pytest.mark.parametrize(("block", "at", "words"), [
    ({"deny": "x"}, ("deny",), "must be a list of texts"), ({"deny": ["a", 5]}, ("deny", 1), "must be a text"),
    ({"patterns": ["ok", "("]}, ("patterns", 1), '"(" is no regular expression'),
    ({"patterns": ["(?=x)"]}, ("patterns", 0), "backtracking"), ("text", (), "must be an object"),
    ({"empty_user_agent_is_bot": 1}, ("empty_user_agent_is_bot",), "true or false"),
])
def test_a_broken_detector_is_off_and_check_says_so(block: Any, at: tuple[Any, ...], words: str) -> None:
    data = config(endpoint(extra_config={BOT: block}))
    service = read(data)
    assert service.endpoints[0].bot_detector is None
    problem = service.problems[-1]
    assert problem.path == ("endpoints", 0, "extra_config", BOT, *at)
    assert words in problem.message and problem.severity == "warning"
    assert "no bot is refused" in problem.message


def test_an_unknown_key_of_a_detector_is_named() -> None:
    assert 'did you mean "patterns"?' in only_warning(config(extra_config={BOT: {"pattern": []}})).message


@pytest.mark.parametrize("schema", [
    {}, True, {"type": "object"}, {"pattern": r"(?i)a\z"}, {"$ref": "#/definitions/a", "definitions": {"a": {}}},
    {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True},
    {"items": [{"type": "string"}]},
])
def test_schemas_are_kept_as_they_are(schema: Any) -> None:
    service = read(config(endpoint(extra_config={SCHEMA: schema})))
    assert service.endpoints[0].json_schema == schema and service.problems == ()


@pytest.mark.parametrize("schema", [
    {"type": "nonsense"}, "text", [], 5, {"$ref": "#/nowhere"}, {"pattern": "("}, {"pattern": "(?=a)"},
    {"$ref": "http://127.0.0.1:1/x"}, {"$ref": "file:///etc/passwd"}, {"$schema": "x"},
])
def test_what_is_no_schema_is_off_and_check_says_so(schema: Any) -> None:
    data = config(endpoint(extra_config={SCHEMA: schema}))
    problem = only_warning(data)
    assert problem.path == ("endpoints", 0, "extra_config", SCHEMA)
    assert "no body is checked" in problem.message
    assert read(data).endpoints[0].json_schema is None


def test_patterns_of_a_schema_are_re2_and_quick() -> None:
    valid = validator({"type": "string", "pattern": "(?i)^(x+x+)+y$"})
    assert valid.is_valid("XXY") and not valid.is_valid("x" * 100_000)


def test_formats_are_checked() -> None:
    assert not validator({"format": "email"}).is_valid("x")


def test_a_detector_at_a_backend_has_no_effect() -> None:
    data = config(endpoint({"host": ["http://a"], "url_pattern": "/", "extra_config": {BOT: {}}}))
    assert [p.code for p in problems(data)] == ["misplaced"]
