"""What Go itself makes of templates is what comes out here."""

import json
from pathlib import Path

from tests.config.flexible.rendering import made
from understudy.config.flexible.failure import TemplateFailure

RECORDED = json.loads(Path(__file__).with_name("recorded.json").read_text())


def rendered(text: str) -> str | None:
    try:
        return made(text, json.loads(json.dumps(RECORDED["data"])))
    except TemplateFailure:
        return None


def test_recorded_templates_come_out_as_in_go() -> None:
    wrong = {text: (got, want) for text, want in RECORDED["cases"] if (got := rendered(text)) != want}
    assert len(RECORDED["cases"]) > 1000 and not wrong
