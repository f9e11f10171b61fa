"""Reading configurations that are written as Python data."""

import json
from pathlib import Path
from typing import Any

from understudy.config.model import Service
from understudy.config.problems import Problem
from understudy.config.read import read_text
from understudy.errors import ConfigError


def backend(**more: Any) -> dict[str, Any]:
    return {"host": ["http://127.0.0.1:8081"], "url_pattern": "/p", **more}


def shadow(ours: dict[str, Any] | None = None, proxy: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    extra: dict[str, Any] = {"proxy": {"shadow": True, **(proxy or {})}}
    if ours is not None:
        extra["understudy/shadow"] = ours
    return {"host": ["http://127.0.0.1:8082"], "url_pattern": "/p", "extra_config": extra, **more}


def endpoint(*backends: Any, **more: Any) -> dict[str, Any]:
    return {"endpoint": "/x", "backend": list(backends or [backend()]), **more}


def config(*endpoints: Any, **more: Any) -> dict[str, Any]:
    return {"version": 3, "endpoints": list(endpoints or [endpoint()]), **more}


def read(data: Any, env: dict[str, str] | None = None, name: str = "k.json") -> Service:
    text = data if isinstance(data, str) else json.dumps(data)
    return read_text(text.encode(), name, env or {}, Path())


def problems(data: Any, env: dict[str, str] | None = None, name: str = "k.json") -> tuple[Problem, ...]:
    try:
        return read(data, env, name).problems
    except ConfigError as error:
        return error.problems


def errors(data: Any, env: dict[str, str] | None = None, name: str = "k.json") -> list[Problem]:
    return [p for p in problems(data, env, name) if p.severity == "error"]


def warnings(data: Any, env: dict[str, str] | None = None, name: str = "k.json") -> list[Problem]:
    return [p for p in problems(data, env, name) if p.severity == "warning"]


def only_error(data: Any, env: dict[str, str] | None = None, name: str = "k.json") -> Problem:
    found = errors(data, env, name)
    assert len(found) == 1, [str(p) for p in found]
    return found[0]


def only_warning(data: Any) -> Problem:
    found = problems(data)
    assert [p.severity for p in found] == ["warning"], [str(p) for p in found]
    return found[0]
