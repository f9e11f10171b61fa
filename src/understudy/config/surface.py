"""The table of docs/krakend.md: every key and namespace that we know, and what becomes of it here. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.config import keys
from understudy.config.martian import KINDS
from understudy.config.namespaces import ENTERPRISE, NEEDED, PLACES, SUPPORTED
from understudy.config.notes import Table

TABLES: dict[str, Table] = {
    "root": keys.ROOT,
    "tls": keys.TLS,
    "tls.keys[]": keys.TLS_KEY,
    "client_tls": keys.CLIENT_TLS,
    "client_tls.client_certs[]": keys.CLIENT_CERT,
    "endpoints[]": keys.ENDPOINT,
    "endpoints[].backend[]": keys.BACKEND,
    "extra_config.router": keys.ROUTER,
    'extra_config["security/cors"]': keys.CORS,
    'extra_config["security/bot-detector"]': keys.BOT_DETECTOR,
    "endpoints[].extra_config.proxy": keys.ENDPOINT_PROXY,
    "endpoints[].backend[].extra_config.proxy": keys.BACKEND_PROXY,
    'endpoints[].backend[].extra_config["backend/http"]': keys.BACKEND_HTTP,
    'endpoints[].backend[].extra_config["backend/http/client"]': keys.HTTP_CLIENT,
    'extra_config["validation/cel"][]': keys.CEL_CHECK,
}

DIFFERENT: dict[str, str] = {
    "root.version": "same; anything but 3 is refused with a sentence that names the place",
    "root.dialer_fallback_delay": "accepted; addresses are tried one after the other, without a head start",
    "root.expect_continue_timeout": "accepted; `Expect` is answered here and never sent to a backend",
    "root.port": "same, but an impossible port is an error (exit code 2), not a log line",
    "tls.curve_preferences": "accepted; OpenSSL's own order holds, which begins with X25519",
    "tls.ca_certs": "same; a file that cannot be read ends the start and is named, instead of a log line",
    "client_tls.ca_certs": "same; a file that cannot be read ends the start and is named, instead of a log line",
    "client_tls.client_certs": "same; a pair that cannot be read ends the start and is named, instead of a log line",
    "extra_config.router.trusted_proxies": "same; a text that is no network is ignored and makes nobody trusted",
    "client_tls.curve_preferences": "accepted; OpenSSL's own order holds, which begins with X25519",
    "client_tls.cipher_suites": "accepted; OpenSSL's own list holds",
    "endpoints[].backend[].method":
        "same; a text that can be no method is an error at start instead of failing every request",
    'extra_config["security/cors"].options_success_status':
        "same; a number that is no status is an error at start instead of a panic for every preflight",
    "endpoints[].backend[].sd": "same; a record with a small weight keeps a share instead of vanishing below 1 %",
    "endpoints[].backend[].host": "same, and a wrong host is reported with all others at once",
    "endpoints[].backend[].extra_config.proxy.shadow":
        "`true` works as there, on no-op endpoints too; anything else is an error instead of being ignored",
    "endpoints[].backend[].extra_config.proxy.shadow_timeout":
        "same; a text that is no duration is an error instead of being ignored",
    "endpoints[].backend[].extra_config.proxy.flatmap_filter":
        "same; an operation with too few paths is an error at start instead of a panic for every request",
    "endpoints[].extra_config.proxy.flatmap_filter":
        "same; an operation with too few paths is an error at start instead of a panic for every request",
    "extra_config.router.app_engine": "same",
    'extra_config["validation/cel"][].check_expr':
        "the language is the same, its type checker is not here: an expression that KrakenD skips because its types do "
        "not fit (`req_method == 5`) is evaluated, and is not true; skipped are unknown names",
}  # fmt: skip
"""What is handled, but not to the letter as in KrakenD, by full path."""


_LEFT_OUT = ("a file with it does not run, unless `run_without` in `understudy/service` names it: keep KrakenD for "
             "endpoints that need it")
_NOT_YET = "the gateway runs without it, and `check` and the log say so; keep KrakenD for endpoints that need it"


def rows() -> Iterator[tuple[str, str, str]]:
    """(place, status, remark) for every key, then for every namespace. Status: same, different, no effect, not yet."""
    for place, table in TABLES.items():
        for name, known in table.items():
            full = f"{place}.{name}"
            if full in DIFFERENT:
                yield full, "different" if not DIFFERENT[full].startswith("same") else "same", DIFFERENT[full]
            elif known.no_effect:
                yield full, "not yet" if "not supported yet" in known.no_effect else "no effect", known.no_effect
            else:
                yield full, "same", known.doc
    for kind, (table, _) in KINDS.items():
        yield f'extra_config["modifier/martian"]["{kind}"]', "same", ", ".join(table)
    for name in sorted(PLACES):
        if name.startswith("understudy/"):
            continue
        if name in SUPPORTED:
            yield f'extra_config["{name}"]', "same", "see the keys above" if _has_table(name) else "all its keys"
        elif name.startswith("plugin/"):
            yield f'extra_config["{name}"]', "never", "Go plugins cannot be loaded here; `check` says so"
        else:
            yield f'extra_config["{name}"]', "not yet", _LEFT_OUT if name in NEEDED else _NOT_YET
    for name in sorted(ENTERPRISE):
        yield f'extra_config["{name}"]', "no effect", "Enterprise edition: ignored by the community edition too"


def _has_table(name: str) -> bool:
    return name == "modifier/martian" or any(f'"{name}"' in place or place.endswith(f".{name}") for place in TABLES)


def table() -> str:
    """The rows as a Markdown table."""
    lines = ["| key | here | remark |", "|---|---|---|"]
    lines += [f"| `{place}` | {status} | {remark.replace('|', '/')} |" for place, status, remark in rows()]
    return "\n".join(lines)


if __name__ == "__main__":
    import sys

    sys.stdout.write(table() + "\n")
