"""What is changed of shadows while the gateway runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.config.kinds import Kind, Wrong
from understudy.config.model import Service, Shadow
from understudy.config.ours import SHADOW
from understudy.config.strict import FLAG
from understudy.shadow.accounting import shadows_of

Changes = dict[str, Any]


class NotPossible(Exception):
    """A change that cannot be made; the text is a sentence that says why."""


def by_name(service: Service) -> dict[str, Shadow]:
    """All shadows of a configuration."""
    return {shadow.name: shadow for shadow in shadows_of(service)}


def change_of(body: Any, service: Service) -> tuple[str, Changes]:
    """The shadow's name and what is to be changed. Raises NotPossible."""
    if not service.process.settings_writable:
        raise NotPossible('Shadows cannot be changed at run time: "settings_writable" is false in the configuration.')
    if not isinstance(body, Mapping) or not isinstance(body.get("name"), str):
        raise NotPossible("A change needs the name of a shadow.")
    name = body["name"]
    known = by_name(service)
    if name not in known:
        names = ", ".join(sorted(known)) or "none"
        raise NotPossible(f'There is no shadow "{name}"; those of this configuration are: {names}.')
    changes = body.get("changes")
    if not isinstance(changes, Mapping) or not changes:
        raise NotPossible('A change is an object such as {"percent": 5} or {"paused": true}.')
    return name, {key: _checked(key, value) for key, value in changes.items()}


def _checked(key: str, value: Any) -> Any:
    kind = _CHANGEABLE.get(key)
    if kind is None:
        raise NotPossible(_REFUSED.get(key) or f'"{key}" cannot be changed at run time; {_ALL} can.')
    if key == "max_rate" and value is None:
        return None
    try:
        return kind.read(value)
    except Wrong as wrong:
        raise NotPossible(f'"{key}" {wrong}.') from None


_CHANGEABLE: Mapping[str, Kind] = {
    "percent": SHADOW["percent"].kind, "paused": FLAG, "max_in_flight": SHADOW["max_in_flight"].kind,
    "max_rate": SHADOW["max_rate"].kind,
}  # fmt: skip
_ALL = '"percent", "paused", "max_in_flight" and "max_rate"'
_REFUSED: Mapping[str, str] = {
    "amplify": '"amplify" cannot be changed at run time: copies that are under way were counted by the old one. Write '
               "it to the file and reload; that interrupts nothing.",
}  # fmt: skip


def kept(overrides: Mapping[str, Changes], old: Service, new: Service) -> dict[str, Changes]:
    """What still holds after a reload: changes of shadows that the file describes as before."""
    before, after = by_name(old), by_name(new)
    return {name: dict(c) for name, c in overrides.items() if name in after and before.get(name) == after[name]}


def shadows_table(service: Service, overrides: Mapping[str, Changes]) -> list[dict[str, Any]]:
    """What each shadow is set to at present."""
    table = []
    for endpoint in service.endpoints:
        for backend in endpoint.shadows:
            shadow = backend.shadow
            assert shadow is not None
            changed = overrides.get(shadow.name, {})
            table.append({
                "name": shadow.name, "endpoint": endpoint.path, "method": endpoint.method, "backend": backend.index,
                "hosts": list(backend.hosts), "role": shadow.role, "of": shadow.of,
                "percent": changed.get("percent", shadow.percent), "paused": changed.get("paused", False),
                "max_in_flight": changed.get("max_in_flight", shadow.max_in_flight),
                "max_rate": changed.get("max_rate", shadow.max_rate), "amplify": shadow.amplify,
                "copies": shadow.copies, "sticky_by": shadow.sticky_by, "changed": sorted(changed),
            })  # fmt: skip
    return table
