"""Files of certificates and keys: which one could not be used, and for what, in one sentence."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def using(key: str, *paths: str) -> Iterator[None]:
    """Around the loading of files named under a key of the configuration; raises ``OSError`` that names them."""
    try:
        yield
    except ssl.SSLError as error:
        why = (error.reason or str(error)).lower().replace("_", " ")
        raise OSError(f"{key}: cannot use {' with '.join(paths)}: {why}") from error
    except OSError as error:
        raise OSError(f"{key}: cannot use {' with '.join(paths)}: {(error.strerror or str(error)).lower()}") from error
