from tests.config.reading import config, errors, only_error, read, warnings

PAIR = {"public_key": "c.pem", "private_key": "k.pem"}


def test_keys_and_the_old_pair_are_read() -> None:
    tls = read(config(tls={"keys": [PAIR], "public_key": "o.pem", "private_key": "p.pem", "min_version": "TLS12"})).tls
    assert tls is not None
    assert [(k.certificate, k.private_key) for k in tls.keys] == [("c.pem", "k.pem"), ("o.pem", "p.pem")]
    assert (tls.min_version, tls.max_version) == ("TLS12", "TLS13")


def test_missing_keys_are_errors_in_krakends_words() -> None:
    assert "private key not defined" in only_error(config(tls={"keys": [{"public_key": "c"}]})).message
    assert "public key not defined" in only_error(config(tls={})).message


def test_disabled_tls_is_no_tls_and_says_so() -> None:
    data = config(tls={"disabled": True, "keys": [PAIR]})
    assert read(data).tls is None and len(warnings(data)) == 1


def test_unknown_versions_count_as_the_newest() -> None:
    data = config(tls={"keys": [PAIR], "min_version": "TLS9"})
    tls = read(data).tls
    assert tls is not None and tls.min_version == "TLS13" and len(warnings(data)) == 1


def test_client_tls_without_the_block_speaks_1_2_and_with_it_only_1_3() -> None:
    assert read(config()).upstreams.tls.min_version == "TLS12"
    made = read(config(client_tls={"ca_certs": ["ca.pem"], "client_certs": [{"certificate": "c", "private_key": "k"}]}))
    assert made.upstreams.tls.min_version == "TLS13" and made.upstreams.tls.client_certs[0].certificate == "c"


def test_insecure_connections_may_be_said_in_two_places() -> None:
    assert not read(config(allow_insecure_connections=True)).upstreams.tls.verify
    assert not read(config(client_tls={"allow_insecure_connections": True})).upstreams.tls.verify
    assert read(config(client_tls={})).upstreams.tls.verify


def test_pairs_must_be_objects() -> None:
    assert errors(config(tls={"keys": ["a"]}))[0].path == ("tls", "keys", 0)
