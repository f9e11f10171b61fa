"""The seed configuration, verbatim but for its ports: users get v1, the mirror sends v2 its copies, none is lost."""

from __future__ import annotations

import json
import os
import socket
import struct
from asyncio import StreamReader as Reader
from asyncio import StreamWriter as Writer
from pathlib import Path

from understudy.testing import faults
from understudy.testing.backend import Backend, Seen, reply
from understudy.testing.client import Client
from understudy.testing.gateway import RunningGateway, free_port

SEED = Path(__file__).parents[2] / "examples" / "seed.json"


class Version:
    """A version of the service; it also notes from which ports it was asked."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.peers: set[int] = set()

    async def __call__(self, seen: Seen, reader: Reader, writer: Writer) -> bool:
        self.peers.add(writer.get_extra_info("peername")[1])
        writer.write(reply({"id": seen.target.rpartition("/")[2], "version": self.number}))
        await writer.drain()
        return True


def owners(local_ports: set[int]) -> dict[int, set[int]]:
    """The processes of this machine that hold connections from these ports, by process id."""
    inodes = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        port = int(fields[1].rpartition(":")[2], 16)
        if port in local_ports:
            inodes[f"socket:[{fields[9]}]"] = port
    found: dict[int, set[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            links = [os.readlink(fd) for fd in (entry / "fd").iterdir()]  # noqa: PTH115  # sockets are no paths
        except OSError:
            continue
        for link in links:
            if link in inodes:
                found.setdefault(int(entry.name), set()).add(inodes[link])
    return found


async def test_users_get_v1_and_the_mirror_sends_v2_every_copy() -> None:
    """Which process has asked is seen from outside: by who holds the connections to v2."""
    one, two = Version(1), Version(2)
    async with Backend(one) as v1, Backend(two) as v2:
        text = SEED.read_text().replace(":8081", f":{v1.port}").replace(":8082", f":{v2.port}")
        async with RunningGateway(json.loads(text)) as gateway:
            async with Client(gateway.port) as client:
                for number in range(200):
                    got = await client.get(f"/user/{number}")
                    assert (got.status, json.loads(got.body)) == (200, {"id": str(number), "version": 1})
                    assert got.header("x-krakend-completed") == "true"
                    # The mirror steps back for everybody else: no faster than it takes copies, so that none is dropped.
                    await v2.wait_for(number - 20)
            [row] = (await gateway.shadows_at_rest()).values()
            children = gateway.children()
            held_by = {children[pid] for pid in owners(two.peers) if pid in children}
            assert held_by and all("mirror" in name for name in held_by)
            assert all("worker" in children[pid] for pid in owners(one.peers) if pid in children)
    assert (row["eligible"], row["sent"], row["answered"]) == (200, 200, 200), row
    assert not any(row[why] for why in ("skipped", "dropped", "failed")) and row["in_flight"] == 0
    assert sorted(s.target for s in v2.seen) == sorted(f"/v2/user/{n}" for n in range(200))
    assert [s.target for s in v1.seen] == [f"/v1/user/{n}" for n in range(200)]


async def test_users_notice_nothing_of_a_v2_that_hangs_or_is_gone() -> None:
    """The account still tells what became of every copy."""
    for broken in (faults.hang, None):
        async with Backend(Version(1)) as v1, Backend(broken or faults.hang) as v2:
            port = v2.port if broken else free_port()
            text = SEED.read_text().replace(":8081", f":{v1.port}").replace(":8082", f":{port}")
            async with RunningGateway(json.loads(text)) as gateway:
                async with Client(gateway.port) as client:
                    for number in range(100):
                        got = await client.get(f"/user/{number}")
                        assert (got.status, json.loads(got.body)["version"]) == (200, 1)
                [row] = (await gateway.shadows_at_rest()).values()
        skipped, dropped, failed = (sum(row[k].values()) for k in ("skipped", "dropped", "failed"))
        assert row["eligible"] == 100 == row["sent"] + skipped + dropped
        assert row["sent"] == row["answered"] + failed and row["answered"] == 0


async def test_a_v1_that_is_down_is_a_500_and_not_v2s_answer() -> None:
    """An understudy does not take the part by itself."""
    async with Backend(Version(2)) as v2:
        text = SEED.read_text().replace(":8081", f":{free_port()}").replace(":8082", f":{v2.port}")
        async with RunningGateway(json.loads(text)) as gateway, Client(gateway.port) as client:
            got = await client.get("/user/1")
            assert (got.status, got.body, got.header("x-krakend-completed")) == (500, b"", "false")


async def test_the_endpoints_timeout_holds_from_end_to_end() -> None:
    """150 ms: a v1 that takes longer is a 500, and the connection to the client goes on."""
    async with Backend(faults.slow(2.0, reply({"late": True}))) as v1, Backend(Version(2)) as v2:
        text = SEED.read_text().replace(":8081", f":{v1.port}").replace(":8082", f":{v2.port}")
        async with RunningGateway(json.loads(text)) as gateway, Client(gateway.port, timeout=1.5) as client:
            assert (await client.get("/user/1")).status == 500
            v1.answer = Version(1)
            assert (await client.get("/user/2")).status == 200


async def test_clients_come_by_ipv6_as_well() -> None:
    """On every address of the machine, as KrakenD listens."""
    async with Backend(Version(1)) as v1, Backend(Version(2)) as v2:
        text = SEED.read_text().replace(":8081", f":{v1.port}").replace(":8082", f":{v2.port}")
        async with RunningGateway(json.loads(text)) as gateway, Client(gateway.port, host="::1") as client:
            assert (await client.get("/user/1")).status == 200


async def test_resets_of_clients_harm_nobody() -> None:
    """Clients that reset in the middle of their requests; the next one is served."""
    async with Backend(Version(1)) as v1, Backend(Version(2)) as v2:
        text = SEED.read_text().replace(":8081", f":{v1.port}").replace(":8082", f":{v2.port}")
        async with RunningGateway(json.loads(text)) as gateway:
            for number in range(20):
                with socket.create_connection(("127.0.0.1", gateway.port)) as sock:
                    sock.sendall(b"GET /user/1 HTTP/1.1\r\nHost: h\r\n\r\n"[: 10 + 2 * number])
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            async with Client(gateway.port) as client:
                assert (await client.get("/user/2")).status == 200
            [row] = (await gateway.shadows_at_rest()).values()
            skipped, dropped, failed = (sum(row[k].values()) for k in ("skipped", "dropped", "failed"))
            assert row["eligible"] == row["sent"] + skipped + dropped
            assert row["sent"] == row["answered"] + failed
            assert await gateway.stop() == 0
