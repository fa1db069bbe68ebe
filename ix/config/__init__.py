"""Settings: every one with its unit and default, read from `IX_*` environment variables in one place.

`Settings.from_env()` reads and validates; a bad value raises `ConfigError` that starts with the variable's name. The
variable of a field is `IX_` and the field's name in capitals: `engine_slots` is `IX_ENGINE_SLOTS`. With `_FILE` behind
it, it names a file that holds the value: `IX_KEY_FILE=/run/secrets/key`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ConfigDict, ValidationError

from ix.config import addresses, together
from ix.config.limits import Limit as Limit
from ix.config.reading import read, source_of
from ix.config.units import LONGEST as LONGEST
from ix.config.units import MIB as MIB
from ix.config.units import Seconds as Seconds
from ix.config.work import WorkSettings
from ix.errors import ConfigError

DISTRIBUTION = "ix-documents"
"""What `pip install` calls ix."""
JITTER = 1.2
"""How many times as long as its setting the pause between two heartbeats may be."""


class Settings(WorkSettings):
    """What can be set, in the order in which `ix settings` prints it. A field's description is what people read there.
    Empty text stands for a setting that is not made. They stand in `ix.config.service` and `ix.config.work`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def beat_limit(self) -> float:
        """Seconds that one heartbeat may take: as set, but no more than leaves time for another one, over another
        connection, before the engine looks frozen."""
        room = (self.liveness_limit - JITTER * self.heartbeat_interval) / 2
        return min(self.heartbeat_timeout, room) if room > 0 else self.heartbeat_timeout

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """Reads the `IX_*` variables of `env`, the process's own by default; one that is empty counts as not set.
        `overrides` are fields, and win. Raises `ConfigError` naming the variable."""
        texts = read(cls.model_fields, env, _PRIVATE)
        given: dict[str, Any] = {field: _split(text) if field in _LISTS else text for field, text in texts.items()}
        try:
            settings = cls(**{**given, **overrides})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            name, reason = str(first["loc"][0]), str(first["msg"]).removeprefix("Value error, ")
            raise ConfigError(_refusal(name, reason, env if name not in overrides else {})) from None
        together.check(settings)
        return settings

    @property
    def serves_loopback_only(self) -> bool:
        """Whether web listens where only this machine reaches it."""
        return addresses.is_loopback(self.host)

    @property
    def own_address(self) -> str:
        """Where web listens, as an address for this machine's programs."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls_cert else 'http'}://{host}:{self.port}"


def variable(field: str) -> str:
    """The environment variable of a field."""
    return f"IX_{field.upper()}"


_LISTS = ("allow_hosts", "cors_origins", "document_days", "limits", "trusted_proxies")
"""Fields whose variables list their members, comma-separated."""
_PRIVATE = frozenset({"bootstrap_key"})
"""Fields whose files nobody else may read: who has this one may do everything."""


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _refusal(field: str, reason: str, env: Mapping[str, str] | None) -> str:
    file = source_of(field, env)
    # what a file holds may be a secret, and some reasons quote the value
    return f"{variable(field)}_FILE: {file} holds no valid value" if file else f"{variable(field)}: {reason}"
