"""For every key of KrakenD's: a wrong type, a wrong value and an unknown neighbour each give a sentence."""

import re
from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, problems, read
from understudy.config import keys
from understudy.config.kinds import ANY, Wrong
from understudy.config.notes import Known, Table
from understudy.config.problems import Problem

PLACES: dict[str, tuple[Table, tuple[str | int, ...], bool]] = {
    "root": (keys.ROOT, (), True),
    "endpoint": (keys.ENDPOINT, ("endpoints", 0), True),
    "backend": (keys.BACKEND, ("endpoints", 0, "backend", 0), True),
    "tls": (keys.TLS, ("tls",), True),
    "tls key": (keys.TLS_KEY, ("tls", "keys", 0), True),
    "client_tls": (keys.CLIENT_TLS, ("client_tls",), True),
    "client cert": (keys.CLIENT_CERT, ("client_tls", "client_certs", 0), True),
    "router": (keys.ROUTER, ("extra_config", "router"), False),
    "cors": (keys.CORS, ("extra_config", "security/cors"), False),
    "bot detector": (keys.BOT_DETECTOR, ("endpoints", 0, "extra_config", "security/bot-detector"), False),
    "endpoint proxy": (keys.ENDPOINT_PROXY, ("endpoints", 0, "extra_config", "proxy"), False),
    "backend proxy": (keys.BACKEND_PROXY, ("endpoints", 0, "backend", 0, "extra_config", "proxy"), False),
    "backend http": (keys.BACKEND_HTTP, ("endpoints", 0, "backend", 0, "extra_config", "backend/http"), False),
    "http client": (keys.HTTP_CLIENT, ("endpoints", 0, "backend", 0, "extra_config", "backend/http/client"), False),
}
WRONG_TYPES: tuple[Any, ...] = ([[]], {"a": {}}, "no such value", 1e300, True)
CASES = [(place, key) for place, (table, _, _) in PLACES.items() for key in table]


def base() -> dict[str, Any]:
    return config(endpoint(backend(extra_config={}), extra_config={}), extra_config={},
                  tls={"keys": [{"public_key": "a", "private_key": "b"}]},
                  client_tls={"client_certs": [{"certificate": "a", "private_key": "b"}]})


def put(data: Any, path: tuple[str | int, ...], key: str, value: Any) -> dict[str, Any]:
    at = data
    for step in path:
        at = at.setdefault(step, {}) if isinstance(at, dict) else at[step]
    at[key] = value
    result: dict[str, Any] = data
    return result


def refused(known: Known) -> Any:
    """A value that the kind refuses."""
    for value in WRONG_TYPES:
        try:
            known.kind.read(value)
        except Wrong:
            return value
    raise AssertionError(known)


def about(found: tuple[Problem, ...], path: tuple[str | int, ...]) -> list[Problem]:
    return [p for p in found if p.path[:len(path)] == path]


def test_the_base_of_the_table_has_no_problems() -> None:
    assert problems(base()) == ()


@pytest.mark.parametrize(("place", "key"), CASES)
def test_a_wrong_type_is_named_with_its_place(place: str, key: str) -> None:
    table, path, is_error = PLACES[place]
    if table[key].kind is ANY:
        return
    found = about(problems(put(base(), path, key, refused(table[key]))), (*path, key))
    assert found, (place, key)
    assert found[-1].line == 1 and found[-1].column > 1
    assert f'"{key}"' in found[0].message
    if is_error:
        assert any(p.severity == "error" for p in found)
    else:
        assert all(p.severity == "warning" for p in found)


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_neighbour_is_named_and_the_near_key_proposed(place: str) -> None:
    table, path, _ = PLACES[place]
    key = next(k for k in table if len(k) > 5)
    wrong = key[:3] + key[4:]
    found = about(problems(put(base(), path, wrong, 1)), (*path, wrong))
    assert [p.severity for p in found] == ["warning"], found
    assert f'did you mean "{key}"?' in found[0].message


@pytest.mark.parametrize("place", PLACES)
def test_a_key_that_begins_like_a_comment_is_one(place: str) -> None:
    _, path, _ = PLACES[place]
    assert not problems(put(base(), path, "#note", "why"))
    assert not problems(put(base(), path, "@comment", 1))


@pytest.mark.parametrize(("place", "key"), [(p, k) for p, k in CASES if PLACES[p][0][k].no_effect])
def test_a_key_without_effect_says_so(place: str, key: str) -> None:
    _, path, _ = PLACES[place]
    found = about(problems(put(base(), path, key, [] if key == "async_agent" else {})), (*path, key))
    assert any("has no effect" in p.message for p in found)


VALUES = [
    (("version",), 2, r"unsupported version: 2 \(want: 3\)"),
    (("port",), 70000, "70000 is no port"),
    (("port",), -1, "-1 is no port"),
    (("listen_ip",), "here", "invalid ip address here"),
    (("host",), ["http://h/x"], "host http://h/x not valid: invalid host"),
    (("timeout",), "soon", '"soon" is not a duration'),
    (("tls", "min_version"), "TLS99", "counts as TLS13"),
    (("tls", "max_version"), "TLS10", "above"),
    (("endpoints", 0, "endpoint"), "/__health", "since it is invalid"),
    (("endpoints", 0, "endpoint"), "/a/*/b", "since it is invalid"),
    (("endpoints", 0, "method"), "HEAD", "Unsupported method HEAD"),
    (("endpoints", 0, "backend"), [], "0 backends defined"),
    (("endpoints", 0, "timeout"), "3", 'write "3s"'),
    (("endpoints", 0, "cache_ttl"), "5 minutes", "unknown unit"),
    (("endpoints", 0, "output_encoding"), "csv", "not known"),
    (("endpoints", 0, "backend", 0, "host"), ["http://[::1]:80"], "disable_host_sanitize"),
    (("endpoints", 0, "backend", 0, "host"), [""], "invalid host"),
    (("endpoints", 0, "backend", 0, "url_pattern"), "/{id}", "undefined output param 'id'!"),
    (("endpoints", 0, "backend", 0, "encoding"), "jsno", 'did you mean "json"'),
    (("endpoints", 0, "backend", 0, "sd"), "etcd", 'counts as "static"'),
    (("endpoints", 0, "extra_config", "proxy", "static"), {"data": {}, "strategy": "some"}, 'counts as "always"'),
    (("endpoints", 0, "extra_config", "proxy", "static"), {"data": 5}, '"static" is ignored'),
    (("endpoints", 0, "extra_config", "proxy", "flatmap_filter"), [{"type": "mov"}], 'did you mean "move"'),
    (("endpoints", 0, "backend", 0, "extra_config", "proxy", "flatmap_filter"), [{"type": "move", "args": ["a"]}],
     "needs 2 paths"),
    (("endpoints", 0, "backend", 0, "extra_config", "proxy", "shadow"), "true", "must be true or false"),
    (("extra_config", "router", "trusted_proxies"), ["nowhere"], "no address and no network"),
    (("extra_config", "router", "error_body"), {"500": {}}, "write \"404\" or \"405\""),
]


@pytest.mark.parametrize(("path", "value", "message"), VALUES)
def test_a_wrong_value_gives_a_sentence_at_its_place(path: tuple[str | int, ...], value: Any, message: str) -> None:
    found = about(problems(put(base(), path[:-1], str(path[-1]), value)), path)
    assert found, path


    assert any(re.search(message, p.message) for p in found), [p.message for p in found]


@pytest.mark.parametrize(("place", "key"), [(p, k) for p, k in CASES if p in ("root", "endpoint", "backend")])
def test_null_counts_as_absent(place: str, key: str) -> None:
    table, path, _ = PLACES[place]
    if key in ("version", "backend", "endpoint", "endpoints", "host") or table[key].no_effect:
        return
    assert not problems(put(base(), path, key, None))


def test_keys_match_without_regard_to_case_and_the_exact_one_wins() -> None:
    service = read({"Version": 3, "PORT": "8081", "port": 8082, "Endpoints": [
        {"Endpoint": "/foo", "Backend": [{"Host": ["http://h:80"], "URL_pattern": "/P"}]}]})
    assert service.port == 8082
    assert service.endpoints[0].backends[0].url_pattern == "/P"
