"""The table of everything that a configuration's template may call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from understudy.config.flexible.calling import Function
from understudy.config.flexible.data import COLLECTIONS
from understudy.config.flexible.language import LANGUAGE
from understudy.config.flexible.numbers import NUMBERS
from understudy.config.flexible.texts import TEXTS

_KNOWN = {**LANGUAGE, **TEXTS, **NUMBERS, **COLLECTIONS}
_MUST = (
    "append chunk compact deepCopy first has initial last merge mergeOverwrite prepend push regexFind "
    "regexFindAll regexMatch regexReplaceAll regexReplaceAllLiteral regexSplit rest reverse slice toPrettyJson "
    "toRawJson uniq without"
)
PURE: Mapping[str, Function] = MappingProxyType(
    {**_KNOWN, "trimall": _KNOWN["trimAll"],
     **{f"must{name[0].upper()}{name[1:]}": _KNOWN[name] for name in _MUST.split()}})
"""Functions that depend on nothing but their arguments; where Sprig and Go share a name, Sprig's counts."""

_ELSEWHERE = (
    "abbrev abbrevboth adler32sum ago b32dec b32enc bcrypt buildCustomCert call date dateInZone dateModify "
    "date_in_zone date_modify decryptAES derivePassword duration durationRound encryptAES genCA genPrivateKey "
    "genSelfSignedCert genSignedCert getHostByName htmlDate htmlDateInZone htpasswd initials mustDateModify "
    "mustToDate now osBase osClean osDir osExt osIsAbs randAlpha randAlphaNum randAscii randBytes randInt "
    "randNumeric semver semverCompare sha512sum shuffle swapcase toDate toDecimal unixEpoch urlJoin urlParse "
    "uuidv4 wrap wrapWith"
)
REFUSED: Mapping[str, str] = dict.fromkeys(
    _ELSEWHERE.split(), "; Go or Sprig has it, this gateway does not: docs/configuration.md lists what there is")
"""What exists elsewhere but not here, and the words that say so."""


def functions(env: Mapping[str, str], partial: Callable[[str], str]) -> dict[str, Function]:
    """All of them: with ``env`` and ``expandenv`` over this environment, and ``include``, which reads partials."""
    def expanded(text: str) -> str:
        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: env.get(found[1] or found[2], ""), text)

    return {**PURE, "env": Function("s", lambda name: env.get(name, "")), "expandenv": Function("s", expanded),
            "include": Function("s", partial)}
