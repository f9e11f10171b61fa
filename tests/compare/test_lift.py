import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from understudy.compare.lift import Content, lift, shallow

LIMIT = 100_000


def lifted(body: bytes, kind: bytes = b"application/json", encoding: bytes = b"") -> Content:
    headers = [(b"Content-Type", kind), (b"Content-Encoding", encoding)]
    return lift([h for h in headers if h[1]], body, LIMIT)


@pytest.mark.parametrize(("kind", "body", "wanted"), [
    (b"application/json", b'{"a":1.10}', Content("json", {"a": Raw("1.10")})),
    (b"application/problem+json; charset=utf-8", b"[1]", Content("json", [1])),
    (b"", b' {"a":1}', Content("json", {"a": 1})),
    (b"text/plain", b"[1", Content("text", b"[1")),
    (b"application/json", b"\xef\xbb\xbf{}", Content("json", {})),
    (b"application/json; charset=iso-8859-1", b'"\xe9"', Content("json", "é")),
    (b"application/json; charset=utf-16", '"é"'.encode("utf-16"), Content("json", "é")),
    (b"application/json", b"", Content("empty")),
    (b"application/json", b"{", Content("text", b"{")),
    (b"application/json", b"{} x", Content("text", b"{} x")),
    (b"text/html; charset=latin1", b"\xe9", Content("text", "é".encode())),
    (b"text/html", b"\xe9", Content("binary", b"\xe9")),
    (b"text/html; charset=punycode", b"abc", Content("text", b"abc")),
    (b"text/html; charset=no-such-thing", b"abc", Content("text", b"abc")),
    (b"image/png", b"abc", Content("binary", b"abc")),
    (b"application/xml", b"<a x='1'><b>2</b><b/></a>", Content("xml", {"a": {"-x": "1", "b": ["2", None]}})),
    (b"text/xml", b"<a>", Content("text", b"<a>")),
    (b"application/yaml", b"a: 1", Content("yaml", {"a": 1})),
    (b"application/yaml", b"a: *x", Content("text", b"a: *x")),
])
def test_what_a_body_means(kind: bytes, body: bytes, wanted: Content) -> None:
    assert lifted(body, kind) == wanted


@pytest.mark.parametrize(("encoding", "body"), [
    (b"gzip", gzip.compress(b"[1]")), (b"x-gzip", gzip.compress(b"[") + gzip.compress(b"1]")),
    (b"deflate", zlib.compress(b"[1]")), (b"deflate", zlib.compress(b"[1]", wbits=-15)), (b"identity", b"[1]"),
    (b"deflate, gzip", gzip.compress(zlib.compress(b"[1]")))])
def test_compressed_bodies_are_decoded(encoding: bytes, body: bytes) -> None:
    assert lifted(body, encoding=encoding) == Content("json", [1])


@pytest.mark.parametrize(("encoding", "body"), [
    (b"gzip", gzip.compress(b"[1]")[:-9]), (b"gzip", b"[1]"), (b"deflate", b"\xff"), (b"br", b"x"),
    (b"gzip, gzip, gzip, gzip", b"x")])
def test_broken_and_unknown_encodings_are_unreadable(encoding: bytes, body: bytes) -> None:
    assert lifted(body, encoding=encoding).kind == "unreadable"


def test_a_bomb_is_too_large() -> None:
    bomb = gzip.compress(gzip.compress(bytes(200_000_000), 9), 9)
    assert lifted(bomb, encoding=b"gzip, gzip").kind == "too_large"
    assert lifted(b"[" + b"1," * LIMIT + b"1]").kind == "too_large"


def test_numbers_that_are_hard() -> None:
    body = b'[NaN, -Infinity, 12345678901234567890123, ' + b"9" * 6000 + b", 1e400, -0.0]"
    content = lifted(body)
    assert content.kind == "json"
    assert [bytes(x) if isinstance(x, Raw) else x for x in content.data] == [
        b"NaN", b"-Infinity", 12345678901234567890123, b"9" * 6000, b"1e400", b"-0.0"]


def test_broken_texts_can_be_shown_and_differ() -> None:
    assert lifted(b'["\\ud800", "\xff", "\\ud83d\\ude00"]').data == ["\\ud800", "\\udcff", "😀"]


@pytest.mark.parametrize("body", [
    b"[" * 1_000_000, b"[" * 500_000 + b"]" * 500_000, b'{"a":' * 300 + b"1" + b"}" * 300, b"[" * 102 + b"]" * 102])
def test_deep_nesting_is_text(body: bytes) -> None:
    assert lift([(b"Content-Type", b"application/json")], body, 2_000_000).kind == "text"


def test_deep_xml_is_text() -> None:
    assert lifted(b"<a>" * 5000 + b"</a>" * 5000, b"text/xml").kind == "text"


def test_entities_are_not_expanded() -> None:
    body = b'<!DOCTYPE a [<!ENTITY x "yy"><!ENTITY z "&x;&x;">]><a>&z;</a>'
    assert lifted(body, b"text/xml").kind == "text"


KINDS = [b"application/json", b"text/xml", b"application/yaml", b"", b"text/plain", b"text/x; charset=shift_jis",
         b"application/json; charset=utf-16"]  # fmt: skip


@given(st.binary(max_size=300), st.sampled_from(KINDS),
       st.sampled_from([b"", b"gzip", b"deflate", b"br", b"\xff,,"]))
def test_any_bytes_have_a_meaning(body: bytes, kind: bytes, encoding: bytes) -> None:
    assert isinstance(lifted(body, kind, encoding), Content)


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_any_headers_will_do(kind: bytes, encoding: bytes, body: bytes) -> None:
    assert isinstance(lift([(b"content-type", kind), (b"CONTENT-ENCODING", encoding)], body, LIMIT), Content)


def test_shallow() -> None:
    assert shallow({"a": [[], {"b": 1}]}) and shallow(1)
