"""RSS and Atom feeds to data, with the field names of gofeed, which KrakenD uses."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from typing import Any

from understudy.errors import BadAnswer


def decode(body: bytes) -> dict[str, Any]:
    """A feed as data; raises ``BadAnswer`` when it is none."""
    # Imported where it is needed: it is slow to import and few configurations read feeds.
    import feedparser

    parsed = feedparser.parse(body, sanitize_html=False, resolve_relative_uris=False)
    kind = str(parsed.get("version") or "")
    if not kind:
        raise BadAnswer("Failed to detect feed type", "decode")
    feed = parsed.feed
    atom = kind.startswith("atom")
    out: dict[str, Any] = {
        "author": _person(feed),
        "categories": _categories(feed),
        "copyright": feed.get("rights", ""),
        "custom": None,
        "description": feed.get("subtitle", feed.get("description", "")),
        "items": [_item(entry, atom) for entry in parsed.entries],
        "language": feed.get("language", ""),
        "published": feed.get("published", ""),
        "title": feed.get("title", ""),
        "type": "atom" if atom else "rss",
        "updated": _own(feed, "updated") or "",
    }
    image = feed.get("image", {}).get("href") or feed.get("logo")
    if image:
        out["img_url"] = image
    return out


def _item(entry: Any, atom: bool) -> dict[str, Any]:
    out: dict[str, Any] = {}
    published, parsed = entry.get("published"), entry.get("published_parsed")
    if atom and not published:
        published, parsed = _own(entry, "updated"), _own(entry, "updated_parsed")
    content = entry.get("content") or []
    links = [link["href"] for link in entry.get("links", ()) if link.get("href") and link.get("rel") != "enclosure"]
    fields = {
        "title": entry.get("title"),
        # feedparser makes a summary of a content that has none; only a real one has details.
        "description": entry.get("summary") if "summary_detail" in entry else None,
        "content": content[0].get("value") if content else None,
        "link": entry.get("link") if links else None,
        "links": links,
        "updated": _own(entry, "updated"),
        "updatedParsed": _time(_own(entry, "updated_parsed")),
        "published": published,
        "publishedParsed": _time(parsed),
        "author": _person(entry),
        "guid": entry.get("id"),
        "categories": _categories(entry),
    }
    out.update({key: value for key, value in fields.items() if value})
    return out


def _own(thing: Any, name: str) -> Any:
    """What stands under exactly this name: feedparser's own look-up maps some names to others, and warns of it."""
    return dict.get(thing, name)


def _time(value: Any) -> str | None:
    if value is None:
        return None
    return datetime.fromtimestamp(calendar.timegm(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _person(thing: Any) -> dict[str, Any] | None:
    detail = thing.get("author_detail") or {}
    person = {k: v for k, v in (("name", detail.get("name")), ("email", detail.get("email"))) if v}
    return person or None


def _categories(thing: Any) -> list[str] | None:
    return [tag["term"] for tag in thing.get("tags", ()) if tag.get("term")] or None
