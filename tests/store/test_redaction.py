from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.store.samples import exchange
from understudy.exchange import Answer, Asked, Exchange, Failure
from understudy.store.redaction import HIDDEN, Kept, Redaction, Redactor

JSON = (b"Content-Type", b"application/json")


def kept(ex: Exchange, **rules: object) -> Kept:
    return Redactor(Redaction(**rules)).redacted(ex)  # type: ignore[arg-type]


def body(given_body: bytes, *headers: tuple[bytes, bytes], **rules: object) -> bytes | None:
    side = Answer(200, headers or (JSON,), given_body, len(given_body), 0.1)
    found = kept(exchange(candidate=side), **rules).exchange.candidate
    assert isinstance(found, Answer)
    return found.body


def test_credentials_are_never_kept() -> None:
    found = kept(exchange()).exchange
    assert [n for n, _ in found.ask.headers] == [b"Accept", b"X-Tenant"]
    assert isinstance(found.primary, Answer) and [n for n, _ in found.primary.headers] == [b"Content-Type"]
    assert found.ask.query == [("page", "2"), ("api_token", HIDDEN)]


def test_credentials_of_any_spelling_and_of_the_configuration() -> None:
    referer = (b"Referer", b"/a?access_token=z&b=1")
    ask = Asked("GET", "/", [], [(b"authorization", b"x"), (b"X-Own", b"y"), referer], b"")
    found = Redactor(Redaction(), frozenset({b"Authorization", b"X-Own"})).redacted(exchange(ask=ask)).exchange
    assert list(found.ask.headers) == [(b"Referer", b"/a?access_token=***&b=1")]


def test_configured_headers_are_hidden() -> None:
    assert (b"X-Tenant", b"***") in kept(exchange(), headers=("x-tenant",)).exchange.ask.headers


@pytest.mark.parametrize(("given_body", "rules", "wanted"), [
    (b'{"a": 1.10, "b":[1]}', {}, b'{"a": 1.10, "b":[1]}'),
    (b'{"a": 1.10, "b":[1]}', {"paths": ("$.b",)}, b'{"a":1.10,"b":"***"}'),
    (b'[{"id":1},{"id":2}]', {"paths": ("$[*].id",)}, b'[{"id":"***"},{"id":"***"}]'),
    (b'{"password":"x","n":null,"token":{"a":1}}', {}, b'{"password":"***","n":null,"token":"***"}'),
    (b'{"password":"x"}', {"secret_names": False}, b'{"password":"x"}'),
    (b'{"m":"a@b.c \\u0061@b.c","a@b.c":1}', {"patterns": (r"\w+@\w+\.\w+",)}, b'{"m":"*** ***","***":1}'),
    (b'{"card":4111111111111111,"n":1.5}', {"patterns": (r"\d{16}",)}, b'{"card":"***","n":1.5}'),
])
def test_what_is_hidden_in_json(given_body: bytes, rules: dict[str, object], wanted: bytes) -> None:
    assert body(given_body, **rules) == wanted


def test_texts_and_forms() -> None:
    text = (b"Content-Type", b"text/html")
    assert body(b"call 555-1234", text, patterns=(r"\d{3}-\d{4}",)) == b"call ***"
    assert body(b"plain \xff", text) == b"plain \xff"
    form = (b"Content-Type", b"application/x-www-form-urlencoded")
    assert body(b"user=me&password=hush", form) == b"user=me&password=%2A%2A%2A"
    assert body(b"user=me", form) == b"user=me"


@pytest.mark.parametrize(("given_body", "headers", "rules"), [
    (b'{"a":', (JSON,), {"paths": ("$.a",)}), (b"<a>1</a>", ((b"Content-Type", b"text/xml"),), {"paths": ("$.a",)}),
    (b"\xff\x00", ((b"Content-Type", b"image/png"),), {"patterns": ("x",)}),
    (b"zzz", (JSON, (b"Content-Encoding", b"br")), {"patterns": ("x",)})])
def test_what_cannot_be_looked_into_is_kept_by_its_digest(
        given_body: bytes, headers: tuple[tuple[bytes, bytes], ...], rules: dict[str, object]) -> None:
    assert body(given_body, *headers, **rules) is None
    side = Answer(200, headers, given_body, len(given_body), 0.1)
    assert "candidate" in kept(exchange(candidate=side), **rules).digests


def test_compressed_json_is_looked_into() -> None:
    packed = gzip.compress(b'{"password":"x"}')
    side = Answer(200, [JSON, (b"Content-Encoding", b"gzip")], packed, len(packed), 0.1)
    found = kept(exchange(candidate=side)).exchange.candidate
    assert isinstance(found, Answer) and found.body == b'{"password":"***"}' and list(found.headers) == [JSON]


def test_bodies_can_be_left_out_or_kept_as_digests() -> None:
    ask = Asked("POST", "/", [], [], b"secret")
    off, digest = (kept(exchange(ask=ask), bodies=b) for b in ("off", "digest"))
    assert off.digests == {} and set(digest.digests) == {"ask", "primary"}
    for found in (off.exchange, digest.exchange):
        assert isinstance(found.primary, Answer) and found.primary.body is None and found.primary.size == 7
        assert found.ask.body == b""


def test_patterns_hold_everywhere() -> None:
    ask = Asked("GET", "/users/anna", [("q", "anna")], [(b"X-Name", b"anna")], b"anna")
    found = kept(exchange(ask=ask, candidate=Failure("dns", "no anna", 0.1), control=Failure("x", "anna", 0.1)),
                 patterns=("anna",))  # fmt: skip
    assert "anna" not in repr(found)


@pytest.mark.parametrize("rules", [{"patterns": ("(",)}, {"paths": ("a",)}])
def test_rules_that_cannot_be_read_are_sentences(rules: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^The (pattern|path) "):
        kept(exchange(), **rules)


with_secret = st.sampled_from([b'{"a":"\\u007aq"}', b"zq", b'{"zq":1}'])


@given(st.binary(max_size=200) | with_secret, st.binary(max_size=40), st.sampled_from([b"", b"gzip"]))
def test_any_body_can_be_redacted_and_hides_what_it_must(given_body: bytes, kind: bytes, encoding: bytes) -> None:
    headers = ((b"Content-Type", kind), (b"Content-Encoding", encoding))
    found = body(given_body, *headers, paths=("$..x",), patterns=("zq",))
    assert found is None or b"zq" not in found
