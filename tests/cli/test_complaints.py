from understudy.cli.complaints import counted, plain, sentence
from understudy.config.problems import Problem

ONE = Problem(path=("port",), message="wrong.", line=3, column=4, file="k.json")
TWO = Problem(path=(), message="odd.", severity="warning", file="environment KRAKEND_PORT")


def test_a_sentence_begins_with_severity_and_place() -> None:
    assert "k.json:3:4: port: wrong." in sentence(ONE)
    assert "environment KRAKEND_PORT: odd." in sentence(TWO)


def test_problems_are_counted_in_words() -> None:
    assert counted([ONE, ONE, TWO]) == "2 errors, 1 warning"
    assert counted([]) == "no problems"


def test_a_problem_for_programs_has_every_part() -> None:
    assert plain(ONE) == {"severity": "error", "code": "value", "file": "k.json", "line": 3, "column": 4,
                          "path": "port", "message": "wrong."}
