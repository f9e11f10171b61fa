"""Martian modifiers, as they are read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.reading import backend, config, endpoint, only_error, only_warning, problems, read
from understudy.config.martian import KINDS
from understudy.config.model import Modifier
from understudy.config.schema import schema

NAME = "modifier/martian"
SET = {"header.Modifier": {"name": "X-A", "value": "1"}}


def around(block: Any) -> dict[str, Any]:
    return config(endpoint(backend(extra_config={NAME: block})))


def modifier(block: Any) -> Modifier:
    found = read(around(block)).endpoints[0].backends[0].martian
    assert found is not None
    return found


def test_a_modifier_works_wherever_it_can_unless_its_scope_says_otherwise() -> None:
    assert modifier(SET).scopes == {"request", "response"}
    assert modifier({"header.Modifier": {"name": "X-A", "scope": ["response"]}}).scopes == {"response"}
    assert modifier({"header.Modifier": {"name": "X-A", "scope": []}}).scopes == set()
    assert modifier({"url.Modifier": {"path": "/x"}}).scopes == {"request"}


def test_values_are_converted() -> None:
    assert modifier({"body.Modifier": {"body": "bmV3"}}).values == {"body": b"new"}
    cookie = modifier({"cookie.Modifier": {"name": "c", "expires": "2026-04-12T23:20:50Z"}})
    assert cookie.values["expires"] == datetime(2026, 4, 12, 23, 20, 50, tzinfo=UTC)


def test_the_highest_priority_goes_first_and_of_equal_ones_the_later() -> None:
    entries = [{"priority": p, "modifier": {"header.Modifier": {"name": n}}} for p, n in
               ((1, "a"), (10, "b"), (1, "c"))]
    group = modifier({"priority.Group": {"modifiers": [*entries, {"modifier": SET}]}})
    assert [inner.values["name"] for inner in group.inner] == ["b", "c", "a", "X-A"]


@pytest.mark.parametrize(("block", "at", "words"), [
    ("text", (), "must be an object"), ({}, (), "an object of 0 keys"), ({**SET, "fifo.Group": {}}, (), "only key"),
    ({"header.Modifer": {}}, ("header.Modifer",), 'did you mean "header.Modifier"'),
    ({"header.Modifier": {"name": 5}}, ("header.Modifier", "name"), "must be a text"),
    ({"header.Modifier": {"name": "a", "scope": ["answer"]}}, ("header.Modifier", "scope", 0), "no scope"),
    ({"url.Modifier": {"scope": ["response"]}}, ("url.Modifier", "scope", 0), '"request"'),
    ({"fifo.Group": {"modifiers": [SET, {"no.Such": {}}]}}, ("fifo.Group", "modifiers", 1, "no.Such"), "no modifier"),
    ({"fifo.Group": {"modifiers": {}}}, ("fifo.Group", "modifiers"), "must be a list"),
    ({"priority.Group": {"modifiers": [{"priority": "1", "modifier": SET}]}},
     ("priority.Group", "modifiers", 0, "priority"), "whole number"),
    ({"header.Filter": {"name": "a"}}, ("header.Filter", "modifier"), "must be an object"),
    ({"header.RegexFilter": {"header": "a", "regex": "(", "modifier": SET}}, ("header.RegexFilter", "regex"),
     "regular expression"),
    ({"body.Modifier": {"body": "???"}}, ("body.Modifier", "body"), "base64"),
    ({"cookie.Modifier": {"name": "c", "expires": "soon"}}, ("cookie.Modifier", "expires"), "must be a time"),
])
def test_one_mistake_switches_all_off_and_check_says_where(block: Any, at: tuple[Any, ...], words: str) -> None:
    data = around(block)
    assert read(data).endpoints[0].backends[0].martian is None
    problem = only_warning(data)
    assert problem.path == ("endpoints", 0, "backend", 0, "extra_config", NAME, *at)
    assert words in problem.message and "nothing is changed" in problem.message


@pytest.mark.parametrize("block", [
    {"header.Modifier": {"value": "x"}}, {"header.Modifier": {"name": "a b"}},
    {"header.Append": {"name": "a", "value": "x\r\ny"}}, {"header.Copy": {"from": "a"}},
    {"cookie.Modifier": {"name": ""}}, {"stash.Modifier": {}}, {"url.Modifier": {"scheme": "ftp"}},
    {"status.Modifier": {"statusCode": 99}}, {"port.Modifier": {"port": 70000}},
    {"body.Modifier": {"contentType": "a\nb"}},
])
def test_what_could_never_be_sent_is_an_error(block: Any) -> None:
    only_error(around(block))


def test_unknown_keys_are_named_wherever_they_stand() -> None:
    block = {"header.Filter": {"name": "a", "valu": 1, "modifier": {"fifo.Group": {"modifiers": [], "x": 1}}}}
    assert [p.code for p in problems(around(block))] == ["unknown_key", "unknown_key"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_in_the_schema_for_editors(kind: str) -> None:
    block: dict[str, Any] = {kind: {"modifier": SET} if kind.endswith("Filter") else {}}
    valid = jsonschema_rs.validator_for(schema())
    assert valid.is_valid(around(block))
    assert not valid.is_valid(around({kind: {**block[kind], "no such key": 1}}))
    assert not valid.is_valid(around({kind: {**block[kind], "scope": ["answer"]}}))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["request", "response"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*KINDS, "modifier", "modifiers", "else", "scope", "name", "value", "priority"]),
                      inner, max_size=3),
    max_leaves=12,
)


@given(_VALUES)
def test_any_value_is_a_modifier_or_a_problem(block: Any) -> None:
    problems(around(block))
