"""Settings from files: read, and refused without a word of what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from ix.config import Settings, variable
from ix.config.reading import MOST_BYTES
from ix.errors import ConfigError

HUSH = "hush-hush"
NAMES = {
    "postgres_url": f"postgres://ix:{HUSH}@db/ix",
    "listen_url": f"postgres://ix:{HUSH}@db:5433/ix",
    "key": f"ix_{HUSH}",
    "openai_key": HUSH,
    "port": "81",
    "limits": "receipt=2,invoice=1",
    "share_port": "true",
}


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("field", NAMES)
def test_a_value_may_stand_in_a_file(tmp_path: Path, field: str, end: str) -> None:
    (tmp_path / "file").write_bytes(f"{NAMES[field]}{end}".encode())
    from_file = Settings.from_env({f"{variable(field)}_FILE": str(tmp_path / "file")})
    assert from_file == Settings.from_env({variable(field): NAMES[field]})


@pytest.mark.parametrize("field", Settings.model_fields)
def test_any_setting_may_and_both_at_once_are_refused_with_both_names(tmp_path: Path, field: str) -> None:
    name = variable(field)
    (tmp_path / "file").write_text(HUSH)
    with pytest.raises(ConfigError, match=f"^{name}, {name}_FILE: both are set") as refusal:
        Settings.from_env({name: HUSH, f"{name}_FILE": str(tmp_path / "file")})
    assert HUSH not in str(refusal.value)


@pytest.mark.parametrize(
    "content",
    [b"\xff" + HUSH.encode(), b"\0" + HUSH.encode(), HUSH.encode() * MOST_BYTES, b"", b" \n", None],
    ids=["no text", "NUL", "endless", "empty", "blank", "missing"],
)
def test_a_file_that_cannot_be_read_is_named_and_not_quoted(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=f"^IX_KEY_FILE: .*{file}") as refusal:
        Settings.from_env({"IX_KEY_FILE": str(file)})
    assert HUSH not in str(refusal.value)


@pytest.mark.parametrize("file", ["/dev/zero", "/", "/proc/self/mem", "relative/nowhere", "a\0b"])
def test_nor_does_a_device_or_a_folder_stop_anything(file: str) -> None:
    with pytest.raises(ConfigError, match=r"^IX_KEY_FILE: "):
        Settings.from_env({"IX_KEY_FILE": file})


@pytest.mark.parametrize("field", ["port", "limits", "extractor", "trusted_proxies", "cors_origins", "engine_slots"])
def test_what_a_file_holds_is_not_quoted_where_it_is_no_value(tmp_path: Path, field: str) -> None:
    (tmp_path / "file").write_text(HUSH)
    with pytest.raises(ConfigError, match=f"^{variable(field)}_FILE: .*holds no valid value") as refusal:
        Settings.from_env({f"{variable(field)}_FILE": str(tmp_path / "file")})
    assert HUSH not in str(refusal.value)


def test_an_empty_variable_names_no_file() -> None:
    assert Settings.from_env({"IX_KEY_FILE": " ", "IX_KEY": HUSH}).key.get_secret_value() == HUSH
