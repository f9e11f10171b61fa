"""The root object to a ``Service``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from understudy.config import keys, ours
from understudy.config.checks import read_bot_detector
from understudy.config.components import read_cors, read_router
from understudy.config.endpoints import Defaults, check_output, clean_hosts, read_endpoint
from understudy.config.kinds import shown
from understudy.config.model import ProcessOptions, Service, Upstreams
from understudy.config.namespaces import read_extra
from understudy.config.notes import Notes, Path, read_section, read_strict
from understudy.config.safety import check_names
from understudy.config.tls import read_client_tls, read_tls

_EXTRA: Path = ("extra_config",)


def read_service(root: Mapping[str, Any], notes: Notes) -> Service | None:
    """The service, or None; problems go into ``notes`` (also when a service comes back)."""
    values = read_section(root, keys.ROOT, (), notes)
    notes.run_without = _run_without(values.get("extra_config"))
    _check_root(values, notes)
    extra = read_extra(values.get("extra_config"), "service", _EXTRA, notes)
    router, old_h2c = read_router(extra.get("router"), _EXTRA, notes)
    defaults = Defaults(clean_hosts(values.get("host", ()), ("host",), notes), values.get("timeout") or 2.0,
                        values.get("cache_ttl", 0.0), values.get("output_encoding") or "json",
                        values.get("disable_rest", False), _given_names(values))
    endpoints = [read_endpoint(item, index, defaults, notes) for index, item in enumerate(values.get("endpoints", ()))]
    tls = read_tls(values.get("tls"), ("tls",), notes)
    service = Service(
        endpoints=tuple(e for e in endpoints if e is not None), name=values.get("name", ""),
        port=values.get("port") or 8080, listen_ip=values.get("listen_ip", ""), timeout=defaults.timeout,
        cache_ttl=defaults.cache_ttl, output_encoding=defaults.output_encoding, hosts=defaults.hosts,
        read_timeout=_limit(values, "read_timeout"), write_timeout=_limit(values, "write_timeout"),
        idle_timeout=_limit(values, "idle_timeout"), read_header_timeout=_limit(values, "read_header_timeout"),
        max_header_bytes=_positive(values, "max_header_bytes", 1 << 20),
        use_h2c=values.get("use_h2c", False) or old_h2c, tls=tls, upstreams=_upstreams(values, notes),
        disable_rest=defaults.disable_rest, debug_endpoint=values.get("debug_endpoint", False),
        echo_endpoint=values.get("echo_endpoint", False),
        max_shutdown_wait=_limit(values, "max_shutdown_wait_time"), router=router,
        cors=read_cors(extra.get("security/cors"), _EXTRA, notes),
        bot_detector=read_bot_detector(extra.get("security/bot-detector"), _EXTRA, notes),
        process=_process(extra, notes),
        extra={short: block for short, (_, block) in extra.items()},
    )
    check_names(service, notes)
    return service


def _run_without(extra: Any) -> frozenset[str]:
    """What the file says can be left out; needed before anything else of ``extra_config`` is read."""
    block = extra.get("understudy/service") if isinstance(extra, Mapping) else None
    names = block.get("run_without") if isinstance(block, Mapping) else None
    return frozenset(n for n in names if isinstance(n, str)) if isinstance(names, list) else frozenset()


def _given_names(values: Mapping[str, Any]) -> set[str]:
    """Names that the file gives to shadows: made ones keep clear of them."""
    out = set()
    for endpoint in values.get("endpoints", ()):
        entries = endpoint.get("backend") if isinstance(endpoint, Mapping) else None
        for entry in entries if isinstance(entries, list) else ():
            extra = entry.get("extra_config") if isinstance(entry, Mapping) else None
            block = extra.get("understudy/shadow") if isinstance(extra, Mapping) else None
            if isinstance(block, Mapping) and isinstance(block.get("name"), str):
                out.add(block["name"])
    return out


def _check_root(values: Mapping[str, Any], notes: Notes) -> None:
    check_output(values.get("output_encoding") or "json", (), notes)
    if not values.get("endpoints"):
        notes.warn(("endpoints",), 'there are no endpoints: clients get 404 for everything; add one to "endpoints".',
                   "missing_key")
    version = values.get("version", 0)
    if version != 3:
        remedy = ('add "version": 3.' if "version" not in values
                  else "files of an older KrakenD must be migrated first.")
        notes.error(("version",), f"unsupported version: {version} (want: 3); {remedy}", "version")
    port = values.get("port", 0)
    if not 0 <= port <= 65535:
        notes.error(("port",), f"{port} is no port: choose one from 1 to 65535.", "port")
    address = values.get("listen_ip", "")
    if address:
        from ipaddress import ip_address

        try:
            ip_address(address)
        except ValueError:
            notes.error(("listen_ip",), f"invalid ip address {address}: write an address such as 127.0.0.1 or ::1, or "
                                        "leave it out to listen on all.", "listen_ip")


def _limit(values: Mapping[str, Any], key: str) -> float | None:
    seconds: float = values.get(key, 0.0)
    return seconds if seconds > 0 else None


def _positive(values: Mapping[str, Any], key: str, default: int) -> int:
    number: int = values.get(key, 0)
    return number if number > 0 else default


def _upstreams(values: Mapping[str, Any], notes: Notes) -> Upstreams:
    refresh: float = values.get("dns_cache_ttl", 30.0)
    if 0 < refresh < 1:
        notes.warn(("dns_cache_ttl",), '"dns_cache_ttl" below 1s is ignored, as in KrakenD: it is 30s; write 1s or '
                                       "more.", "ignored")
    return Upstreams(
        max_idle_connections=max(0, values.get("max_idle_connections", 0)),
        max_idle_connections_per_host=_positive(values, "max_idle_connections_per_host", 250),
        idle_connection_timeout=_limit(values, "idle_connection_timeout"),
        response_header_timeout=_limit(values, "response_header_timeout"),
        expect_continue_timeout=_limit(values, "expect_continue_timeout"),
        dialer_timeout=_limit(values, "dialer_timeout"),
        dialer_fallback_delay=values.get("dialer_fallback_delay") or 0.3,
        dialer_keep_alive=values.get("dialer_keep_alive") or 15.0,
        disable_keep_alives=values.get("disable_keep_alives", False),
        disable_compression=values.get("disable_compression", False),
        dns_cache_ttl=refresh if refresh >= 1 else 30.0,
        tls=read_client_tls(values.get("client_tls"), values.get("allow_insecure_connections", False),
                            ("client_tls",), notes),
    )


def _process(extra: Mapping[str, tuple[str, Any]], notes: Notes) -> ProcessOptions:
    if "understudy/service" not in extra:
        return ProcessOptions()
    name, section = extra["understudy/service"]
    path = (*_EXTRA, name)
    values = read_strict(section, ours.SERVICE, path, notes)
    if values.get("workers") == "auto":
        values["workers"] = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    options = ProcessOptions(**values)
    from ipaddress import ip_address

    try:
        outside = not ip_address(options.admin_address).is_loopback
    except ValueError:
        outside = options.admin_address != "localhost"
        if outside:
            notes.error((*path, "admin_address"), f'"admin_address" is {shown(options.admin_address)}, which is no '
                                                  "address: write 127.0.0.1, ::1 or 0.0.0.0.", "admin")
    if outside and options.admin_token is None and not options.admin_disabled:
        notes.warn((*path, "admin_address"), "the admin side listens outside this machine without \"admin_token\": "
                                             "nothing but health can be read there; add one.", "admin")
    return options
