"""Endpoints that cannot be served, or not side by side, found without a router.

KrakenD finds them only when it starts (its process ends), or with ``check -t``.
"""

from __future__ import annotations

from collections.abc import Iterator

from understudy.config.model import Service
from understudy.config.paths import router_path
from understudy.config.problems import Problem

Segment = tuple[str, str | None]
"""Static text, and the name of the parameter after it."""


def conflicts(service: Service) -> tuple[Problem, ...]:
    """Two endpoints of one method and path, different parameter names at one place, and wildcards, as errors."""
    problems = []
    routes: dict[tuple[str, str], str] = {}
    names: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
    for path, method, shape in _routes(service):
        where = ("endpoints", path) if isinstance(path, int) else ("extra_config", "router", "health_path")
        key = (*where, "endpoint") if isinstance(path, int) else where
        if (method, shape) in routes:
            problems.append(_problem(key, f"handlers are already registered for path '{shape}': {method} {shape} is "
                                          f"declared {routes[method, shape]} too; change the path or the method."))
            continue
        routes[method, shape] = f"by endpoints[{path}]" if isinstance(path, int) else "as the health path"
        if shape.endswith("*"):
            problems.append(_problem(key, f'"{shape}" ends with a wildcard, which belongs to KrakenD\'s Enterprise '
                                          "edition; use a {parameter}, which takes one segment."))
            continue
        before: tuple[str, ...] = ()
        for segment in shape.split("/")[1:]:
            text, _, name = segment.partition(":")
            if ":" not in segment:
                before = (*before, segment)
                continue
            if ":" in name:
                problems.append(_problem(key, f"only one parameter fits into one segment: '{segment}' has more."))
                break
            place = (method, (*before, text))
            known = names.setdefault(place, (name, shape))
            if known[0] != name:
                prefix = "/" + "/".join((*before, text)) + ":" + known[0]
                problems.append(_problem(
                    key, f"':{name}' in new path '{shape}' conflicts with existing wildcard ':{known[0]}' in existing "
                         f"prefix '{prefix}'; use the same name for the parameter in both."))
                break
            before = (*before, text + ":")
    return tuple(problems)


def _problem(path: tuple[str | int, ...], message: str) -> Problem:
    return Problem(path=path, message=message, code="route")


def _routes(service: Service) -> Iterator[tuple[int | None, str, str]]:
    if not service.router.disable_health:
        yield None, "GET", service.router.health_path
    for endpoint in service.endpoints:
        yield endpoint.index, endpoint.method, router_path(endpoint.path, endpoint.params)
