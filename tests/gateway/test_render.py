"""From replies to bytes, by ``output_encoding``."""

from __future__ import annotations

from typing import Any

import pytest

from tests.config.reading import backend, config, endpoint, read
from understudy.gateway.render import JSON, TEXT, XML, YAML, negotiated, renderer
from understudy.gateway.types import Reply
from understudy.http.values import Request


def asking(accept: str | None = None) -> Request:
    """A request, with an Accept field or without."""
    return Request(b"GET", b"/", [(b"Accept", accept.encode())] if accept is not None else [], b"")


DATA = {"b": 1, "a": "<"}


@pytest.mark.parametrize(
    ("encoding", "reply", "kind", "body"),
    [
        ("json", Reply(DATA), JSON, b'{"a":"\\u003c","b":1}'),
        ("json", Reply(None), JSON, b"null"),
        ("json", None, JSON, b"{}"),
        ("json", Reply(raw=b'{"ready":1}'), JSON, b'{"ready":1}'),
        ("json-collection", Reply({"collection": [1]}), JSON, b"[1]"),
        ("json-collection", Reply({"a": 1}), JSON, b"[]"),
        ("json-collection", None, JSON, b"[]"),
        ("string", Reply({"content": "é"}), TEXT, "é".encode()),
        ("string", Reply({"content": 1}), TEXT, b""),
        ("string", None, TEXT, b""),
        ("xml", Reply(DATA), XML, b"<doc><a>&lt;</a><b>1</b></doc>"),
        ("xml", None, XML, b"<doc/>"),
        ("yaml", Reply(DATA), YAML, b'a: <\nb: "1"\n'),
        ("yaml", None, YAML, b"{}\n"),
    ],
)
def test_each_encoding(encoding: str, reply: Reply | None, kind: bytes, body: bytes) -> None:
    """Also for replies without data, and without a reply."""
    service = read(config(endpoint(output_encoding=encoding)))
    assert renderer(service.endpoints[0], service)(reply, asking()) == (kind, body)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, JSON), ("application/json", JSON), ("*/*", JSON), ("application/xml", XML), ("text/plain", YAML),
        ("text/*;q=0.1, application/json", YAML), ("image/png", JSON), ("image/png, application/xml;q=0.5", XML),
        ("application/x-yaml", YAML), ("", JSON),
    ],
)  # fmt: skip
def test_the_first_known_type_is_negotiated(accept: str | None, kind: bytes) -> None:
    """Quality values do not count, as in KrakenD."""
    assert negotiated(Reply(DATA), asking(accept))[0] == kind


@pytest.mark.parametrize(
    ("backends", "kind"),
    [
        ([backend(encoding="string")], TEXT),
        ([backend(encoding="xml")], XML),
        ([backend(encoding="rss")], JSON),
        ([backend(encoding="xml"), backend(encoding="xml")], JSON),
    ],
)
def test_an_unknown_encoding_falls_back_to_the_only_backends(backends: Any, kind: bytes) -> None:
    """And to JSON when there are several."""
    service = read(config(endpoint(*backends, output_encoding="unheard-of")))
    assert renderer(service.endpoints[0], service)(Reply({"a": 1, "content": "x"}), asking())[0] == kind
