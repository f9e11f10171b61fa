"""TLS towards backends, as ``client_tls`` asks for it."""

from __future__ import annotations

import ssl

from understudy.config.model import ClientTls
from understudy.http.tls_files import using

VERSIONS = {
    "SSL3.0": ssl.TLSVersion.TLSv1_2,
    "TLS10": ssl.TLSVersion.TLSv1,
    "TLS11": ssl.TLSVersion.TLSv1_1,
    "TLS12": ssl.TLSVersion.TLSv1_2,
    "TLS13": ssl.TLSVersion.TLSv1_3,
}


def client_context(options: ClientTls) -> ssl.SSLContext:
    """A context for connections to backends; raises ``OSError`` for files that cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if options.verify:
        if not options.disable_system_ca_pool:
            context.load_default_certs()
        for path in options.ca_certs:
            with using("client_tls.ca_certs", path):
                context.load_verify_locations(cafile=path)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.minimum_version = VERSIONS.get(options.min_version, ssl.TLSVersion.TLSv1_3)
    context.maximum_version = VERSIONS.get(options.max_version, ssl.TLSVersion.TLSv1_3)
    for pair in options.client_certs:
        with using("client_tls.client_certs", pair.certificate, pair.private_key):
            context.load_cert_chain(pair.certificate, pair.private_key)
    return context
