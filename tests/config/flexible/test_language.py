import pytest

from tests.config.flexible.rendering import check, failure

DATA = {"l": [1, 2], "m": {"k": "v"}, "p": 8080, "t": "é<'\""}


def test_the_language_s_own_functions() -> None:
    check({
        "not 0": "true", "eq 1 2 1": "true", "ne 1 2": "true", "lt 1 2": "true", "le 2 2": "true", "gt 2 1": "true",
        "ge 1 2": "false", "index .l 1": "2", 'index .m "k"': "v", 'index .m "no"': "<no value>", 'index "ab" 1': "98",
        "len .t": "5", "len .l": "2", "print 1 2 .t": "1 2é<'\"", "println 1 .p": "1 8080\n",
        'printf "%v-%s" .p "a"': "8080-a",
        "html .t": "é&lt;&#39;&#34;", "js .t": "é\\u003C\\'\\\"", 'urlquery "a b/é"': "a+b%2F%C3%A9",
        "and 1 0 .x": "0", "or 0 .p": "8080", "eq .p 8080.0": "true", '"a" | eq "b"': "false"}, DATA)


@pytest.mark.parametrize(("pipe", "words"), [
    ("eq 1", "missing argument"), ("eq .p 8080", "numbers of settings are floats"), ("index .l 2", "out of range"),
    ("index .l .p", "use (int"), ("index .p 1", "can't index"), ("index .m 1", "should be string"),
    ("len 3", "len of type int"),
    ("index .nope 1", "untyped nil"), ("lt true false", "invalid type"), ("len .nope", "nil pointer"),
    ("and", "at least 1"),
    ("print .own", "contains itself")])
def test_what_they_refuse(pipe: str, words: str) -> None:
    own: list[object] = [1]
    deep: object = own
    for _ in range(150):
        deep = [deep]
    assert words in failure(f"{{{{ {pipe} }}}}", {**DATA, "own": deep})


def test_and_and_or_stop_as_soon_as_they_know() -> None:
    check({"and 0 (index .l 9)": "0", "or 1 (index .l 9)": "1"}, DATA)
