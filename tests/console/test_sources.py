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
MOST_BYTES = {"review": 57_500}
"""Of a view's shell, styles and scripts as they travel until it is drawn, compressed by gzip; of the other views:"""
USUAL_BYTES = 45_000
MOST_BYTES_MORE = 36_000
"""Of these, what no other view has brought before."""
SHARED = ["packs/common.js", "packs/viewer.js"]
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
    packed = [name for name in named if name.startswith("packs/")]
    shared = SHARED[: 2 if view in ("job", "review") else 0 if view == "sign-in" else 1]
    assert packed == [f"packs/{view}.css", *shared, f"packs/{view}.js"]
    found = [console.asset(name) for name in named]
    assert [name for name, one in zip(named, found, strict=True) if one is None] == []
    sizes = [len(one.gzipped) for one in found if one and not one.media_type.startswith("image/")]
    whole = sum(sizes) + len(gzip.compress(shell.encode()))
    assert whole < MOST_BYTES.get(view, USUAL_BYTES)
    assert whole - sum(len(one.gzipped) for name in shared if (one := console.asset(name))) < MOST_BYTES_MORE


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
    assert later or view not in ("job", "review", "try")
    for each in later:
        found = console.asset(each.replace('"./', "packs/").strip('"'))
        assert found
        assert b"let made;export default(" in found.content
        # it stands deeper than what it imports
        for name in re.findall(r'from"((?:\.\./)+[^"]+)"', found.content.decode()):
            assert name.removeprefix("../" * (each.count("/") - 1)) in ("common.js", "viewer.js")


def test_what_is_lean_means_the_same(tmp_path: Path) -> None:
    node = shutil.which("node")
    if not (node and TSC.is_file()):
        pytest.skip("typescript is not installed: make node")
    sources = {path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in scripts()}
    # the modules are the greater part of each pack
    packed = packs.Packs({"sign-in": "js/sign-in/main.js"}, {}, sources).script("sign-in")
    assert packed
    whole = {**sources, "pack": packed}
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
        packs.Packs({"a": "a.js"}, {}, sources)


@pytest.mark.parametrize("form", ["export default 1;", "export let a = 1;", 'import * as a from "./a.js";'])
def test_forms_that_no_pack_knows_are_refused(form: str) -> None:
    with pytest.raises(ValueError, match=re.escape(form)):
        packs.Packs({"a": "a.js"}, {}, {"a.js": form + "\n"}).script("a")


MODULES = {
    **dict.fromkeys(("one.js", "three.js"), 'import { a } from "./a.js";\nimport { wide } from "./wide.js";\n'),
    "two.js": 'import { a } from "./a.js";\nconst b = await import("./late.js");\n',
    "wide.js": 'import { a } from "./a.js";\nexport const wide = a;\n',
    "late.js": 'import { wide } from "./wide.js";\nexport const b = wide;\n',
    "a.js": "export const a = 1;\n",
}


def test_what_views_share_is_a_script_of_its_own_which_a_later_one_takes_too() -> None:
    views = {name: f"{name}.js" for name in ("one", "two", "three")}
    made = packs.Packs(views, {"all": "a.js", "some": "wide.js"}, MODULES)
    assert made.before("one") == ["all", "some"]
    assert made.before("two") == ["all"]
    scripts_made = {name: str(made.script(name)) for name in ("all", "some", "one", "two")}
    assert [name for name, script in scripts_made.items() if "const a = 1" in script] == ["all"]
    assert [name for name, script in scripts_made.items() if "const wide = a" in script] == ["some"]
    late = str(made.later("two", "late.js"))
    assert late.startswith('import {$m5} from "../some.js";\n')
    assert "const wide = a" not in late
    assert made.later("one", "late.js") is None


def test_one_view_shares_nothing() -> None:
    with pytest.raises(ValueError, match="fewer than two views"):
        packs.Packs({"one": "one.js", "two": "two.js"}, {"some": "wide.js"}, MODULES)


def test_what_is_loaded_later_is_not_loaded_twice() -> None:
    sources = {
        "shell.js": 'const later = () => await import("./x.js");\nexport const s = later;\n',
        "one.js": 'import { s } from "./shell.js";\nimport { x } from "./x.js";\n',
        "two.js": 'import { s } from "./shell.js";\n',
        "x.js": "export const x = 1;\n",
    }
    made = packs.Packs({"one": "one.js", "two": "two.js"}, {"all": "shell.js"}, sources)
    with pytest.raises(ValueError, match="one has what all imports later"):
        made.later("all", "x.js")


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
