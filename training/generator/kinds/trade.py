"""Credit notes, purchase orders and delivery notes: papers like invoices, with other titles, parties and sums."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from training.generator.kinds.invoice import (
    bank_of,
    extra,
    head,
    names_currency,
    number,
    positioned,
    positions,
    rows,
    sums,
    taxes,
)
from training.generator.letterhead import Style, footer
from training.generator.paper import Paper
from training.generator.world import World

Made = tuple[Paper, dict[str, Any], dict[str, Any]]


def credit_note(world: World, style: Style) -> Made:
    """A credit note: it corrects an invoice, and gives a reason at times."""
    writer, other, lines = world.company(), world.company(), positions(world, 5)
    paper, issued = Paper(style.face, style.size), world.day()
    has_reason = world.chance(0.5)
    gold: dict[str, Any] = {
        "credit_note_number": world.code_like("GS-YYYY-####", "CN-#####", "YYYY/####", "######"),
        "issue_date": issued,
        "original_invoice_number": world.code_like("RE-YYYY-####", "INV-#####", "4#####"),
        "reason": world.text("reasons") if has_reason else None,
        "seller_name": writer.name,
        "seller_vat_id": writer.vat_id,
        "buyer_name": other.name,
        "currency": world.currency,
    }
    named = [
        (world.label("credit_no"), gold["credit_note_number"]),
        (world.label("date"), world.written(issued)),
        (world.label("original"), gold["original_invoice_number"]),
        (world.label("reason"), gold["reason"] or ""),
    ]
    titles = (world.label("title_credit"), "seller", "buyer")
    head(paper, world, style, writer, other, titles, [pair for pair in named if pair[1]])
    positioned(paper, world, style, lines)
    net, tax = _totals(lines)
    sums(paper, world, style, taxes(lines), (net, tax, net + tax), "credit_grand")
    footer(paper, world, writer, style, bank_of(world, world.iban()))
    gold |= {"net_total": net, "tax_total": tax, "grand_total": net + tax, "lines": rows(lines)}
    return paper, gold, {**extra(writer, other), "printed": {"currency": names_currency(world, style)}}


def purchase_order(world: World, style: Style) -> Made:
    """An order: the buyer's paper, addressed to the supplier."""
    buyer, supplier, lines = world.company(), world.company(), positions(world, 7)
    paper, ordered = Paper(style.face, style.size), world.day()
    wanted = ordered + timedelta(world.random.choice([5, 10, 14, 30]))
    has_day, priced = world.chance(0.8), world.chance(0.85)
    gold: dict[str, Any] = {
        "order_number": world.code_like("PO-#####", "B-YYYY-###", "45########", "######"),
        "order_date": ordered,
        "delivery_date": wanted if has_day else None,
        "supplier_name": supplier.name,
        "buyer_name": buyer.name,
        "currency": world.currency,
    }
    named = [
        (world.label("order_no"), gold["order_number"]),
        (world.label("order_date"), world.written(ordered)),
        (world.label("delivery_date"), world.written(wanted) if has_day else ""),
    ]
    titles = (world.label("title_order"), "buyer", "seller")
    head(paper, world, style, buyer, supplier, titles, [pair for pair in named if pair[1]])
    place = _shipped(paper, world) if world.chance(0.4) else None
    positioned(paper, world, style, lines)
    net, tax = _totals(lines)
    if priced:
        sums(paper, world, style, taxes(lines), (net, tax, net + tax), "grand")
    footer(paper, world, buyer, style, [])
    gold |= {
        "delivery_address": place,
        "net_total": net if priced else None,
        "tax_total": tax if priced else None,
        "grand_total": net + tax if priced else None,
        "lines": rows(lines),
    }
    return paper, gold, {"printed": {"currency": priced and names_currency(world, style)}}


def delivery_note(world: World, style: Style) -> Made:
    """A delivery note: goods and quantities, no prices."""
    supplier, other, lines = world.company(), world.company(), positions(world, 8)
    paper, day = Paper(style.face, style.size), world.day()
    weight = Decimal(world.random.randint(3, 4000)) / 4 if world.chance(0.5) else None
    gold: dict[str, Any] = {
        "delivery_note_number": world.code_like("LS-#####", "YYYY-####", "8#######", "DN####"),
        "delivery_date": day,
        "order_number": world.code_like("PO-####", "B######", "45########") if world.chance(0.7) else None,
        "supplier_name": supplier.name,
        "recipient_name": other.name,
        "total_weight": weight,
    }
    named = [
        (world.label("delivery_no"), gold["delivery_note_number"]),
        (world.label("delivered_on"), world.written(day)),
        (world.label("order_ref"), gold["order_number"] or ""),
        (world.label("weight"), f"{number(weight, world)} kg" if weight else ""),
    ]
    titles = (world.label("title_delivery"), "seller", "ship_to")
    head(paper, world, style, supplier, other, titles, [pair for pair in named if pair[1]])
    positioned(paper, world, style, lines, "bare")
    footer(paper, world, supplier, style, [])
    articles = style.table == "article"
    gold["lines"] = [
        {"article_number": one.article if articles else None, "name": one.name, "quantity": one.quantity}
        for one in lines
    ]
    return paper, gold, {}


def _totals(lines: Any) -> tuple[Decimal, Decimal]:
    by_rate = taxes(lines)
    net, tax = (sum((part[at] for part in by_rate), Decimal()) for at in (1, 2))
    return net, tax


def _shipped(paper: Paper, world: World) -> str:
    """Where to deliver, in a line above the table; gives the address."""
    street, postcode, city = world.address()
    where = f"{street}, {world.words['place'].format(postcode=postcode, city=city)}"
    paper.line(paper.margin, f"{world.label('ship_to')}: {where}")
    paper.y += paper.step
    return where
