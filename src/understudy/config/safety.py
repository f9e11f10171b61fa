"""What is impossible or dangerous about the shadows of an endpoint, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.config.model import Backend, Endpoint, Service, Shadow
from understudy.config.notes import Notes, Path
from understudy.config.paths import placeholders
from understudy.config.shadows import ALL_CREDENTIALS, CREDENTIALS, Draft

_UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def check_shadows(endpoint: Endpoint, drafts: Mapping[int, Draft], path: Path, notes: Notes) -> None:
    """Errors and warnings about the shadows of one endpoint, which is at ``path`` in the file."""
    shadows = endpoint.shadows
    if not shadows:
        return
    if not endpoint.regular:
        notes.error((*path, "backend"), "all backends of this endpoint are shadows: nobody would answer the users. Add "
                                        "a backend without \"shadow\", or remove the endpoint.", "shadow")
        return
    candidates = [b for b in shadows if b.shadow is not None and b.shadow.role == "candidate"]
    for backend in shadows:
        draft = drafts[backend.index]
        shadow = backend.shadow
        assert shadow is not None
        place = (*path, "backend", backend.index)
        _same_place(endpoint, backend, shadow, draft, place, notes)
        _order(shadow, draft, notes)
        _methods(endpoint, backend, shadow, place, notes)
        _credentials(endpoint, backend, shadow, place, notes)
        _timeouts(endpoint, backend, shadow, draft, place, notes)
        _keys(endpoint, backend, shadow, draft, place, notes)
        if shadow.of is None and draft.of is None and shadow.compare.enabled:
            notes.warn(place, "this shadow gets copies, but its answers are not compared: more than one regular "
                              'backend could be meant. Name one with "of" in "understudy/shadow".', "shadow_of")
        if shadow.role == "control" and not any(c.shadow is not None and c.shadow.of == shadow.of for c in candidates):
            notes.warn((*draft.path, "role"), "a control without a candidate measures noise that nobody uses.",
                       "shadow_role")


def _same_place(endpoint: Endpoint, backend: Backend, shadow: Shadow, draft: Draft, place: Path, notes: Notes) -> None:
    if shadow.role == "control":
        return
    for primary in endpoint.regular:
        if not (set(primary.hosts) & set(backend.hosts) and primary.url_pattern == backend.url_pattern
                and primary.method == backend.method):
            continue
        message = (f"this shadow asks the same host, path and method as the backend {primary.index}: every request "
                   'would reach it twice, and prove nothing. Name the new version\'s host, or say "role": "control".')
        if draft.given:
            notes.error(place, message, "shadow_same_place")
        else:
            notes.warn(place, message, "shadow_same_place")
        return
    shared = sorted(set(backend.hosts) & {host for primary in endpoint.regular for host in primary.hosts})
    if shared:
        notes.warn(place, f"this shadow is on the primary's own address ({', '.join(shared)}): its copies load what "
                          "serves the users, and what slows it down slows them down.", "shadow_same_address")


def _order(shadow: Shadow, draft: Draft, notes: Notes) -> None:
    if shadow.start == "after" and shadow.of is None and draft.of is None:
        notes.warn((*draft.path, "start"), '"start": "after" has no effect: more than one regular backend could be '
                                           'meant. Name one with "of".', "shadow_of")


def _methods(endpoint: Endpoint, backend: Backend, shadow: Shadow, place: Path, notes: Notes) -> None:
    if backend.method in _UNSAFE and shadow.percent > 0:
        more = ("" if shadow.set_headers else
                ' With "headers": {"set": ...} the copy can say that it is a rehearsal.')
        notes.warn(place, f"copies of {backend.method} requests have effects: the shadow must not share the primary's "
                          f"data, mail or payments.{more}", "shadow_unsafe_method")
    if shadow.match.methods and endpoint.method not in shadow.match.methods:
        notes.warn(place, f'"match" allows only {", ".join(shadow.match.methods)}, but the endpoint is '
                          f"{endpoint.method}: no request is ever copied.", "shadow_never")


def forwarded(endpoint: Endpoint, backend: Backend, header: str) -> bool:
    """Whether a client's header reaches this backend."""
    lists = endpoint.input_headers
    if "*" not in lists and header not in lists:
        return False
    return not backend.input_headers or header in backend.input_headers


def _credentials(endpoint: Endpoint, backend: Backend, shadow: Shadow, place: Path, notes: Notes) -> None:
    if set(backend.hosts) <= {host for primary in endpoint.regular for host in primary.hosts}:
        return
    leaving = [header for header in CREDENTIALS if forwarded(endpoint, backend, header)
               and header not in shadow.remove_headers
               and (shadow.credentials == ALL_CREDENTIALS or header in shadow.credentials)]
    if leaving and shadow.credentials == ALL_CREDENTIALS:
        names = ", ".join(leaving)
        notes.warn(place, f"credentials of users leave for another host ({', '.join(backend.hosts)}): {names}. If that "
                          'is meant, name them in "credentials" of "understudy/shadow"; if not, say "credentials": [] '
                          "there.", "shadow_credentials")


def _timeouts(endpoint: Endpoint, backend: Backend, shadow: Shadow, draft: Draft, place: Path, notes: Notes) -> None:
    if shadow.timeout <= 0:
        notes.warn(place, "its timeout is 0 or less: no copies are ever sent.", "shadow_never")
    elif shadow.timeout > endpoint.timeout:
        notes.warn(place, f"its timeout of {shadow.timeout:g}s outlives the endpoint's {endpoint.timeout:g}s: copies "
                          "may pile up while a shadow is slow.", "shadow_timeout")
    elif draft.own_timeout is not None and draft.own_timeout > shadow.timeout:
        notes.warn(place, f"its timeout of {draft.own_timeout:g}s is cut to {shadow.timeout:g}s, as in KrakenD: "
                          "several shadows share 85 % of the endpoint's timeout, concurrent calls 75 %.",
                   "shadow_timeout")
    if shadow.percent == 0:
        notes.warn(place, '"percent" is 0: no copies are sent until that is changed.', "shadow_never")
    if shadow.amplify > 1 and shadow.percent == 100:
        notes.warn(place, f'"amplify" {shadow.amplify} at 100 percent sends {shadow.amplify} copies of every request: '
                          "the shadow gets a multiple of the users' load.", "shadow_amplify")


def _keys(endpoint: Endpoint, backend: Backend, shadow: Shadow, draft: Draft, place: Path, notes: Notes) -> None:
    kind, _, name = (shadow.sticky_by or "").partition(":")
    at = (*draft.path, "sticky_by")
    if kind == "param" and name not in endpoint.params:
        known = ", ".join(endpoint.params) or "none"
        notes.error(at, f'"sticky_by" names the parameter "{name}", which {endpoint.path} does not have; it has '
                        f"{known}.", "shadow")
    elif kind == "jwt" and "auth/validator" not in endpoint.extra:
        notes.error(at, f'"sticky_by" needs the claim "{name}", but the endpoint has no "auth/validator".', "shadow")
    elif kind == "query" and "*" not in endpoint.input_query_strings and name not in endpoint.input_query_strings:
        notes.warn(at, f'"sticky_by" reads the query parameter "{name}", which is not in input_query_strings.',
                   "shadow_sticky")
    elif kind in ("header", "cookie"):
        header = "Cookie" if kind == "cookie" else "-".join(p.capitalize() for p in name.split("-"))
        if "*" not in endpoint.input_headers and header not in endpoint.input_headers:
            notes.warn(at, f'"sticky_by" reads the header "{header}", which is not in input_headers.', "shadow_sticky")
    if shadow.mark in {header for header, _ in shadow.set_headers} | set(shadow.remove_headers):
        notes.error((*draft.path, "headers"), f'"{shadow.mark}" marks the copy; it cannot be set or removed.', "shadow")
    needs_claims = [p for p in placeholders(backend.url_pattern) if p.startswith("JWT.")]
    if needs_claims and "Authorization" in shadow.remove_headers and "auth/validator" not in endpoint.extra:
        notes.error((*draft.path, "headers", "remove"), f'"Authorization" is removed, but url_pattern needs '
                                                        f'"{needs_claims[0]}", which comes from it.', "shadow")


def check_names(service: Service, notes: Notes) -> None:
    """Two shadows of one name cannot be told apart."""
    seen: set[str] = set()
    for endpoint in service.endpoints:
        for backend in endpoint.shadows:
            name = backend.shadow.name if backend.shadow is not None else ""
            if name in seen:
                notes.error(("endpoints", endpoint.index, "backend", backend.index),
                            f'the shadow\'s name "{name}" is taken by another one; give it another "name" in '
                            '"understudy/shadow".', "shadow_name")
            seen.add(name)
