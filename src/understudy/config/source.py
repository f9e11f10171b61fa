"""The text of a configuration: a file as it is, or what its templates make of it when ``FC_ENABLE`` is set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from understudy.config.formats import Format, format_of
from understudy.config.problems import Problem
from understudy.errors import ConfigError

if TYPE_CHECKING:
    from understudy.config.flexible.failure import TemplateFailure
    from understudy.config.flexible.rendered import Rendered


class Source(Struct, frozen=True):
    """A text, ``name`` being how problems call it.

    ``problems`` are warnings about templates; ``failure`` is why the template was not used and the file is read as it
    is, which is worth an error once that cannot be read either.
    """

    text: bytes
    name: str
    kind: Format
    problems: tuple[Problem, ...] = ()
    failure: Problem | None = None


def load(path: Path, env: Mapping[str, str]) -> Source:
    """What the file says. Raises ConfigError if it, or the settings of its templates, cannot be read."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError([_problem(f"open {path}: {_why(error)}.", "file", str(path))]) from None
    plain = Source(text, str(path), format_of(str(path)))
    return _flexible(plain, path, env) if env.get("FC_ENABLE") else plain


def _flexible(plain: Source, path: Path, env: Mapping[str, str]) -> Source:
    from understudy.config.flexible.rendered import rendered

    made = rendered(plain.text, path, env)
    warnings = tuple(_problem(f"{text[0].upper()}{text[1:]}", "settings", severity="warning") for text in made.warnings)
    if made.problems:
        listed = "".join(f"\n\t- {text}" for text in made.problems)
        raise ConfigError([_problem(f"loading flexible-config settings:{listed}", "settings"), *warnings])
    if made.failure is not None:
        return Source(plain.text, plain.name, plain.kind, warnings, _failed(made.failure))
    return _kept(plain, made, warnings, env.get("FC_OUT", ""))


def _kept(plain: Source, made: Rendered, warnings: tuple[Problem, ...], out: str) -> Source:
    """The rendered text, written to ``FC_OUT`` if that is set."""
    text = made.text or b""
    if not out:
        kind: Format = "json" if text.lstrip().startswith(b"{") else plain.kind
        return Source(text, f"{plain.name} (rendered; FC_OUT=FILE keeps the text)", kind, warnings)
    try:
        Path(out).write_bytes(text)
    except OSError as error:
        why = _problem(f"FC_OUT cannot be written: open {out}: {_why(error)}; the gateway goes on without it.",
                       "settings", severity="warning")
        warnings = (*warnings, why)
    return Source(text, out, format_of(out), warnings)


def _failed(failure: TemplateFailure) -> Problem:
    message = (f"The template fails: {failure.message}. So the file is read as it is, as KrakenD does; mend the "
               "template, or unset FC_ENABLE.")
    return Problem(path=(), message=message, code="template", severity="warning", line=failure.line, column=1,
                   file=failure.name)


def _problem(message: str, code: str, file: str = "", severity: str = "error") -> Problem:
    return Problem(path=(), message=message, code=code, file=file,
                   severity="warning" if severity == "warning" else "error")


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
