"""XML in and out, against the standard library's parser."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.encoding import xml
from understudy.errors import BadAnswer

NAMES = st.text("abcxyz", min_size=1, max_size=3)
TEXTS = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc", "Zs"]), max_size=6
)
TREES = st.recursive(
    st.tuples(NAMES, st.dictionaries(NAMES, TEXTS, max_size=2), TEXTS, st.just(())),
    lambda inner: st.tuples(NAMES, st.dictionaries(NAMES, TEXTS, max_size=2), TEXTS, st.lists(inner, max_size=3)),
    max_leaves=6,
)


def written(tree: Any) -> str:
    """The tree as a document."""
    name, attributes, text, children = tree
    inside = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{inside}>{escape(text)}{''.join(map(written, children))}</{name}>"


def expected(element: ElementTree.Element) -> Any:
    """By mxj's conventions, from the standard library's tree."""
    text = (element.text or "").strip()
    out: dict[str, Any] = {f"-{key}": value for key, value in element.attrib.items()}
    for child in element:
        value = expected(child)
        if child.tag in out:
            if not isinstance(out[child.tag], list):
                out[child.tag] = [out[child.tag]]
            out[child.tag].append(value)
        else:
            out[child.tag] = value
    if not out:
        return text
    return {**out, "#text": text} if text else out


@given(TREES)
def test_documents_become_data_by_mxjs_conventions(tree: Any) -> None:
    """Attributes with a dash, text beside them as ``#text``, repeats as lists."""
    document = written(tree)
    root = ElementTree.fromstring(document)
    assert xml.decode(document.encode()) == {root.tag: expected(root)}


@given(TREES)
def test_what_was_read_is_written_as_the_same_document(tree: Any) -> None:
    """But for the order of elements."""
    data = xml.decode(written(tree).encode())
    assert xml.decode(xml.encode(data)) == data


@given(st.binary(max_size=40))
def test_any_bytes_are_data_or_a_bad_answer(body: bytes) -> None:
    """Nothing else is raised."""
    try:
        assert isinstance(xml.decode(body), dict)
    except BadAnswer as error:
        assert error.reason == "decode"


BOMB = b'<!DOCTYPE a [<!ENTITY x "yy"><!ENTITY z "&x;&x;">]><a>&z;</a>'
OUTSIDE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


@pytest.mark.parametrize("body", [b"", b"  ", b"<a>", b"{}", b"<a></b>", BOMB, OUTSIDE, b"<a>" * 100_000])
def test_what_is_no_document_or_a_bomb_is_refused(body: bytes) -> None:
    """In a sentence, not a crash."""
    with pytest.raises(BadAnswer):
        xml.decode(body)


def test_prefixes_of_namespaces_are_dropped() -> None:
    """Of elements and attributes."""
    body = b'<s:a xmlns:s="urn:x"><s:b s:c="1">t</s:b></s:a>'
    assert xml.decode(body) == {"a": {"-s": "urn:x", "b": {"-c": "1", "#text": "t"}}}


@pytest.mark.parametrize(
    ("data", "document"),
    [
        (None, b"<doc/>"),
        ({}, b"<doc/>"),
        ({"a": 1}, b"<a>1</a>"),
        ({"b": 1, "a": True}, b"<doc><a>true</a><b>1</b></doc>"),
        ({"a": [1, msgspec.Raw(b"2.50")]}, b"<a>1</a><a>2.50</a>"),
        ({"a": None}, b"<a/>"),
        ({"a": {"-x": '<"&', "#text": "t>"}}, b'<a x="&lt;&quot;&amp;">t&gt;</a>'),
        (xml.Ordered({"b": 1, "a": 2}), b"<doc><b>1</b><a>2</a></doc>"),
        ({"a": {}}, b"<a/>"),
    ],
)
def test_data_becomes_documents(data: Any, document: bytes) -> None:
    """The only key is the root, several stand in ``doc``."""
    assert xml.encode(data) == document


def test_too_deep_to_write_is_a_bad_answer() -> None:
    """No recursion error gets out."""
    deep: Any = 1
    for _ in range(2000):
        deep = {"a": deep}
    with pytest.raises(BadAnswer, match="deep"):
        xml.encode(deep)
