"""The files of the pages by themselves: messages in both languages, no colour beside the tokens, types, sizes."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ix.console import assets
from ix.console.assets import STATIC, Console

HERE = Path(__file__).parent
TSC = HERE / "node_modules" / "typescript" / "bin" / "tsc"
LANGUAGES = ("en", "de")
MOST_BYTES = {"review": 85_000, "try": 66_000, "job": 62_000}
"""Of a view's shell, styles and scripts as they travel, compressed by gzip, file by file; of the other views:"""
USUAL_BYTES = 45_000
MOST_LINES, MOST_COLUMNS = 350, 120
_PLACES = re.compile(r"\{(\w+)\}")


def scripts() -> Iterator[Path]:
    return STATIC.rglob("*.js")


def catalogue(language: str) -> dict[str, str | dict[str, str]]:
    found = assets.load().asset(f"i18n/{language}.json")
    assert found
    messages: dict[str, str | dict[str, str]] = json.loads(found.content)
    return messages


def test_each_message_is_there_in_both_languages_with_the_same_places() -> None:
    english, german = map(catalogue, LANGUAGES)
    assert english.keys() == german.keys()
    for key, message in english.items():
        assert isinstance(message, str) == isinstance(german[key], str), key
        assert set(_PLACES.findall(str(message))) == set(_PLACES.findall(str(german[key]))), key
        assert isinstance(message, str) or {"one", "other"} <= message.keys(), key


def test_each_message_that_scripts_ask_for_is_there() -> None:
    english = catalogue("en")
    asked = {
        (path.name, found[1])
        for path in scripts()
        for found in re.finditer(r'\bt\("([\w.]+)"', path.read_text(encoding="utf-8"))
    }
    assert asked
    assert [one for one in asked if one[1] not in english] == []


def test_each_key_of_the_table_has_words() -> None:
    table = (STATIC / "js" / "keys.js").read_text(encoding="utf-8")
    views = re.findall(r"^  (\w+): \[(.*?)\],$", table, re.MULTILINE | re.DOTALL)
    assert len(views) >= 7
    wanted = {f"keys.{view}.{does}" for view, rows in views for does in re.findall(r'(?:row|inside)\("(\w+)"', rows)}
    assert wanted | {f"keys.{view}" for view, _ in views} <= catalogue("en").keys()


def test_lines_and_files_are_short() -> None:
    texts = {path: path.read_text(encoding="utf-8").splitlines() for path in scripts()}
    assert [path.name for path, lines in texts.items() if len(lines) > MOST_LINES] == []
    long = [
        f"{path.name}:{n}"
        for path, lines in texts.items()
        for n, line in enumerate(lines, 1)
        if len(line) > MOST_COLUMNS
    ]
    assert long == []


def test_colours_stand_in_the_tokens_alone() -> None:
    colour = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch)\(", re.IGNORECASE)
    texts = {path: path.read_text(encoding="utf-8") for path in (*STATIC.rglob("*.css"), *scripts())}
    base = STATIC / "css" / "base.css"
    texts[base] = texts[base].split("}", 1)[1]
    allowed = "dialog::backdrop { background: rgb(9 11 15 / .5); }"
    found = {path.name: colour.findall(text.replace(allowed, "")) for path, text in texts.items()}
    assert {name: colours for name, colours in found.items() if colours} == {}


@pytest.mark.parametrize("view", sorted(assets.load().views))
def test_a_view_names_what_there_is_and_is_small(view: str) -> None:
    console = assets.load()
    shell = console.shell(view).decode()
    named = re.findall(rf'(?:href|src)="/console/assets/{console.hash}/([^"]+)"', shell)
    assert f"js/{view}/main.js" in named
    found = [console.asset(name) for name in named]
    assert [name for name, one in zip(named, found, strict=True) if one is None] == []
    sizes = [len(one.gzipped) for one in found if one and not one.media_type.startswith("image/")]
    assert sum(sizes) + len(gzip.compress(shell.encode())) < MOST_BYTES.get(view, USUAL_BYTES)


def test_addresses_stand_below_the_prefix_of_a_proxy() -> None:
    shell = assets.load().shell("jobs", '/ix"><script>').decode()
    assert '"><script>' not in shell
    assert f"/ix&quot;&gt;&lt;script&gt;/console/assets/{assets.load().hash}/" in shell


def test_another_file_is_another_hash(tmp_path: Path) -> None:
    shutil.copytree(STATIC, tmp_path / "static")
    before = Console(tmp_path / "static").hash
    assert before == assets.load().hash
    (tmp_path / "static" / "css" / "base.css").write_text("html { color: red; }")
    assert Console(tmp_path / "static").hash != before


def test_a_message_that_stands_twice_is_refused(tmp_path: Path) -> None:
    shutil.copytree(STATIC, tmp_path / "static")
    (tmp_path / "static" / "i18n" / "en" / "zz.json").write_text('{"skip": "again"}')
    with pytest.raises(ValueError, match="skip"):
        Console(tmp_path / "static")


def test_types() -> None:
    node = shutil.which("node")
    if not (node and TSC.is_file()):
        pytest.skip("typescript is not installed: make node")
    done = subprocess.run([node, TSC, "-p", HERE], capture_output=True, text=True, timeout=120)
    assert done.stdout == ""
    assert done.returncode == 0
