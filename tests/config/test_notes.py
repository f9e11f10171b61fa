from understudy.config.kinds import INTEGER, TEXT
from understudy.config.notes import Known, Notes, read_lenient, read_section, read_strict

TABLE = {"port": Known(INTEGER, "A port."), "name": Known(TEXT, "A name."), "input_headers": Known(TEXT, "Headers."),
         "old": Known(TEXT, "Old.", "it is old")}


def test_reading_goes_on_after_every_problem() -> None:
    notes = Notes()
    out = read_section({"port": "x", "NAME": "n", "prot": 1, "old": "y"}, TABLE, ("a",), notes)
    assert out == {"name": "n", "old": "y"}
    assert [(p.path, p.severity) for p in notes.problems] == [
        (("a", "port"), "error"), (("a", "prot"), "warning"), (("a", "old"), "warning")]
    assert notes.failed()


def test_a_strict_section_takes_keys_exactly() -> None:
    notes = Notes()
    assert read_strict({"NAME": "n"}, TABLE, ("a",), notes) == {}
    assert notes.problems[0].severity == "error" and 'did you mean "name"?' in notes.problems[0].message


def test_a_lenient_section_only_warns() -> None:
    notes = Notes()
    assert read_lenient({"port": "x", "name": "n"}, TABLE, ("a",), notes) == {"name": "n"}
    assert read_lenient([], TABLE, ("b",), notes) == {}
    assert not notes.failed() and len(notes.problems) == 2


def test_old_names_of_keys_are_known() -> None:
    notes = Notes()
    read_section({"headers_to_pass": []}, TABLE, (), notes)
    assert 'did you mean "input_headers"?' in notes.problems[0].message
