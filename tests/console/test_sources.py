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

from ix.console import assets, lean, packs
from ix.console.assets import STATIC, Console

HERE = Path(__file__).parent
TSC = HERE / "node_modules" / "typescript" / "bin" / "tsc"
LANGUAGES = ("en", "de")
MOST_BYTES = {"review": 61_500, "try": 46_500}
"""Of a view's shell, styles and scripts as they travel, compressed by gzip; of the other views:"""
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


def named_by(console: Console, shell: str) -> list[str]:
    return re.findall(rf'(?:href|src)="/console/assets/{console.hash}/([^"]+)"', shell)


@pytest.mark.parametrize("view", sorted(assets.load().views))
def test_a_view_names_what_there_is_and_is_small(view: str) -> None:
    console = assets.load()
    shell = console.shell(view).decode()
    named = named_by(console, shell)
    assert [name for name in named if name.startswith("packs/")] == [f"packs/{view}.css", f"packs/{view}.js"]
    found = [console.asset(name) for name in named]
    assert [name for name, one in zip(named, found, strict=True) if one is None] == []
    sizes = [len(one.gzipped) for one in found if one and not one.media_type.startswith("image/")]
    assert sum(sizes) + len(gzip.compress(shell.encode())) < MOST_BYTES.get(view, USUAL_BYTES)


@pytest.mark.parametrize("view", sorted(assets.load().views))
def test_its_source_names_each_file_as_it_is_written(view: str) -> None:
    console = assets.load()
    named = named_by(console, console.shell(view, packed=False).decode())
    assert {f"js/{view}/main.js", "css/base.css", "js/dom.js"} <= {*named}
    for name in named:
        found = console.asset(name)
        assert found
        assert found.content == (STATIC / name).read_bytes()


@pytest.mark.parametrize("view", sorted(assets.load().views))
def test_what_a_view_imports_later_is_there_too(view: str) -> None:
    console = assets.load()
    pack = console.asset(f"packs/{view}.js")
    assert pack
    later = re.findall(r"\bimport\(([^)]*)\)", pack.content.decode())
    assert later or view != "job"
    for each in later:
        found = console.asset(each.replace('"./', "packs/").strip('"'))
        assert found
        assert found.content.startswith(b"let made;export default(")


def test_what_is_lean_means_the_same(tmp_path: Path) -> None:
    node = shutil.which("node")
    if not (node and TSC.is_file()):
        pytest.skip("typescript is not installed: make node")
    sources = {path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in scripts()}
    # the modules are the greater part of each pack
    whole = {**sources, "pack": packs.script("sign-in", "js/sign-in/main.js", sources)}
    pairs = {name: [source, lean.script(source)] for name, source in whole.items()}
    (tmp_path / "pairs.json").write_text(json.dumps(pairs))
    done = subprocess.run(
        [node, HERE / "js" / "alike.mjs", tmp_path / "pairs.json"], capture_output=True, text=True, timeout=120
    )
    assert json.loads(done.stdout) == {"compared": len(pairs), "different": []}


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("a = b  /* c */ + +d;  // e", "a=b+ +d;"),
        ("return /[/]  \\/ /.test(a) / b;", "return/[/]  \\/ /.test(a)/b;"),
        ('x = `a  ${b ? `c  d${ {e: "}"}.e }` : ""}  f`;', 'x=`a  ${b ? `c  d${ {e: "}"}.e }` : ""}  f`;'),
        ("a\n  (b)\n\n  c", "a\n(b)\nc"),
        ("class A {\n  #b = 1;\n  get c() { return this.#b; }\n}", "class A{#b=1;get c(){return this.#b;}\n}"),
        ("x = 'it''s  // no comment'; y = \"/* nor */\";", "x='it''s  // no comment';y=\"/* nor */\";"),
    ],
)
def test_what_looks_like_something_else_is_left_alone(source: str, wanted: str) -> None:
    assert lean.script(source) == wanted + "\n"


def test_a_lean_style_keeps_its_strings_and_its_selectors() -> None:
    source = (
        'a :is(b, c) {\n  content: "; :  {";  /* d */\n  width: calc(1px + 2px);\n}\n@media (x: 1) { e { f: g } }\n'
    )
    wanted = 'a :is(b,c){content:"; :  {";width:calc(1px + 2px);}@media (x:1){e{f:g}}\n'
    assert lean.style(source) == wanted


def test_modules_that_import_each_other_are_refused() -> None:
    sources = {"a.js": 'import { b } from "./b.js";\n', "b.js": 'import { a } from "./a.js";\n'}
    with pytest.raises(ValueError, match=r"a\.js, b\.js, a\.js"):
        packs.script("a", "a.js", sources)


@pytest.mark.parametrize("form", ["export default 1;", "export let a = 1;", 'import * as a from "./a.js";'])
def test_forms_that_no_pack_knows_are_refused(form: str) -> None:
    with pytest.raises(ValueError, match=re.escape(form)):
        packs.script("a", "a.js", {"a.js": form + "\n"})


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
