"""What children may ask the supervisor: counters, children, the configuration, events, and a few deeds."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from understudy import __version__
from understudy.admin.redaction import redacted
from understudy.process.ledger import Values
from understudy.process.messages import Question, Reply, Told
from understudy.process.nursery import Child
from understudy.process.overrides import NotPossible, change_of, shadows_table
from understudy.process.slots import Phase
from understudy.process.survey import Surveys

if TYPE_CHECKING:
    from understudy.process.supervisor import Supervisor

Answer = Callable[[Any], None]


class Office:
    """Answers questions of children."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        self._surveys = Surveys(supervisor.loop)
        self._at_once: dict[str, Callable[[Any], Any]] = {
            "counters": self._counters, "children": self._children, "config": self._config, "events": self._events,
            "shadow": self._shadow, "shadows": self._shadows, "status": self._status,
        }  # fmt: skip

    def asked(self, child: Child, question: Question) -> None:
        """Answers now, or when the answer is there."""

        def answer(body: Any = None, error: str = "") -> None:
            child.channel.send(Reply(question.id, body, error))

        find = self._at_once.get(question.what)
        if find is not None:
            try:
                answer(find(question.body))
            except NotPossible as reason:
                answer(error=str(reason))
        elif question.what == "reload":
            self._supervisor.reload(lambda why: answer({"result": "failed" if why else "ok", "why": why}))
        elif question.what == "explain":
            children = [c for c in self._supervisor.nursery.children.values() if c.generation is not None]
            self._surveys.ask(children, "explain", question.body, answer)
        else:
            answer(error=f'Nobody knows how to answer "{question.what}".')

    def answered(self, reply: Reply) -> None:
        """A child's answer to a question of ours."""
        self._surveys.take(reply)

    def _counters(self, body: Any) -> Any:
        supervisor = self._supervisor
        return msgspec.to_builtins(supervisor.ledger.read(supervisor.nursery.boards(), self._states()))

    def _states(self) -> Values:
        """What is so now, as gauges."""
        supervisor = self._supervisor
        states: Values = {f'understudy_build_info{{version="{__version__}"}}': 1}
        for slot, _ in supervisor.slots():
            name = f'understudy_children{{kind="{slot.kind}",phase="{slot.phase.value}"}}'
            states[name] = states.get(name, 0) + 1
        if supervisor.current is not None:
            states["understudy_config_generation"] = supervisor.current.number
            states["understudy_config_loaded_timestamp_seconds"] = int(supervisor.loaded)
        return states

    def _children(self, body: Any) -> Any:
        supervisor = self._supervisor
        now = supervisor.loop.now()
        table = [{"kind": "supervisor", "index": 0, "name": "supervisor", "pid": os.getpid(), "phase": "ready",
                  "seconds": None, "restarts": 0, "failures": 0, "generation": None, "starts_in": None}]  # fmt: skip
        for slot, generation in supervisor.slots():
            table.append({
                "kind": slot.kind, "index": slot.index, "name": slot.name, "pid": slot.pid or None,
                "phase": slot.phase.value, "seconds": round(now - slot.since, 3), "restarts": slot.restarts,
                "failures": slot.failures, "generation": generation.number if generation else None,
                "starts_in": round(max(0.0, slot.due - now), 3) if slot.phase is Phase.WAITING else None,
            })  # fmt: skip
        return table

    def _config(self, body: Any) -> Any:
        supervisor = self._supervisor
        if supervisor.current is None:
            raise NotPossible("No configuration is in force yet.")
        service = msgspec.to_builtins(supervisor.current.service, str_keys=True)
        problems = [str(p) for p in supervisor.current.service.problems]
        service.pop("problems", None)
        return {"file": str(supervisor.path.absolute()), "generation": supervisor.current.number,
                "loaded": supervisor.loaded, "warnings": problems, "changed_at_run_time": supervisor.overrides,
                "service": redacted(service)}  # fmt: skip

    def _events(self, body: Any) -> Any:
        after = body if isinstance(body, int) else 0
        return msgspec.to_builtins(self._supervisor.events.after(after))

    def _status(self, body: Any) -> Any:
        supervisor = self._supervisor
        current = supervisor.current
        workers = current.of("worker") if current is not None else []
        ready = sum(slot.phase is Phase.READY for slot in workers)
        return {"version": __version__, "pid": os.getpid(), "workers": len(workers), "workers_ready": ready,
                "ready": bool(workers) and ready == len(workers) and not supervisor.stopping,
                "stopping": supervisor.stopping}  # fmt: skip

    def _shadows(self, body: Any) -> Any:
        supervisor = self._supervisor
        if supervisor.current is None:
            return []
        return shadows_table(supervisor.current.service, supervisor.overrides)

    def _shadow(self, body: Any) -> Any:
        supervisor = self._supervisor
        if supervisor.current is None:
            raise NotPossible("No configuration is in force yet.")
        name, changes = change_of(body, supervisor.current.service)
        now = supervisor.overrides.setdefault(name, {})
        now.update(changes)
        supervisor.tell(Told("shadow", {"name": name, **changes}))
        said = ", ".join(f"{key} {value}" for key, value in changes.items())
        supervisor.happened("shadow_changed", f'shadow "{name}" changed: {said}', shadow=name)
        return {"name": name, "changed": now, "note": "This holds until the gateway ends, or until the shadow's own "
                "part of the file is changed and reloaded; to keep it, write it to the file."}  # fmt: skip
