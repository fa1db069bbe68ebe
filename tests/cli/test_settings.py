"""`ix settings` and `ix secret`, for people and for programs."""

from __future__ import annotations

import json

from ix.config import Settings, variable
from tests.cli.conftest import Ix

ODD = {
    "IX_PORT": "1234",
    "IX_LIMITS": "b+a=2",
    "IX_ALLOW_HOSTS": "a.test,b.test",
    "IX_KEY": "hush",
    "IX_POSTGRES_URL": "postgres://ix:hush@127.0.0.1/ix",
}


def test_settings_are_an_environment_file_without_secrets(ix: Ix) -> None:
    done = ix("settings", **ODD)
    assert done.code == 0
    assigned = dict(line.split("=", 1) for line in done.out.splitlines() if not line.startswith("#"))
    assert assigned.pop("IX_LIMITS") == "a+b=2"
    assert assigned == {
        "IX_PORT": "1234",
        "IX_ALLOW_HOSTS": "a.test,b.test",
        "IX_KEY": "…",
        "IX_POSTGRES_URL": "postgres://…@127.0.0.1/ix",
    }


def test_settings_as_json_are_all_of_them_without_secrets(ix: Ix) -> None:
    done = ix("settings", "--json", **ODD)
    shown = json.loads(done.out)
    assert list(shown) == [variable(name) for name in Settings.model_fields]
    assert (shown["IX_PORT"], shown["IX_ALLOW_HOSTS"], shown["IX_LIMITS"]) == (1234, ["a.test", "b.test"], ["a+b=2"])
    assert "hush" not in done.out


def test_a_secret_is_printed_once_in_either_form(ix: Ix, database_url: str) -> None:
    first = ix("secret", "acme", IX_POSTGRES_URL=database_url)
    assert first.out.startswith("whsec_")
    second = json.loads(ix("secret", "acme", "--json", IX_POSTGRES_URL=database_url).out)
    assert second["client_id"] == "acme"
    assert second["secret"].startswith("whsec_")
    assert second["secret"] != first.out.strip()
