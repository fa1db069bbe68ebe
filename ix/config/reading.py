"""Reads variables of the environment, and the files that some of them name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from ix.errors import ConfigError

MOST_BYTES = 1024 * 1024
"""No value is larger: who names a device or a log means another file."""


def read(fields: Iterable[str], env: Mapping[str, str] | None = None) -> dict[str, str]:
    """The text of each field that is set: its variable's, or the content of the file that the variable with `_FILE`
    names. Raises `ConfigError` for both at once, and for a file that cannot be read."""
    values = os.environ if env is None else env
    texts = {field: _text(field, values) for field in fields}
    return {field: text for field, text in texts.items() if text}


def source_of(field: str, env: Mapping[str, str] | None = None) -> str:
    """The file that a field's value comes from; empty for none."""
    return (os.environ if env is None else env).get(f"IX_{field.upper()}_FILE", "").strip()


def _text(field: str, env: Mapping[str, str]) -> str:
    name = f"IX_{field.upper()}"
    text, file = env.get(name, "").strip(), source_of(field, env)
    if text and file:
        raise ConfigError(f"{name}, {name}_FILE: both are set; keep one of them")
    return _content(f"{name}_FILE", file) if file else text


def _content(name: str, file: str) -> str:
    try:
        with open(file, "rb") as opened:
            # one more, to see that there is more
            content = opened.read(MOST_BYTES + 1)
        text = content.decode().strip()
    except OSError as error:
        raise ConfigError(f"{name}: cannot read {file} ({error.strerror})") from None
    # the message of a `UnicodeDecodeError` holds bytes of the secret; a name may hold a NUL
    except ValueError:
        raise ConfigError(f"{name}: {file} is no text") from None
    if len(content) > MOST_BYTES or "\x00" in text:
        raise ConfigError(f"{name}: {file} is no text, or larger than {MOST_BYTES} bytes")
    if not text:
        # not as if the variable were empty: a secret that is not there yet must not leave a door open
        raise ConfigError(f"{name}: {file} is empty")
    return text
