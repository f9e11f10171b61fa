import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.flexible.rendering import failure, made
from tests.config.flexible.test_lexer import PIECES
from tests.config.flexible.test_parser import WORDS
from understudy.config.flexible.failure import TemplateFailure

DATA = {"a": {"b": 1, "n": None}, "l": ["x", "y"], "e": [], "p": 8080, "t": "text"}


@pytest.mark.parametrize(("text", "out"), [
    ("{{ .a.b }} {{ .p }} {{ $.t }}", "1 8080 text"),
    ("{{ .no }} {{ .no.deeper }} {{ .a.n }}", "<no value> <no value> <no value>"),
    ("{{ if .e }}y{{ else if .l }}z{{ else }}n{{ end }}", "z"), ("{{ with .t }}{{ . }}{{ else }}n{{ end }}", "text"),
    ("{{ with .e }}y{{ else with .p }}{{ . }}{{ end }}", "8080"), ("{{ range .l }}{{ . }}{{ end }}", "xy"),
    ("{{ range $i, $v := .l }}{{ $i }}{{ $v }}{{ end }}", "0x1y"), ("{{ range $v := .l }}{{ $v }}{{ end }}", "xy"),
    ("{{ range $k, $v := .a }}{{ $k }}={{ $v }};{{ end }}", "b=1;n=<no value>;"),
    ("{{ range .e }}y{{ else }}n{{ end }}", "n"),
    ("{{ range .no }}y{{ else }}n{{ end }}", "n"), ("{{ range 3 }}{{ . }}{{ end }}", "012"),
    ("{{ range 9 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}", "02"),
    ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}", "2"), ("{{ (dict `k` 5).k }}", "5"),
    ("{{ $v := `z` }}{{ range $v = .l }}{{ end }}{{ $v }}", "y"), ("{{ with $x := .t }}{{ $x }}{{ end }}", "text"),
    ('{{ define "d" }}<{{ .b }}{{ $ }}>{{ end }}{{ template "d" .a }}', "<1map[b:1 n:<nil>]>"),
    ('{{ block "b" .p }}{{ . }}{{ end }}', "8080"),
    ('{{ define "d" }}{{ . }}{{ end }}{{ template "d" }}', "<no value>"), ("a {{- /* c */ -}} b", "ab"),
    ("{{ len .l | add 1 | print }}", "3"),
    ("{{ range $i, $_ := .l }}{{ range $.l }}{{ $i }}{{ end }}{{ end }}", "0011"), ("{{ `{{ raw }}` }}", "{{ raw }}")])
def test_what_comes_out(text: str, out: str) -> None:
    assert made(text, DATA) == out


@pytest.mark.parametrize(("text", "words"), [
    ("\n{{ .a.n.x }}", "t:2: nil pointer evaluating interface {}.x"),
    ("{{ .t.x }}", "can't evaluate field x in type string"),
    ("{{ range .t }}{{ end }}", "range can't iterate over text"),
    ("{{ range $i, $v := 3 }}{{ end }}", "more than one variable"),
    ('{{ template "no" }}', 'template "no" not defined; there are: t'), ("{{ .p 1 }}", "not a function"),
    ("{{ 1 | .p }}", "not a function"),
    ("{{ nil }}", "nil is not a command"), ("{{ upper 1 }}", "error calling upper: wrong type")])
def test_what_fails_is_said_with_its_place(text: str, words: str) -> None:
    assert words in failure(text, DATA)


@pytest.mark.parametrize(("text", "words"), [
    ('{{ define "r" }}{{ template "r" . }}{{ end }}{{ template "r" }}', "does it call itself without end?"),
    ("{{ range until 9999 }}{{ range until 9999 }}{{ end }}{{ end }}", "not finished after"),
    ('{{ $x := repeat 999999 "x" }}{{ range until 99 }}{{ $x }}{{ end }}', "MiB come out"),
    ('{{ $x := "x" }}{{ range until 99 }}{{ $x = print $x $x }}{{ end }}', "too large"),
    ('{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}', "contains itself")])
def test_a_template_that_runs_away_is_stopped(text: str, words: str) -> None:
    assert words in failure(text)


@settings(deadline=None)
@given(st.one_of(PIECES, WORDS))
def test_any_text_is_rendered_or_fails_in_the_one_way(text: str) -> None:
    try:
        made(text, DATA)
    except TemplateFailure as caught:
        assert caught.name == "t" and caught.line >= 1


@settings(deadline=None)
@given(st.text(alphabet=st.characters(exclude_characters="{")))
def test_a_text_without_actions_stays_as_it_is(text: str) -> None:
    assert made(text) == text
