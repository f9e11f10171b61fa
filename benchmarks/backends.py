"""What stands behind the gateways: an nginx that answers at once (twice: primary and shadow), servers that never
answer, answer after 0.3 s, or reset every connection, and a port on which nothing listens. All on the second CPU, beside
the load generator.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

BODY = (
    '{"id":42,"name":"Ada Lovelace","email":"ada@example.org","tags":["a","b","c"],"score":12.5,"active":true,'
    '"address":{"city":"London","zip":"N1"}}'
)
_HUNG = """
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
kept = []
while True:
    kept.append(s.accept())
    if len(kept) > 20000:
        kept = kept[10000:]
"""

_SLOW = """
import asyncio, sys
ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: 2\\r\\n\\r\\n{}"
class Slow(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        for _ in range(data.count(b"\\r\\n\\r\\n")):
            asyncio.get_running_loop().call_later(0.3, self.answer)
    def answer(self):
        if not self.transport.is_closing():
            self.transport.write(ANSWER)
async def main():
    server = await asyncio.get_running_loop().create_server(Slow, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    await server.serve_forever()
asyncio.run(main())
"""
_RESETTING = """
import socket, struct, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=4096)
while True:
    c = s.accept()[0]
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
"""


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def nginx_command() -> str:
    """Where nginx is; ends the program with a sentence when it is missing."""
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if not found:
        sys.exit("nginx is missing: sudo apt-get install nginx-light")
    return found


def wait_for(port: int) -> None:
    """Until something accepts there."""
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    sys.exit(f"nothing came up on port {port}")


class Backends:
    """All of them, for the time of a ``with``."""

    def __init__(self, folder: Path, cpu: int) -> None:
        self._folder = folder
        self._cpu = cpu
        self.primary, self.shadow, self.hung, self.dead, self.slow, self.resetting = (free_port() for _ in range(6))
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Backends:
        pin = ["taskset", "-c", str(self._cpu)]
        self._processes = [
            subprocess.Popen([*pin, nginx_command(), "-c", str(self._config(port))], stderr=subprocess.DEVNULL)
            for port in (self.primary, self.shadow)
        ]
        for script, port in ((_HUNG, self.hung), (_SLOW, self.slow), (_RESETTING, self.resetting)):
            self._processes.append(subprocess.Popen([*pin, sys.executable, "-c", script, str(port)]))
        for port in (self.primary, self.shadow, self.hung, self.slow, self.resetting):
            wait_for(port)
        return self

    def __exit__(self, *of_what: object) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait()

    def _config(self, port: int) -> Path:
        """An nginx of its own for each port: its ``stub_status`` counts the requests of all its ports together."""
        path = self._folder / f"backend-{port}.conf"
        path.write_text(
            f"worker_processes 1; daemon off; pid {self._folder}/backend-{port}.pid; error_log /dev/null;\n"
            "events { worker_connections 8192; }\n"
            "http { access_log off; keepalive_requests 100000000; keepalive_timeout 3600s; "
            "default_type application/json;\n"
            f"server {{ listen 127.0.0.1:{port} backlog=4096; location = /count {{ stub_status; }} "
            f"location / {{ return 200 '{BODY}'; }} }} }}\n"
        )
        return path

    def shadows(self) -> dict[str, int]:
        """By scenario: the port of its shadow."""
        return {"healthy": self.shadow, "slow": self.slow, "hung": self.hung, "dead": self.dead,
                "resetting": self.resetting}  # fmt: skip

    def arrived(self, port: int) -> int:
        """Requests that this backend has got, but for those of this question."""
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/count", timeout=10) as answer:
            text = answer.read().decode()
        match = re.search(r"\n\s*\d+\s+\d+\s+(\d+)", text)
        return int(match[1]) if match else 0
