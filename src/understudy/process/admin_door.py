"""The admin side's listener and what decides whether a new configuration needs another one."""

from __future__ import annotations

from msgspec import Struct

from understudy.config.model import ProcessOptions, Service
from understudy.process.listeners import open_admin_door, shown


class AdminPlace(Struct, frozen=True):
    """Where the admin side is to listen."""

    address: str
    port: int | None


class AdminDoor:
    """An open listener of the admin side."""

    def __init__(self, place: AdminPlace) -> None:
        self.place = place
        self.sock = open_admin_door(place.address, place.port)
        """Raises ListenError."""

    @property
    def address(self) -> str:
        """Where it really listens, as people write it."""
        return shown(self.place.address, self.sock.getsockname()[1])


def place_of(service: Service) -> AdminPlace | None:
    """Where a configuration wants its admin side; None: nowhere."""
    process = service.process
    return None if process.admin_disabled else AdminPlace(process.admin_address, process.admin_port)


def needs_new_child(old: ProcessOptions, new: ProcessOptions) -> bool:
    """Whether the admin child must be replaced, because it would do its work differently."""
    keys = ("admin_address", "admin_port", "admin_token", "admin_disabled", "settings_writable", "log_level",
            "log_format", "store")
    return any(getattr(old, key) != getattr(new, key) for key in keys)
