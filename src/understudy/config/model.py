"""The configuration as everything else sees it: frozen, complete, with every inherited value filled in.

Durations are seconds (float); None means "not limited". Names follow KrakenD's keys, so that a reader of its
documentation finds them. Component blocks that the core does not read itself stay in ``extra``, under their short
namespace (``qos/ratelimit/router``), as plain data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from understudy.config.problems import Problem

Extra = Mapping[str, Any]


class KeyPair(Struct, frozen=True):
    """Paths of a PEM certificate (chain) and its private key."""

    certificate: str
    private_key: str


class ServerTls(Struct, frozen=True, kw_only=True):
    """``tls`` of the root object: how clients are served over TLS."""

    keys: tuple[KeyPair, ...]
    min_version: str = "TLS13"
    max_version: str = "TLS13"
    cipher_suites: tuple[int, ...] = ()
    curve_preferences: tuple[int, ...] = ()
    enable_mtls: bool = False
    ca_certs: tuple[str, ...] = ()
    disable_system_ca_pool: bool = False


class ClientTls(Struct, frozen=True, kw_only=True):
    """How backends are reached over TLS. ``verify`` false accepts any certificate."""

    verify: bool = True
    ca_certs: tuple[str, ...] = ()
    disable_system_ca_pool: bool = False
    min_version: str = "TLS12"
    max_version: str = "TLS13"
    cipher_suites: tuple[int, ...] = ()
    curve_preferences: tuple[int, ...] = ()
    client_certs: tuple[KeyPair, ...] = ()


class Upstreams(Struct, frozen=True, kw_only=True):
    """Root keys about connections to backends."""

    max_idle_connections: int = 0
    max_idle_connections_per_host: int = 250
    idle_connection_timeout: float | None = None
    response_header_timeout: float | None = None
    expect_continue_timeout: float | None = None
    dialer_timeout: float | None = None
    dialer_fallback_delay: float = 0.3
    dialer_keep_alive: float = 15.0
    disable_keep_alives: bool = False
    disable_compression: bool = False
    dns_cache_ttl: float = 30.0
    tls: ClientTls = ClientTls()


class RouterOptions(Struct, frozen=True, kw_only=True):
    """``extra_config.router``."""

    return_error_msg: bool = False
    disable_redirect_trailing_slash: bool = False
    disable_redirect_fixed_path: bool = False
    disable_handle_method_not_allowed: bool = False
    auto_options: bool = False
    forwarded_by_client_ip: bool = True
    remote_ip_headers: tuple[str, ...] = ("X-Forwarded-For", "X-Real-IP")
    trusted_proxies: tuple[str, ...] = ("0.0.0.0/0", "::/0")
    app_engine: bool = False
    remove_extra_slash: bool = False
    hide_version_header: bool = False
    health_path: str = "/__health"
    disable_health: bool = False
    disable_access_log: bool = False
    logger_skip_paths: tuple[str, ...] = ()
    disable_path_decoding: bool = False
    error_bodies: Mapping[int, bytes] = {}
    """JSON bodies for 404 and 405, rendered."""


class Cors(Struct, frozen=True, kw_only=True):
    """``extra_config["security/cors"]``, with the code's defaults (not the schema's)."""

    allow_origins: tuple[str, ...] = ("*",)
    allow_methods: tuple[str, ...] = ("GET", "HEAD", "POST")
    allow_headers: tuple[str, ...] = ("*",)
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    allow_private_network: bool = False
    max_age: float = 0.0
    options_passthrough: bool = False
    options_success_status: int = 204
    debug: bool = False


class BotDetector(Struct, frozen=True, kw_only=True):
    """``security/bot-detector``. ``allow`` and ``deny`` are whole User-Agents, ``patterns`` are searched in them."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    cache_size: int = 0
    """Verdicts that are remembered."""
    empty_user_agent_is_bot: bool = False


class CelCheck(Struct, frozen=True):
    """One expression of ``validation/cel``, and when it is looked at: by which words it contains, as in KrakenD."""

    text: str

    @property
    def before(self) -> bool:
        """On the request."""
        return "req" in self.text

    @property
    def after(self) -> bool:
        """On what came back."""
        return "resp" in self.text

    @property
    def token(self) -> bool:
        """On the claims of a token."""
        return "JWT" in self.text


class Modifier(Struct, frozen=True):
    """One modifier of ``modifier/martian``, checked: its kind, its values, and the modifiers inside."""

    kind: str
    values: Mapping[str, Any]
    scopes: frozenset[str]
    """``request``, ``response``: on which messages it works."""
    inner: tuple[Modifier, ...] = ()
    """Of a group, in the order in which they run; of a filter, what runs when it fits."""
    otherwise: Modifier | None = None
    """Of a filter: what runs when it does not fit."""


class ProcessOptions(Struct, frozen=True, kw_only=True):
    """``extra_config["understudy/service"]``: ours, ignored by KrakenD."""

    workers: int = 1
    """Worker processes; "auto" in the file becomes the number of CPUs."""
    mirrors: int = 1
    mirror_nice: int = 10
    admin_address: str = "127.0.0.1"
    admin_port: int | None = None
    """None: the default port, or a free one when that is taken. A number: that port or an error."""
    admin_token: str | None = None
    """Needed for changes and, on an address that is not loopback, for reading."""
    admin_disabled: bool = False
    listen_unix: str | None = None
    """Also serve on this UNIX socket path."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    access_log: bool = True
    max_body_bytes: int | None = None
    max_target_bytes: int = 65536
    max_header_fields: int = 256
    head_timeout: float = 60.0
    """A client that has begun a request must end its header section in this time (408)."""
    body_timeout: float = 60.0
    """No progress in an upload, or in taking an answer, for this long ends the connection (408 where possible)."""
    idle_timeout: float = 180.0
    """A keep-alive connection without a request is closed after this; the root's idle_timeout goes before."""
    max_connections: int = 0
    """Client connections per worker; 0 is no limit but the process's own."""
    max_connections_per_host: int = 0
    """Connections to one backend host per worker; 0 is no limit. Over it requests wait until their deadline."""
    max_response_head_bytes: int = 1048576
    max_response_bytes: int | None = None
    """Answers that must be held in memory (to be decoded) may not be larger than this."""
    link_bytes: int = 8 * 1024 * 1024
    """What a worker may hold for the mirror; over it copies are dropped and counted."""
    mirror_memory_bytes: int = 16 * 1024 * 1024
    """What a mirror may hold in bodies; over it copies are dropped and counted."""
    settings_writable: bool = True
    """Whether shadows may be changed at run time through the admin API."""
    explain_header: bool = False
    """Answer with X-Understudy-Copies: which shadows got a copy, and why not."""
    run_without: tuple[str, ...] = ()
    """Components of the file that are not supported here and that somebody else takes care of."""
    store: str | None = None
    """Where evidence is kept: a database URL; None is an SQLite file beside the configuration."""


class Match(Struct, frozen=True, kw_only=True):
    """``understudy/shadow.match``: all given conditions must hold. Patterns are regular expressions (searched)."""

    methods: tuple[str, ...] = ()
    headers: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    path: str | None = None
    expression: str | None = None
    """One CEL expression, when the user gave text instead of an object."""


class CompareRules(Struct, frozen=True, kw_only=True):
    """``understudy/shadow.compare``; see docs/comparing.md."""

    enabled: bool = True
    ignore: tuple[str, ...] = ()
    unordered: tuple[str, ...] = ()
    id_field: Mapping[str, str] = {}
    tolerance: Mapping[str, float] = {}
    headers: tuple[str, ...] = ("content-type",)
    max_body: int = 1024 * 1024
    resample: float = 0.01
    cached: bool = False


class Breaker(Struct, frozen=True, kw_only=True):
    """``understudy/shadow.breaker``: stop after ``failures`` in a row, probe after ``pause`` seconds."""

    enabled: bool = True
    failures: int = 20
    pause: float = 5.0


class Guard(Struct, frozen=True, kw_only=True):
    """``understudy/shadow.guard``: step back when the primary or the gateway itself is in trouble."""

    enabled: bool = True
    latency_ratio: float = 1.5
    error_rise: float = 0.02
    lag: float = 0.1
    """Event-loop lag of a worker, in seconds, at which copying steps back."""
    pause: float = 5.0


class Shadow(Struct, frozen=True, kw_only=True):
    """A backend's part as an understudy: ``extra_config.proxy`` (KrakenD's) and ``understudy/shadow`` (ours)."""

    name: str
    """Unique in the service; people and the admin API use it. Given, or made from endpoint and index."""
    timeout: float
    """Effective seconds for one copy; 0 or less: no copies are sent."""
    of: int | Literal["response"] | None = None
    """Index (among all entries of ``Endpoint.backends``) of the regular backend it understudies."""
    role: Literal["candidate", "control"] = "candidate"
    percent: float = 100.0
    sticky_by: str | None = None
    match: Match = Match()
    start: Literal["with", "after"] = "with"
    host_header: str | None = None
    set_headers: tuple[tuple[str, str], ...] = ()
    remove_headers: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    """Credential headers (canonical names) that may go along; ("*",), what the reader gives when the file says
    nothing, is all that the endpoint forwards, as in KrakenD."""
    mark: str = "X-Understudy-Shadow"
    max_body: int = 1024 * 1024
    max_in_flight: int = 100
    max_rate: float | None = None
    amplify: int = 1
    breaker: Breaker = Breaker()
    guard: Guard = Guard()
    compare: CompareRules = CompareRules()
    calls: int = 1
    """The endpoint's ``concurrent_calls``: KrakenD multiplies copies by it."""

    @property
    def copies(self) -> int:
        """How many copies one request makes."""
        return self.amplify * max(1, self.calls)


class FlatmapOp(Struct, frozen=True):
    """One step of ``flatmap_filter``; paths are split at dots."""

    type: Literal["move", "del", "append"]
    args: tuple[tuple[str, ...], ...]


class Static(Struct, frozen=True):
    """``proxy.static``: data merged into the answer by strategy."""

    data: Mapping[str, Any]
    strategy: Literal["always", "success", "errored", "complete", "incomplete"] = "always"


class Backend(Struct, frozen=True, kw_only=True):
    """One entry of an endpoint's ``backend`` list, with inherited values."""

    index: int
    """Position in the endpoint's list, shadows included."""
    hosts: tuple[str, ...]
    """Cleaned: ``http://name:port`` without a final slash."""
    url_pattern: str
    """With ``{param}`` placeholders as in the file and a leading slash."""
    method: str
    encoding: str = "json"
    is_collection: bool = False
    group: str = ""
    target: str = ""
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    mapping: Mapping[str, str] = {}
    sd: Literal["static", "dns"] = "static"
    sd_scheme: str = "http"
    input_headers: tuple[str, ...] = ()
    input_query_strings: tuple[str, ...] = ()
    concurrent_calls: int = 1
    flatmap: tuple[FlatmapOp, ...] = ()
    flatmap_replaces: bool = False
    """Whether a flatmap stands in the file, valid or not: allow, deny and mapping are then ignored."""
    return_error_details: str | None = None
    return_error_code: bool = False
    send_body_on_redirect: bool = False
    shadow: Shadow | None = None
    cel: tuple[CelCheck, ...] = ()
    martian: Modifier | None = None
    extra: Extra = {}


class Endpoint(Struct, frozen=True, kw_only=True):
    """One entry of ``endpoints``."""

    index: int
    path: str
    """As in the file, with a leading slash: ``/user/{id}``."""
    method: str
    backends: tuple[Backend, ...]
    timeout: float
    cache_ttl: float = 0.0
    concurrent_calls: int = 1
    input_headers: tuple[str, ...] = ()
    input_query_strings: tuple[str, ...] = ()
    output_encoding: str = "json"
    params: tuple[str, ...] = ()
    sequential: bool = False
    propagated_params: tuple[str, ...] = ()
    static: Static | None = None
    flatmap: tuple[FlatmapOp, ...] = ()
    bot_detector: BotDetector | None = None
    cel: tuple[CelCheck, ...] = ()
    json_schema: Any = None
    """What request bodies must fit: a JSON schema, checked; None for none."""
    extra: Extra = {}

    @property
    def regular(self) -> tuple[Backend, ...]:
        """The backends whose answers are returned."""
        return tuple(b for b in self.backends if b.shadow is None)

    @property
    def shadows(self) -> tuple[Backend, ...]:
        """The backends that get copies."""
        return tuple(b for b in self.backends if b.shadow is not None)


class Service(Struct, frozen=True, kw_only=True):
    """A whole configuration that can run."""

    endpoints: tuple[Endpoint, ...] = ()
    name: str = ""
    port: int = 8080
    listen_ip: str = ""
    timeout: float = 2.0
    cache_ttl: float = 0.0
    output_encoding: str = "json"
    hosts: tuple[str, ...] = ()
    read_timeout: float | None = None
    write_timeout: float | None = None
    idle_timeout: float | None = None
    read_header_timeout: float | None = None
    max_header_bytes: int = 1 << 20
    use_h2c: bool = False
    tls: ServerTls | None = None
    upstreams: Upstreams = Upstreams()
    disable_rest: bool = False
    debug_endpoint: bool = False
    echo_endpoint: bool = False
    max_shutdown_wait: float | None = None
    router: RouterOptions = RouterOptions()
    cors: Cors | None = None
    bot_detector: BotDetector | None = None
    process: ProcessOptions = ProcessOptions()
    extra: Extra = {}
    problems: tuple[Problem, ...] = ()
    """Warnings: what is allowed but dangerous, different from KrakenD, or ignored."""
