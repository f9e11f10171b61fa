"""For every key of ours: a wrong type, a wrong value and an unknown neighbour each give an error."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, errors, only_error, problems, read, shadow
from tests.config.test_keys import refused
from understudy.config import ours
from understudy.config.kinds import ANY, Kind
from understudy.config.model import Breaker, CompareRules, Guard, Match, ProcessOptions, Shadow
from understudy.config.namespaces import SUPPORTED
from understudy.config.notes import Table
from understudy.store import place as stores

SHADOW = ("endpoints", 0, "backend", 1, "extra_config", "understudy/shadow")
SERVICE = ("extra_config", "understudy/service")
PLACES: dict[str, tuple[Table, tuple[str | int, ...]]] = {
    "service": (ours.SERVICE, SERVICE), "shadow": (ours.SHADOW, SHADOW),
    **{name: (table, (*SHADOW, name)) for name, table in ours.NESTED.items()},
}
CASES = [(place, key) for place, (table, _) in PLACES.items() for key in table]


def build(place: str, key: str, value: Any) -> dict[str, Any]:
    if place == "service":
        return config(extra_config={"understudy/service": {key: value}})
    block = {key: value} if place == "shadow" else {place: {key: value}}
    return config(endpoint(backend(), shadow(block)))


@pytest.mark.parametrize(("place", "key"), CASES)
def test_a_wrong_type_is_an_error_at_its_place(place: str, key: str) -> None:
    table, path = PLACES[place]
    wrong: Any = 5 if table[key].kind is ANY else refused(table[key])
    problem = only_error(build(place, key, wrong))
    assert problem.path[:len(path) + 1] == (*path, key)
    assert f'"{key}"' in problem.message and problem.line == 1


@pytest.mark.parametrize(("place", "key"), CASES)
def test_null_is_no_value_for_our_keys(place: str, key: str) -> None:
    assert errors(build(place, key, None))


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_key_of_ours_is_an_error_with_the_near_one_proposed(place: str) -> None:
    table, path = PLACES[place]
    key = max(table, key=len)
    problem = only_error(build(place, key[:2] + key[3:], 1))
    assert problem.path == (*path, key[:2] + key[3:])
    assert f'did you mean "{key}"?' in problem.message


@pytest.mark.parametrize("place", PLACES)
def test_a_block_of_ours_must_be_an_object(place: str) -> None:
    data = build(place, "x", 1)
    at: Any = data
    path = PLACES[place][1]
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = 5
    assert errors(data)


@pytest.mark.parametrize(("place", "key", "value", "message"), [
    ("service", "workers", 0, "from 1 to 1024"), ("service", "workers", "many", '"auto"'),
    ("service", "admin_port", 70000, "port from 0 to 65535"), ("service", "log_level", "LOUD", "must be one of"),
    ("service", "max_body_bytes", "big", "size such as"), ("service", "idle_timeout", "0s", "longer than"),
    ("service", "store", "mysql://u:hidden@h/d", 'cannot be of the kind "mysql"; write'),
    ("service", "store", "sqlite://", "needs a file"), ("service", "store", "sqlite:///:memory:", "needs a file"),
    ("service", "store", "postgresql://u@h:port/d", "no URL that can be read"),
    ("service", "store", "postgresql://u:p/w@h/d", "%2F in a password"),
    ("service", "admin_address", "here", "no address"), ("service", "mirror_nice", -5, "from 0 to 19"),
    ("shadow", "percent", 101, "from 0 to 100, not 101"), ("shadow", "percent", "10", "from 0 to 100"),
    ("shadow", "percent", 0.00001, "steps of 0.0001"), ("shadow", "role", "canary", "must be one of"),
    ("shadow", "sticky_by", "user", "header:NAME"), ("shadow", "start", "before", '"with", "after"'),
    ("shadow", "amplify", 101, "from 1 to 100"), ("shadow", "amplify", 0, "from 1 to 100"),
    ("shadow", "max_in_flight", 0, "from 1 to 1000000"), ("shadow", "max_rate", 0, "above 0"),
    ("shadow", "mark", "a b", "name of a header"), ("shadow", "of", True, "must be a group"),
    ("shadow", "name", "a b", "must be a name"), ("shadow", "max_body", "1 pound", "size such as"),
    ("shadow", "match", [], "object of conditions"), ("shadow", "breaker", "on", "true, false or an object"),
    ("shadow", "timeout", "soon", "not a duration"), ("shadow", "host_header", "", "not empty"),
    ("headers", "set", {"Content-Length": "5"}, "cannot be set"), ("headers", "set", {"Host": "x"}, "host_header"),
    ("match", "path", "(", "not a regular expression"), ("match", "methods", [], "list of methods"),
    ("compare", "tolerance", {"$.a": -1}, "at least 0"), ("compare", "id_field", {"$.a": 1}, "name of a key"),
    ("compare", "resample", 1.5, "from 0 to 1"), ("guard", "latency_ratio", 1, "must be a number above 1"),
    ("guard", "error_rise", 2, "from 0 to 1"), ("breaker", "failures", 0, "from 1 to"),
])
def test_a_wrong_value_is_an_error_with_what_is_right(place: str, key: str, value: Any, message: str) -> None:
    assert message in only_error(build(place, key, value)).message


def test_every_key_of_ours_is_a_field_of_the_model() -> None:
    """What the table takes must arrive somewhere: a full block of right values changes the model's defaults."""
    right: dict[str, Any] = {
        "name": "n", "timeout": "50ms", "of": 0, "role": "control", "percent": 5, "sticky_by": "client_ip",
        "match": {"methods": ["GET"], "headers": {"x": "y"}, "query": {"a": "b"}, "path": "^/x"}, "start": "after",
        "host_header": "h", "headers": {"set": {"x-dry": "1"}, "remove": ["cookie"]}, "credentials": ["authorization"],
        "mark": "x-mark", "max_body": "1kB", "max_in_flight": 3, "max_rate": 2.5, "amplify": 2,
        "breaker": {"enabled": False, "failures": 2, "pause": "1s"},
        "guard": {"enabled": False, "latency_ratio": 2, "error_rise": 0.5, "lag": "1s", "pause": "2s"},
        "compare": {"enabled": False, "ignore": ["$.a"], "unordered": ["$.b"], "id_field": {"$.c": "id"},
                    "tolerance": {"$.d": 1}, "headers": ["ETag"], "max_body": 5, "resample": 0.5, "cached": True},
    }
    assert set(right) == set(ours.SHADOW)
    made = read(config(endpoint(backend(), shadow(right)))).endpoints[0].shadows[0].shadow
    assert made is not None
    assert (made.name, made.timeout, made.of, made.role, made.percent) == ("n", 0.05, 0, "control", 5.0)
    assert made.match.methods == ("GET",) and made.match.headers == {"x": "y"} and made.match.path == "^/x"
    assert made.set_headers == (("X-Dry", "1"),) and made.remove_headers == ("Cookie",)
    assert made.credentials == ("Authorization",) and made.mark == "X-Mark" and made.host_header == "h"
    assert (made.max_body, made.max_in_flight, made.max_rate, made.amplify) == (1000, 3, 2.5, 2)
    assert (made.breaker.enabled, made.breaker.failures, made.breaker.pause) == (False, 2, 1.0)
    assert (made.guard.latency_ratio, made.guard.error_rise, made.guard.lag, made.guard.pause) == (2.0, 0.5, 1.0, 2.0)
    assert made.compare.headers == ("etag",) and made.compare.tolerance == {"$.d": 1.0}
    assert made.compare.id_field == {"$.c": "id"} and made.compare.cached


def test_switches_may_be_plain_booleans() -> None:
    made = read(config(endpoint(backend(), shadow({"breaker": False, "guard": False, "compare": False})))
                ).endpoints[0].shadows[0].shadow
    assert made is not None and not (made.breaker.enabled or made.guard.enabled or made.compare.enabled)


def test_a_match_may_be_one_expression() -> None:
    data = config(endpoint(backend(), shadow({"match": "req_method == 'GET'"})))
    if "validation/cel" not in SUPPORTED:
        assert "needs CEL, which is not supported yet; write an object" in only_error(data).message
        return
    made = read(data).endpoints[0].shadows[0].shadow
    assert made is not None and made.match.expression == "req_method == 'GET'"


@pytest.mark.parametrize("store", [
    "evidence.db", "/var/lib/e.db", "sqlite:///e.db", "sqlite:////var/e.db", "postgresql://u@h/d", "postgres:///d",
    "postgresql+psycopg://u:p%2Fw@[::1]:5432/d?sslmode=require",
])
def test_stores_that_the_store_knows_are_taken(store: str) -> None:
    """What is right here can be read by the store, which is asked only when the gateway runs."""
    assert read(config(extra_config={"understudy/service": {"store": store}})).process.store == store
    assert stores.place(store, Path("k.json"), {}).database


def test_a_message_about_a_store_shows_no_password() -> None:
    assert "hidden" not in str(only_error(build("service", "store", "mysql://u:hidden@h/d")))


def test_workers_auto_is_at_least_one_cpu() -> None:
    assert read(config(extra_config={"understudy/service": {"workers": "auto"}})).process.workers >= 1


def test_the_tables_hold_kinds_with_schemas() -> None:
    for table, _ in PLACES.values():
        for key, known in table.items():
            assert isinstance(known.kind, Kind) and known.doc.endswith("."), key


def test_a_right_block_has_no_problems() -> None:
    assert problems(config(endpoint(backend(), shadow({"percent": 10, "sticky_by": "client_ip"})))) == ()


def test_the_documentation_has_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    for place, (table, _) in PLACES.items():
        for key in table:
            name = key if place in ("service", "shadow") else f"{place}.{key}"
            assert f"| `{name}` |" in text, name


PROSE = {"sticky_by", "of", "timeout", "match", "credentials", "breaker", "guard", "compare", "max_rate"}
"""Keys of understudy/shadow whose default is a behaviour, told in words."""
MODELS: dict[str, Any] = {"service": ProcessOptions(), "shadow": Shadow(name="n", timeout=1.0), "match": Match(),
                          "breaker": Breaker(), "guard": Guard(), "compare": CompareRules()}


def documented() -> dict[str, str]:
    """The default column of docs/configuration.md, by key."""
    text = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].removeprefix("| ").strip("`"): row[1].strip().strip("`") for row in rows if len(row) == 3}


@pytest.mark.parametrize(("place", "key"), [c for c in CASES if c[0] in MODELS and not (
    c[0] == "shadow" and (c[1] in PROSE or c[1] in ("name", "headers")))])  # fmt: skip
def test_the_documented_default_is_the_one_of_the_model(place: str, key: str) -> None:
    """Read as it would be read in a file; an empty cell is a key that is off when absent."""
    cell = documented()[key if place in ("service", "shadow") else f"{place}.{key}"]
    default = getattr(MODELS[place], key)
    if not cell:
        assert default in (None, (), {})
        return
    try:
        written = json.loads(cell)
    except ValueError:
        written = cell
    read_back = PLACES[place][0][key].kind.read(written)
    if key == "headers":
        read_back = tuple(name.lower() for name in read_back)
    assert read_back == default


def test_no_key_is_documented_that_does_not_exist() -> None:
    """A key that is gone leaves the page too."""
    known = {key if place in ("service", "shadow") else f"{place}.{key}" for place, key in CASES}
    assert set(documented()) - {"KRAKEND_<KEY>", "UNDERSTUDY_EXIT_CODES=krakend"} <= known
