import pytest

from tests.config.flexible.rendering import check, failure
from understudy.config.flexible.data import floats

DATA = {"l": [1, 2, 1], "m": {"a": {"b": 1}, "c": ""}, "n": None, "s": "x"}


def test_defaults_and_choices() -> None:
    check({'default "d" .no': "d", '.s | default "d"': "x", "empty .n": "true", 'coalesce .n "" .s': "x",
           "all 1 0": "false",
           "any 1 0": "true", 'ternary "y" "n" false': "n", "coalesce": "<no value>"}, DATA)


def test_lists() -> None:
    check({"first .l": "1", "last .l": "1", "rest .l": "[2 1]", "initial .l": "[1 2]", "append .l 3": "[1 2 1 3]",
           "prepend .l 0": "[0 1 2 1]",
           "concat .l (list 5)": "[1 2 1 5]", "reverse .l": "[1 2 1]", 'list 1 "" 2 | compact': "[1 2]",
           "uniq .l": "[1 2]",
           "without .l 1.0": "[2]", "has 2.0 .l": "true", "has 9 .l": "false", "slice .l 1": "[2 1]",
           "slice .l 0 1": "[1]",
           "chunk 2 .l": "[[1 2] [1]]", "tuple 1 2": "[1 2]", "mustFirst .l": "1", "has 1 nil": "false"}, DATA)


def test_maps() -> None:
    check({'get .m "c"': "", 'hasKey .m "c"': "true", "keys .m": "[a c]", "values .m": "[map[b:1] ]",
           'pick .m "c"': "map[c:]",
           'omit .m "a"': "map[c:]", 'pluck "c" .m': "[]", 'dig "a" "b" 0 .m': "1", 'dig "a" "z" "d" .m': "d",
           'set (dict) "k" 1': "map[k:1]",
           'unset (dict "k" 1) "k"': "map[]", 'merge (dict "a" 1) (dict "a" 2 "b" 3)': "map[a:1 b:3]",
           'mergeOverwrite (dict "a" 1) (dict "a" 2)': "map[a:2]",
           'merge (dict "a" (dict "x" 1)) (dict "a" (dict "y" 2))': "map[a:map[x:1 y:2]]",
           "deepCopy .m | deepEqual .m": "true", 'dict "a"': "map[a:]"}, DATA)


def test_types_and_json() -> None:
    check({"typeOf .l": "[]interface {}", "kindOf .m": "map", 'typeIs "string" .s': "true", 'kindIs "slice" .l': "true",
           'typeIsLike "string" .s': "true", "toJson .m": '{"a":{"b":1},"c":""}', "marshal .l": "[1,2,1]",
           'toRawJson "<"': '"<"',
           'toPrettyJson (dict "a" 1)': '{\n  "a": 1\n}', '(fromJson "{\\"a\\":12345678}").a': "1.2345678e+07",
           'fromJson "{"': "<no value>"}, DATA)


@pytest.mark.parametrize(("pipe", "words"), [
    ('fail "my words"', "my words"), ('mustFromJson "{"', "not JSON"), ("first 1", "a list is needed"),
    ("slice .l 5", "out of range"),
    ("chunk 0 .l", "above 0"), ("dig 1 2 .m", "needs keys"), ("get .n .s", "invalid value"),
    ("ternary 1 2 3", "expected bool"),
    ('merge (dict "a" .deep) (dict "a" .deep)', "nested too deeply")])
def test_what_they_refuse(pipe: str, words: str) -> None:
    deep: dict[str, object] = {}
    for _ in range(150):
        deep = {"d": deep}
    assert words in failure(f"{{{{ {pipe} }}}}", {**DATA, "deep": deep})


def test_numbers_of_data_are_floats() -> None:
    made = floats({"a": [1, True, "1"]})
    assert made == {"a": [1.0, True, "1"]} and type(made["a"][0]) is float and made["a"][1] is True
