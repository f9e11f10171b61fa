"""Files that cannot be used are named."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from understudy.http.tls_files import using


def test_a_missing_file_is_named_with_its_key() -> None:
    """In the words of the system."""
    with pytest.raises(OSError, match=r"^tls\.keys: cannot use /no/a with /no/b: no such file or directory$"), \
            using("tls.keys", "/no/a", "/no/b"):  # fmt: skip
        Path("/no/a").read_bytes()


def test_what_openssl_says_is_readable(tmp_path: Path) -> None:
    """A file that is no certificate."""
    path = tmp_path / "a.pem"
    path.write_text("nothing")
    with pytest.raises(OSError, match=r"a\.pem: [a-z ]+$"), using("tls.ca_certs", str(path)):
        ssl.create_default_context().load_verify_locations(cafile=str(path))
