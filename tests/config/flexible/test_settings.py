from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.config.flexible.settings import ENDINGS, read_settings


def test_each_file_is_a_variable_and_numbers_are_floats() -> None:
    found = read_settings([("a.json", b'{"n": 1}'), ("b.yaml", b"n: 2"), ("c.toml", b"n = 3"), ("d.yml", b"n: x"),
                           ("e.env", b"# note\nexport A=1\nB='two words'\n\n"), ("f.txt", b"no")])
    assert found.values == {"a": {"n": 1.0}, "b": {"n": 2.0}, "c": {"n": 3.0}, "d": {"n": "x"},
                            "e": {"A": "1", "B": "two words"}}
    assert type(found.values["a"]["n"]) is float and not found.failures
    assert len(found.warnings) == 4 and "community edition reads only JSON" in found.warnings[0]


def test_json_goes_before_another_file_of_its_name() -> None:
    found = read_settings([("a.yaml", b"n: 2"), ("a.json", b'{"n": "json"}')])
    assert found.values == {"a": {"n": "json"}} and '"a.yaml" is ignored: another file' in found.warnings[0]


def test_only_json_that_cannot_be_read_stops_the_gateway() -> None:
    found = read_settings([("a.json", b'{"x": 1,\n bad'), ("b.yaml", b"a: [1"), ("c.json", b"[1]"), ("d.env", b"x y"),
                           ("e.env", b"\xff")])
    assert [text.partition(": ")[0] for text in found.failures] == ["a.json", "c.json"]
    assert found.failures[0].startswith("a.json: line 2: ") and "must be an object, not" in found.failures[1]
    assert len(found.warnings) == 3 and not found.values and "line 1: a line must be NAME=value" in found.warnings[1]


@settings(deadline=None)
@given(st.sampled_from(ENDINGS),
       st.binary(max_size=40) | st.text(alphabet='{}[]":,a1.=\n -', max_size=20).map(str.encode))
def test_any_file_is_read_or_named(ending: str, content: bytes) -> None:
    found = read_settings([("a" + ending, content)])
    assert bool(found.values) != any("ignored" in text for text in found.warnings) + len(found.failures)
