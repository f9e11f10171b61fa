import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.config.flexible.failure import TemplateFailure
from understudy.config.flexible.lexer import line_of, tokens

PIECES = st.lists(st.sampled_from([
    "{{", "}}", "{{-", "-}}", "{{ ", " }}", "{{- ", " -}}", "/*", "*/", '"', "`", "'", "\\", "(", ")", "|", ":=", "=",
    ",", ".",
    ".a", "$", "$x", "1", "-1", "0x1p-2", "1e+", "'a'", "if", "else", "end", "range", "define", "template", "block",
    "with",
    "break", "continue", "nil", "true", "len", "\n", " ", "é", "\x00", "٣"]), max_size=25).map("".join)


def kinds(text: str) -> list[str]:
    return [token.kind for token in tokens(text, "t")]


def texts(text: str) -> str:
    return "".join(token.text for token in tokens(text, "t") if token.kind == "text")


@settings(deadline=None)
@given(st.one_of(PIECES, st.text(max_size=60)))
def test_any_text_gives_tokens_or_the_one_failure(text: str) -> None:
    try:
        found = list(tokens(text, "t"))
    except TemplateFailure as failure:
        assert failure.line >= 1 and failure.name == "t"
    else:
        assert found[-1].kind == "end" and [t.at for t in found] == sorted(t.at for t in found)


@settings(deadline=None)
@given(st.text(alphabet="ab \t\r\n-", max_size=12), st.text(alphabet="ab \t\r\n-", max_size=12))
def test_a_minus_beside_a_brace_takes_the_space_away(before: str, after: str) -> None:
    assert texts(f"{before}{{{{- 1 -}}}}{after}") == before.rstrip(" \t\r\n") + after.lstrip(" \t\r\n")
    assert texts(f"{before}{{{{ 1 }}}}{after}") == before + after
    assert texts(f"{before}{{{{- /* note */ -}}}}{after}") == before.rstrip(" \t\r\n") + after.lstrip(" \t\r\n")


def test_a_minus_without_space_is_a_sign() -> None:
    assert kinds("{{-1}}") == ["left", "number", "right", "end"]


@pytest.mark.parametrize(("text", "words"), [
    ("{{ .a", "unclosed action"), ("{{ \"a }}", "unterminated quoted string"), ("{{ `a }}", "unterminated raw"),
    ("{{ 'a }}", "unterminated character"), ("{{ (1 }}", "unclosed left paren"), ("{{ 1) }}", "unexpected right paren"),
    ("{{/* a", "unclosed comment"), ("{{/* a */ x}}", "comment ends before"), ("{{ $a : 1 }}", "expected :="),
    ("{{ a;b }}", "bad character"), ("{{ # }}", "unrecognized character"), ("{{ + }}", "bad number syntax"),
])
def test_what_is_wrong_is_said_with_its_line(text: str, words: str) -> None:
    with pytest.raises(TemplateFailure, match="^t:2: .*" + words.replace("(", r"\(")):
        list(tokens("\n" + text, "t"))


def test_lines_count_from_one() -> None:
    assert [line_of("a\nb\n", at) for at in (0, 1, 2, 4)] == [1, 1, 2, 3]
