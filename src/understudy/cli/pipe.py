"""The pipes of an endpoint as ``gateway/build.py`` builds them, in words: what wraps what, from the client inwards."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.config.durations import format_duration
from understudy.config.model import Backend, CelCheck, Endpoint
from understudy.gateway.concurrent import SHARE as CALLS
from understudy.gateway.merge import SHARE as MERGE


def of_endpoint(endpoint: Endpoint) -> str:
    """``tap (1 shadow) > static (always) > merge of 2 within 1.7s``."""
    several = len(endpoint.regular) > 1
    steps = ["bots"] if endpoint.bot_detector is not None else []
    steps += _checks(endpoint.cel, before=True)
    if endpoint.json_schema is not None:
        steps.append("JSON schema")
    if endpoint.shadows:
        count = len(endpoint.shadows)
        steps.append(f"tap ({count} shadow{'s' * (count > 1)})")
    if endpoint.static is not None:
        steps.append(f"static ({endpoint.static.strategy})")
    if endpoint.flatmap and several:
        steps.append(f"flatmap ({len(endpoint.flatmap)})")
    if several:
        join = "sequence" if endpoint.sequential else "merge"
        steps.append(f"{join} of {len(endpoint.regular)} within {format_duration(MERGE * endpoint.timeout)}")
    steps.append("by callbacks" if takes_lane(endpoint) else "by a task")
    return " > ".join([*steps, *_checks(endpoint.cel, before=False)])


def _checks(checks: Sequence[CelCheck], *, before: bool) -> list[str]:
    count = sum(check.before if before else check.after for check in checks)
    return [f"CEL on the {'request' if before else 'answer'} ({count})"] if count else []


def takes_lane(endpoint: Endpoint) -> bool:
    """Whether ordinary requests are served without a task."""
    joined = len(endpoint.regular) > 1 and (endpoint.sequential or bool(endpoint.flatmap))
    if joined or endpoint.static is not None or endpoint.concurrent_calls > 1:
        return False
    patient = any(b.martian is not None or any(c.before for c in b.cel) for b in endpoint.regular)
    return not patient and not any(check.after for check in endpoint.cel)


def of_backend(endpoint: Endpoint, backend: Backend) -> str:
    """``2 calls at once within 1.5s > one of 3 hosts > GET > json > target > allow > mapping > group``."""
    steps = []
    if backend.concurrent_calls > 1:
        within = format_duration(CALLS * endpoint.timeout)
        steps.append(f"{backend.concurrent_calls} calls at once within {within}")
    steps += _checks(backend.cel, before=True)
    if backend.sd == "dns":
        steps.append("hosts by DNS")
    elif len(backend.hosts) > 1:
        steps.append(f"one of {len(backend.hosts)} hosts")
    if backend.martian is not None:
        steps.append(f"martian ({backend.martian.kind})")
    steps.append(backend.method)
    return " > ".join([*steps, *_answer(endpoint, backend), *_checks(backend.cel, before=False)])


def _answer(endpoint: Endpoint, backend: Backend) -> list[str]:
    """What happens to the answer."""
    if backend.shadow is not None:
        return ["compared" if backend.shadow.of is not None and backend.shadow.compare.enabled else "thrown away"]
    if endpoint.output_encoding == "no-op":
        return ["passed through"]
    if backend.encoding == "no-op":
        return ["nothing is decoded"]
    steps = [backend.encoding + (" collection" if backend.is_collection else "")]
    if backend.target:
        steps.append("target")
    reshaped = bool(backend.flatmap) or backend.flatmap_replaces
    if reshaped:
        steps.append(f"flatmap ({len(backend.flatmap)})")
    elif backend.allow:
        steps.append("allow")
    elif backend.deny:
        steps.append("deny")
    if backend.mapping and not reshaped:
        steps.append("mapping")
    return [*steps, "group"] if backend.group else steps


def effective(endpoint: Endpoint, backend: Backend) -> float:
    """Seconds that a call really has."""
    if backend.shadow is not None:
        return backend.shadow.timeout
    share = MERGE if len(endpoint.regular) > 1 else 1.0
    return endpoint.timeout * (min(share, CALLS) if backend.concurrent_calls > 1 else share)
