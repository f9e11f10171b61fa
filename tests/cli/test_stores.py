"""Whose evidence is meant, and where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import HOST, Shell
from tests.cli.evidence import Evidence, config
from tests.store.test_judging import worse
from understudy.cli import stores
from understudy.config.read import read
from understudy.errors import ConfigError, StoreError
from understudy.store.place import Identity, described
from understudy.store.series import Series


def test_by_its_configuration(shell: Shell) -> None:
    at = stores.kept(shell.file(config(next="/a", other="/b")), None)
    assert described(at.url) == f"{shell.folder.resolve()}/krakend.json.evidence.db"
    assert at.identity == Identity(f"{shell.folder.resolve()}/krakend.json", "shop")
    assert at.expected == (Series("next", "GET /a"), Series("other", "GET /b"))


def test_where_the_configuration_says(shell: Shell) -> None:
    file = shell.file({**config(next="/a"), "extra_config": {"understudy/service": {"store": "kept/e.db"}}})
    assert described(stores.kept(file, None).url) == f"{shell.folder.resolve()}/kept/e.db"
    assert described(stores.kept(file, "mine.db").url) == f"{shell.folder.resolve()}/mine.db"


def test_a_store_alone_is_of_everybody(shell: Shell) -> None:
    at = stores.kept(None, "mine.db")
    assert (described(at.url), at.identity, at.expected) == (f"{shell.folder.resolve()}/mine.db", None, ())
    with pytest.raises(StoreError, match="not known"):
        stores.kept(None, "oracle://x")
    with pytest.raises(ConfigError):
        stores.kept(shell.file("{"), None)


def test_only_what_is_compared_is_expected(shell: Shell, tmp_path: Path) -> None:
    made = config(next="/a", off="/b", copy="/c")
    for n, more in ((1, {"compare": False}), (2, {"role": "control"})):
        made["endpoints"][n]["backend"][1]["extra_config"]["understudy/shadow"] |= more
    made["endpoints"].append({"endpoint": "/plain", "backend": [{"url_pattern": "/p", "host": [HOST]}]})
    service = read(tmp_path / shell.file(made), {})
    assert list(stores.expected(service)) == [Series("next", "GET /a")]


def test_looking_keeps_what_failed_and_makes_no_store(shell: Shell) -> None:
    file = shell.file(config(next="/a"))
    at = stores.kept(file, None)
    with pytest.raises(StoreError, match="There is no store"):
        stores.look(at)
    assert not Path(at.url.database or "").exists()
    Evidence(shell, file).of("next", "GET /a", worse, 100).close()
    assert [set(one.new) for one in stores.look(at)] == [{"next"}]
    assert [set(one.new) for one in stores.look(at)] == [set()]


def test_a_store_that_is_locked_is_still_read(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    made = Evidence(shell, shell.file(config(next="/a"))).of("next", "GET /a", worse, 100)
    with made.locked():
        (said,) = stores.look(stores.kept("krakend.json", None), busy=0.05)
    assert said.verdicts["next"].state == "FAIL"
    assert "is not kept: The store" in capsys.readouterr().err
    made.close()
