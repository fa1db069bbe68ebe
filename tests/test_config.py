"""Settings name their variable when they are wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.background.actor import jittered
from ix.config import Settings, variable
from ix.database.connect import require_url
from ix.errors import ConfigError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IX_PORT", "eighty"),
        ("IX_ENGINE_SLOTS", "0"),
        ("IX_POLL_INTERVAL", "-1"),
        ("IX_EXTRACTOR", "oracle"),
        ("IX_OCR", "eyes"),
    ],
)
def test_a_bad_value_is_refused_with_the_variables_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}: "):
        Settings.from_env({name: value})


def test_a_model_backend_needs_a_model() -> None:
    with pytest.raises(ConfigError, match=r"^IX_MODEL: "):
        Settings.from_env({"IX_EXTRACTOR": "ollama"})
    assert Settings.from_env({"IX_EXTRACTOR": "ollama", "IX_MODEL": "m"}).model == "m"


@pytest.mark.parametrize(
    "url", ["", "mysql://host/x", "host:5432", "postgres://u@h:port/d", "postgres://h:99999/d", "nonsense"]
)
def test_an_address_of_no_database_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"^IX_POSTGRES_URL: "):
        require_url(Settings(postgres_url=url))


@pytest.mark.parametrize(
    "url", ["postgres://u:p@h:5432/d", "postgresql:///d", "postgres://postgres@/ix?host=/run&port=5432&sslmode=disable"]
)
def test_an_address_of_a_database_is_accepted(url: str) -> None:
    require_url(Settings(postgres_url=url))


def test_the_listeners_address_is_checked_too() -> None:
    with pytest.raises(ConfigError, match=r"^IX_LISTEN_URL: "):
        require_url(Settings(postgres_url="postgres:///d", listen_url="nonsense"))


def test_lists_are_separated_by_commas() -> None:
    assert Settings.from_env({"IX_ALLOW_HOSTS": "a.test, b.test:81,"}).allow_hosts == ("a.test", "b.test:81")


def test_every_knob_is_described() -> None:
    assert not [variable(name) for name, field in Settings.model_fields.items() if not field.description]


@pytest.mark.parametrize("limits", ["drill", "drill=0", "drill=x", "=2", "drill=1,drill=2", "drill=99999999"])
def test_what_is_no_limit_is_said_with_the_variables_name(limits: str) -> None:
    with pytest.raises(ConfigError, match=r"^IX_LIMITS: "):
        Settings.from_env({"IX_LIMITS": limits})


def test_a_liveness_limit_that_no_heartbeat_can_keep_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^IX_LIVENESS_LIMIT: .*IX_HEARTBEAT_INTERVAL"):
        Settings.from_env({"IX_LIVENESS_LIMIT": "5", "IX_HEARTBEAT_INTERVAL": "3"})


@pytest.mark.parametrize("value", ["inf", "nan", "1e12", "-1"])
def test_a_time_that_no_clock_can_wait_for_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match=r"^IX_LIVENESS_LIMIT: "):
        Settings.from_env({"IX_LIVENESS_LIMIT": value})


TIMES = st.floats(0.001, 1_000_000)


@given(interval=TIMES, timeout=TIMES, liveness=TIMES)
def test_whatever_is_accepted_an_engine_that_loses_its_connection_still_says_in_time_that_it_lives(
    interval: float, timeout: float, liveness: float
) -> None:
    names = {"IX_HEARTBEAT_INTERVAL": interval, "IX_HEARTBEAT_TIMEOUT": timeout, "IX_LIVENESS_LIMIT": liveness}
    try:
        settings = Settings.from_env({name: str(value) for name, value in names.items()})
    except ConfigError:
        assert liveness < 2 * interval
        return
    last_beat_after = jittered(settings.heartbeat_interval) + settings.beat_limit
    assert 0 < settings.beat_limit <= timeout
    assert last_beat_after < settings.liveness_limit
