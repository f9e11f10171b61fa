"""Finding the evidence that is meant: by a configuration, by a store, or by the gateway that runs here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
from msgspec import Struct
from sqlalchemy.engine import URL

from understudy.cli.gateways import chosen
from understudy.cli.program import merged
from understudy.config.model import Service
from understudy.config.read import read
from understudy.errors import StoreError
from understudy.process.running import found
from understudy.store.judging import Judgement, judge, latch
from understudy.store.place import Identity, described, identity, place
from understudy.store.series import Series
from understudy.store.store import BUSY_SECONDS, Store


class Kept(Struct, frozen=True):
    """Where evidence is, and whose is meant."""

    url: URL
    identity: Identity | None = None
    """None for every gateway in the store."""
    expected: tuple[Series, ...] = ()
    """What should be counted, as far as the configuration says."""


def placed(command: Any) -> Any:
    """The options by which a command finds evidence: ``config`` and ``store``."""
    for option in (
        click.option("--store", metavar="FILE|URL", help="The store itself; every gateway in it, unless -c is given."),
        click.option("-c", "--config", metavar="FILE", callback=lambda ctx, _, value: merged(ctx, "config", value),
                     help="The configuration of the gateway; without it, the only one that runs here."),
    ):
        command = option(command)
    return command


def kept(config: str | None, store: str | None) -> Kept:
    """The evidence that is meant. Raises ConfigError, StoreError, and NoAnswer when no gateway runs here."""
    if config is None and store is not None:
        return Kept(place(store, Path.cwd() / "store", os.environ))
    path = Path(config if config is not None else chosen(found(os.environ), None).config)
    service = read(path, os.environ)
    url = place(service.process.store, path, os.environ) if store is None else \
        place(store, Path.cwd() / "store", os.environ)
    return Kept(url, identity(path, service), tuple(expected(service)))


def expected(service: Service) -> Iterable[Series]:
    """What a gateway with this configuration counts: the endpoints whose answers it compares."""
    for endpoint in service.endpoints:
        for backend in endpoint.shadows:
            shadow = backend.shadow
            if shadow is not None and shadow.role == "candidate" and shadow.of is not None and shadow.compare.enabled:
                yield Series(shadow.name, f"{endpoint.method} {endpoint.path}")


def look(at: Kept, *, silent: bool = False, busy: float = BUSY_SECONDS) -> Sequence[Judgement]:
    """The verdicts as they are now; what failed for the first time is kept, or else that is said. Raises StoreError.

    ``silent``: pairs should have come by now. ``busy``: seconds to wait for somebody else who writes.
    """
    store = Store.open(at.url, make=False, busy=busy)
    try:
        said = judge(store, at.identity, expected=at.expected, silent=silent)
        if not said:
            raise StoreError(_nothing(at))
        for one in said:
            try:
                latch(store, one)
            except StoreError as error:
                click.echo(f"That something failed is not kept: {error}", err=True)
    finally:
        store.close()
    return said


def _nothing(at: Kept) -> str:
    whose = "" if at.identity is None else f" of the gateway with {at.identity.config}"
    hint = "" if at.identity is None else " What others have kept there is shown with --store alone."
    return f"There is no evidence{whose} in {described(at.url)} yet.{hint}"
