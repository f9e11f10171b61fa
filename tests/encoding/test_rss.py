"""Feeds become data with gofeed's names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.encoding import rss
from understudy.errors import BadAnswer

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>http://h/</link>
<description>All of it</description><language>en</language><copyright>c</copyright>
<image><url>http://h/i.png</url><title>t</title><link>http://h/</link></image>
<item><title>One</title><link>http://h/1</link><description>d</description><guid>id1</guid>
<category>x</category><category>y</category><pubDate>Mon, 06 Sep 2021 16:45:00 +0000</pubDate></item>
<item><title>Two</title></item></channel></rss>"""
ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Log</title><id>i</id>
<subtitle>s</subtitle><author><name>Ann</name><email>a@h</email></author><updated>2021-09-06T16:45:00Z</updated>
<entry><title>One</title><id>e1</id><link href="http://h/1"/><updated>2021-09-06T16:45:00Z</updated>
<content type="text">words</content></entry></feed>"""


def test_rss_2() -> None:
    """Channel and items."""
    feed = rss.decode(RSS)
    assert (feed["type"], feed["title"], feed["description"], feed["language"], feed["copyright"], feed["img_url"]) == (
        "rss", "News", "All of it", "en", "c", "http://h/i.png",
    )  # fmt: skip
    one, two = feed["items"]
    assert one == {
        "title": "One", "description": "d", "link": "http://h/1", "links": ["http://h/1"], "guid": "id1",
        "categories": ["x", "y"], "published": "Mon, 06 Sep 2021 16:45:00 +0000",
        "publishedParsed": "2021-09-06T16:45:00Z",
    }  # fmt: skip
    assert two == {"title": "Two"}


def test_atom() -> None:
    """Feed and entries; what is updated counts as published."""
    feed = rss.decode(ATOM)
    assert (feed["type"], feed["title"], feed["author"]) == ("atom", "Log", {"name": "Ann", "email": "a@h"})
    [entry] = feed["items"]
    assert (entry["content"], entry["guid"], entry["publishedParsed"]) == ("words", "e1", "2021-09-06T16:45:00Z")


@pytest.mark.parametrize("body", [b"", b"{}", b"<html><body>no feed</body></html>", b"\x00\xff"])
def test_what_is_no_feed_is_refused(body: bytes) -> None:
    """In gofeed's words."""
    with pytest.raises(BadAnswer, match="Failed to detect feed type"):
        rss.decode(body)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_damaged_feed_is_data_or_a_bad_answer(data: st.DataObject) -> None:
    """Nothing else is raised."""
    body = bytearray(data.draw(st.sampled_from([RSS, ATOM])))
    at = data.draw(st.integers(0, len(body) - 20))
    body[at : at + data.draw(st.integers(1, 20))] = data.draw(st.binary(max_size=5))
    try:
        assert rss.decode(bytes(body))["type"] in ("rss", "atom")
    except BadAnswer:
        pass
