"""A template in a file, and the folders that ``FC_*`` name, to the text that is read as the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from understudy.config.flexible import nodes
from understudy.config.flexible.evaluate import render
from understudy.config.flexible.failure import Refusal, TemplateFailure
from understudy.config.flexible.functions import REFUSED, functions
from understudy.config.flexible.parser import parse
from understudy.config.flexible.settings import ENDINGS, Settings, read_settings

LARGEST = 16 * 1024 * 1024
"""Bytes of a template, partial or settings file."""


class Rendered(NamedTuple):
    """What became of a template.

    ``text`` is None when it fails, and ``failure`` then says why. ``problems`` are sentences about settings and
    templates that stop the gateway, ``warnings`` are those that do not.
    """

    text: bytes | None
    failure: TemplateFailure | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]


def rendered(source: bytes, path: Path, env: Mapping[str, str]) -> Rendered:
    """What the template makes of its settings, partials and templates. Never raises for what they contain."""
    settings, templates, unread = _gathered(env)
    problems = (*unread, *settings.failures)
    if problems:
        return Rendered(None, None, problems, settings.warnings)
    try:
        text = _evaluated(source, path, templates, settings, env)
    except TemplateFailure as failure:
        return Rendered(None, failure, (), settings.warnings)
    return Rendered(text, None, (), settings.warnings)


def _evaluated(source: bytes, path: Path, templates: Mapping[str, bytes], settings: Settings,
               env: Mapping[str, str]) -> bytes:
    table = functions(env, _partials(env.get("FC_PARTIALS", "")))
    trees: dict[str, nodes.Tree] = {}
    sources: dict[str, str] = {}
    main = str(path)
    for name, content in (*templates.items(), (main, source)):
        sources[name] = _text(content, name)
        trees.update(parse(sources[name], name, table, REFUSED))
    return render(trees, main, settings.values, table, sources).encode("utf-8", "surrogateescape")


def _text(content: bytes, name: str) -> str:
    if len(content) > LARGEST:
        raise TemplateFailure(f"the file is larger than {LARGEST >> 20} MiB", name, 1)
    return content.decode("utf-8", "surrogateescape")


def _gathered(env: Mapping[str, str]) -> tuple[Settings, dict[str, bytes], list[str]]:
    """Settings, templates by name, and what could not be read."""
    unread: list[str] = []
    found: dict[str, dict[str, bytes]] = {"FC_SETTINGS": {}, "FC_TEMPLATES": {}}
    wanted = {"FC_SETTINGS": ENDINGS, "FC_TEMPLATES": (".tmpl",)}
    for variable, files in found.items():
        if not env.get(variable):
            continue
        folder = Path(env[variable])
        try:
            entries = sorted(folder.iterdir())
        except OSError as error:
            unread.append(f"{folder}: open {folder}: {_why(error)}; {variable} must name a directory")
            continue
        for entry in entries:
            if entry.is_dir() or not entry.name.endswith(wanted[variable]):
                continue
            try:
                files[entry.name] = entry.read_bytes()
            except OSError as error:
                unread.append(f"{entry.name}: open {entry}: {_why(error)}")
    return read_settings(found["FC_SETTINGS"].items()), found["FC_TEMPLATES"], unread


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _partials(folder: str) -> Callable[[str], str]:
    """``include``: a file's text as it is; a file that is not there is empty, as in KrakenD."""
    known: dict[str, str] = {}

    def include(name: str) -> str:
        if name not in known:
            try:
                content = (Path(folder) / name.lstrip("/")).read_bytes()
            except (OSError, ValueError):
                content = b""
            if len(content) > LARGEST:
                raise Refusal(f"the partial is larger than {LARGEST >> 20} MiB")
            known[name] = content.decode("utf-8", "surrogateescape")
        return known[name]

    return include
