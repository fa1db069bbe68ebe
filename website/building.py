"""Builds the site, with warnings as errors."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from website import reference

ROOT = Path(__file__).parents[1]
CONFIG = """\
[project]
site_name = "ix"
site_description = "Self-hosted service that turns documents into sourced JSON"
docs_dir = "docs"
site_dir = "site"
nav = [
    {{ "Start" = "index.md" }},
    {{ "Concepts" = ["concepts.md", "states.md", "guarantees.md", "review.md", "einvoices.md"] }},
    {{ "Guides" = [{guides}] }},
    {{ "Reference" = [{pages}] }},
    {{ "Decisions" = [{decisions}] }},
    {{ "Figures" = "benchmarks.md" }},
]
[project.theme]
# nothing is loaded from elsewhere
font = false
features = ["navigation.tabs", "navigation.indexes", "content.code.copy"]
[[project.theme.palette]]
media = "(prefers-color-scheme: light)"
scheme = "default"
[[project.theme.palette]]
media = "(prefers-color-scheme: dark)"
scheme = "slate"
"""
CONCEPTS = ("index.md", "concepts.md", "states.md", "guarantees.md", "review.md", "einvoices.md", "benchmarks.md")
"""Pages that have their place; every other page of docs/ is a guide, but for the failures."""
LINK = re.compile(r"\[([^\]]*)\]\(([^):#]+)(?:#[^)]*)?\)")
"""A link to a file, with its text."""


def build(target: Path) -> None:
    """Builds the site into `target`, which it replaces. Raises `RuntimeError` with what zensical says for a link that
    leads nowhere, or anything else that it warns of."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _gather(folder / "docs")
        (folder / "zensical.toml").write_text(_config(folder / "docs"))
        done = subprocess.run(
            [sys.executable, "-m", "zensical", "build", "--strict"], cwd=folder, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"the site was not built:\n{done.stdout}{done.stderr}")
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder / "site", target)


def _gather(docs: Path) -> None:
    """All pages in one folder: those of docs/, and those made out of the code."""
    shutil.copytree(ROOT / "docs", docs)
    for page in docs.rglob("*.md"):
        page.write_text(LINK.sub(partial(_inside, docs.resolve(), page), page.read_text()))
    (docs / "reference").mkdir()
    for name, text in reference.pages().items():
        (docs / "reference" / f"{name}.md").write_text(text)


def _inside(docs: Path, page: Path, link: re.Match[str]) -> str:
    """The link, or the name of what it leads to: README, sources and so on are no pages of the site."""
    text, name = link[1], link[2]
    target = (page.parent / name).resolve()
    if target.is_relative_to(docs):
        return link[0]
    inside = target.relative_to(docs.parent)
    return f"{text}, `{inside}`" if text != str(inside) else f"`{inside}`"


def _config(docs: Path) -> str:
    guides = sorted(page.name for page in docs.glob("*.md") if page.name not in {*CONCEPTS, "failures.md"})
    decisions = sorted(f"decisions/{page.name}" for page in (docs / "decisions").glob("*.md"))
    pages = ["failures.md", *sorted(f"reference/{page.name}" for page in (docs / "reference").glob("*.md"))]
    return CONFIG.format(guides=_quoted(guides), pages=_quoted(pages), decisions=_quoted(decisions))


def _quoted(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
