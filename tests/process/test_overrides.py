"""Changes of shadows at run time."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from understudy.config.model import Backend, Endpoint, ProcessOptions, Service, Shadow
from understudy.process.overrides import NotPossible, change_of, kept, shadows_table


def service(percent: float = 10.0, *, writable: bool = True) -> Service:
    shadow = Shadow(name="orders", timeout=1.0, percent=percent)
    backend = Backend(index=1, hosts=("http://b",), url_pattern="/", method="GET", shadow=shadow)
    endpoint = Endpoint(index=0, path="/o", method="GET", backends=(backend,), timeout=1.0)
    return Service(endpoints=(endpoint,), process=ProcessOptions(settings_writable=writable))


def test_a_change_is_checked_and_returned() -> None:
    body = {"name": "orders", "changes": {"percent": 5, "paused": True}}
    assert change_of(body, service()) == ("orders", {"percent": 5.0, "paused": True})
    body = {"name": "orders", "changes": {"max_rate": None, "max_in_flight": 7}}
    assert change_of(body, service()) == ("orders", {"max_rate": None, "max_in_flight": 7})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (None, "needs the name"),
        ({"name": "other", "changes": {"percent": 1}}, 'no shadow "other"; those of this configuration are: orders'),
        ({"name": "orders"}, "A change is an object"),
        ({"name": "orders", "changes": {}}, "A change is an object"),
        ({"name": "orders", "changes": {"percent": 101}}, "from 0 to 100"),
        ({"name": "orders", "changes": {"percent": True}}, "from 0 to 100"),
        ({"name": "orders", "changes": {"percent": float("nan")}}, "from 0 to 100"),
        ({"name": "orders", "changes": {"paused": 1}}, "true or false"),
        ({"name": "orders", "changes": {"timeout": 1}}, '"timeout" cannot be changed'),
        ({"name": "orders", "changes": {"percent": 0.00005}}, "in steps of 0.0001"),
        ({"name": "orders", "changes": {"percent": None}}, "not null"),
        ({"name": "orders", "changes": {"max_in_flight": 0}}, '"max_in_flight" must be a whole number from 1'),
        ({"name": "orders", "changes": {"max_in_flight": 1.5}}, "whole number"),
        ({"name": "orders", "changes": {"max_rate": 0}}, '"max_rate" must be a number above 0'),
        ({"name": "orders", "changes": {"amplify": 2}}, "counted by the old one"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence(body: Any, said: str) -> None:
    with pytest.raises(NotPossible, match=said):
        change_of(body, service())


def test_a_configuration_may_forbid_changes() -> None:
    with pytest.raises(NotPossible, match="settings_writable"):
        change_of({"name": "orders", "changes": {"percent": 1}}, service(writable=False))


def test_a_reload_keeps_changes_of_shadows_that_the_file_leaves_alone() -> None:
    changes = {"orders": {"percent": 5.0}}
    assert kept(changes, service(), replace(service(), name="else")) == changes
    assert kept(changes, service(), service(percent=20.0)) == {}
    assert kept(changes, service(), Service()) == {}


def test_the_table_shows_what_holds_now() -> None:
    (row,) = shadows_table(service(), {"orders": {"percent": 5.0}})
    assert (row["name"], row["percent"], row["paused"], row["changed"]) == ("orders", 5.0, False, ["percent"])
    (row,) = shadows_table(service(), {"orders": {"max_rate": 2.0, "max_in_flight": 7}})
    assert (row["max_rate"], row["max_in_flight"], row["percent"], row["copies"]) == (2.0, 7, 10.0, 1)
