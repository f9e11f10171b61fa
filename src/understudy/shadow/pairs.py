"""Puts together what belongs together: what a primary answered, what the copies of the same request answered. Pure.

An exchange is complete when everything that was expected has come: the primary's observation, the candidate's, and
those of the controls that were asked at the same moment. A candidate is handed on once, with the first control that
understudies the same backend. What does not come until ``until`` is not waited for any longer: a missing control makes
a pair of a triple, a missing primary or candidate makes nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from understudy.exchange import Observation


class Expected(Struct, frozen=True, gc=False):
    """One copy that is on its way."""

    place: int
    """Among the endpoint's shadows; negative for a primary that is asked once more."""
    of: int
    """The regular backend (or the response) that it is compared with."""
    control: bool = False


class Pair(Struct, frozen=True, gc=False):
    """What is known about one candidate's copy at the end."""

    place: int
    primary: Observation
    candidate: Observation
    control: Observation | None = None
    controlled: bool = False
    """Whether there was to be a control."""


class Unpaired(Struct, frozen=True, gc=False):
    """A candidate has been observed and there is nothing to compare it with."""

    place: int
    candidate: Observation



class _Open:
    """One exchange that is not complete."""

    __slots__ = ("copies", "expected", "primaries", "until")

    def __init__(self, expected: Iterable[Expected], until: float) -> None:
        self.until = until
        self.primaries: dict[int, Observation] = {}
        self.copies: dict[int, Observation | None] = {}
        """By place: what was observed; None when it was given up."""
        self.expected = list(expected)
        """Candidates that have not been handed on, and all controls."""


class Exchanges:
    """All exchanges that are not complete.

    ``ended`` gets the exchange's id and what became of a candidate, exactly once for each candidate that was observed;
    then, when nothing more is awaited, ``closed`` gets the id. Times are those of any clock, the same for all calls.
    """

    def __init__(
        self,
        ended: Callable[[int, Pair | Unpaired], None],
        closed: Callable[[int], None] = lambda id: None,
        most: int = 20_000,
    ) -> None:
        self._ended = ended
        self._closed = closed
        self._most = most
        self._open: dict[int, _Open] = {}

    def __len__(self) -> int:
        return len(self._open)

    def begin(self, id: int, expected: Iterable[Expected], until: float) -> None:
        """Copies are on their way; later calls may add more to the same exchange. Over the limit the oldest goes."""
        known = self._open.get(id)
        if known is None:
            if len(self._open) >= self._most:
                self._close(next(iter(self._open)))
            self._open[id] = _Open(expected, until)
        else:
            known.expected.extend(expected)
            known.until = max(known.until, until)

    def primary(self, id: int, backend: int, seen: Observation) -> None:
        """What a regular backend did; the first word counts."""
        known = self._open.get(id)
        if known is not None and backend not in known.primaries:
            known.primaries[backend] = seen
            self._hand_on(id, known)

    def copy(self, id: int, place: int, seen: Observation | None) -> None:
        """What came of a copy; None when it was given up before it was sent."""
        known = self._open.get(id)
        if known is not None and place not in known.copies:
            known.copies[place] = seen
            self._hand_on(id, known)

    def sweep(self, now: float) -> None:
        """Closes what has waited long enough."""
        for id in [id for id, known in self._open.items() if known.until <= now]:
            self._close(id)

    def close_all(self) -> None:
        """Nothing more will come."""
        for id in list(self._open):
            self._close(id)

    def _close(self, id: int) -> None:
        known = self._open.pop(id)
        for one in [e for e in known.expected if not e.control]:
            self._tell(id, known, one)
        self._closed(id)

    def _hand_on(self, id: int, known: _Open) -> None:
        left = []
        for one in known.expected:
            if one.control or not self._complete(known, one):
                left.append(one)
            else:
                self._tell(id, known, one)
        known.expected = left
        if all(e.control for e in left):
            del self._open[id]
            self._closed(id)

    @staticmethod
    def _complete(known: _Open, one: Expected) -> bool:
        if one.place not in known.copies:
            return False
        if known.copies[one.place] is None:
            return True
        return one.of in known.primaries and all(
            e.place in known.copies for e in known.expected if e.control and e.of == one.of
        )

    def _tell(self, id: int, known: _Open, one: Expected) -> None:
        candidate = known.copies.get(one.place)
        if candidate is None:
            return
        primary = known.primaries.get(one.of)
        if primary is None:
            self._ended(id, Unpaired(one.place, candidate))
            return
        controls = [e.place for e in known.expected if e.control and e.of == one.of]
        seen = [s for place in controls if (s := known.copies.get(place)) is not None]
        self._ended(id, Pair(one.place, primary, candidate, seen[0] if seen else None, bool(controls)))
