"""A backend's part as an understudy: KrakenD's ``proxy.shadow`` and our ``understudy/shadow``, read and checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from understudy.config import keys, ours
from understudy.config.cel import match_problem
from understudy.config.components import Block
from understudy.config.kinds import Wrong, meant, shown
from understudy.config.model import Backend, Breaker, CompareRules, Endpoint, Guard, Match, Shadow
from understudy.config.notes import Notes, Path, read_lenient, read_strict
from understudy.config.rule_paths import wrong_pattern
from understudy.config.strict import TIME

ALL_CREDENTIALS = ("*",)
CREDENTIALS = ("Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key", "X-Auth-Token", "X-Csrf-Token")
"""Headers that prove who somebody is."""


class Draft(msgspec.Struct):
    """What a shadow backend's blocks say, before its place among the others is known."""

    name: str | None = None
    own_timeout: float | None = None
    of: int | str | None = None
    given: bool = False
    """Whether there is an ``understudy/shadow`` block: then all checks are strict."""
    fields: dict[str, Any] = {}
    path: Path = ()


def read_proxy(block: Block | None, path: Path, notes: Notes) -> tuple[bool, float | None, Any]:
    """A backend's ``proxy``: is it a shadow, its own timeout, and the raw ``flatmap_filter``."""
    if block is None:
        return False, None, None
    name, section = block
    place = (*path, name)
    values = read_lenient(section, keys.BACKEND_PROXY, place, notes)
    shadow, timeout = values.get("shadow", False), None
    if not isinstance(shadow, bool):
        notes.error((*place, "shadow"), f'"shadow" must be true or false, not {shown(shadow)}: KrakenD would ignore it '
                                        "and give this backend's answers to the users. Write true without quotes, or "
                                        "false.", "shadow")
    if "shadow_timeout" in values:
        try:
            timeout = TIME.read(values["shadow_timeout"])
        except Wrong as wrong:
            notes.error((*place, "shadow_timeout"), f'"shadow_timeout" {wrong}.', "shadow")
        if shadow is False:
            notes.warn((*place, "shadow_timeout"), '"shadow_timeout" has no effect: this backend is no shadow; '
                                               'write "shadow": true, or remove it.', "no_effect")
    return shadow is True, timeout, values.get("flatmap_filter")


def read_draft(block: Block | None, is_shadow: bool, own_timeout: float | None, path: Path,
               notes: Notes) -> Draft | None:
    """``understudy/shadow`` of one backend; None when the backend is regular."""
    if block is None:
        return Draft(own_timeout=own_timeout, path=path) if is_shadow else None
    name, section = block
    place = (*path, name)
    if not is_shadow:
        notes.error(place, f'"{name}" stands on a backend that is no shadow: its answers would go to the users. Add '
                           '"proxy": {"shadow": true} beside it.', "shadow")
    values = read_strict(section, ours.SHADOW, place, notes)
    if "timeout" in values and own_timeout is not None:
        notes.error((*place, "timeout"), '"timeout" and "shadow_timeout" say the same; keep one of them.', "shadow")
    fields: dict[str, Any] = {}
    for key, value in values.items():
        if key in _NESTED:
            fields.update(_NESTED[key](value, (*place, key), notes))
        elif key not in ("name", "of", "timeout"):
            fields[key] = value
    return Draft(values.get("name"), values.get("timeout", own_timeout), values.get("of"), True, fields, place) \
        if is_shadow else None


def _headers(value: Any, path: Path, notes: Notes) -> dict[str, Any]:
    values = read_strict(value, ours.HEADERS, path, notes)
    for header, _ in values.get("set", ()):
        if header in ("Content-Length", "Transfer-Encoding", "Connection", "Host"):
            remedy = 'use "host_header"' if header == "Host" else "it follows from the message itself; remove it"
            notes.error((*path, "set"), f'"{header}" cannot be set: {remedy}.', "shadow")
    both = {header for header, _ in values.get("set", ())} & set(values.get("remove", ()))
    for header in sorted(both):
        notes.error((*path, "remove"), f'"{header}" is both set and removed; keep one.', "shadow")
    return {"set_headers": values.get("set", ()), "remove_headers": values.get("remove", ())}


def _match(value: Any, path: Path, notes: Notes) -> dict[str, Any]:
    if isinstance(value, str):
        wrong = match_problem(value)
        if wrong is not None:
            notes.error(path, f"{wrong}.", "shadow")
        return {"match": Match(expression=value)}
    return {"match": Match(**read_strict(value, ours.MATCH, path, notes))}


def _breaker(value: Any, path: Path, notes: Notes) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"breaker": Breaker(enabled=value)}
    return {"breaker": Breaker(**read_strict(value, ours.BREAKER, path, notes))}


def _guard(value: Any, path: Path, notes: Notes) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"guard": Guard(enabled=value)}
    return {"guard": Guard(**read_strict(value, ours.GUARD, path, notes))}


def _compare(value: Any, path: Path, notes: Notes) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"compare": CompareRules(enabled=value)}
    values = read_strict(value, ours.COMPARE, path, notes)
    if "headers" in values:
        values["headers"] = tuple(header.lower() for header in values["headers"])
    for key in ("ignore", "unordered", "id_field", "tolerance"):
        given = values.get(key, ())
        for at in given if isinstance(given, Mapping) else range(len(given)):
            pattern = at if isinstance(at, str) else given[at]
            why = wrong_pattern(pattern, outside=key == "ignore")
            if why is not None:
                notes.error((*path, key, at), f'The path "{pattern}" {why}.', "compare")
    return {"compare": CompareRules(**values)}


_NESTED = {"headers": _headers, "match": _match, "breaker": _breaker, "guard": _guard, "compare": _compare}


def group_timeout(drafts: Sequence[Draft], endpoint_timeout: float, concurrent_calls: int) -> float:
    """The one timeout of an endpoint's shadows, in seconds: KrakenD's rule, with its caps."""
    longest = max(endpoint_timeout if d.own_timeout is None else d.own_timeout for d in drafts)
    if longest <= 0:
        return longest
    if len(drafts) > 1:
        longest = min(longest, 0.85 * endpoint_timeout)
    if concurrent_calls > 1:
        longest = min(longest, 0.75 * endpoint_timeout)
    return longest


def cast(endpoint: Endpoint, drafts: Mapping[int, Draft], taken: set[str], notes: Notes) -> Endpoint:
    """The endpoint with its shadows in place: names (not ``taken`` before), timeouts and whom each understudies."""
    if not drafts:
        return endpoint
    timeout = group_timeout(list(drafts.values()), endpoint.timeout, endpoint.concurrent_calls)
    backends = []
    for backend in endpoint.backends:
        draft = drafts.get(backend.index)
        if draft is None:
            backends.append(backend)
            continue
        fields = {"credentials": ALL_CREDENTIALS, **draft.fields}
        shadow = Shadow(name=draft.name or _new_name(endpoint, backend, taken), timeout=timeout,
                        of=_of(draft, backend, endpoint, drafts, notes), calls=endpoint.concurrent_calls, **fields)
        backends.append(msgspec.structs.replace(backend, shadow=shadow))
    return msgspec.structs.replace(endpoint, backends=tuple(backends))


def _new_name(endpoint: Endpoint, backend: Backend, taken: set[str]) -> str:
    name = made_name(endpoint, backend)
    if name in taken:
        name = f"{name}-e{endpoint.index}"
    taken.add(name)
    return name


def made_name(endpoint: Endpoint, backend: Backend) -> str:
    """A name that can be typed: ``user-id-1`` for the entry 1 of GET /user/{id}, ``post-orders-2``."""
    words = "".join(c if c.isalnum() else " " for c in endpoint.path).split() or ["root"]
    if endpoint.method != "GET":
        words.insert(0, endpoint.method.lower())
    return "-".join([*words, str(backend.index)])


def _of(draft: Draft, backend: Backend, endpoint: Endpoint, drafts: Mapping[int, Draft],
        notes: Notes) -> int | Literal["response"] | None:
    regular = [b for b in endpoint.backends if b.index not in drafts]
    place = (*draft.path, "of")
    if draft.of == "response":
        return "response"
    if isinstance(draft.of, int):
        if draft.of in {b.index for b in regular}:
            return draft.of
        what = "is a shadow itself" if draft.of in drafts else "is not there"
        notes.error(place, f'"of" is {draft.of}, but the backend {draft.of} of this endpoint {what}; the regular ones '
                           f"are {', '.join(str(b.index) for b in regular)}.", "shadow")
        return None
    if isinstance(draft.of, str):
        found = [b.index for b in regular if b.group == draft.of]
        if len(found) == 1:
            return found[0]
        groups = [b.group for b in regular if b.group]
        why = "more than one regular backend has" if found else "no regular backend of this endpoint has"
        hint = meant(draft.of, groups) or '; give an index, or "response".'
        notes.error(place, f'"of" is "{draft.of}", but {why} this group{hint}', "shadow")
        return None
    return _guess(backend, regular)


def _guess(backend: Backend, regular: Sequence[Backend]) -> int | None:
    if len(regular) == 1:
        return regular[0].index
    for same in ([b for b in regular if b.group and b.group == backend.group],
                 [b for b in regular if b.url_pattern == backend.url_pattern]):
        if len(same) == 1:
            return same[0].index
    return None
