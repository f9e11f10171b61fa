"""A configuration without its secrets."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from understudy.admin.redaction import redacted


def test_secrets_are_hidden_by_what_they_are_called() -> None:
    given_ = {
        "admin_token": "x", "client_secret": "x", "password": "x", "Authorization": "x", "api_key": "x", "key": "x",
        "keys": [{"private_key": "/etc/a.key", "certificate": "/etc/a.pem"}], "X-Api-Key": "x", "endpoint": "/a",
    }  # fmt: skip
    hidden = redacted(given_)
    assert {k for k, v in hidden.items() if v == "***"} == {
        "admin_token", "client_secret", "password", "Authorization", "api_key", "key", "X-Api-Key",
    }  # fmt: skip
    assert hidden["keys"] == given_["keys"] and hidden["endpoint"] == "/a"


def test_blocks_of_namespaces_stay_readable() -> None:
    block = {"auth/client-credentials": {"client_id": "me", "client_secret": "x", "token_url": "https://a/t"}}
    hidden = redacted(block)["auth/client-credentials"]
    assert hidden["client_id"] == "me" and hidden["client_secret"] == "***"


def test_credentials_inside_urls_and_queries() -> None:
    assert redacted("postgresql://me:pw@db/x") == "postgresql://***@db/x"
    assert redacted(["http://a/?q=1&access_token=abc&n=2"]) == ["http://a/?q=1&access_token=***&n=2"]


def test_values_that_a_shadow_sets_as_headers() -> None:
    pairs = {"set_headers": [["Authorization", "Bearer x"], ["X-Dry-Run", "1"], ["Cookie", "a=b"]]}
    assert redacted(pairs) == {"set_headers": [["Authorization", "***"], ["X-Dry-Run", "1"], ["Cookie", "***"]]}
    assert redacted({"set": {"Authorization": "Bearer x", "A": "b"}}) == {"set": {"Authorization": "***", "A": "b"}}


def test_names_of_headers_are_no_secrets() -> None:
    names = {"input_headers": ["Authorization", "Cookie"], "credentials": ["Authorization"]}
    assert redacted(names) == names


_tree = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(_tree, st.sampled_from(["password", "my_secret", "authToken", "API-KEY"]))
def test_a_secret_is_hidden_wherever_it_stands(tree: Any, name: str) -> None:
    assert "V3RYSECRET" not in json.dumps(redacted({"a": [tree, {"b": {name: "V3RYSECRET"}}]}))


@given(_tree)
def test_hiding_twice_changes_nothing_more(tree: Any) -> None:
    once = redacted(tree)
    assert redacted(once) == once
