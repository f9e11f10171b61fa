from pathlib import Path

import pytest

from understudy.config.problems import Problem
from understudy.config.read import read
from understudy.config.source import load
from understudy.errors import ConfigError

GOOD = '{"version": 3, "name": "%s"}'


def told(problems: tuple[Problem, ...]) -> list[Problem]:
    """Without the warning that these short files have no endpoints."""
    return [p for p in problems if p.path != ("endpoints",)]


def written(folder: Path, text: str, name: str = "k.json") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_without_fc_enable_a_file_stays_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD % "{{ .x }}")
    assert read(path, {}).name == "{{ .x }}" and read(path, {"FC_ENABLE": ""}).name == "{{ .x }}"
    assert load(path, {}).name == str(path)


@pytest.mark.parametrize("value", ["1", "0", "no"])
def test_any_text_in_fc_enable_renders(tmp_path: Path, value: str) -> None:
    path = written(tmp_path, GOOD % '{{ env "A" | upper }}')
    assert read(path, {"FC_ENABLE": value, "A": "x"}).name == "X"


def test_fc_out_keeps_the_text_and_decides_the_format(tmp_path: Path) -> None:
    out = tmp_path / "out.yaml"
    path = written(tmp_path, 'version: 3\nname: {{ "x" }}\n')
    assert read(path, {"FC_ENABLE": "1", "FC_OUT": str(out)}).name == "x"
    assert out.read_text() == "version: 3\nname: x\n"
    with pytest.raises(ConfigError, match="rendered; FC_OUT=FILE keeps the text"):
        read(path, {"FC_ENABLE": "1"})


def test_without_fc_out_the_ending_of_the_template_counts(tmp_path: Path) -> None:
    path = written(tmp_path, 'version: 3\nname: {{ "x" }}\n', "k.yaml")
    assert read(path, {"FC_ENABLE": "1"}).name == "x"


def test_a_place_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    service = read(written(tmp_path, GOOD % "x"), {"FC_ENABLE": "1", "FC_OUT": str(tmp_path / "no" / "out.json")})
    (problem,) = told(service.problems)
    assert problem.severity == "warning" and "FC_OUT cannot be written" in problem.message


def test_problems_name_the_place_in_the_rendered_text(tmp_path: Path) -> None:
    path = written(tmp_path, '{"version": 3,{{ "\\n\\n" }} "timeout": "soon"}')
    with pytest.raises(ConfigError) as caught:
        read(path, {"FC_ENABLE": "1"})
    (problem,) = told(caught.value.problems)
    assert problem.line == 3 and problem.file == f"{path} (rendered; FC_OUT=FILE keeps the text)"
    with pytest.raises(ConfigError) as caught:
        read(path, {"FC_ENABLE": "1", "FC_OUT": str(tmp_path / "o.json")})
    assert caught.value.problems[0].file == str(tmp_path / "o.json")


def test_a_template_that_fails_is_a_warning_while_the_file_itself_is_a_configuration(tmp_path: Path) -> None:
    service = read(written(tmp_path, GOOD % "{{ .x"), {"FC_ENABLE": "1"})
    (problem,) = told(service.problems)
    assert service.name == "{{ .x" and problem.severity == "warning" and problem.line == 1
    assert "after a name. So the file is read as it is" in problem.message


def test_and_an_error_when_it_is_not(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(written(tmp_path, '{"version": 3,\n{{ .x }'), {"FC_ENABLE": "1"})
    (problem,) = told(caught.value.problems)
    assert problem.severity == "error" and problem.line == 2
    assert problem.message.endswith("Mend it, or unset FC_ENABLE.")


def test_other_errors_of_the_raw_file_come_first(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(written(tmp_path, '{"version": 2, "name": "{{ .x"}'), {"FC_ENABLE": "1"})
    assert [p.severity for p in told(caught.value.problems)] == ["error", "warning"]


def test_settings_that_cannot_be_read_are_listed_as_in_krakend(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    written(tmp_path / "s", "{bad", "a.json")
    written(tmp_path / "s", "a: 1", "b.yaml")
    with pytest.raises(ConfigError) as caught:
        read(written(tmp_path, GOOD % "x"), {"FC_ENABLE": "1", "FC_SETTINGS": str(tmp_path / "s")})
    error, warning = caught.value.problems
    assert error.message.startswith("loading flexible-config settings:\n\t- a.json: line 1: ")
    assert warning.message.startswith('The settings file "b.yaml" is read here')
