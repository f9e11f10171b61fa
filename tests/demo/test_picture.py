from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree


def test_the_picture_shows_a_run(tmp_path: Path) -> None:
    """What users got, and the account of the shadow."""
    target = tmp_path / "demo.svg"
    words = [sys.executable, "-m", "understudy.demo.picture", str(target)]
    subprocess.run(words, env={**os.environ, "DEMO_SECONDS": "1"}, check=True, timeout=60)
    text = "".join(ElementTree.parse(target).getroot().itertext()).replace("\u00a0", " ")
    assert "What users got" in text and "What the shadow got" in text and "user-id-1" in text
