"""Lines of the access log."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telemetry.collected import Collected
from understudy.http.values import Request
from understudy.telemetry.access import AccessLog, elapsed, quoted


def request(target: bytes = b"/a?b=c", peer: str = "10.0.0.9") -> Request:
    return Request(b"GET", target, [], b"", host=b"api.example", peer=peer)


def test_the_line_has_the_form_that_krakends_users_know() -> None:
    out = Collected()
    AccessLog(out, clock=lambda: 0.0).record(request(), 200, 0.0012, "127.0.0.1")
    assert re.fullmatch(
        r'\[GIN\] \d{4}/\d\d/\d\d - \d\d:\d\d:\d\d \| 200 \|       1\.200ms \|       127\.0\.0\.1 \| '
        r'GET      "/a\?b=c"\n', out.text
    )  # fmt: skip


def test_errors_follow_in_lines_of_their_own() -> None:
    out = Collected()
    AccessLog(out).record(request(), 500, 0.1, "127.0.0.1", ("first\nforged", "second"))
    assert out.text.splitlines()[1:] == ["Error #01: first\\nforged", "Error #02: second"]


def test_without_a_known_client_the_sockets_address_stands_there() -> None:
    out = Collected()
    AccessLog(out).record(request(), 400, 0.1, "")
    assert "|        10.0.0.9 |" in out.text


def test_paths_can_be_left_out_whatever_their_query() -> None:
    out = Collected()
    log = AccessLog(out, skip=("/__health",))
    log.record(request(b"/__health?x"), 200, 0.1, "a")
    log.record(request(b"/__health/"), 200, 0.1, "a")
    assert len(out.lines) == 1


def test_as_json_it_is_one_object() -> None:
    out = Collected()
    AccessLog(out, "json", clock=lambda: 5.0).record(request(b'/"\xff'), 502, 0.25, "1.2.3.4", ("it\nbroke",))
    assert out.text.count("\n") == 1
    assert json.loads(out.text) == {
        "time": 5.0, "status": 502, "seconds": 0.25, "client": "1.2.3.4", "method": "GET", "target": '/"\xff',
        "host": "api.example", "errors": ["it\nbroke"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0000105, "10.50µs"), (0.0009, "900.00µs"), (0.0012, "1.200ms"), (0.9994, "999.400ms"), (1.5, "1.500s"),
     (59.9, "59.900s"), (63, "1m3s"), (3725, "1h2m5s")],
)  # fmt: skip
def test_durations_read_as_gos(seconds: float, said: str) -> None:
    assert elapsed(seconds).decode() == said


@given(st.binary())
def test_a_target_cannot_end_its_quotes_or_its_line(target: bytes) -> None:
    out = Collected()
    AccessLog(out).record(request(target.replace(b"\n", b"").replace(b"\r", b"")), 200, 0.1, "a")
    body = out.text.partition('"')[2].removesuffix('"\n')
    assert "\n" not in body
    assert not re.search(r'(?<!\\)(\\\\)*"', body)


def test_quoting() -> None:
    assert quoted(b'/a"b\\c\xe9') == b'/a\\"b\\\\c\\xe9'
