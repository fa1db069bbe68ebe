"""Reads variables of the environment, and the files that some of them name."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Mapping

from ix.errors import ConfigError

MOST_BYTES = 1024 * 1024
"""No value is larger: who names a device or a log means another file."""


def read(fields: Iterable[str], env: Mapping[str, str] | None = None, private: Collection[str] = ()) -> dict[str, str]:
    """The text of each field that is set: its variable's, or the content of the file that the variable with `_FILE`
    names. Raises `ConfigError` for both at once, for a file that cannot be read, and for one of a `private` field that
    others may read."""
    values = os.environ if env is None else env
    texts = {field: _text(field, values, field in private) for field in fields}
    return {field: text for field, text in texts.items() if text}


def source_of(field: str, env: Mapping[str, str] | None = None) -> str:
    """The file that a field's value comes from; empty for none."""
    return (os.environ if env is None else env).get(f"IX_{field.upper()}_FILE", "").strip()


def _text(field: str, env: Mapping[str, str], is_private: bool) -> str:
    name = f"IX_{field.upper()}"
    text, file = env.get(name, "").strip(), source_of(field, env)
    if text and file:
        raise ConfigError(f"{name}, {name}_FILE: both are set; keep one of them")
    return _content(f"{name}_FILE", file, is_private) if file else text


def _content(name: str, file: str, is_private: bool) -> str:
    try:
        with open(file, "rb") as opened:
            # of what was opened, not of the name, which may lead elsewhere by now
            if is_private and _is_open_to_others(os.fstat(opened.fileno())):
                raise ConfigError(f"{name}: others may read or change {file}; give it the mode 0600")
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


def _is_open_to_others(file: os.stat_result) -> bool:
    """Whether more than its owner may read it, or its group where root owns it: so PostgreSQL has it with the keys of
    certificates, and so Kubernetes and systemd hand secrets to processes that are not root."""
    allowed = stat.S_IRUSR | stat.S_IWUSR | (stat.S_IRGRP if file.st_uid == 0 else 0)
    return bool(stat.S_IMODE(file.st_mode) & ~allowed)
