"""Letters: a sender, a recipient, a day, what it is about, some sentences, and at times a day to answer by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from training.generator.kinds.invoice import extra
from training.generator.letterhead import Style, address, facts, footer, letterhead
from training.generator.paper import Paper
from training.generator.world import World


def make(world: World, style: Style) -> tuple[Paper, dict[str, Any], dict[str, Any]]:
    """A letter: its paper, its labels, and what else is known of it."""
    writer, other = world.company(), world.company()
    to_person = world.chance(0.4)
    recipient = world.person() if to_person else other.name
    written = world.day()
    until = written + timedelta(world.random.choice([7, 10, 14, 21, 30]))
    gold: dict[str, Any] = {
        "sender": writer.name,
        "recipient": recipient,
        "date": written,
        "subject": world.text("subjects"),
        "reference": world.code_like("##/####-@", "####/YY-##", "@@-YYYY-###") if world.chance(0.6) else None,
        "your_reference": world.code_like("@@/####", "###-##") if world.chance(0.3) else None,
        "deadline": until if world.chance(0.6) else None,
    }
    paper = Paper(style.face, style.size + 1, bottom=90.0)
    letterhead(paper, world, writer, style)
    top = paper.y
    paper.lines(paper.margin if style.parties != "right" else paper.margin + 290, [recipient, *address(other)])
    paper.y += 1.5 * paper.step
    _dated(paper, world, style, gold, top)
    _body(paper, world, gold)
    footer(paper, world, writer, style, [])
    return paper, gold, extra(writer, other)


def _dated(paper: Paper, world: World, style: Style, gold: dict[str, Any], top: float) -> None:
    """The day and the references, in pairs, or the day alone with its place."""
    day, label = world.written(gold["date"]), world.label("letter_date")
    pairs = [
        (world.label("your_ref"), gold["your_reference"] or ""),
        (world.label("our_ref"), gold["reference"] or ""),
    ]
    named = [pair for pair in pairs if pair[1]]
    if label and world.chance(0.7):
        facts(paper, style, [*named, (label, day)], top)
    else:
        if named:
            facts(paper, style, named, top)
        place = f"{world.city()}, " if world.chance(0.6) else ""
        paper.line(paper.right, f"{place}{day}", align="r")
    paper.y += paper.step


def _body(paper: Paper, world: World, gold: dict[str, Any]) -> None:
    label = f"{world.label('subject')}: " if world.chance(0.6) else ""
    # without a label it stands out in print
    paper.line(paper.margin, f"{label}{gold['subject']}", paper.size * (1.0 if label else 1.1), bold=True)
    paper.y += paper.step
    paper.line(paper.margin, world.text("greeting").format(person=world.person(), last=world.pick("last")))
    paper.y += 0.6 * paper.step
    sentences = str(world.words["text"]["sentences"]).split("|")
    said = world.random.sample(sentences, min(len(sentences), world.random.randint(2, 5)))
    if gold["deadline"]:
        said.append(world.text("deadline").format(date=world.written(gold["deadline"])))
    for sentence in said:
        paper.prose(sentence)
        paper.y += 0.4 * paper.step
    paper.y += paper.step
    paper.line(paper.margin, world.text("closing"))
    paper.y += 2 * paper.step
    paper.line(paper.margin, world.person())
