"""Which headers a copy has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.shadow.making import pairs, service, shadow
from understudy.config.model import Backend, Endpoint
from understudy.http.values import Pairs, render
from understudy.shadow.headers import CREDENTIALS, copied, exchange_id, harmless, parse, secrets_of, withheld

GIVEN = pairs(Host_Like="h", X_A="1", Authorization="Bearer t", Cookie="c=1", User_Agent="me")
SAME = ("http://127.0.0.1:8",)


def placed(hosts: tuple[str, ...] = ("http://other:9",), listed: tuple[str, ...] = (),
           **keys: Any) -> tuple[Endpoint, Backend]:
    endpoint = service(shadow(**{"credentials": ("*",), **keys}), hosts=hosts).endpoints[0]
    backend = endpoint.shadows[0]
    return endpoint, Backend(**{**{f: getattr(backend, f) for f in backend.__struct_fields__}, "input_headers": listed})


def made(*args: Any, **keys: Any) -> dict[bytes, bytes]:
    before = list(GIVEN)
    out = copied(*placed(*args, **keys))(GIVEN, 255)
    assert before == GIVEN, "the primary's headers are shared: they must not change"
    return dict(out)


def test_a_copy_has_what_the_endpoint_forwards_and_the_mark() -> None:
    assert made() == {**dict(GIVEN), b"X-Understudy-Shadow": b"00000000000000ff"}


def test_changes_are_made_on_the_copy_alone() -> None:
    got = made(set_headers=(("X-A", "2"), ("X-Dry-Run", "é")), remove_headers=("cookie",), mark="X-Mine")
    assert (got[b"X-A"], got[b"X-Dry-Run"], got[b"X-Mine"]) == (b"2", "é".encode(), b"00000000000000ff")
    assert b"Cookie" not in got and b"X-Understudy-Shadow" not in got


def test_a_mark_that_the_client_sent_is_replaced() -> None:
    out = copied(*placed())([(b"X-Understudy-Shadow", b"forged")], 1)
    assert out == [(b"X-Understudy-Shadow", b"0000000000000001")]


def test_the_shadows_own_list_narrows_what_goes_along() -> None:
    got = made(listed=("x-a",))
    assert set(got) == {b"X-A", b"User-Agent", b"X-Understudy-Shadow"} and got[b"User-Agent"] == b"Go-http-client/1.1"
    assert made(listed=("User-Agent",))[b"User-Agent"] == b"me"
    assert b"User-Agent" not in made(listed=("X-A",), remove_headers=("User-Agent",))


@pytest.mark.parametrize(("hosts", "credentials", "gone"), [
    (("http://other:9",), ("*",), set()), (("http://other:9",), (), {b"Authorization", b"Cookie"}),
    (("http://other:9",), ("cookie",), {b"Authorization"}), (SAME, (), set()),
    ((*SAME, "http://other:9"), (), {b"Authorization", b"Cookie"}), ((), (), {b"Authorization", b"Cookie"}),
])
def test_credentials_go_where_they_go_already_or_are_let(hosts: tuple[str, ...], credentials: tuple[str, ...],
                                                         gone: set[bytes]) -> None:
    assert {n for n, _ in GIVEN} - set(made(hosts, credentials=credentials)) == gone
    assert gone <= withheld(*placed(hosts, credentials=credentials))


def test_credentials_are_never_kept() -> None:
    assert harmless(GIVEN) == [p for p in GIVEN if p[0] not in (b"Authorization", b"Cookie")]
    assert secrets_of(shadow(credentials=("x-my-key",))) == CREDENTIALS | {b"X-My-Key"}


def test_a_regular_backend_gets_no_copies() -> None:
    endpoint, _ = placed()
    with pytest.raises(ValueError, match="is no shadow"):
        copied(endpoint, endpoint.regular[0])


NAMES = st.from_regex(rb"[A-Za-z-]{1,12}", fullmatch=True)
VALUES = st.from_regex(rb"([!-~]([ -~]{0,20}[!-~])?)?", fullmatch=True)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=8))
def test_what_is_rendered_is_parsed_back(headers: Pairs) -> None:
    assert parse(render(headers)) == headers


def test_ids_are_sixteen_digits() -> None:
    assert (exchange_id(1), exchange_id(2**64 - 1)) == ("0" * 15 + "1", "f" * 16)
