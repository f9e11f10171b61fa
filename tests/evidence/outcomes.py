"""Outcomes to count, made by hand or drawn by Hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from understudy.compare.outcome import Compared, Difference, Outcome, Seen

KINDS = ("missing", "extra", "type", "value")


def seen(status: int = 200, seconds: float = 0.02, failure: str = "") -> Seen:
    """One side's answer."""
    return Seen(0 if failure else status, failure, bool(failure) or status >= 500, seconds)


def differs(*paths: str, kind: str = "value", more: int = 0) -> Compared:
    """Bodies that differ at these paths."""
    return Compared(tuple(Difference(path, kind, path, "1", "2") for path in paths), more, "differs")


def triple(mine: Compared = Compared(), theirs: Compared = Compared(), candidate: Seen | None = None,  # noqa: B008
           control: Seen | None = None) -> Outcome:
    """One with a control."""
    return Outcome(seen(), candidate or seen(), mine, control or seen(), theirs)


def pair(mine: Compared = Compared(), candidate: Seen | None = None, primary: Seen | None = None) -> Outcome:  # noqa: B008
    """One without."""
    return Outcome(primary or seen(), candidate or seen(), mine)


_SEEN = st.builds(seen, st.sampled_from([200, 200, 404, 500]), st.floats(0, 100),
                  st.sampled_from(["", "", "", "timeout", "refused"]))
_DIFFERENCES = st.lists(
    st.builds(lambda path, kind: Difference(path, kind, path, "1", "2"),
              st.sampled_from(["$.a", "$.b/c", "$.d:e", "$status", "$header.x"]), st.sampled_from(KINDS)), max_size=4)
_COMPARED = st.builds(lambda found, more, body: Compared(tuple(found), more, body), _DIFFERENCES,
                      st.sampled_from([0, 0, 3]),
                      st.sampled_from(["equal", "differs", "differs", "status", "too_large", "failed"]))
PAIRS = st.builds(Outcome, _SEEN, _SEEN, _COMPARED)
TRIPLES = st.builds(Outcome, _SEEN, _SEEN, _COMPARED, _SEEN, _COMPARED)
OUTCOMES = st.lists(st.one_of(PAIRS, TRIPLES), max_size=60)
PATHS = ("$.a", "$.b/c", "$.d:e", "$status", "$header.x", "(more)")
