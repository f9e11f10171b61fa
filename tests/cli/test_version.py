import json

from tests.cli.calling import Shell
from understudy import __version__


def test_the_version_is_told_to_people_and_programs(shell: Shell) -> None:
    assert f"Understudy Version: {__version__}" in shell("version")[1]
    assert json.loads(shell("version", "--json")[1])["understudy"] == __version__
