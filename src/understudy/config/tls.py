"""``tls`` and ``client_tls`` of the root object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from understudy.config import keys
from understudy.config.kinds import shown
from understudy.config.model import ClientTls, KeyPair, ServerTls
from understudy.config.notes import Notes, Path, Table, read_section

_CURVES = frozenset((23, 24, 25, 29, 4588))
_CIPHERS = frozenset((
    0x0005, 0x000A, 0x002F, 0x0035, 0x003C, 0x009C, 0x009D, 0xC007, 0xC009, 0xC00A, 0xC011, 0xC012, 0xC013, 0xC014,
    0xC023, 0xC027, 0xC02B, 0xC02C, 0xC02F, 0xC030, 0xCCA8, 0xCCA9, 0x1301, 0x1302, 0x1303,
))
"""IANA numbers that KrakenD can do something with."""
_VERSIONS = ("TLS10", "TLS11", "TLS12", "TLS13")


def read_tls(section: Mapping[str, Any] | None, path: Path, notes: Notes) -> ServerTls | None:
    """How clients are served; None without the block, and when it is disabled."""
    if section is None:
        return None
    values = read_section(section, keys.TLS, path, notes)
    pairs = [_pair(item, ("public_key", "private_key"), keys.TLS_KEY, (*path, "keys", index), notes)
             for index, item in enumerate(values.get("keys", ()))]
    if values.get("public_key") or values.get("private_key"):
        pairs.append(KeyPair(values.get("public_key", ""), values.get("private_key", "")))
    if values.get("disabled"):
        if pairs:
            notes.warn((*path, "disabled"), '"disabled" is true: clients are served without TLS; remove it to use the '
                                            "keys.", "dangerous")
        return None
    for index, pair in enumerate(pairs):
        place = (*path, "keys", index) if index < len(values.get("keys", ())) else path
        if not pair.certificate:
            notes.error(place, "public key not defined: name the file of the certificate.", "tls")
        if not pair.private_key:
            notes.error(place, "private key not defined: name the file of the private key.", "tls")
    if not pairs:
        notes.error(path, "public key not defined: add \"keys\" with public_key and private_key, or "
                          "\"disabled\": true.", "tls")
    _check_numbers(values, path, notes)
    low, high = _versions(values, path, notes)
    return ServerTls(keys=tuple(pairs), min_version=low, max_version=high,
                     cipher_suites=values.get("cipher_suites", ()),
                     curve_preferences=values.get("curve_preferences", ()),
                     enable_mtls=values.get("enable_mtls", False), ca_certs=values.get("ca_certs", ()),
                     disable_system_ca_pool=values.get("disable_system_ca_pool", False))


def read_client_tls(section: Mapping[str, Any] | None, insecure: bool, path: Path, notes: Notes) -> ClientTls:
    """How backends are reached; ``insecure`` is the old root key. Without the block TLS 1.2 and 1.3 are spoken."""
    if section is None:
        return ClientTls(verify=not insecure)
    values = read_section(section, keys.CLIENT_TLS, path, notes)
    pairs = [_pair(item, ("certificate", "private_key"), keys.CLIENT_CERT, (*path, "client_certs", index), notes)
             for index, item in enumerate(values.get("client_certs", ()))]
    for index, pair in enumerate(pairs):
        if not (pair.certificate and pair.private_key):
            notes.warn((*path, "client_certs", index), "a certificate without its key is left out, as in KrakenD; name "
                                                       "the files of both.", "tls")
    _check_numbers(values, path, notes)
    low, high = _versions(values, path, notes)
    return ClientTls(verify=not (insecure or values.get("allow_insecure_connections", False)),
                     ca_certs=values.get("ca_certs", ()),
                     disable_system_ca_pool=values.get("disable_system_ca_pool", False),
                     min_version=low, max_version=high, cipher_suites=values.get("cipher_suites", ()),
                     curve_preferences=values.get("curve_preferences", ()),
                     client_certs=tuple(p for p in pairs if p.certificate and p.private_key))


def _check_numbers(values: Mapping[str, Any], path: Path, notes: Notes) -> None:
    for key, known, what in (("curve_preferences", _CURVES, "a curve"), ("cipher_suites", _CIPHERS, "a cipher suite")):
        for index, number in enumerate(values.get(key, ())):
            if number not in known:
                notes.warn((*path, key, index), f"{number} is not the number of {what} that is spoken here, and is "
                                                "left out; write IANA's number, or remove it.", "unknown_value")


def _pair(item: Any, names: tuple[str, str], table: Table, path: Path, notes: Notes) -> KeyPair:
    if not isinstance(item, Mapping):
        notes.error(path, f'an item of "{path[-2]}" must be an object with {names[0]} and {names[1]}, not '
                          f"{shown(item)}.", "type")
        return KeyPair("?", "?")
    values = read_section(item, table, path, notes)
    return KeyPair(values.get(names[0], ""), values.get(names[1], ""))


def _versions(values: Mapping[str, Any], path: Path, notes: Notes) -> tuple[str, str]:
    out = []
    for key in ("min_version", "max_version"):
        version = values.get(key, "TLS13")
        if version not in _VERSIONS:
            known = ", ".join(_VERSIONS)
            if version == "SSL3.0":
                notes.warn((*path, key), f'"{key}" is SSL3.0, which is not spoken here; use TLS12: TLS10 is taken.',
                           "unknown_value")
                version = "TLS10"
            else:
                notes.warn((*path, key), f'"{key}" is {shown(version)}, which counts as TLS13, as in KrakenD; it knows '
                                         f"{known}.", "unknown_value")
                version = "TLS13"
        out.append(version)
    if out[0] > out[1]:
        key = "min_version" if "min_version" in values else "max_version"
        notes.error((*path, key), f'"min_version" {out[0]} is above "max_version" {out[1]}; write both: '
                                  "TLS13 is the default of each.", "tls")
    return out[0], out[1]
