"""Settings name their variable when they are wrong."""

from __future__ import annotations

import pytest

from ix.config import Settings, variable
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


def test_lists_are_separated_by_commas() -> None:
    assert Settings.from_env({"IX_ALLOW_HOSTS": "a.test, b.test:81,"}).allow_hosts == ("a.test", "b.test:81")


def test_every_knob_is_described() -> None:
    assert not [variable(name) for name, field in Settings.model_fields.items() if not field.description]
