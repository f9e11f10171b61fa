"""For every key: a wrong type, a wrong value and an unknown neighbour each give a sentence with place and remedy."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.config.bad_values import FREE, PLACES, ROWS, Step
from tests.config.reading import backend, config, endpoint, problems, shadow
from understudy.config import keys, namespaces, ours
from understudy.config.kinds import ANY, BOOLEAN, DURATION, INTEGER, INTEGERS, MAPPING, TEXT, TEXTS
from understudy.config.notes import Known
from understudy.config.problems import Problem

CASES = [(place, key) for place, found in PLACES.items() for key in found.table if key in ROWS[place]]
REMEDY = re.compile(
    r"\b(must|[Ww]rite|[Uu]se|did you mean|[Rr]emove|[Aa]dd|[Cc]hoose|[Nn]ame|say|[Kk]eep|leave|set it|put|knows|need"
    r"|give|belongs to the extra_config)\b"
)
"""A word that tells what to do."""
HERE = "-- here --"


def base() -> dict[str, Any]:
    """A configuration without a problem in which every table has its place."""
    block: dict[str, Any] = {"headers": {}, "match": {}, "breaker": {}, "guard": {}, "compare": {}}
    return config(
        endpoint(backend(extra_config={"proxy": {}, "backend/http": {}, "backend/http/client": {}}), shadow(block),
                 extra_config={"proxy": {}, "security/bot-detector": {},
                               "validation/cel": [{"check_expr": "req_method == 'GET'"}]}),
        extra_config={"router": {}, "security/cors": {}, "understudy/service": {}},
        tls={"keys": [{"public_key": "a", "private_key": "b"}]},
        client_tls={"client_certs": [{"certificate": "a", "private_key": "b"}]},
    )  # fmt: skip


def put(data: Any, path: tuple[Step, ...], key: Step, value: Any) -> Any:
    """The data with one value replaced."""
    at = data
    for step in path:
        at = at[step]
    at[key] = value
    return data


def line_of(path: tuple[Step, ...], key: Step) -> int:
    """Where a key stands when each has a line of its own."""
    text = json.dumps(put(base(), path, key, HERE), indent=1)
    return next(number for number, line in enumerate(text.split("\n"), 1) if HERE in line)


def found_at(data: Any, path: tuple[Step, ...]) -> list[Problem]:
    """The problems of a place and of what is inside it, read from a text with many lines."""
    return [p for p in problems(json.dumps(data, indent=1)) if p.path[:len(path)] == path]


def assert_helps(found: list[Problem], line: int, what: object, value: Any = 1) -> None:
    """There is a problem, and each is a sentence that names its place and a remedy."""
    assert found, f"{what} passes in silence"
    last = line + json.dumps(value, indent=1).count("\n")
    for problem in found:
        assert problem.file == "k.json" and line <= problem.line <= last and problem.column > 0, problem
        assert problem.message[-1] in ".?" and len(problem.message) > 20, problem
        assert REMEDY.search(problem.message), f"no remedy: {problem}"


def test_the_base_has_no_problems() -> None:
    """What the cases find is theirs."""
    assert problems(base()) == ()


def test_every_table_and_every_key_has_a_row() -> None:
    """A key that is added without a row fails here, and so does a row whose key is gone."""
    tables = [value for module in (keys, ours) for name, value in vars(module).items()
              if name.isupper() and isinstance(value, dict) and all(isinstance(k, Known) for k in value.values())]
    for table in tables:
        assert any(place.table is table for place in PLACES.values()), f"no place for the table of {list(table)[:3]}"
    for name, place in PLACES.items():
        assert set(ROWS[name]) == set(place.table), name


@pytest.mark.parametrize(("place", "key"), CASES)
def test_a_wrong_type(place: str, key: str) -> None:
    """An error where KrakenD refuses it, or where it is ours; a warning where KrakenD ignores it."""
    table, path, severity = PLACES[place]
    value = ROWS[place][key][0]
    found = found_at(put(base(), path, key, value), (*path, key))
    assert_helps(found, line_of(path, key), (place, key), value)
    if table[key].kind is not ANY:
        assert severity in {p.severity for p in found}, found


@pytest.mark.parametrize(("place", "key"), [c for c in CASES if ROWS[c[0]][c[1]][1] is not FREE])
def test_a_wrong_value(place: str, key: str) -> None:
    """The same for values of the right type."""
    _, path, _ = PLACES[place]
    value = ROWS[place][key][1]
    data = put(base(), path, key, value)
    if place in ("tls.keys", "client_certs"):  # what is missing is said of the pair
        pair = data[path[0]][path[1]][0]
        assert_helps(found_at(data, path), line_of(path[:-1], path[-1]), (place, key), pair)
    else:
        assert_helps(found_at(data, (*path, key)), line_of(path, key), (place, key), value)


@pytest.mark.parametrize(("place", "key"), CASES)
def test_an_unknown_neighbour(place: str, key: str) -> None:
    """A key with a letter too much: an error in blocks of ours, a warning elsewhere; a near key is proposed."""
    _, path, _ = PLACES[place]
    typo = key + key[-1]
    found = found_at(put(base(), path, typo, 1), (*path, typo))
    assert_helps(found, line_of(path, typo), typo)
    strict = place.startswith("understudy/") or place in ours.NESTED
    assert [p.severity for p in found] == ["error" if strict else "warning"]
    assert re.search(r'did you mean "\w+"\?', found[0].message) or len(key) < 4, found[0]


WEAK: dict[int, Any] = {id(TEXT): 5, id(INTEGER): "5", id(BOOLEAN): "true", id(DURATION): 5 * 10**9, id(TEXTS): "x",
                        id(INTEGERS): 23, id(MAPPING): {"a": 5}}  # fmt: skip
LENIENT = [(place, key) for place, key in CASES if id(PLACES[place].table[key].kind) in WEAK]


@pytest.mark.parametrize(("place", "key"), LENIENT)
def test_a_weak_type_is_taken_as_in_krakend_but_not_in_silence(place: str, key: str) -> None:
    """It works, so it is no error (but where the value itself is wrong)."""
    table, path, _ = PLACES[place]
    value = "3" if key == "version" else WEAK[id(table[key].kind)]
    found = found_at(put(base(), path, key, value), (*path, key))
    assert_helps(found, line_of(path, key), (place, key))
    if key not in ("listen_ip", "min_version", "max_version"):
        assert {p.severity for p in found} == {"warning"}, found


def test_values_of_the_environment_are_texts_and_that_is_right() -> None:
    """There is no other way to write them."""
    assert problems(base(), {"KRAKEND_PORT": "9000", "KRAKEND_HOST": "http://h", "KRAKEND_USE_H2C": "true"}) == ()


def test_all_problems_come_at_once() -> None:
    """Every key of every table wrong in one file: each is named, with its own line."""
    data, wanted = base(), []
    for place, (table, path, _) in PLACES.items():
        for key in table:
            if key in ("endpoints", "backend", "extra_config", "tls", "client_tls", "keys", "client_certs") or (
                place == "understudy/shadow" and key in ours.NESTED):  # fmt: skip
                continue
            put(data, path, key, ROWS[place][key][0])
            wanted.append((*path, key))
    found = problems(json.dumps(data, indent=1))
    missing = [path for path in wanted if not any(p.path[:len(path)] == path for p in found)]
    # KrakenD ignores a router block with a wrong type in it as a whole: the first place is named, and that all is void.
    router = PLACES["router"].path
    assert [path for path in missing if path[:2] != router] == []
    assert any(p.path[:2] == router and "with it all of" in p.message for p in found)
    assert len({p.line for p in found}) > 150


LEVELS: dict[str, tuple[Step, ...]] = {"service": (), "endpoint": ("endpoints", 0),
                                       "backend": ("endpoints", 0, "backend", 0)}  # fmt: skip
NAMES = sorted(namespaces.PLACES)


@pytest.mark.parametrize("name", NAMES)
def test_a_namespace_of_a_wrong_name_or_place(name: str) -> None:
    """Named where it stands; the near one or the right place is proposed."""
    for level, path in LEVELS.items():
        where = (*path, "extra_config")
        misspelt = name[:-2] + name[-1] + name[-2] if name[-1] != name[-2] else name + "x"
        found = found_at(put(base(), where, misspelt, {}), (*where, misspelt))
        assert_helps(found, line_of(where, misspelt), misspelt)
        if level not in namespaces.PLACES[name]:
            found = found_at(put(base(), where, name, {}), (*where, name))
            assert_helps(found, line_of(where, name), (name, level))
            assert "it belongs to the extra_config of" in found[0].message


@pytest.mark.parametrize("name", sorted(namespaces.ENTERPRISE))
def test_a_namespace_of_the_enterprise_edition(name: str) -> None:
    """Ignored, and said."""
    where = ("extra_config",)
    assert_helps(found_at(put(base(), where, name, {}), (*where, name)), line_of(where, name), name)
