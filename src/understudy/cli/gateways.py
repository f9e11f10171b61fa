"""Finding a gateway that runs on this machine, and asking its admin side."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import click
import msgspec

from understudy.cli.program import merged
from understudy.process.running import Running, found

TOKEN = "UNDERSTUDY_ADMIN_TOKEN"
PATIENCE = 10.0
"""Seconds in which the admin side must answer."""
_ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}


class NoAnswer(Exception):
    """There is nobody to ask, or the answer is no; the text is a sentence."""


def reached(command: Any) -> Any:
    """The options by which a command finds the gateway: ``config``, ``admin`` and ``token``."""
    for option in (
        click.option("--token", envvar=TOKEN, metavar="TOKEN",
                     help=f'The "admin_token" of its configuration; also taken from {TOKEN}.'),
        click.option("--admin", metavar="URL", help="Where its admin side is, such as http://127.0.0.1:8091."),
        click.option("-c", "--config", metavar="FILE", callback=lambda ctx, _, value: merged(ctx, "config", value),
                     help="The configuration file that the gateway was started with."),
    ):
        command = option(command)
    return command


class Gateway:
    """The admin side of one gateway. ``get`` and ``post`` raise NoAnswer."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url
        self._token = token
        # Proxies of the environment are for the world outside, not for this machine.
        self._opener = build_opener(ProxyHandler({}))

    def get(self, path: str) -> Any:
        """What is found there."""
        return self._ask(Request(self.url + path))

    def post(self, path: str, body: Any) -> Any:
        """What the change brought."""
        return self._ask(Request(self.url + path, msgspec.json.encode(body), {"Content-Type": "application/json"}))

    def _ask(self, request: Request) -> Any:
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                return msgspec.json.decode(answer.read())
        except HTTPError as error:
            with error:
                raise NoAnswer(_refusal(error.code, error.read())) from None
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", None) or error
            raise NoAnswer(f"The admin side at {self.url} does not answer: {reason}.") from None
        except msgspec.DecodeError:
            raise NoAnswer(f"What answers at {self.url} is not the admin side of a gateway.") from None


def _refusal(status: int, body: bytes) -> str:
    if status == 401:
        return f"The gateway wants its token: say --token TOKEN, or set {TOKEN}."
    try:
        return str(msgspec.json.decode(body)["error"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return f"The admin side answers with status {status}."


def gateway(config: str | None, admin: str | None, token: str | None) -> Gateway:
    """The gateway that is meant. Raises NoAnswer."""
    if admin is not None:
        parts = urlsplit(admin if "//" in admin else f"http://{admin}")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise NoAnswer(f'"{admin}" is no address of an admin side; one looks like http://127.0.0.1:8091.')
        return Gateway(f"{parts.scheme}://{parts.netloc}", token)
    return Gateway(admin_url(chosen(found(os.environ), config)), token)


def chosen(there: Sequence[Running], config: str | None) -> Running:
    """The one among the running gateways that was started with this file; without a file, the only one."""
    if config is None:
        fitting = list(there)
        nobody = "No gateway of this user runs on this machine. Start one, or say where it is with --admin URL."
    else:
        wanted = Path(config).resolve()
        fitting = [running for running in there if Path(running.config).resolve() == wanted]
        nobody = f"No gateway of this user runs with {config}." + _others(there)
    if not fitting:
        raise NoAnswer(nobody)
    if len(fitting) > 1:
        raise NoAnswer(f"{len(fitting)} gateways run; choose one with -c FILE or --admin URL: {_told(fitting)}.")
    return fitting[0]


def _others(there: Sequence[Running]) -> str:
    return f" Others do: {_told(there)}." if there else ""


def _told(there: Sequence[Running]) -> str:
    return ", ".join(f"{r.config} ({'http://' + r.admin if r.admin else 'no admin side'})" for r in there)


def admin_url(running: Running) -> str:
    """Where its admin side is reached from this machine. Raises NoAnswer when it has none."""
    if running.admin is None:
        raise NoAnswer(f'The gateway with {running.config} has no admin side: "admin_disabled" is true.')
    host, _, port = running.admin.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    return f"http://{_ANYWHERE.get(bare, host)}:{port}"


def path_of(*parts: str) -> str:
    """A path of the API; every part is escaped but for its slashes."""
    return "/api/" + "/".join(quote(part) for part in parts)
