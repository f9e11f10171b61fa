"""Real certificates, made with openssl, once for all tests that need one."""

from __future__ import annotations

import functools
import ssl
import subprocess
import tempfile
from pathlib import Path

from msgspec import Struct


class Signed(Struct, frozen=True):
    """A certificate and its key, as files."""

    certificate: str
    key: str


@functools.cache
def folder() -> Path:
    """Where they are."""
    return Path(tempfile.mkdtemp(prefix="understudy-test-certificates-"))


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=30)


def authority(name: str = "ca") -> Signed:
    """A certificate authority of its own."""
    return _authority(name)


@functools.cache
def _authority(name: str) -> Signed:
    made = Signed(str(folder() / f"{name}.pem"), str(folder() / f"{name}.key"))
    _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", made.key, "-out", made.certificate)  # fmt: skip
    return made


@functools.cache
def signed(name: str, *, alternatives: str = "", by: str = "ca", again: int = 0) -> Signed:
    """A certificate for a name; ``alternatives`` as openssl writes them, ``again`` makes another one."""
    ca = authority(by)
    at = folder() / f"{name.replace('*', 'star')}-{by}-{again}"
    made = Signed(f"{at}.pem", f"{at}.key")
    _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
             "-keyout", made.key, "-out", f"{at}.csr")  # fmt: skip
    Path(f"{at}.ext").write_text(f"subjectAltName={alternatives}\n" if alternatives else "basicConstraints=CA:FALSE\n")
    _openssl("x509", "-req", "-in", f"{at}.csr", "-CA", ca.certificate, "-CAkey", ca.key, "-CAcreateserial",
             "-days", "2", "-extfile", f"{at}.ext", "-out", made.certificate)  # fmt: skip
    return made


def local(*, by: str = "ca", again: int = 0) -> Signed:
    """A certificate for this machine."""
    return signed("localhost", alternatives="DNS:localhost,IP:127.0.0.1", by=by, again=again)


def trusting(by: str = "ca", *, own: Signed | None = None, protocols: tuple[str, ...] = ()) -> ssl.SSLContext:
    """A client's context that trusts one authority."""
    context = ssl.create_default_context(cafile=authority(by).certificate)
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context
