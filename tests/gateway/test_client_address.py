"""Whose address counts."""

from __future__ import annotations

import pytest

from understudy.config.model import RouterOptions
from understudy.gateway.client_address import address_of
from understudy.http.values import Request


def request(peer: str, **fields: str) -> Request:
    """A request with these header fields."""
    pairs = [(n.replace("_", "-").encode(), v.encode()) for n, v in fields.items()]
    return Request(b"GET", b"/", pairs, b"", peer=peer)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "1.1.1.1"),
        ({"X_Forwarded_For": "10.1.2.3"}, "10.1.2.3"),
        ({"X_Forwarded_For": "10.1.2.3, 10.9.9.9"}, "10.1.2.3"),
        ({"X_Forwarded_For": "no-address"}, "1.1.1.1"),
        ({"X_Real_Ip": "10.7.7.7"}, "10.7.7.7"),
        ({"X_Forwarded_For": "bad", "X_Real_Ip": "10.7.7.7"}, "10.7.7.7"),
    ],
)
def test_with_the_defaults_everybody_is_believed(fields: dict[str, str], expected: str) -> None:
    """The first address of X-Forwarded-For, else X-Real-IP, else the socket's."""
    assert address_of(RouterOptions())(request("1.1.1.1", **fields)) == expected


def test_only_trusted_proxies_are_believed_when_they_are_named() -> None:
    """From the right, up to the first that is not trusted."""
    find = address_of(RouterOptions(trusted_proxies=("10.0.0.0/8",)))
    assert find(request("10.0.0.1", X_Forwarded_For="9.9.9.9, 8.8.8.8, 10.2.2.2")) == "8.8.8.8"
    assert find(request("7.7.7.7", X_Forwarded_For="9.9.9.9")) == "7.7.7.7"


def test_forwarding_can_be_switched_off_and_headers_chosen() -> None:
    """By the router's options."""
    assert address_of(RouterOptions(forwarded_by_client_ip=False))(request("1.1.1.1", X_Real_Ip="2.2.2.2")) == "1.1.1.1"
    find = address_of(RouterOptions(remote_ip_headers=("X-Mine",)))
    assert find(request("1.1.1.1", X_Mine="3.3.3.3", X_Real_Ip="2.2.2.2")) == "3.3.3.3"
    app_engine = address_of(RouterOptions(app_engine=True))
    assert app_engine(request("1.1.1.1", X_Appengine_Remote_Addr="4.4.4.4")) == "4.4.4.4"


@pytest.mark.parametrize("networks", [("10.0.0.0/99",), ("nowhere", "")])
def test_a_network_that_is_none_is_ignored_and_trusts_nobody(networks: tuple[str, ...]) -> None:
    """A slip in the list must not open it to all."""
    none = address_of(RouterOptions(trusted_proxies=networks))
    assert none(request("1.1.1.1", X_Forwarded_For="9.9.9.9")) == "1.1.1.1"
    both = address_of(RouterOptions(trusted_proxies=(*networks, "1.1.1.1")))
    assert both(request("1.1.1.1", X_Forwarded_For="9.9.9.9")) == "9.9.9.9"
