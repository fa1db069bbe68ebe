"""Which IP addresses are plain, global and unicast: somebody's machine on the internet, and nothing near us."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

RELAYS_V4 = IPv4Network("192.88.99.0/24")
"""6to4 relays, out of use (RFC 7526)."""
GLOBAL_V6 = IPv6Network("2000::/3")
"""The only part of IPv6 from which global unicast addresses are given out (IANA IPv6 address space registry). What lies
outside includes loopback, link-local, unique local and multicast, IPv4-mapped and -compatible forms, and NAT64's
64:ff9b::/96."""
CARRIERS_V6 = tuple(map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16")))
"""Inside it, what is not a plain machine: Teredo and other protocol assignments, documentation, 6to4, segment routing
(IANA special-purpose registry). 6to4 and Teredo carry an IPv4 address, which could be any of ours."""


def is_plain(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address may be connected to. `ipaddress.is_global` alone is not enough: it is true of multicast and
    of some carriers."""
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not address.is_reserved and address not in RELAYS_V4
    return address in GLOBAL_V6 and not any(address in network for network in CARRIERS_V6)


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host spells itself, in any form that resolvers take (`127.1`, `2130706433`, `0x7f.1`); None
    for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    # the forms of `inet_aton`, which resolvers take and `ip_address` does not
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
