"""Answers of backends that must not reach a client: what is sent back, by name. The connection is closed afterwards."""

from __future__ import annotations

OK = b"HTTP/1.1 200 OK\r\n"
JSON = OK + b"Content-Type: application/json\r\n"
CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n\r\n"

BAD: dict[str, bytes] = {
    # the status line
    "nothing": b"",
    "an empty line": b"\r\n",
    "not HTTP": b"hello\r\n\r\n",
    "binary": bytes(range(128, 192)) + b"\r\n\r\n",
    "HTTP/0.9": b'{"a":1}',
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.7": b"HTTP/1.7 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "lower case protocol": b"http/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "no status": b"HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
    "a word as status": b"HTTP/1.1 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status 20": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status 2000": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status 099": b"HTTP/1.1 099 Low\r\nContent-Length: 2\r\n\r\n{}",
    "a negative status": b"HTTP/1.1 -200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "another protocol": b"ICY 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "TLS": b"\x15\x03\x03\x00\x02\x02\x28",
    # line ends and fields
    "bare LF": b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    "a bare LF after a field": OK + b"Content-Length: 2\n\r\n{}",
    "bare CR in a value": JSON + b"X: a\rSet-Cookie: b=c\r\nContent-Length: 2\r\n\r\n{}",
    "NUL in a value": JSON + b"X: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "a control byte in a value": JSON + b"X: a\x01b\r\nContent-Length: 2\r\n\r\n{}",
    "blank before the colon": JSON + b"Content-Length : 2\r\n\r\n{}",
    "obs-fold": JSON + b"X: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
    "no colon": JSON + b"Xabc\r\nContent-Length: 2\r\n\r\n{}",
    "empty name": JSON + b": a\r\nContent-Length: 2\r\n\r\n{}",
    "a blank in a name": JSON + b"X Y: a\r\nContent-Length: 2\r\n\r\n{}",
    # lengths
    "two lengths that agree": JSON + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "two lengths that differ": JSON + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a list of lengths": JSON + b"Content-Length: 2, 2\r\n\r\n{}",
    "a negative length": JSON + b"Content-Length: -2\r\n\r\n{}",
    "a length with a sign": JSON + b"Content-Length: +2\r\n\r\n{}",
    "a hexadecimal length": JSON + b"Content-Length: 0x2\r\n\r\n{}",
    "a length beyond 64 bits": JSON + b"Content-Length: 18446744073709551618\r\n\r\n{}",
    "length and chunks": JSON + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "gzip as transfer coding": JSON + b"Transfer-Encoding: gzip\r\n\r\n{}",
    "two transfer codings": JSON + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "chunks on HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    # bodies
    "shorter than declared": JSON + b"Content-Length: 100\r\n\r\n{}",
    "chunks without an end": CHUNKED + b"2\r\n{}\r\n",
    "a chunk cut short": CHUNKED + b"ff\r\n{}",
    "a bad chunk size": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "a chunk size that overflows": CHUNKED + b"10000000000000002\r\n{}\r\n0\r\n\r\n",
    "bare LF after a chunk": CHUNKED + b"2\r\n{}\n0\r\n\r\n",
    "no line end after a chunk": CHUNKED + b"2\r\n{}}\r\n0\r\n\r\n",
    # limits and upgrades
    "a head of two megabytes": OK + b"X: " + b"a" * (2 << 20) + b"\r\n\r\n",
    "2,000 fields": OK + b"".join(b"X-%d: a\r\n" % i for i in range(2000)) + b"\r\n",
    "a flood of 1xx": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50,
    "an upgrade nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nabc",
    # encodings
    "gzip that is none": JSON + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
}  # fmt: skip
"""On a JSON endpoint each of these is a clean 500."""

NOT_ON_NOOP = frozenset(
    {"shorter than declared", "chunks without an end", "a chunk cut short", "a bad chunk size",
     "a chunk size that overflows", "bare LF after a chunk", "no line end after a chunk", "gzip that is none"}
)  # fmt: skip
"""Where the head is good and the body is not: a no-op endpoint has already begun its answer, and can only cut it."""
