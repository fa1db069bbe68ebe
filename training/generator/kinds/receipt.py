"""Receipts, as tills print them: narrow, centred heads, items with amounts, and what was given and given back."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from training.generator.kinds.invoice import RATES, SIGNS, names_currency, number
from training.generator.letterhead import Style
from training.generator.paper import Paper
from training.generator.sheet import Align
from training.generator.world import World, cents

WIDTHS = {"sans": 226.0, "mono": 226.0, "narrow": 170.0, "serif": 250.0}
"""Points: rolls are 57, 80 or 88 mm wide."""
TRAIN = (
    Style("till", head="centre", face="mono", size=8.0, facts="pairs", table="above"),
    Style("till-left", head="left", face="mono", size=7.5, facts="line", table="usual", money="code"),
    Style("shop", head="centre", face="sans", size=8.5, facts="line", table="priced", money="sign"),
    Style("cafe", head="centre", face="narrow", size=9.0, facts="inline", table="usual"),
    Style("headed", head="centre", face="mono", size=7.5, facts="pairs", table="headed"),
)
TEST = (
    Style("till-narrow", head="left", face="narrow", size=8.0, facts="inline", table="above", money="sign"),
    Style("bill", head="left", face="serif", size=9.0, facts="pairs", table="headed", money="code"),
    Style("late", head="centre", face="mono", size=8.0, facts="foot", table="priced"),
    Style("wide", head="centre", face="sans", size=8.0, facts="line", table="times", money="code"),
)


def make(world: World, style: Style) -> tuple[Paper, dict[str, Any], dict[str, Any]]:
    """A receipt: its paper, its labels, and what else is known of it."""
    shop = world.company()
    shape = world.pick("shops")
    company = shape.format(
        core=world.pick("cores"),
        trade=world.pick("trades"),
        form=world.pick("forms"),
        last=world.pick("last"),
        city=shop.city,
    )
    items = _items(world)
    total = sum((cents(count * price) for _, count, price in items), Decimal())
    rate = Decimal(str(RATES[world.country][world.chance(0.5)]))
    tax, day = cents(total * rate / (100 + rate)), world.day()
    paper = _paper(style, len(items))
    taxed = world.chance(0.75)
    clock = f"{world.random.randint(7, 22):02}:{world.random.randint(0, 59):02}"
    _head(paper, world, style, company, [shop.street, shop.place], shop)
    moment = (world.written(day, world.random.choice(world.words["dates"])), clock)
    if style.facts != "foot":
        _facts(paper, world, style, moment)
    _list(paper, world, style, items)
    _totals(paper, world, style, total, (rate, tax) if taxed else None)
    if style.facts == "foot":
        _facts(paper, world, style, moment)
    _centred(paper, world.text("thanks"))
    gold = {
        "company": company,
        "date": day,
        "address": f"{shop.street}, {shop.place}",
        "total": total,
        "tax": tax if taxed else None,
        "currency": world.currency,
        "items": [
            {"description": name, "quantity": count, "amount": cents(count * price)} for name, count, price in items
        ],
    }
    return paper, gold, {"printed": {"currency": names_currency(world, style)}}


def _items(world: World) -> list[tuple[str, Decimal, Decimal]]:
    found = []
    for _ in range(world.random.choice([1, 2, 3, 4, 5, 6, 8, 12])):
        name, price = world.food()
        count = Decimal(world.random.choice([1, 1, 1, 1, 2, 2, 3, 6]))
        found.append((name, count, price))
    return found


def _paper(style: Style, items: int) -> Paper:
    height = 260.0 + 26.0 * items + 60.0
    return Paper(style.face, style.size, WIDTHS[style.face], height, 10.0, 0.0)


def _centred(paper: Paper, text: str) -> None:
    paper.y += 0.5 * paper.step
    paper.line(paper.width / 2, text, align="c")


def _head(paper: Paper, world: World, style: Style, company: str, where: Sequence[str], shop: Any) -> None:
    x, align = _side(paper, style)
    size = paper.size * world.random.choice([1.0, 1.2, 1.4])
    name = company.upper() if world.chance(0.35) else company
    lines = where if world.chance(0.7) else [", ".join(where)]
    paper.line(x, name, size, bold=world.chance(0.6), align=align)
    paper.lines(x, lines, align=align)
    if world.chance(0.6):
        paper.line(x, f"Tel {shop.phone}", align=align)
    if world.chance(0.6):
        paper.line(x, f"{world.label('vat_id')} {shop.vat_id}", align=align)
    if title := world.label("title_receipt"):
        paper.y += 0.4 * paper.step
        paper.line(paper.width / 2, title, bold=True, align="c")
    paper.y += 0.6 * paper.step


def _side(paper: Paper, style: Style) -> tuple[float, Align]:
    return (paper.width / 2, "c") if style.head == "centre" else (paper.margin, "l")


def _facts(paper: Paper, world: World, style: Style, moment: tuple[str, str]) -> None:
    label, count = world.label("receipt_date"), world.code_like("####", "##/####", "00####")
    if style.facts == "pairs":
        paper.pairs(paper.margin, paper.right, [(label, " ".join(moment))], align="r")
        paper.pairs(paper.margin, paper.right, [(world.label("receipt_no"), count)], align="r")
    elif style.facts == "line":
        paper.sheet.put(paper.right, paper.y, moment[1], paper.size, align="r")
        paper.line(paper.margin, f"{label} {moment[0]}")
        paper.line(paper.margin, f"{world.label('receipt_no')} {count}")
    else:
        paper.line(paper.margin, f"{world.label('receipt_no')} {count}  {moment[0]}  {moment[1]}")
    paper.y += 0.5 * paper.step


def _list(paper: Paper, world: World, style: Style, items: Sequence[tuple[str, Decimal, Decimal]]) -> None:
    right = paper.right
    if style.table == "headed":
        paper.sheet.put(paper.margin, paper.y, world.label("name"), paper.size)
        paper.sheet.put(paper.width * 0.66, paper.y, world.label("quantity"), paper.size, align="r")
        paper.line(right, world.label("line_total"), align="r")
    for name, count, price in items:
        total, each = world.amount(cents(count * price)), world.amount(price)
        many = count > 1
        if style.table == "above":
            paper.line(paper.margin, name)
            paper.sheet.put(paper.margin + 12, paper.y, f"{number(count, world)} x {each}", paper.size)
        elif style.table == "headed":
            paper.sheet.put(paper.margin, paper.y, name, paper.size)
            paper.sheet.put(paper.width * 0.66, paper.y, number(count, world), paper.size, align="r")
        elif style.table == "priced":
            paper.sheet.put(paper.margin, paper.y, f"{number(count, world)} {name}", paper.size)
        else:
            paper.sheet.put(paper.margin, paper.y, f"{number(count, world)}x {name}" if many else name, paper.size)
        paper.line(right, total, align="r")
        if style.table == "times" and many:
            paper.line(paper.margin + 12, f"@ {each}")
    paper.y += 0.4 * paper.step


def _totals(paper: Paper, world: World, style: Style, total: Decimal, tax: tuple[Decimal, Decimal] | None) -> None:
    def pair(name: str, value: Decimal, size: float = 0.0) -> None:
        paper.sheet.put(paper.margin, paper.y, name, size or paper.size, bold=size > 0)
        paper.line(paper.right, world.amount(value), size, bold=size > 0, align="r")

    if world.chance(0.35):
        pair(world.label("sub_total"), total)
    unit = {"code": world.currency, "sign": SIGNS[world.currency]}.get(style.money, "")
    label = world.label("total")
    # some are called "Total EUR" already
    pair(label if world.currency in label else f"{label} {unit}", total, paper.size * 1.25)
    if world.chance(0.5):
        given = next((Decimal(note) for note in (5, 10, 20, 50, 100, 200, 500, 1000) if note >= total), total)
        pair(world.label("cash"), given)
        pair(world.label("change"), given - total)
    elif world.chance(0.7):
        pair(world.label("card"), total)
    if tax:
        rate, value = tax
        pair(world.label("receipt_tax").format(rate=number(rate, world)), value)
