"""The pipes of an endpoint as ``gateway/build.py`` builds them, in words: what wraps what, from the client inwards."""

from __future__ import annotations

from understudy.config.durations import format_duration
from understudy.config.model import Backend, Endpoint
from understudy.gateway.concurrent import SHARE as CALLS
from understudy.gateway.merge import SHARE as MERGE


def of_endpoint(endpoint: Endpoint) -> str:
    """``tap (1 shadow) > static (always) > merge of 2 within 1.7s``."""
    several = len(endpoint.regular) > 1
    steps = []
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
    return " > ".join(steps)


def takes_lane(endpoint: Endpoint) -> bool:
    """Whether ordinary requests are served without a task."""
    joined = len(endpoint.regular) > 1 and (endpoint.sequential or bool(endpoint.flatmap))
    return not joined and endpoint.static is None and endpoint.concurrent_calls <= 1


def of_backend(endpoint: Endpoint, backend: Backend) -> str:
    """``2 calls at once within 1.5s > one of 3 hosts > GET > json > target > allow > mapping > group``."""
    steps = []
    if backend.concurrent_calls > 1:
        within = format_duration(CALLS * endpoint.timeout)
        steps.append(f"{backend.concurrent_calls} calls at once within {within}")
    if backend.sd == "dns":
        steps.append("hosts by DNS")
    elif len(backend.hosts) > 1:
        steps.append(f"one of {len(backend.hosts)} hosts")
    steps.append(backend.method)
    return " > ".join([*steps, *_answer(endpoint, backend)])


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
