"""What stands on every business's paper: its letterhead, the party addressed, facts in pairs, the footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from training.generator.paper import Paper
from training.generator.sheet import Face
from training.generator.world import Company, World


@dataclass(frozen=True, slots=True)
class Style:
    """How a document is laid out. `head` is where its writer stands, `parties` where the other, `facts` how its
    numbers and dates stand, `totals` how its sums stand, `foot` what closes the sheet."""

    name: str
    head: str = "left"
    parties: str = "left"
    facts: str = "right"
    totals: str = "right"
    foot: str = "columns"
    face: Face = "sans"
    size: float = 9.0
    colon: str = ":"
    table: str = "usual"
    money: str = "plain"


TRAIN = (
    Style("plain"),
    Style("serif", head="right", facts="left", face="serif", size=9.5, colon="", money="code"),
    Style("window", head="window", facts="right", foot="columns", table="position", money="sign"),
    Style("centred", head="centre", parties="headed", facts="inline", foot="line", table="priced"),
    Style("strip", head="left", parties="headed", facts="strip", totals="wide", table="article", colon=""),
    Style("columns", head="left", parties="both", facts="right", foot="none", table="usual", money="code"),
    Style("mono", head="left", parties="headed", facts="inline", face="mono", size=8.0, foot="line"),
    Style("narrow", head="right", parties="left", facts="right", face="narrow", table="rated", money="sign"),
)
TEST = (
    Style("over", head="left", parties="both", facts="strip", totals="strip", foot="columns", table="rated", colon=""),
    Style("window-serif", head="window", parties="left", facts="inline", face="serif", table="priced", money="code"),
    Style("banner", head="banner", parties="right", facts="left", totals="right", foot="line", table="article"),
    Style("dense", head="centre", parties="both", facts="right", face="narrow", size=8.0, totals="wide", money="sign"),
    Style("typed", head="right", parties="headed", facts="left", face="mono", size=7.8, foot="none", table="position"),
)
"""Families of layouts, those for training and those for tests: no pair is the same, and some parts of the latter
(`banner`, sums in a strip, the buyer on the right) are on none of the former."""


def styles(test: bool) -> Sequence[Style]:
    """The families of layouts."""
    return TEST if test else TRAIN


def address(company: Company) -> list[str]:
    """A company's address by lines."""
    return [company.street, company.place]


def letterhead(paper: Paper, world: World, writer: Company, style: Style) -> None:
    """The writer's name, address and how to reach them, or in a window's style nothing but a line above the address."""
    size = paper.size * world.random.choice([1.3, 1.6, 1.9])
    reach = [f"Tel. {writer.phone}", f"info@{writer.domain}", f"www.{writer.domain}"][: world.random.randint(1, 3)]
    if style.head == "window":
        if world.chance(0.4):
            paper.line(paper.right, writer.name, size, bold=True, align="r")
        paper.y = max(paper.y + paper.step, 120.0)
        mark = world.random.choice([" · ", " | ", " - ", ", "])
        paper.line(paper.margin, mark.join([writer.name, *address(writer)]), paper.size - 2.2)
        paper.y += 0.5 * paper.step
        return
    if style.head == "banner":
        paper.sheet.rule(paper.margin, paper.y - 6, paper.right)
        paper.line(paper.margin, writer.name.upper(), size, bold=True)
        paper.line(paper.margin, "  /  ".join([*address(writer), *reach[:1]]), paper.size - 1)
        paper.y += 2 * paper.step
        return
    x, align = {"left": (paper.margin, "l"), "right": (paper.right, "r"), "centre": (paper.width / 2, "c")}[style.head]
    paper.line(x, writer.name, size, bold=True, align=align)  # type: ignore[arg-type]
    paper.lines(x, [*address(writer), *reach], align=align)  # type: ignore[arg-type]
    if style.foot == "none":
        paper.line(x, f"{world.label('vat_id')} {writer.vat_id}", align=align)  # type: ignore[arg-type]
    paper.y += 1.5 * paper.step


def parties(
    paper: Paper, world: World, writer: Company, other: Sequence[str], style: Style, labels: tuple[str, str]
) -> float:
    """The party addressed, with a heading in some styles, and the writer beside it in others; gives the right edge of
    it. `labels` are the headings of the writer and of the other."""
    own, theirs = labels
    if style.parties == "both":
        top, half = paper.y, paper.margin + (paper.right - paper.margin) / 2
        left, right = (paper.margin, half) if world.chance(0.7) else (half, paper.margin)
        for x, heading, lines in (
            (left, own, [writer.name, *address(writer)]),
            (right, theirs, other),
        ):
            paper.y = top
            paper.line(x, f"{heading}{style.colon}", bold=True)
            paper.lines(x, lines)
        paper.y = top + (max(len(other), 3) + 2.5) * paper.step
        return paper.right
    x = paper.margin if style.parties != "right" else paper.margin + 290
    if style.parties in ("headed", "right"):
        paper.line(x, f"{theirs}{style.colon}", bold=world.chance(0.5))
    paper.lines(x, other)
    paper.y += 1.5 * paper.step
    return x + 190


def facts(paper: Paper, style: Style, pairs: Sequence[tuple[str, str]], top: float) -> None:
    """Numbers and dates of a document; on the right they stand beside what began at `top`."""
    if style.facts == "strip":
        for at in range(0, len(pairs), 4):
            paper.strip(pairs[at : at + 4])
    elif style.facts == "inline":
        paper.inline(paper.margin, pairs)
        paper.y += paper.step
    elif style.facts == "left" or style.parties in ("both", "right"):
        paper.pairs(paper.margin, paper.margin + 125, pairs, style.colon)
        paper.y += paper.step
    else:
        below, paper.y = paper.y, top
        paper.pairs(paper.right - 210, paper.right - 95, pairs, style.colon)
        paper.y = max(below, paper.y + 0.5 * paper.step)


def footer(paper: Paper, world: World, writer: Company, style: Style, bank: Sequence[tuple[str, str]]) -> None:
    """What closes the sheet: the writer's name, register, VAT number and bank."""
    register = world.drawn(world.text("register"))
    vat = f"{world.label('vat_id')} {writer.vat_id}"
    paid = [f"{name}: {value}" for name, value in bank]
    paper.y = max(paper.y + paper.step, paper.height - 66)
    if style.foot == "line":
        for text in (" | ".join([writer.name, *address(writer), vat]), " | ".join([*paid, register])):
            paper.line(paper.width / 2, text, paper.size - 2, align="c")
    elif style.foot == "columns":
        parts = ([writer.name, *address(writer)], [f"Tel. {writer.phone}", vat, register], paid)
        top = paper.y
        for at, texts in enumerate(parts):
            paper.y = top
            paper.lines(paper.margin + at * 170, texts, paper.size - 2)
    else:
        paper.y = min(paper.y, paper.height - 66)
        paper.lines(paper.margin, paid, paper.size - 1)
