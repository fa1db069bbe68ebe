"""Addresses: of one server, and of several."""

from __future__ import annotations

import pytest

from ix.database.address import is_address, servers, with_parameters

WRITES = "?target_session_attrs=read-write"


@pytest.mark.parametrize(
    ("url", "each"),
    [
        (
            "postgres://u:p%40%3A@a:1,b/ix",
            [f"postgres://u:p%40%3A@a:1/ix{WRITES}", f"postgres://u:p%40%3A@b/ix{WRITES}"],
        ),
        ("postgresql://[::1]:1,[::2]/ix", [f"postgresql://[::1]:1/ix{WRITES}", f"postgresql://[::2]/ix{WRITES}"]),
        (
            "postgres://u@/ix?host=a:1,/run/pg&port=2,3&sslmode=require&target_session_attrs=any",
            [
                "postgres://u@a:1/ix?sslmode=require&target_session_attrs=any",
                "postgres://u@/ix?sslmode=require&target_session_attrs=any&host=/run/pg&port=3",
            ],
        ),
        ("postgres://u@/ix?host=a,b&port=7", [f"postgres://u@a:7/ix{WRITES}", f"postgres://u@b:7/ix{WRITES}"]),
    ],
)
def test_each_server_is_an_address_of_its_own(url: str, each: list[str]) -> None:
    assert list(servers(url)) == each


@pytest.mark.parametrize(
    "url",
    ["postgres:///ix", "postgres://u@/ix?host=/run&port=5432&sslmode=disable", "postgres://u:p@h:1/ix?sslmode=require"],
)
def test_one_stays_as_it_came(url: str) -> None:
    assert servers(url) == (url,)
    assert with_parameters(url, {"sslmode": "prefer"}).startswith(url.partition("?")[0] + "?")


@pytest.mark.parametrize(
    "url", ["", "mysql://h/ix", "h:1", "postgres://h:x/ix", "postgres://a:1,b:x/ix", "postgres://a,b,c/ix?port=1,2"]
)
def test_what_is_none_is_told(url: str) -> None:
    assert not is_address(url)


def test_a_parameter_that_is_named_stays() -> None:
    found = with_parameters("postgres://h/ix?sslmode=require&target_session_attrs=any", {"sslmode": "prefer"})
    assert found == "postgres://h/ix?sslmode=require&target_session_attrs=any"
