"""Which addresses are somebody's machine on the internet."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from ix.outbound.unicast import is_plain, literal


@pytest.mark.parametrize("host", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::200e"])
def test_plain_ones(host: str) -> None:
    assert is_plain(ip_address(host))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "192.88.99.1", "224.0.0.1", "233.252.0.1", "240.0.0.1",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1",
        "100::1",
    ],
)  # fmt: skip
def test_everything_else(host: str) -> None:
    assert not is_plain(ip_address(host))


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "127.1", "0x7f.1", "0177.0.0.1", "017700000001"])
def test_every_form_that_a_resolver_takes_for_an_address_is_one(host: str) -> None:
    assert str(literal(host)) == "127.0.0.1"


@pytest.mark.parametrize("host", ["example.com", "1.2.3.4.example.com", "deadbeef", ""])
def test_names_are_none(host: str) -> None:
    assert literal(host) is None
