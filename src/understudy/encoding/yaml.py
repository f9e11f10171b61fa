"""Data to YAML as KrakenD writes it: block style, keys sorted, numbers as quoted texts."""

from __future__ import annotations

from typing import Any

import msgspec
import yaml

from understudy.encoding.json import number_text
from understudy.errors import BadAnswer

_TEXT = "tag:yaml.org,2002:str"


class _Dumper(yaml.SafeDumper):
    """Plain where a reader takes it for text, double quotes where it would not."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _number(dumper: _Dumper, value: Any) -> yaml.ScalarNode:
    return dumper.represent_scalar(_TEXT, number_text(value) or "", style='"')


def _string(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    plain = dumper.resolve(yaml.ScalarNode, value, (True, False)) == _TEXT  # type: ignore[no-untyped-call]  # PyYAML
    ambiguous = value in ("y", "Y", "n", "N")
    return dumper.represent_scalar(_TEXT, value, style=None if plain and not ambiguous else '"')


_Dumper.add_representer(int, _number)
_Dumper.add_representer(float, _number)
_Dumper.add_representer(msgspec.Raw, _number)
_Dumper.add_representer(str, _string)


def encode(data: Any) -> bytes:
    """A YAML document. Raises ``BadAnswer`` for what is nested too deeply."""
    try:
        text: str = yaml.dump(data, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, sort_keys=True,
                              width=1 << 30)  # fmt: skip
    except RecursionError:
        raise BadAnswer("the data is nested too deeply for YAML", "decode") from None
    return text.encode("utf-8", "replace")
