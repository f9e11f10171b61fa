from tests.cli.calling import Shell


def test_help_lists_commands_and_explains_one(shell: Shell) -> None:
    assert "Available Commands" in shell("help")[1]
    code, out, _ = shell("help", "check")
    assert code == 0 and "--lint" in out


def test_help_about_nothing_known_is_a_usage_error(shell: Shell) -> None:
    assert shell("help", "dance")[0] == 2
