"""Requests that must not be served: what is sent, and the status of the answer after which the connection is closed."""

from __future__ import annotations

H = b"Host: a\r\n"
GET = b"GET /json/1 HTTP/1.1\r\n" + H
POST = b"POST /post HTTP/1.1\r\n" + H
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

CASES: dict[str, tuple[bytes, int]] = {
    # the request line
    "no version": (b"GET /\r\n\r\n", 400),
    "HTTP/0.9": (b"GET / HTTP/0.9\r\n" + H + b"\r\n", 400),
    "HTTP/2.0 in a line": (b"GET / HTTP/2.0\r\n" + H + b"\r\n", 400),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n" + H + b"\r\n", 400),
    "lower case protocol": (b"GET / http/1.1\r\n" + H + b"\r\n", 400),
    "two blanks before the version": (b"GET /json/1  HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a tab as separator": (b"GET\t/json/1\tHTTP/1.1\r\n" + H + b"\r\n", 400),
    "blank before the method": (b" GET /json/1 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "no target": (b"GET HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a target without a slash": (b"GET json/1 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "star for GET": (b"GET * HTTP/1.1\r\n" + H + b"\r\n", 400),
    "raw UTF-8 in the target": (b"GET /json/\xc3\xa9 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a control byte in the target": (b"GET /json/\x01 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a DEL in the target": (b"GET /json/\x7f HTTP/1.1\r\n" + H + b"\r\n", 400),
    "another scheme in the target": (b"GET ftp://a/json/1 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a bad escape in the path": (b"GET /json/%zz HTTP/1.1\r\n" + H + b"\r\n", 400),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "a method with a parenthesis": (b"GE(T /json/1 HTTP/1.1\r\n" + H + b"\r\n", 400),
    "binary": (bytes(range(1, 10)) * 4 + b"\r\n\r\n", 400),
    "TLS on the clear port": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 40, 400),
    # line ends
    "bare LF after the request line": (b"GET /json/1 HTTP/1.1\n" + H + b"\r\n", 400),
    "bare LF after a field": (b"GET /json/1 HTTP/1.1\r\nHost: a\n\r\n", 400),
    "bare LF everywhere": (b"GET /json/1 HTTP/1.1\nHost: a\n\n", 400),
    "bare CR in a value": (GET + b"X: a\rb\r\n\r\n", 400),
    "NUL in a value": (GET + b"X: a\x00b\r\n\r\n", 400),
    "a control byte in a value": (GET + b"X: a\x01b\r\n\r\n", 400),
    # fields
    "blank before the colon": (GET + b"X : a\r\n\r\n", 400),
    "tab before the colon": (GET + b"X\t: a\r\n\r\n", 400),
    "obs-fold": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "obs-fold with a tab": (GET + b"X: a\r\n\tb\r\n\r\n", 400),
    "a field that begins with a blank": (b"GET /json/1 HTTP/1.1\r\n X: a\r\n" + H + b"\r\n", 400),
    "no colon": (GET + b"Xabc\r\n\r\n", 400),
    "empty name": (GET + b": a\r\n\r\n", 400),
    "a parenthesis in a name": (GET + b"X(: a\r\n\r\n", 400),
    "a control byte in a name": (GET + b"X\x01: a\r\n\r\n", 400),
    "UTF-8 in a name": (GET + b"\xc3\xa9: a\r\n\r\n", 400),
    # Host
    "no Host": (b"GET /json/1 HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (GET + H + b"\r\n", 400),
    "two different Hosts": (GET + b"Host: b\r\n\r\n", 400),
    "a path in Host": (b"GET /json/1 HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "a blank in Host": (b"GET /json/1 HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    "userinfo in Host": (b"GET /json/1 HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
    # lengths
    "two Content-Lengths that agree": (POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
    "two Content-Lengths that differ": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na", 400),
    "a list of Content-Lengths": (POST + b"Content-Length: 1, 1\r\n\r\na", 400),
    "a sign before Content-Length": (POST + b"Content-Length: +1\r\n\r\na", 400),
    "a negative Content-Length": (POST + b"Content-Length: -1\r\n\r\na", 400),
    "hexadecimal Content-Length": (POST + b"Content-Length: 0x1\r\n\r\na", 400),
    "a letter in Content-Length": (POST + b"Content-Length: 1a\r\n\r\na", 400),
    "empty Content-Length": (POST + b"Content-Length:\r\n\r\n", 400),
    "Content-Length beyond 64 bits": (POST + b"Content-Length: 18446744073709551617\r\n\r\na", 400),
    "Content-Length and chunked": (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunked and Content-Length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n", 400),
    "Transfer-Encoding: gzip": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 400),
    "Transfer-Encoding: gzip, chunked": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400),
    "Transfer-Encoding: chunked, chunked": (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    "Transfer-Encoding: xchunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "Transfer-Encoding: identity": (POST + b"Transfer-Encoding: identity\r\n\r\n", 400),
    "two Transfer-Encodings": (POST + 2 * b"Transfer-Encoding: chunked\r\n" + b"\r\n0\r\n\r\n", 400),
    "chunked on HTTP/1.0": (b"POST /post HTTP/1.0\r\n" + H + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "an unknown expectation": (POST + b"Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n", 400),
    # upgrades
    "upgrade with a length": (
        GET + b"Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n\r\nabc", 400),
    "upgrade with chunks": (
        GET + b"Connection: upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    # sizes
    "a target of 70,000 bytes": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n" + H + b"\r\n", 414),
    "300 fields": (GET + b"".join(b"X-%d: a\r\n" % i for i in range(300)) + b"\r\n", 431),
    "a field of two megabytes": (GET + b"X: " + b"a" * (2 << 20) + b"\r\n\r\n", 431),
}  # fmt: skip
"""By name: bytes, and the status of the only answer."""

CHUNKS: dict[str, bytes] = {
    "a chunk size with a prefix": CHUNKED + b"0x1\r\na\r\n0\r\n\r\n",
    "a chunk size with a sign": CHUNKED + b"+1\r\na\r\n0\r\n\r\n",
    "a chunk size that overflows": CHUNKED + b"10000000000000002\r\naa\r\n0\r\n\r\n",
    "an empty chunk size": CHUNKED + b"\r\na\r\n0\r\n\r\n",
    "bare LF after a chunk size": CHUNKED + b"1\na\r\n0\r\n\r\n",
    "bare LF after a chunk": CHUNKED + b"1\r\na\n0\r\n\r\n",
    "no line end after a chunk": CHUNKED + b"1\r\nab\r\n0\r\n\r\n",
    "bare LF in a chunk extension": CHUNKED + b"1;a\nb\r\na\r\n0\r\n\r\n",
    "letters as a chunk size": CHUNKED + b"zz\r\na\r\n0\r\n\r\n",
    "a bad trailer": CHUNKED + b"0\r\nX : a\r\n\r\n",
}
"""Bodies that go wrong: the answer is 400 (or none, when it was already under way), and the connection is closed."""
