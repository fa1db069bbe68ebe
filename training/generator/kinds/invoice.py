"""Invoices: positions, one or two rates of tax, sums that add up, and how to pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from training.generator.letterhead import Style, address, facts, footer, letterhead, parties
from training.generator.paper import Column, Pair, Paper, columns
from training.generator.sheet import Align
from training.generator.world import Company, World, cents

RATES = {
    "DE": (19, 7),
    "AT": (20, 10),
    "CH": (8.1, 2.6),
    "GB": (20, 5),
    "IE": (23, 9),
    "FR": (20, 5.5),
    "BE": (21, 6),
    "ES": (21, 10),
    "IT": (22, 10),
    "NL": (21, 9),
    "PL": (23, 8),
    "PT": (23, 6),
    "SE": (25, 12),
    "DK": (25, 25),
}
"""The usual rate of value added tax and a reduced one, in percent (2024)."""
SIGNS = {"EUR": "€", "GBP": "£", "USD": "$", "PLN": "zł", "SEK": "kr", "DKK": "kr", "CHF": "CHF"}


@dataclass
class Position:
    """A line of an invoice, an order or a delivery note."""

    name: str
    article: str
    quantity: Decimal
    unit: str
    price: Decimal
    rate: Decimal

    @property
    def total(self) -> Decimal:
        """Quantity times price."""
        return cents(self.quantity * self.price)


def positions(world: World, most: int = 9) -> list[Position]:
    """Some positions, mostly of the usual rate."""
    usual, reduced = (Decimal(str(rate)) for rate in RATES[world.country])
    found = []
    for _ in range(world.random.choice([1, 2, 3, 4, 5, 6, most, 2 * most])):
        name, price = world.good()
        quantity = Decimal(world.random.choice([1, 1, 1, 2, 3, 4, 5, 8, 10, 12, 20, 25, 100]))
        if world.chance(0.1):
            quantity = Decimal(world.random.choice(["0.5", "1.5", "2.25", "7.5"]))
        rate = reduced if world.chance(0.12) else usual
        article = world.code_like("@@-####", "#####", "@####", "##.###")
        unit = world.pick("units")
        found.append(Position(name, article, quantity, unit, price, rate))
    return found


def taxes(lines: Sequence[Position]) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Rate, net and tax of each rate, the highest first."""
    found = []
    for rate in sorted({line.rate for line in lines}, reverse=True):
        net = sum((line.total for line in lines if line.rate == rate), Decimal())
        found.append((rate, net, cents(net * rate / 100)))
    return found


def number(value: Decimal, world: World) -> str:
    """A quantity or a rate, with decimals only where it has any."""
    text = str(value.normalize()) if value != value.to_integral() else str(int(value))
    return text.replace(".", world.notation[5])


def money(value: Decimal, world: World, style: Style) -> str:
    """An amount with the currency where the style has it."""
    text = world.amount(value)
    if style.money == "code":
        return f"{text} {world.currency}" if world.code != "en" else f"{world.currency} {text}"
    sign = SIGNS[world.currency]
    if style.money == "sign":
        return f"{sign}{text}" if world.code == "en" else f"{text} {sign}"
    return text


def make(world: World, style: Style) -> tuple[Paper, dict[str, Any], dict[str, Any]]:
    """An invoice: its paper, its labels by the fields of the use case, and what else is known of it."""
    writer, other, lines = world.company(), world.company(), positions(world)
    paper = Paper(style.face, style.size)
    issued = world.day()
    due = issued + timedelta(days=world.random.choice([7, 10, 14, 14, 21, 30, 30, 45]))
    known: dict[str, Any] = {
        "invoice_number": world.code_like("RE-YYYY-####", "YYYY/####", "######", "@@####", "F-YY####", "INV-#####"),
        "order_number": world.code_like("PO-####", "B######", "####/YY", "45########") if world.chance(0.4) else None,
        "buyer_vat_id": world.vat_id() if world.chance(0.3) else None,
        "iban": world.iban(),
    }
    has_due = world.chance(0.75)
    named = [
        (world.label("number"), known["invoice_number"]),
        (world.label("date"), world.written(issued)),
        (world.label("due"), world.written(due) if has_due else ""),
        (world.label("customer_no"), world.code_like("#####", "K-####", "C####") if world.chance(0.5) else ""),
        (world.label("order"), known["order_number"] or ""),
        (world.label("buyer_vat"), known["buyer_vat_id"] or ""),
    ]
    heading = world.label("title_invoice")
    head(paper, world, style, writer, other, (heading, "seller", "buyer"), [pair for pair in named if pair[1]])
    positioned(paper, world, style, lines)
    by_rate = taxes(lines)
    net, tax = (sum((part[at] for part in by_rate), Decimal()) for at in (1, 2))
    sums(paper, world, style, by_rate, (net, tax, net + tax), "grand")
    closing(paper, world, style, writer, known["iban"], world.written(due) if has_due else "")
    gold = {
        **known,
        "issue_date": issued,
        "due_date": due if has_due else None,
        "seller_name": writer.name,
        "seller_vat_id": writer.vat_id,
        "buyer_name": other.name,
        "currency": world.currency,
        "net_total": net,
        "tax_total": tax,
        "grand_total": net + tax,
        "lines": rows(lines),
    }
    return paper, gold, {**extra(writer, other), "printed": {"currency": names_currency(world, style)}}


def names_currency(world: World, style: Style) -> bool:
    """Whether the document says its currency; `kr` is the currency of several countries."""
    return style.money == "code" or (style.money == "sign" and SIGNS[world.currency] != "kr")


def rows(lines: Sequence[Position]) -> list[dict[str, Any]]:
    """Positions as labels."""
    return [
        {"name": one.name, "quantity": one.quantity, "unit_price": one.price, "line_total": one.total} for one in lines
    ]


def extra(writer: Company, other: Company) -> dict[str, Any]:
    """What is known of the parties beside the use case's fields."""
    return {
        "seller_address": ", ".join(address(writer)),
        "buyer_address": ", ".join(address(other)),
        "seller_domain": writer.domain,
    }


def head(
    paper: Paper,
    world: World,
    style: Style,
    writer: Company,
    other: Company,
    titles: tuple[str, str, str],
    named: Sequence[Pair],
) -> None:
    """Letterhead, parties, title and facts. `titles` are the title and the keys of the parties' headings."""
    title, own, theirs = titles
    letterhead(paper, world, writer, style)
    top = paper.y
    person = [world.person()] if world.chance(0.2) else []
    lines = [other.name, *person, *address(other)]
    parties(paper, world, writer, lines, style, (world.label(own), world.label(theirs)))
    before = world.chance(0.5) and style.facts != "right"
    if before:
        paper.line(paper.margin, title, paper.size * 1.6, bold=True)
        paper.y += 0.5 * paper.step
    facts(paper, style, named, top)
    if not before:
        paper.y += paper.step
        paper.line(paper.margin, title, paper.size * 1.6, bold=True)
        paper.y += 0.5 * paper.step
    paper.y += paper.step


def table_of(world: World, style: Style, kind: str = "priced") -> list[tuple[str, float, Align, str]]:
    """The columns of a table of positions: heading, share of the width, side, and what stands there."""
    name, quantity = ("name", 4.0, "l"), ("quantity", 1.0, "r")
    price, total = ("unit_price", 1.3, "r"), ("line_total", 1.4, "r")
    chosen: dict[str, list[tuple[str, float, str]]] = {
        "usual": [name, quantity, price, total],
        "position": [("pos", 0.5, "l"), name, quantity, ("unit", 0.8, "l"), price, total],
        "priced": [quantity, name, price, total],
        "article": [("article", 1.2, "l"), name, quantity, price, total],
        "rated": [("pos", 0.5, "l"), name, ("rate", 0.8, "r"), price, quantity, total],
    }
    parts = chosen[style.table]
    if kind == "bare":
        parts = [one for one in parts if one[0] not in ("unit_price", "line_total", "rate")]
    return [(world.label(key), share, side, key) for key, share, side in parts]  # type: ignore[misc]


def positioned(paper: Paper, world: World, style: Style, lines: Sequence[Position], kind: str = "priced") -> None:
    """The table of positions, over as many sheets as it needs."""
    parts = table_of(world, style, kind)
    laid = columns([part[:3] for part in parts], paper.margin, paper.right)
    bold, detail, gap = world.chance(0.7), world.chance(0.25), world.random.choice([0.0, 0.3, 0.7])
    paper.heading(laid, bold)
    for at, line in enumerate(lines, 1):
        if not paper.room(3):
            paper.turn()
            paper.heading(laid, bold)
        paper.row(laid, cells(world, line, at, [part[3] for part in parts]))
        if detail and world.chance(0.5):
            where = next(column for column, part in zip(laid, parts, strict=True) if part[3] == "name")
            paper.row([Column("", where.x, "l", where.width)], [world.code_like("SN ######", "@@@ ##-##", "LOT ####")])
        paper.y += gap * paper.step
    paper.sheet.rule(paper.margin, paper.y, paper.right)
    paper.y += 0.6 * paper.step


def cells(world: World, line: Position, at: int, keys: Sequence[str]) -> list[str]:
    """What stands in a row, by the keys of its columns."""
    values = {
        "pos": str(at),
        "article": line.article,
        "name": line.name,
        "quantity": number(line.quantity, world),
        "unit": line.unit,
        "unit_price": world.amount(line.price),
        "line_total": world.amount(line.total),
        "rate": f"{number(line.rate, world)}%",
    }
    return [values[key] for key in keys]


def sums(
    paper: Paper,
    world: World,
    style: Style,
    by_rate: Sequence[tuple[Decimal, Decimal, Decimal]],
    totals: tuple[Decimal, Decimal, Decimal],
    grand: str,
) -> None:
    """Net, tax by rate and the total, in the style's way. `grand` is the key of what the total is called."""
    if not paper.room(8):
        paper.turn()
    net, _, total = totals
    pairs = [(world.label("net"), net)]
    pairs += [(taxed(world, rate), tax) for rate, _, tax in by_rate]
    pairs.append((world.label(grand), total))
    texts = [(name, money(value, world, style)) for name, value in pairs]
    if style.totals == "strip":
        paper.strip(texts, paper.margin + 140)
    elif style.totals == "wide":
        paper.pairs(paper.margin, paper.right - 4, texts, style.colon, "r")
    else:
        paper.pairs(paper.right - 220, paper.right - 4, texts, style.colon, "r")
    paper.y += paper.step


def taxed(world: World, rate: Decimal) -> str:
    """What a line of tax is called."""
    label = world.label("tax")
    return label.format(rate=number(rate, world))


def closing(paper: Paper, world: World, style: Style, writer: Company, iban: str, due: str) -> None:
    """How to pay, and the footer."""
    phrase = world.text("pay")
    if "{due}" not in phrase or due:
        paper.prose(phrase.format(due=due))
    bank = bank_of(world, iban)
    if style.foot == "none" and not paper.room(8):
        paper.turn()
    footer(paper, world, writer, style, bank)


def bank_of(world: World, iban: str) -> list[Pair]:
    """The writer's bank as pairs."""
    name = world.text("bank_names").format(core=world.pick("cores"), city=world.city())
    return [(world.label("bank"), name), ("IBAN", iban), ("BIC", world.bic())]
