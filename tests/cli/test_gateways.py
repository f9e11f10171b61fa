"""Finding a gateway that runs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from understudy.cli.gateways import Gateway, NoAnswer, admin_url, chosen, gateway, path_of
from understudy.process import running
from understudy.process.running import Running


def there(config: str = "/a.json", admin: str | None = "127.0.0.1:8091", **more: Any) -> Running:
    return Running(pid=os.getpid(), config=config, service=":8080", admin=admin, **more)


A, B = there("/a.json"), there("/b.json", "127.0.0.1:8092")


@pytest.mark.parametrize(("found", "config", "which"), [
    ([A], None, A), ([A, B], "/b.json", B), ([A, B], "/x/../a.json", A),
])
def test_the_one_that_is_meant(found: list[Running], config: str | None, which: Running) -> None:
    assert chosen(found, config) is which


@pytest.mark.parametrize(("found", "config", "said"), [
    ([], None, "No gateway of this user runs on this machine. Start one, or say where it is with --admin URL."),
    ([A, B], None, "2 gateways run; choose one with -c FILE or --admin URL: /a.json (http://127.0.0.1:8091), /b.json"),
    ([], "/c.json", "No gateway of this user runs with /c.json."),
    ([A], "/c.json", "Others do: /a.json (http://127.0.0.1:8091)."),
    ([A, A], "/a.json", "2 gateways run; choose one"),
])
def test_nobody_and_several_are_told_in_a_sentence(found: list[Running], config: str | None, said: str) -> None:
    with pytest.raises(NoAnswer) as told:
        chosen(found, config)
    assert said in str(told.value)


@pytest.mark.parametrize(("address", "url"), [
    ("127.0.0.1:8091", "http://127.0.0.1:8091"), ("0.0.0.0:8091", "http://127.0.0.1:8091"),
    (":8091", "http://127.0.0.1:8091"), ("[::]:8091", "http://[::1]:8091"), ("[::1]:8091", "http://[::1]:8091"),
    ("10.0.0.1:1", "http://10.0.0.1:1"),
])
def test_an_admin_side_on_every_address_is_reached_on_this_machine(address: str, url: str) -> None:
    assert admin_url(there(admin=address)) == url


def test_one_without_an_admin_side_says_so() -> None:
    with pytest.raises(NoAnswer, match="has no admin side"):
        admin_url(there(admin=None))


def test_running_files_are_what_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    with pytest.raises(NoAnswer):
        gateway(None, None, None)
    running.write(running.own_folder(os.environ), there(admin="127.0.0.1:7"))
    assert gateway(None, None, None).url == gateway("/a.json", None, None).url == "http://127.0.0.1:7"


@pytest.mark.parametrize(("admin", "url"), [("http://h:1/", "http://h:1"), ("h:1", "http://h:1"),
                                            ("https://h", "https://h")])
def test_it_can_be_said_where_it_is(admin: str, url: str) -> None:
    assert gateway(None, admin, None).url == url


@pytest.mark.parametrize("admin", ["ftp://h", "http://", "//"])
def test_what_is_no_address_is_refused(admin: str) -> None:
    with pytest.raises(NoAnswer, match="is no address of an admin side"):
        gateway(None, admin, None)


class Scripted(BaseHTTPRequestHandler):
    status, body = 200, b'{"ok": 1}'
    asked: ClassVar[list[tuple[str, str, str | None]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, self.headers["Authorization"]))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        return


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Scripted)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_token_goes_along(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Scripted, "asked", asked := [])
    assert Gateway(url, "t").get("/api/x") == {"ok": 1} and Gateway(url).post("/api/y", {"a": 1}) == {"ok": 1}
    assert asked == [("GET", "/api/x", "Bearer t"), ("POST", "/api/y", None)]


@pytest.mark.parametrize(("status", "body", "said"), [
    (401, b"{}", "wants its token: say --token TOKEN, or set UNDERSTUDY_ADMIN_TOKEN"),
    (409, b'{"error": "No."}', "No."), (500, b"<html>", "answers with status 500"), (404, b"[]", "with status 404"),
    (200, b"<html>", "is not the admin side of a gateway"),
])
def test_other_answers_are_sentences(url: str, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes,
                                     said: str) -> None:
    monkeypatch.setattr(Scripted, "status", status)
    monkeypatch.setattr(Scripted, "body", body)
    with pytest.raises(NoAnswer, match=said):
        Gateway(url).get("/api/x")


def test_silence_is_a_sentence_too() -> None:
    with pytest.raises(NoAnswer, match=r"at http://127.0.0.1:9 does not answer: .*refused"):
        Gateway("http://127.0.0.1:9").get("/api/x")


def test_names_with_odd_letters_have_a_path() -> None:
    assert path_of("shadows", "a/b c?") == "/api/shadows/a/b%20c%3F"
