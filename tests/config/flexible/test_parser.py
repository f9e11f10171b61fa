import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.flexible.test_lexer import PIECES
from understudy.config.flexible import nodes
from understudy.config.flexible.failure import TemplateFailure
from understudy.config.flexible.parser import parse

WORDS = st.lists(st.sampled_from([
    "{{ if .a }}", "{{ else }}", "{{ else if 1 }}", "{{ end }}", "{{ range $i, $e := .l }}", "{{ with $x := .a }}",
    "{{ $x }}",
    "{{ break }}", '{{ define "d" }}', '{{ template "d" . }}', '{{ block "b" . }}', "{{ (len .a).b | len }}", "text",
    "{{ $y := 1 }}", "{{ $y = 2 }}", "{{ .a.b }}", '{{ "s" }}', "{{ nil }}", "{{ 1 | len }}"]),
                 max_size=15).map("".join)


@settings(deadline=None)
@given(st.one_of(PIECES, WORDS))
def test_any_text_gives_trees_or_the_one_failure(text: str) -> None:
    try:
        trees = parse(text, "t", ("len",))
    except TemplateFailure as failure:
        assert failure.name == "t" and 1 <= failure.line <= text.count("\n") + 1
    else:
        assert "t" in trees


@pytest.mark.parametrize(("text", "words"), [
    ("{{ if }}x{{ end }}", "missing value for if"), ("{{ if 1 }}", "unexpected EOF"),
    ("{{ end }}", "unexpected {{end}}"),
    ("{{ else }}", "unexpected {{else}}"), ("{{ if 1 }}{{ else }}{{ else }}{{ end }}", "expected end"),
    ("{{ break }}", "outside {{range}}"), ("{{ nope }}", '"nope" not defined'),
    ("{{ gone }}", "not defined here, alas"),
    ("{{ $x }}", 'undefined variable "$x"'), ("{{ $x = 1 }}", "undefined variable"),
    ("{{ 1 | 2 }}", "non executable command"),
    ("{{ | len }}", "unexpected"), ('{{ "\\z" }}', "bad escape"), ("{{ 1x }}", "bad number syntax"),
    ('{{ define "a" }}x{{ end }}{{ define "a" }}y{{ end }}', "defined twice"), ("{{ template 1 }}", "unexpected"),
    ("{{ if 1 }}" * 101, "nested more than"), ("{{ " + "(" * 101, "nested more than"), ("{{ 1.a.b }}", "bad number"),
    ('{{ "a".b }}', "after a constant"), ("{{ $a, $b := 1 }}", "too many declarations"),
    ("{{ if 1 }}{{ $x := 1 }}{{ end }}{{ $x }}", 'undefined variable "$x"'),
    ('{{ define "a" }}{{ else }}{{ end }}', "unexpected {{else}}"),
])
def test_what_is_wrong_is_said(text: str, words: str) -> None:
    with pytest.raises(TemplateFailure) as caught:
        parse(text, "t", ("len",), {"gone": " here, alas"})
    assert words in str(caught.value)


def test_definitions_are_trees_of_their_own_and_an_empty_one_gives_way() -> None:
    trees = parse('a{{ define "d" }} {{ end }}{{ define "d" }}x{{ end }}{{ block "b" 1 }}y{{ end }}', "t", ())
    assert set(trees) == {"t", "d", "b"}
    assert trees["d"].parts == (nodes.Text(trees["d"].parts[0].at, "x"),)


def test_a_path_after_parentheses_and_variables() -> None:
    (part,) = parse("{{ (.a).b.c }}", "t", ())["t"].parts
    assert isinstance(part, nodes.Action)
    (operand,) = part.pipe.commands[0].operands
    assert isinstance(operand, nodes.Chain) and operand.names == ("b", "c")
