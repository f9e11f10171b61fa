"""The list of paths on which answers differ: which may be called different, and which are noise.

Which paths are listed as worse is decided over the whole shadow by e-BH: of what is listed, at most ``list_rate`` is
wrong on average. That is another promise than FAIL's, and needs less evidence.
"""

from __future__ import annotations

from collections.abc import Mapping

from understudy.evidence.counters import ANY
from understudy.evidence.eprocesses import e_bh
from understudy.evidence.families import Case
from understudy.evidence.reading import PathReading
from understudy.evidence.settings import Settings, path_weight
from understudy.evidence.statements import Finding

_ORDER = ("worse", "watched", "unjudged", "noise", "rare")


def label_all(cases: Mapping[str, Case], logs: Mapping[str, Mapping[str, float]],
              settings: Settings) -> set[tuple[str, str]]:
    """The (endpoint, path) that may be listed as worse. Without any control there are none."""
    judged = {name: case for name, case in cases.items()
              if not case.whole.uncontrolled or settings.accept_body_without_control}  # fmt: skip
    ordinals = {(name, path): j for name, case in judged.items() for j, path in enumerate(case.paths)}
    known = {key: logs[key[0]][key[1]] for key in ordinals if key[1] in logs[key[0]]}
    weights = {key: cases[key[0]].weight * path_weight(ordinals[key]) for key in known}
    return e_bh(known, weights, settings.list_rate)


def findings(endpoint: str, case: Case, logs: Mapping[str, float], listed: set[tuple[str, str]]) -> tuple[Finding, ...]:
    """Every path of an endpoint that was seen to differ; worse first, then by evidence."""
    settings, whole = case.settings, case.whole
    order = {path: j for j, path in enumerate(case.paths)}
    out = []
    for path, log_e in logs.items():
        line = settings.line(settings.split.body, case.weight * path_weight(order.get(path, len(order))))
        one = whole.paths[path]
        control = one.of(ANY).control + one.found_control
        if whole.uncontrolled and not settings.accept_body_without_control:
            label = "unjudged"
        elif (endpoint, path) in listed or f"body/{path}" in case.latched or (path in order and log_e >= line):
            label = "worse"
        else:
            label = "watched" if log_e >= line / 2 else "noise" if control else "rare"
        out.append(Finding(endpoint, path, _kind(one), label, log_e, line,
                           one.of(ANY).candidate + one.found_candidate, control, whole.pairs, whole.triples))
    return tuple(sorted(out, key=lambda f: (_ORDER.index(f.label), -f.log_e, -f.candidate, f.path)))


def _kind(one: PathReading) -> str:
    """The kind with the largest surplus on the candidate's side."""

    def surplus(kind: str) -> tuple[int, int, str]:
        versus = one.of(kind)
        return versus.win - versus.loss + versus.alone, versus.candidate, kind

    return max((kind for kind in one.kinds if kind != ANY), key=surplus, default="")
