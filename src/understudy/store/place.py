"""Which store a gateway uses, and who the gateway is: by default a file of its own beside its configuration.

``gateway.json`` keeps its evidence in ``gateway.json.evidence.db``; two configurations in one folder have two files.
Where the folder cannot be written to, the file is in the user's state folder, its name made of the whole path.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from understudy.config.model import Service
from understudy.errors import StoreError

SUFFIX = ".evidence.db"
_FORMS = "write sqlite:///FILE or postgresql://USER@HOST/NAME"


class Identity(Struct, frozen=True):
    """Who keeps evidence: gateways that share a store add theirs up when, and only when, these are the same."""

    config: str
    """Absolute path of the configuration."""
    service: str
    """The service's name in it; may be empty."""


def identity(config: Path, service: Service) -> Identity:
    """Who a gateway with this configuration is."""
    return Identity(str(config.resolve()), service.name)


def place(store: str | None, config: Path, env: Mapping[str, str]) -> URL:
    """The store's URL: as configured, or the default file. Raises StoreError."""
    if store is None:
        return URL.create("sqlite", database=str(default_file(config, env)))
    if "://" not in store:
        return URL.create("sqlite", database=str((config.resolve().parent / store).resolve()))
    try:
        url = make_url(store)
    except (ArgumentError, ValueError):
        raise StoreError(f"The store's URL cannot be read; {_FORMS}.") from None
    return _known(url, config)


def _known(url: URL, config: Path) -> URL:
    kind = url.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise StoreError(f'A store of the kind "{kind}" is not known; {_FORMS}.')
    if not url.database or url.database == ":memory:":
        raise StoreError("The store needs a file, because several processes use it: sqlite:///FILE.")
    return URL.create("sqlite", database=str((config.resolve().parent / url.database).resolve()))


def default_file(config: Path, env: Mapping[str, str]) -> Path:
    """Where evidence is kept when the configuration does not say."""
    config = config.resolve()
    beside = config.with_name(config.name + SUFFIX)
    if beside.exists() or os.access(config.parent, os.W_OK):
        return beside
    state = env.get("XDG_STATE_HOME") or (f"{env['HOME']}/.local/state" if env.get("HOME") else "/var/lib")
    digest = hashlib.sha256(str(config).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return Path(state) / "understudy" / f"{config.name}-{digest}{SUFFIX}"


def described(url: URL) -> str:
    """The store as people may see it: without a password."""
    return url.database or "" if url.drivername == "sqlite" else url.render_as_string(hide_password=True)
