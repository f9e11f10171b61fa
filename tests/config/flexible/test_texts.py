import pytest

from tests.config.flexible.rendering import check, failure


def test_sprigs_functions_for_texts() -> None:
    check({
        'trim " a "': "a", 'trimAll "-" "-a-"': "a", 'trimPrefix "a" "ab"': "b", 'trimSuffix "b" "ab"': "a",
        'upper "a"': "A",
        'lower "A"': "a", 'title "a bc"': "A Bc", 'untitle "A Bc"': "a bc", 'camelcase "foo_bar-baz"': "FooBarBaz",
        'snakecase "FooBar"': "foo_bar", 'kebabcase "FooBar"': "foo-bar", 'repeat 3 "ab"': "ababab",
        'substr 1 3 "abcd"': "bc",
        'substr -1 2 "abcd"': "ab", 'substr 2 -1 "abcd"': "cd", 'trunc 2 "abc"': "ab", 'trunc -2 "abc"': "bc",
        'nospace " a b"': "ab",
        'contains "b" "abc"': "true", 'hasPrefix "a" "abc"': "true", 'hasSuffix "c" "abc"': "true",
        'quote "a\\"b" 1': '"a\\"b" "1"',
        'squote "a"': "'a'", 'cat "a" 1 nil': "a 1", 'indent 2 "a\\nb"': "  a\n  b", 'nindent 1 "a"': "\n a",
        'replace "a" "b" "aXa"': "bXb", 'plural "one" "many" 2': "many", 'splitList "," "a,b" | join "-"': "a-b",
        'join "," 1': "1",
        '(split "," "a,b")._1': "b", '(splitn "," 2 "a,b,c")._1': "b,c", 'list "b" "a" | sortAlpha': "[a b]",
        "toString 1.5": "1.5",
        'b64enc "hé"': "aMOp", 'b64dec "aMOp"': "hé", 'sha1sum "a" | trunc 4': "86f7",
        'sha256sum "a" | trunc 4': "ca97",
        'regexMatch "^a.c$" "abc"': "true", 'regexFind "b+" "abbc"': "bb", 'regexFindAll "[a-c]" "abcd" 2': "[a b]",
        'regexSplit "," "a,b,c" 2 | join "|"': "a|b,c", 'regexReplaceAll "a(?<n>x*)b" "axxb" "${n}$1$$"': "xxxx$",
        'regexReplaceAllLiteral "a" "aa" "$1"': "$1$1", 'regexQuoteMeta "a.b"': "a\\.b", 'base "/a/b"': "b",
        'dir "/a/b"': "/a",
        'ext "a.b"': ".b", 'clean "/a/../b"': "/b", 'isAbs "/a"': "true", "list 1 nil | toStrings": "[1]",
        'trimall "-" "-a"': "a",
        'mustRegexMatch "a" "a"': "true"})


@pytest.mark.parametrize(("pipe", "words"), [
    ('regexMatch "(" "a"', "error parsing regexp"), ('repeat -1 "a"', "negative"), ('repeat 99999999 "a"', "too large"),
    ('replace "" "abcdefgh" (repeat 9999999 "a")', "too large"), ('indent 99999999 "a"', "cannot be put in"),
    ("upper 1", "toString")])
def test_what_they_refuse(pipe: str, words: str) -> None:
    assert words in failure(f"{{{{ {pipe} }}}}")
