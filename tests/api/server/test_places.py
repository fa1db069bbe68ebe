"""Whose connections make room, without sockets."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ix.api.middleware.shares import LEAST_SHARE, share_of
from ix.api.server.places import SPARE, Entrance, Phase, Places, is_shared, network_of
from ix.config import Settings

FAR, OTHER, NEAR = "203.0.113.5", "203.0.113.6", "127.0.0.1"


class Fake:
    """A connection that has waited for so many seconds, in which so much of a body came."""

    def __init__(self, seconds: float = 100.0, size: int = 0, lags: bool = False) -> None:
        self.seconds, self.size, self._lags = seconds, size, lags
        self.gave_way = False

    def lags(self) -> bool:
        return self._lags

    def waited(self) -> tuple[float, int] | None:
        return (self.seconds, self.size) if self.seconds else None

    def give_way(self) -> None:
        self.gave_way = True


def entered(places: Places, *connections: Fake, address: str = NEAR, phase: Phase | None = None) -> Sequence[Entrance]:
    found = [places.enter(one, address) for one in connections]
    for one in connections:
        places.wait(one, phase)
    return found


def fakes(number: int) -> list[Fake]:
    return [Fake() for _ in range(number)]


def test_who_makes_room_first() -> None:
    places = Places(Settings(max_connections=8))
    lagging, newer, older, header, young = Fake(lags=True), Fake(), Fake(), Fake(), Fake(0.5)
    fast, slow, unread = Fake(10, 100_000), Fake(10, 10), Fake(0)
    entered(places, lagging, older, newer, phase=Phase.NOTHING)
    entered(places, young, header, phase=Phase.HEADER)
    entered(places, fast, slow, unread, phase=Phase.BODY)
    # idle once more: it is the newer one now
    places.wait(newer, None)
    places.wait(newer, Phase.NOTHING)
    for expected in (older, newer, header, slow, fast, lagging):
        assert entered(places, Fake(), phase=None) == [Entrance.WELCOME]
        assert expected.gave_way
    assert entered(places, Fake()) == [Entrance.FULL]
    assert not young.gave_way
    assert not unread.gave_way


def test_beyond_the_spare_ones_nobody_gets_a_word() -> None:
    places = Places(Settings(max_connections=2))
    assert set(entered(places, *fakes(2))) == {Entrance.WELCOME}
    spare = fakes(SPARE)
    assert set(entered(places, *spare)) == {Entrance.FULL}
    assert entered(places, Fake()) == [Entrance.NONE]
    places.wait(spare[0], Phase.NOTHING)
    assert entered(places, Fake()) != [Entrance.NONE]
    assert spare[0].gave_way


def test_an_address_has_a_share_and_its_own_make_room() -> None:
    places = Places(Settings(max_connections=100))
    idle, stranger = Fake(), Fake()
    entered(places, stranger, address=OTHER, phase=Phase.NOTHING)
    entered(places, idle, address=FAR, phase=Phase.NOTHING)
    rest = fakes(share_of(100) - 1)
    assert set(entered(places, *rest, address=FAR)) == {Entrance.WELCOME}
    assert entered(places, Fake(), address=FAR) == [Entrance.WELCOME]
    assert (idle.gave_way, stranger.gave_way) == (True, False)
    assert entered(places, Fake(), address=FAR) == [Entrance.OVER_SHARE]
    assert entered(places, Fake(), address=OTHER) == [Entrance.WELCOME]
    for one in rest:
        places.leave(one)
    assert entered(places, Fake(), address=FAR) == [Entrance.WELCOME]
    assert not stranger.gave_way


def test_this_machine_has_all_places() -> None:
    places = Places(Settings(max_connections=100))
    assert set(entered(places, *fakes(100), address=NEAR)) == {Entrance.WELCOME}


@pytest.mark.parametrize(("limit", "share"), [(1, 1), (10, 10), (LEAST_SHARE, LEAST_SHARE), (8000, 2000)])
def test_a_share_is_a_quarter_of_what_is_not_little(limit: int, share: int) -> None:
    assert share_of(limit) == share


def test_addresses() -> None:
    assert [is_shared(one) for one in ("127.0.0.9", "::1", "", FAR)] == [True, True, True, False]
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::") == "2001:db8:1:2::/64"
    assert network_of(FAR) == FAR


def test_a_trusted_proxy_has_no_share() -> None:
    places = Places(Settings(max_connections=100, trusted_proxies=(FAR,)))
    assert set(entered(places, *fakes(100), address=FAR)) == {Entrance.WELCOME}
    assert Entrance.OVER_SHARE in entered(Places(Settings(max_connections=100)), *fakes(100), address=FAR)


def test_ipv4_in_the_clothes_of_ipv6_is_ipv4() -> None:
    """As clients come to a socket that listens on both: one of them may not have the share of all."""
    assert is_shared("::ffff:127.0.0.1")
    assert network_of("::ffff:203.0.113.5") == network_of(FAR) != network_of("::ffff:203.0.113.6")
