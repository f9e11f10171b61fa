"""When a generation serves, and in which order it ends."""

from __future__ import annotations

from understudy.config.model import Backend, Endpoint, ProcessOptions, Service, Shadow
from understudy.process.generations import is_gone, is_up, mirrors_of, next_to_drain, slots_for
from understudy.process.slots import Phase, Slot


def service(*, shadows: bool, workers: int = 2, mirrors: int = 1) -> Service:
    shadow = Shadow(name="s", timeout=1.0) if shadows else None
    backend = Backend(index=0, hosts=("http://a",), url_pattern="/", method="GET", shadow=shadow)
    endpoint = Endpoint(index=0, path="/a", method="GET", backends=(backend,), timeout=1.0)
    return Service(endpoints=(endpoint,), process=ProcessOptions(workers=workers, mirrors=mirrors))


def test_mirrors_exist_only_for_shadows() -> None:
    assert mirrors_of(service(shadows=False, mirrors=3)) == 0
    assert mirrors_of(service(shadows=True, mirrors=3)) == 3


def test_mirrors_are_started_before_workers() -> None:
    assert [s.name for s in slots_for(service(shadows=True))] == ["mirror 0", "worker 0", "worker 1"]


def started(*names: str) -> list[Slot]:
    slots = []
    for pid, name in enumerate(names, 1):
        slot = Slot(name, pid)  # type: ignore[arg-type]
        slot.forked(pid, 0.0)
        slots.append(slot)
    return slots


def test_it_is_up_when_all_workers_serve_whatever_the_mirror_does() -> None:
    slots = started("mirror", "worker", "worker")
    slots[1].ready(1.0)
    assert not is_up(slots)
    slots[2].ready(1.0)
    assert is_up(slots)


def test_workers_end_before_mirrors() -> None:
    mirror, one, two = slots = started("mirror", "worker", "worker")
    assert next_to_drain(slots) == [one, two]
    one.drain(1.0)
    assert next_to_drain(slots) == [two]
    two.drain(1.0)
    assert next_to_drain(slots) == []
    one.exited(2.0)
    two.exited(2.0)
    assert next_to_drain(slots) == [mirror]
    mirror.drain(3.0)
    assert not is_gone(slots)
    mirror.exited(4.0)
    assert is_gone(slots) and next_to_drain(slots) == []
    assert mirror.phase is Phase.GONE
