"""Sprig's functions for texts."""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re
from collections.abc import Callable
from typing import Any

from understudy.config.flexible.calling import LARGEST, Function
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.printing import quoted, shown
from understudy.config.flexible.values import bounded


def text_of(value: Any) -> str:
    """A value as a text; nothing is ``<nil>``."""
    return value if isinstance(value, str) else shown(bounded(value))


def _texts(value: Any) -> list[str]:
    """A list's members as texts, without the missing ones; a single value is a list of one."""
    if isinstance(value, list):
        return [text_of(item) for item in value if item is not None]
    return [] if value is None else [text_of(value)]


def _repeat(count: int, text: str) -> str:
    if count < 0:
        raise Refusal("negative repeat count")
    if count * len(text) > LARGEST:
        raise Refusal("the result is too large")
    return text * count


def _substr(start: int, end: int, text: str) -> str:
    octets = _octets(text)
    if start < 0:
        return _decoded(octets[:max(end, 0)])
    return _decoded(octets[start:] if end < 0 or end > len(octets) else octets[start:max(end, start)])


def _trunc(length: int, text: str) -> str:
    octets = _octets(text)
    if length < 0 and len(octets) + length > 0:
        return _decoded(octets[length:])
    return _decoded(octets[:length]) if 0 <= length < len(octets) else text


def _replace(old: str, new: str, text: str) -> str:
    if len(new) * (text.count(old) + 1) > LARGEST:
        raise Refusal("the result is too large")
    return text.replace(old, new)


def _indent(spaces: int, text: str) -> str:
    if spaces < 0 or spaces * (text.count("\n") + 1) > LARGEST:
        raise Refusal("this many spaces cannot be put in")
    pad = " " * spaces
    return pad + text.replace("\n", "\n" + pad)


def _join(separator: str, value: Any) -> str:
    return separator.join(_texts(value))


def _split(separator: str, text: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _numbered(parts: list[str]) -> dict[str, str]:
    return {f"_{index}": part for index, part in enumerate(parts)}


def _splitn(separator: str, count: int, text: str) -> dict[str, str]:
    if count == 0:
        return {}
    return _numbered(text.split(separator, count - 1) if count > 0 and separator else _split(separator, text))


def _b64dec(text: str) -> str:
    try:
        return _decoded(base64.b64decode(text, validate=True))
    except ValueError as error:
        return str(error)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _decoded(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


_WORDS = re.compile(r"\d+[^\W\d_A-Z]*|[A-Z]+(?![^\W\d_A-Z])|[A-Z]?[^\sA-Z\d_-]+")


def _joined_words(sign: str) -> Function:
    return Function("s", lambda text: sign.join(word.lower() for word in _WORDS.findall(text)))


def _camel(text: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_\-\s]+", text))


def _title(text: str) -> str:
    return re.sub(r"(?<!\w)\w", lambda found: found[0].upper(), text)


def _untitle(text: str) -> str:
    return re.sub(r"(?<!\S)\S", lambda found: found[0].lower(), text)


def _clean(path: str) -> str:
    return re.sub("^//", "/", posixpath.normpath(path or "."))


def _pattern(text: str) -> re.Pattern[str]:
    if len(text) > 10_000:
        raise Refusal("the regular expression is too long")
    try:
        return re.compile(text.replace("\\z", "\\Z").replace("(?<", "(?P<").replace("(?P<=", "(?<=").replace(
            "(?P<!", "(?<!"), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise Refusal(f"error parsing regexp: {error}") from None


_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+)|(\$))")


def _replaced(pattern: str, text: str, new: str) -> str:
    """``$1`` and ``${name}`` stand for groups; one that is not there is empty."""
    def expanded(found: re.Match[str]) -> str:
        def one(reference: re.Match[str]) -> str:
            if reference[3]:
                return "$"
            name = reference[1] or reference[2]
            try:
                return found[int(name) if name.isdecimal() else name] or ""
            except IndexError:
                return ""
        return _REFERENCE.sub(one, new)
    return _pattern(pattern).sub(expanded, text)


def _found(pattern: str, text: str, count: int) -> list[str]:
    every = [found[0] for found in _pattern(pattern).finditer(text)]
    return every if count < 0 else every[:count]


def _parted(pattern: str, text: str, count: int) -> list[str]:
    if count == 0:
        return []
    parts: list[str] = []
    start = 0
    for found in _pattern(pattern).finditer(text):
        if count > 0 and len(parts) == count - 1:
            break
        parts.append(text[start:found.start()])
        start = found.end()
    return [*parts, text[start:]]


def _quote_all(write: Callable[[str], str]) -> Function:
    return Function("a*", lambda *values: " ".join(write(text_of(v)) for v in values if v is not None))


TEXTS = {
    "trim": Function("s", lambda text: text.strip()),
    "trimAll": Function("ss", lambda signs, text: text.strip(signs)),
    "trimPrefix": Function("ss", lambda prefix, text: text.removeprefix(prefix)),
    "trimSuffix": Function("ss", lambda suffix, text: text.removesuffix(suffix)),
    "upper": Function("s", lambda text: text.upper()), "lower": Function("s", lambda text: text.lower()),
    "title": Function("s", _title), "untitle": Function("s", _untitle),
    "camelcase": Function("s", _camel), "snakecase": _joined_words("_"), "kebabcase": _joined_words("-"),
    "repeat": Function("is", _repeat), "substr": Function("iis", _substr), "trunc": Function("is", _trunc),
    "nospace": Function("s", lambda text: "".join(text.split())),
    "contains": Function("ss", lambda part, text: part in text),
    "hasPrefix": Function("ss", lambda prefix, text: text.startswith(prefix)),
    "hasSuffix": Function("ss", lambda suffix, text: text.endswith(suffix)),
    "quote": _quote_all(quoted), "squote": _quote_all(lambda text: f"'{text}'"),
    "cat": Function("a*", lambda *values: " ".join(text_of(v) for v in values if v is not None)),
    "indent": Function("is", _indent), "nindent": Function("is", lambda spaces, text: "\n" + _indent(spaces, text)),
    "replace": Function("sss", _replace),
    "plural": Function("ssi", lambda one, many, count: one if count == 1 else many),
    "join": Function("sa", _join), "splitList": Function("ss", _split),
    "split": Function("ss", lambda separator, text: _numbered(_split(separator, text))),
    "splitn": Function("sis", _splitn), "sortAlpha": Function("a", lambda value: sorted(_texts(value))),
    "toString": Function("a", text_of), "toStrings": Function("a", _texts),
    "b64enc": Function("s", lambda text: base64.b64encode(_octets(text)).decode()), "b64dec": Function("s", _b64dec),
    "sha1sum": Function("s", lambda text: hashlib.sha1(_octets(text), usedforsecurity=False).hexdigest()),
    "sha256sum": Function("s", lambda text: hashlib.sha256(_octets(text)).hexdigest()),
    "regexMatch": Function("ss", lambda pattern, text: _pattern(pattern).search(text) is not None),
    "regexFind": Function("ss", lambda pattern, text: "".join(_found(pattern, text, 1))),
    "regexFindAll": Function("ssi", _found), "regexSplit": Function("ssi", _parted),
    "regexReplaceAll": Function("sss", _replaced),
    "regexReplaceAllLiteral": Function("sss", lambda pattern, text, new: _pattern(pattern).sub(lambda _: new, text)),
    "regexQuoteMeta": Function("s", lambda text: re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)),
    "base": Function("s", lambda path: posixpath.basename(path.rstrip("/")) or ("/" if path else ".")),
    "dir": Function("s", lambda path: _clean(posixpath.dirname(path))),
    "ext": Function("s", lambda path: "." + path.rpartition(".")[2] if "." in posixpath.basename(path) else ""),
    "clean": Function("s", _clean),
    "isAbs": Function("s", lambda path: path.startswith("/")),
}
"""Name to function."""
