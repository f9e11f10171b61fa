from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from understudy.config.model import Service
from understudy.errors import StoreError
from understudy.store.place import Identity, default_file, described, identity, place


def test_two_configurations_in_one_folder_have_two_files(tmp_path: Path) -> None:
    a, b = (place(None, tmp_path / name, {}) for name in ("gateway.json", "gateway.yaml"))
    assert a.database == str(tmp_path / "gateway.json.evidence.db") and a.database != b.database


def test_the_identity_is_the_whole_path_and_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert identity(Path("k.json"), Service(name="shop")) == Identity(str(tmp_path / "k.json"), "shop")
    (tmp_path / "link.json").symlink_to(tmp_path / "k.json")
    assert identity(Path("link.json"), Service()) == identity(tmp_path / "k.json", Service())


@pytest.mark.parametrize(("given", "wanted"), [
    ("sqlite:////var/e.db", "sqlite:////var/e.db"), ("sqlite:///e.db", "sqlite:////c/e.db"), ("e.db", "sqlite:////c/e.db"),
    ("postgresql://u@h/n", "postgresql+psycopg://u@h/n"), ("postgres://u@h/n", "postgresql+psycopg://u@h/n")])
def test_urls(given: str, wanted: str) -> None:
    assert place(given, Path("/c/k.json"), {}).render_as_string() == wanted


@pytest.mark.parametrize(("given", "why"), [
    ("mysql://h/n", '"mysql" is not known'), ("sqlite://", "needs a file"), ("sqlite:///:memory:", "needs a file"),
    ("://", "cannot be read"), ("postgresql://h:port/n", "cannot be read")])
def test_what_is_no_store_says_why(given: str, why: str) -> None:
    with pytest.raises(StoreError, match=why):
        place(given, Path("/c/k.json"), {})


def test_people_do_not_see_passwords() -> None:
    assert "secret" not in described(place("postgresql://u:secret@h/n", Path("/c/k.json"), {}))


def test_where_the_folder_cannot_be_written_to_the_state_folder_is_used() -> None:
    folder = Path(tempfile.mkdtemp(dir="/tmp", prefix="understudy-"))
    folder.chmod(0o555)
    env = {"HOME": "/home/me"}

    def check() -> None:
        found = default_file(folder / "k.json", env)
        other = default_file(folder / "sub" / "k.json", env)
        assert found.parent == Path("/home/me/.local/state/understudy") and found.name.startswith("k.json-")
        assert found != other

    try:
        assert as_nobody(check) == 0
    finally:
        folder.rmdir()


def as_nobody(act: object) -> int:
    """Runs it in a child that has no privileges; its exit code."""
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            act()  # type: ignore[operator]
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
