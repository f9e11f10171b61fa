"""A gateway as an operator sees it: real processes, real signals."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.process.load import Load
from understudy.process import running
from understudy.testing.backend import Backend, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway, free_port

OK = reply({"ok": True})


def config(backend: str, *, shadow: str | None = None, **service: Any) -> dict[str, Any]:
    """One endpoint, with a shadow when told where."""
    backends: list[dict[str, Any]] = [{"url_pattern": "/a", "host": [backend]}]
    if shadow is not None:
        backends.append({"url_pattern": "/b", "host": [shadow], "extra_config": {"proxy": {"shadow": True}}})
    return {
        "version": 3, "timeout": "5s", "endpoints": [{"endpoint": "/a", "backend": backends}],
        "extra_config": {"understudy/service": {"access_log": False, **service}},
    }  # fmt: skip


async def until(what: Any, seconds: float = 15.0) -> Any:
    """Waits until an awaitable function gives something true."""
    async with asyncio.timeout(seconds):
        while not (found := await what()):
            await asyncio.sleep(0.02)
    return found


async def test_sigterm_fails_no_request_of_busy_connections() -> None:
    """Every request that was sent is answered; the gateway ends with 0."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url, workers=2)) as gateway:
        async with Load(gateway.port) as load:
            await load.more(200)
            load.ending = True
            assert await gateway.stop() == 0
        assert load.failures == []
        assert load.closed_politely > 0


async def test_sigterm_waits_for_a_slow_answer() -> None:
    """A request that is under way when the order comes is answered, and only then the gateway ends."""
    arrived, released = asyncio.Event(), asyncio.Event()

    async def slow(seen: Any, reader: Any, writer: asyncio.StreamWriter) -> bool:
        arrived.set()
        await released.wait()
        writer.write(reply({"slow": 1}))
        return True

    async with (
        Backend(slow) as backend,
        RunningGateway(config(backend.url)) as gateway,
        Client(gateway.port) as client,
    ):
        asking = asyncio.create_task(client.get("/a"))
        await arrived.wait()
        stopping = asyncio.create_task(gateway.stop())
        await until(lambda: _said(gateway, "stopping"))
        released.set()
        got = await asking
        assert (got.status, got.body) == (200, b'{"slow":1}')
        assert await stopping == 0


async def test_a_second_sigterm_ends_at_once() -> None:
    """Even while a backend hangs."""
    arrived = asyncio.Event()

    async def hang(seen: Any, reader: Any, writer: Any) -> bool:
        arrived.set()
        await asyncio.Event().wait()
        return False

    async with (
        Backend(hang) as backend,
        RunningGateway({**config(backend.url), "timeout": "1h"}) as gateway,
        Client(gateway.port) as client,
    ):
        asking = asyncio.create_task(client.get("/a"))
        await arrived.wait()
        gateway.process.send_signal(signal.SIGTERM)
        await until(lambda: _said(gateway, "stopping"))
        gateway.process.send_signal(signal.SIGTERM)
        assert await gateway.process.wait() == 0
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await asking


async def test_max_shutdown_wait_time_is_honoured() -> None:
    """What takes longer is cut."""
    arrived = asyncio.Event()

    async def hang(seen: Any, reader: Any, writer: Any) -> bool:
        arrived.set()
        await asyncio.Event().wait()
        return False

    settings = {**config(""), "timeout": "1h", "max_shutdown_wait_time": "300ms"}
    async with Backend(hang) as backend:
        settings["endpoints"][0]["backend"][0]["host"] = [backend.url]
        async with RunningGateway(settings) as gateway, Client(gateway.port) as client:
            asking = asyncio.create_task(client.get("/a"))
            await arrived.wait()
            assert await gateway.stop() == 0
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await asking


async def test_sighup_changes_the_configuration_without_a_failed_request() -> None:
    """Under load; counters go on where they were."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url, workers=2)) as gateway:
        before = gateway.children()
        async with Load(gateway.port) as load:
            await load.more(200)
            for generation in (2, 3):
                changed = config(backend.url, workers=generation)
                changed["endpoints"].append({**changed["endpoints"][0], "endpoint": "/new"})
                gateway.write({**changed, "port": gateway.port})
                gateway.reload()
                await until(lambda number=generation: _in_force(gateway, number))
                await load.more(100)
        assert load.failures == []
        async with Client(gateway.port) as client:
            assert (await client.get("/new")).status == 200
        await until(lambda: _gone(gateway, before, "worker"))
        counted = await _metric(gateway, "understudy_requests_total", endpoint="/a")
        assert counted >= load.answers
        assert await _metric(gateway, "understudy_reloads_total", result="ok") == 2


async def _in_force(gateway: RunningGateway, number: int) -> bool:
    return bool((await gateway.admin_get("/api/config"))["generation"] == number)


async def _said(gateway: RunningGateway, text: str) -> bool:
    return text in gateway.log


async def _gone(gateway: RunningGateway, before: dict[int, str], kind: str) -> bool:
    return not {pid for pid, name in before.items() if kind in name} & set(gateway.children())


async def _metric(gateway: RunningGateway, family: str, **labels: str) -> float:
    total = 0.0
    for line in (await gateway.admin_get("/metrics")).splitlines():
        if line.startswith(family) and all(f'{k}="{v}"' in line for k, v in labels.items()):
            total += float(line.rpartition(" ")[2])
    return total


async def test_sighup_with_a_bad_file_leaves_the_old_configuration_running() -> None:
    """Every problem is named; users notice nothing."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url)) as gateway:
        worker = gateway.child("worker")
        gateway.path.write_text('{"version": 3, "timeout": "soon", "endpoints": [{"endpoint": "/a", "method": 3}]}')
        gateway.reload()
        await until(lambda: _said(gateway, "the old one stays"))
        assert "timeout" in gateway.log and "endpoints[0].method" in gateway.log
        async with Client(gateway.port) as client:
            assert (await client.get("/a")).status == 200
        assert gateway.child("worker") == worker
        assert await _metric(gateway, "understudy_reloads_total", result="failed") == 1


async def test_sighup_moves_to_another_port() -> None:
    """The new port serves; the old one is given back."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url)) as gateway:
        port = free_port()
        gateway.write({**config(backend.url), "port": port})
        gateway.reload()
        await until(lambda: _in_force(gateway, 2))
        async with Client(port) as client:
            assert (await client.get("/a")).status == 200
        await until(lambda: _refuses(gateway.port))


async def _refuses(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return True
    writer.close()
    return False


async def test_sighup_to_a_taken_port_leaves_the_old_configuration_running() -> None:
    """And says which port is taken."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url)) as gateway:
        gateway.write({**config(backend.url), "port": backend.port})
        gateway.reload()
        await until(lambda: _said(gateway, f":{backend.port}: it is taken"))
        async with Client(gateway.port) as client:
            assert (await client.get("/a")).status == 200


@pytest.mark.parametrize("kind", ["worker", "mirror", "admin"])
async def test_a_killed_child_comes_back_and_that_is_seen(kind: str) -> None:
    """In the log, in the metrics, among the events and in the table of children."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url, shadow=backend.url)) as gateway:
        first = gateway.child(kind)
        os.kill(first, signal.SIGKILL)

        async def is_back() -> bool:
            try:
                table = await gateway.admin_get("/api/children")
            except OSError:
                return False
            return any(c["kind"] == kind and c["pid"] not in (None, first) and c["phase"] == "ready" for c in table)

        await until(is_back)
        async with Client(gateway.port) as client:
            assert (await client.get("/a")).status == 200
        assert await _metric(gateway, "understudy_child_restarts_total", kind=kind) == 1
        assert any(e["kind"] == "crash" and "SIGKILL" in e["text"] for e in await gateway.admin_get("/api/events"))
        assert "SIGKILL" in gateway.log


async def test_counts_of_a_killed_worker_are_not_forgotten() -> None:
    """They stand in memory that the supervisor shares."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url)) as gateway:
        async with Client(gateway.port) as client:
            for _ in range(7):
                await client.get("/a")
            os.kill(gateway.child("worker"), signal.SIGKILL)
            await client.ended()
        async with Client(gateway.port) as client:
            await client.get("/a")
        await until(lambda: _counted(gateway, 8))


async def _counted(gateway: RunningGateway, number: int) -> bool:
    return await _metric(gateway, "understudy_requests_total", endpoint="/a", **{"class": "2xx"}) == number


async def test_a_client_that_comes_while_a_worker_is_dead_is_served_by_its_successor() -> None:
    """The door stays open: nobody is refused."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url)) as gateway:
        os.kill(gateway.child("worker"), signal.SIGKILL)
        async with Client(gateway.port) as client:
            assert (await client.get("/a")).status == 200


async def test_the_supervisor_leaks_no_descriptor() -> None:
    """Over reloads and crashes."""

    def open_now(pid: int) -> int:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    async with Backend(OK) as backend, RunningGateway(config(backend.url, shadow=backend.url)) as gateway:
        before, children = open_now(gateway.process.pid), len(gateway.children())
        for generation in (2, 3, 4):
            old = gateway.children()
            gateway.reload()
            await until(lambda number=generation: _in_force(gateway, number))
            await until(lambda old=old: _gone(gateway, old, "worker"))
            await until(lambda old=old: _gone(gateway, old, "mirror"))
        os.kill(gateway.child("worker"), signal.SIGKILL)
        await until(lambda: _metric(gateway, "understudy_child_restarts_total"))
        await until(gateway.ready)

        async def settled() -> bool:
            return open_now(gateway.process.pid) == before and len(gateway.children()) == children

        await until(settled)


async def test_two_gateways_with_default_settings_run_side_by_side() -> None:
    """The second takes a free admin port and names it; both are found by other commands."""
    settings = config("http://127.0.0.1:9999")
    async with RunningGateway(settings) as one, RunningGateway(settings) as two:
        assert one.admin != two.admin
        pids = {(await g.admin_get("/api/status"))["pid"] for g in (one, two)}
        assert pids == {one.process.pid, two.process.pid}
        found = {r.pid: f"http://{r.admin}" for r in running.found(os.environ)}
        assert (found[one.process.pid], found[two.process.pid]) == (one.admin, two.admin)


async def _refused_start(settings: dict[str, Any], folder: Path) -> str:
    """What a gateway that cannot start says; it must end with 1."""
    path = folder / "second.json"
    path.write_text(json.dumps(settings))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "understudy", "run", "-c", str(path),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 1, said.decode()
    return said.decode()


async def test_a_taken_service_port_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    """Also when a gateway of the same user has it, which could share it without a word."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url)) as gateway:
        said = await _refused_start({**config(backend.url), "port": gateway.port}, tmp_path)
        assert f"the gateway cannot listen on :{gateway.port}: it is taken; choose another" in said


async def test_a_configured_admin_port_that_is_taken_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    """A port that somebody chose is not replaced."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        said = await _refused_start({**config("http://127.0.0.1:9999", admin_port=port), "port": free_port()}, tmp_path)
        assert f"the admin side cannot listen on 127.0.0.1:{port}: it is taken; choose another" in said


async def test_both_ip_versions_and_a_unix_socket_are_served(tmp_path: Path) -> None:
    """All interfaces by default."""
    path = str(tmp_path / "gateway.sock")
    async with Backend(OK) as backend, RunningGateway(config(backend.url, listen_unix=path)) as gateway:
        for host in ("127.0.0.1", "::1"):
            async with Client(gateway.port, host=host) as client:
                assert (await client.get("/a")).status == 200
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b"GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()
        assert await gateway.stop() == 0
        assert not Path(path).exists()


async def test_children_end_when_the_supervisor_is_killed() -> None:
    """Nobody is left behind."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url, shadow=backend.url)) as gateway:
        children = gateway.children()
        assert len(children) == 3
        gateway.process.kill()
        await gateway.process.wait()

        async def all_gone() -> bool:
            return not any(Path(f"/proc/{pid}/cmdline").exists() and _is_child(pid) for pid in children)

        await until(all_gone)


def _is_child(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_changes_of_a_shadow_reach_a_worker_that_is_started_later() -> None:
    """Its successor begins with what was changed at run time."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url, shadow=backend.url)) as gateway:
        name = next(iter(await gateway.shadows()))
        answer = await _post(gateway, f"/api/shadows/{name}", b'{"paused": true}')
        assert answer.startswith(b"HTTP/1.1 200")
        os.kill(gateway.child("worker"), signal.SIGKILL)
        async with Client(gateway.port) as client:
            await client.get("/a")
        row = (await gateway.shadows())[name]
        assert row["skipped"] == {"paused": 1} and row["paused"] is True


async def _post(gateway: RunningGateway, path: str, body: bytes) -> bytes:
    host, port = gateway.admin.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nConnection: close\r\n"
    writer.write(head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_reload_over_the_admin_side_answers_with_its_result() -> None:
    """200 when the new configuration serves; 409 with the reason when it does not."""
    async with Backend(OK) as backend, RunningGateway(config(backend.url)) as gateway:
        assert (await _post(gateway, "/api/reload", b"")).startswith(b"HTTP/1.1 200")
        gateway.path.write_text("{")
        answer = await _post(gateway, "/api/reload", b"")
        assert answer.startswith(b"HTTP/1.1 409") and b"The old configuration stays" in answer
