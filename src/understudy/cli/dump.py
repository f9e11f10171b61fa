"""How a configuration is understood, as text: what ``check -d``, ``-dd`` and ``-ddd`` show. KrakenD's shape."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from understudy.cli import pipe
from understudy.config.durations import format_duration
from understudy.config.model import Backend, Endpoint, Service, Shadow
from understudy.config.paths import internal_pattern, router_path
from understudy.gateway.merge import SHARE


def dump(service: Service, level: int, indent: str) -> str:
    """Level 1: what is served from where. 2: lists, encodings, caching, pipes. 3: limits and connections too."""
    lines = list(_globals(service, level, indent))
    lines += _components("global", service.extra, level, "", indent)
    lines.append(f"{len(service.endpoints)} API endpoint(s):")
    for endpoint in service.endpoints:
        lines += _endpoint(endpoint, level, indent)
    lines.append("0 async agent(s):")
    return "\n".join(lines)


def _globals(service: Service, level: int, indent: str) -> Iterable[str]:
    yield "Global settings"
    yield f"{indent}Name: {service.name}"
    yield f"{indent}Version: 3"
    yield f"{indent}Address: {service.listen_ip}"
    yield f"{indent}Port: {service.port}"
    if service.tls is not None:
        yield f"{indent}TLS: {service.tls.min_version} to {service.tls.max_version}, {len(service.tls.keys)} key(s)"
    process = service.process
    yield f"{indent}Workers: {process.workers}, mirrors: {process.mirrors}"
    if level > 1:
        yield f"{indent}Default timeout: {format_duration(service.timeout)}"
        yield f"{indent}Default cache TTL: {format_duration(service.cache_ttl)}"
        yield f"{indent}Default hosts: {_listed(service.hosts)}"
    if level > 2:
        yield from _limits(service, indent)


def _limits(service: Service, indent: str) -> Iterable[str]:
    up = service.upstreams
    for name, value in (
        ("Read timeout", _limit(service.read_timeout)), ("Write timeout", _limit(service.write_timeout)),
        ("Idle timeout", _limit(service.idle_timeout)), ("Read header timeout", _limit(service.read_header_timeout)),
        ("Max header bytes", service.max_header_bytes), ("Max shutdown wait", _limit(service.max_shutdown_wait)),
        ("Max idle connections", up.max_idle_connections),
        ("Max idle connections per host", up.max_idle_connections_per_host),
        ("Idle connection timeout", _limit(up.idle_connection_timeout)),
        ("Response header timeout", _limit(up.response_header_timeout)),
        ("Expect continue timeout", _limit(up.expect_continue_timeout)), ("Dialer timeout", _limit(up.dialer_timeout)),
        ("Dialer fallback delay", format_duration(up.dialer_fallback_delay)),
        ("Dialer keep alive", format_duration(up.dialer_keep_alive)),
        ("Disable keep alives", _truth(up.disable_keep_alives)),
        ("Disable compression", _truth(up.disable_compression)), ("DNS cache TTL", format_duration(up.dns_cache_ttl)),
        ("Verify backends' certificates", _truth(up.tls.verify)),
    ):
        yield f"{indent}{name}: {value}"


def _endpoint(endpoint: Endpoint, level: int, indent: str) -> Iterable[str]:
    yield f"{indent}- {endpoint.method} {router_path(endpoint.path, endpoint.params)}"
    yield f"{indent}Timeout: {format_duration(endpoint.timeout)}"
    if len(endpoint.regular) > 1:
        how = "one after the other" if endpoint.sequential else "merged"
        yield f"{indent}{len(endpoint.regular)} answers {how} within {format_duration(SHARE * endpoint.timeout)}"
    if level > 1:
        yield f"{indent}QueryStrings to pass: {_listed(endpoint.input_query_strings)}"
        yield f"{indent}CacheTTL: {format_duration(endpoint.cache_ttl)}"
        yield f"{indent}Headers to pass: {_listed(endpoint.input_headers)}"
        yield f"{indent}OutputEncoding: {endpoint.output_encoding}"
        yield f"{indent}Concurrent calls: {endpoint.concurrent_calls}"
        yield f"{indent}Pipe: {pipe.of_endpoint(endpoint)}"
    yield from _components("endpoint", endpoint.extra, level, indent, indent)
    yield f"{indent}Connecting to {len(endpoint.backends)} backend(s):"
    for backend in endpoint.backends:
        yield from _backend(endpoint, backend, level, indent)
        yield ""


def _backend(endpoint: Endpoint, backend: Backend, level: int, indent: str) -> Iterable[str]:
    deep = indent * 2
    yield f"{deep}[+] {backend.method} {internal_pattern(backend.url_pattern)}"
    yield f"{deep}Timeout: {format_duration(pipe.effective(endpoint, backend))}"
    yield f"{deep}Hosts: {_listed(backend.hosts)}"
    if backend.shadow is not None:
        yield f"{deep}{_shadow_line(endpoint, backend.shadow)}"
    if level > 1:
        for name, value in (
            ("Concurrent calls", backend.concurrent_calls), ("Target", backend.target),
            ("Deny", f"{_listed(backend.deny)}, Allow: {_listed(backend.allow)}"),
            ("Mapping", _mapped(backend.mapping)), ("Group", backend.group), ("Encoding", backend.encoding),
            ("Is collection", _truth(backend.is_collection)), ("SD", backend.sd), ("SD scheme", backend.sd_scheme),
            ("Headers to pass", _listed(backend.input_headers)),
            ("Query strings to pass", _listed(backend.input_query_strings)),
            ("Pipe", pipe.of_backend(endpoint, backend)),
        ):
            yield f"{deep}{name}: {value}"
    if level > 2 and backend.shadow is not None:
        yield from _shadow_details(backend.shadow, deep)
    yield from _components("backend", backend.extra, level, deep, indent)


def _shadow_line(endpoint: Endpoint, shadow: Shadow) -> str:
    whose: str = "of nobody in particular (mirrored, not compared)"
    if shadow.of == "response":
        whose = "of the whole answer"
    elif isinstance(shadow.of, int):
        primary = next(b for b in endpoint.backends if b.index == shadow.of)
        whose = f"of backend {shadow.of} ({primary.method} {internal_pattern(primary.url_pattern)})"
    return f'Shadow "{shadow.name}": {shadow.role} {whose}, {shadow.percent:g} % of requests, sent {shadow.start} it'


def _shadow_details(shadow: Shadow, deep: str) -> Iterable[str]:
    rate = "no limit" if shadow.max_rate is None else f"{shadow.max_rate:g} a second"
    yield f"{deep}Shadow limits: {shadow.max_in_flight} in flight, {rate}, bodies of {shadow.max_body} bytes"
    yield f"{deep}Shadow breaker: {_truth(shadow.breaker.enabled)}, guard: {_truth(shadow.guard.enabled)}"
    yield f"{deep}Shadow credentials: {_listed(shadow.credentials)}, mark: {shadow.mark}"


_SECRET = ("secret", "token", "password", "passwd", "private", "credential", "key")


def _components(what: str, extra: Mapping[str, Any], level: int, before: str, indent: str) -> Iterable[str]:
    if not extra and level < 2:
        return
    yield f"{before}{len(extra)} {what} component configuration(s):"
    for name in sorted(extra):
        yield f"{before}- {name}"
        if level > 2 and isinstance(extra[name], Mapping):
            for key, value in sorted(extra[name].items()):
                shown = "***" if any(word in key.lower() for word in _SECRET) else _value(value)
                yield f"{before}{indent}{key}: {shown}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return _truth(value)
    text = str(value)
    return text if len(text) <= 200 else text[:197] + "..."


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _limit(seconds: float | None) -> str:
    return "0s" if seconds is None else format_duration(seconds)


def _listed(items: Iterable[str]) -> str:
    return f"[{' '.join(items)}]"


def _mapped(mapping: Mapping[str, str]) -> str:
    return f"map[{' '.join(f'{key}:{value}' for key, value in sorted(mapping.items()))}]"
