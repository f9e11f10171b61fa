"""The accounts of shadows for people: as text, and as a table. Pure: from the admin API's data to words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.table import Table

Row = Mapping[str, Any]
"""One shadow, as ``/api/shadows`` gives it."""


def lines(rows: Sequence[Row]) -> list[str]:
    """A paragraph for each shadow, in which every copy is found once."""
    if not rows:
        return ["There are no shadows in this configuration."]
    out: list[str] = []
    for row in rows:
        out += [f"{row['name']}: {title(row)}", *(f"  {line}" for line in account(row)), ""]
    return out[:-1]


def title(row: Row) -> str:
    """Whose copy it is, where it goes, and what lets how much through."""
    where = ", ".join(row["hosts"])
    return f"{row['method']} {row['endpoint']} to {where}; share {share(row)}, {gates(row)}"


def account(row: Row) -> list[str]:
    """The three equations of the account, the times, and what is wrong with it."""
    return [
        f"eligible {row['eligible']} = sent {row['sent']} + skipped {total(row['skipped'])} + "
        f"dropped {total(row['dropped'])} + in transit {row['in_transit']}",
        f"sent {row['sent']} = answered {row['answered']} + failed {total(row['failed'])} + "
        f"in flight {row['in_flight']}",
        f"answered {row['answered']} = compared {row['compared']} + not compared {total(row['not_compared'])} + "
        f"pending {row['pending']}",
        f"candidate p50 {seconds(row['candidate_p50'])}, p99 {seconds(row['candidate_p99'])}; "
        f"primary p50 {seconds(row['primary_p50'])}, p99 {seconds(row['primary_p99'])}",
        *(f"WRONG: {problem}" for problem in row.get("problems", ())),
    ]


def table(rows: Sequence[Row]) -> Table:
    """The same for a terminal: few columns with several lines, so that eighty letters are enough."""
    from rich.table import Table as RichTable
    from rich.text import Text

    made = RichTable(header_style="bold", pad_edge=False, show_lines=True)
    for name in ("shadow", "eligible", "sent", "answered", "p50 / p99"):
        made.add_column(name, overflow="fold")
    for row in rows:
        held = "" if is_open(row) else "yellow"
        who = Text(f"{row['name']}\n", style="bold").append(
            f"{row['method']} {row['endpoint']}\nshare {share(row)}\n", style="not bold"
        ).append(gates(row).replace(", ", "\n"), style=f"not bold {held}")  # fmt: skip
        for problem in row.get("problems", ()):
            who.append(f"\n{problem}", style="bold red")
        made.add_row(
            who,
            Text("\n".join([str(row["eligible"]), *of_which("skipped", row["skipped"]),
                            *of_which("dropped", row["dropped"]), f"in transit {row['in_transit']}"])),
            Text("\n".join([str(row["sent"]), *of_which("failed", row["failed"]), f"in flight {row['in_flight']}"])),
            Text("\n".join([str(row["answered"]), f"compared {row['compared']}",
                            *of_which("not compared", row["not_compared"]), f"pending {row['pending']}"])),
            Text(f"candidate\n{seconds(row['candidate_p50'])} / {seconds(row['candidate_p99'])}\n"
                 f"primary\n{seconds(row['primary_p50'])} / {seconds(row['primary_p99'])}"),
        )  # fmt: skip
    return made


def is_open(row: Row) -> bool:
    """Whether nothing holds copies back beyond what the configuration says."""
    return bool(row["breaker"] == "closed" and row["guard"] == 1.0)


def gates(row: Row) -> str:
    """What breaker and guard say."""
    return f"breaker {row['breaker']}, guard {percent(100 * row['guard'])}"


def share(row: Row) -> str:
    """The share of requests that are copied, as it is at present: ``5 % x 10 (changed)``."""
    text = percent(row["percent"])
    if row.get("copies", 1) > 1:
        text += f" x {row['copies']}"
    notes = [word for word, holds in (("paused", row.get("paused")), ("changed", row.get("changed"))) if holds]
    return text + (f" ({', '.join(notes)})" if notes else "")


def percent(value: float) -> str:
    """``5 %``, ``0.0001 %``."""
    return f"{value:.4f}".rstrip("0").rstrip(".") + " %"


def total(counts: Mapping[str, int]) -> str:
    """``12``, or ``12 (percent 10, loop 2)``."""
    number = str(sum(counts.values()))
    return f"{number} ({', '.join(ordered(counts))})" if counts else number


def of_which(what: str, counts: Mapping[str, int]) -> list[str]:
    """The sum, and below it each reason."""
    return [f"{what} {sum(counts.values())}", *(f"  {reason}" for reason in ordered(counts))]


def ordered(counts: Mapping[str, int]) -> Iterable[str]:
    """``percent 10``, ``loop 2``: the most frequent first."""
    return [f"{reason} {n}" for reason, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]


def seconds(value: float | None) -> str:
    """``1.2 ms``, ``3 s``; a dash when nothing was measured."""
    if value is None:
        return "-"
    return f"{value:.3g} s" if value >= 1 else f"{value * 1000:.3g} ms"
