"""Lines of the log."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.telemetry.collected import Collected
from understudy.config.model import ProcessOptions, Service
from understudy.telemetry.logs import LEVELS, Log, LogSettings, json_line, one_line, settings_of, text_line


def test_a_text_line_has_time_level_source_message_and_fields() -> None:
    out = Collected()
    Log(out, source="worker 1", clock=lambda: 0.0).warning("it broke", how="in two", count=3, nothing=None)
    assert re.fullmatch(
        r'\d{4}/\d\d/\d\d \d\d:\d\d:\d\d UNDERSTUDY WARNING: \[worker 1\] it broke how="in two" count=3\n', out.text
    )


def test_a_json_line_is_one_object() -> None:
    out = Collected()
    Log(out, LogSettings(format="json"), source="mirror 0", clock=lambda: 1.5).error('a "b"\nc', n=1, time="not this")
    assert json.loads(out.text) == {
        "time": "1970-01-01T00:00:01.500Z", "level": "ERROR", "message": 'a "b"\nc', "source": "mirror 0", "n": 1,
    }  # fmt: skip


@pytest.mark.parametrize("lowest", LEVELS)
def test_only_this_level_and_above_are_written(lowest: str) -> None:
    out = Collected()
    log = Log(out, LogSettings(level=lowest))
    for level in LEVELS:
        getattr(log, level.lower())(level)
        assert log.enabled(level) == (LEVELS.index(level) >= LEVELS.index(lowest))
    assert [line.decode().rpartition(" ")[2].strip() for line in out.lines] == list(LEVELS[LEVELS.index(lowest) :])


@given(st.text(), st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text()))
def test_whatever_is_logged_it_stays_one_line(message: str, fields: dict[str, str]) -> None:
    for form in (text_line, json_line):
        line = form(0.0, "INFO", "P", "s", message, fields)
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        assert b"\x1b" not in line and b"\r" not in line
        line.decode("utf-8")


def test_control_characters_become_visible() -> None:
    assert one_line("a\tb\x1b[31m\r\n\x7f") == "a\\tb\\x1b[31m\\r\\n\\x7f"
    assert one_line("größe ▶") == "größe ▶"


def test_settings_come_from_the_configuration_and_debug_goes_before_them() -> None:
    service = Service(process=ProcessOptions(log_level="ERROR", log_format="json"))
    assert settings_of(service) == LogSettings("ERROR", "json")
    assert settings_of(service, debug=True).level == "DEBUG"
