"""Statements of accounts: movements over many sheets, balances carried forward, and what they start and end with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from training.generator.kinds.invoice import bank_of
from training.generator.letterhead import Style, facts, letterhead
from training.generator.paper import Column, Paper, columns
from training.generator.sheet import Align, wrapped
from training.generator.world import Company, World


@dataclass(frozen=True, slots=True)
class Layout(Style):
    """How a statement is laid out. `order` are its columns, `sign` how what is paid out is marked, `days` how the days
    of movements are written, `ends` where the balances at start and end stand, `carried` whether a balance is carried
    forward, `again` whether headings are repeated, `once` whether a day is written for its first movement alone."""

    order: str = "booked details amount"
    sign: str = "minus"
    days: str = "full"
    ends: str = "rows"
    carried: bool = False
    again: bool = True
    once: bool = False
    ruled: float = 0.3


TRAIN = (
    Layout("signed", order="booked valued details amount", sign="minus", ends="rows", carried=True),
    Layout("sides", head="right", order="booked details valued amount", sign="S/H", days="short", ends="box"),
    Layout("two", order="booked details debit credit balance", ends="rows", once=True, face="sans", facts="left"),
    Layout(
        "french", order="booked valued details debit credit", days="short", ends="rows", carried=True, facts="inline"
    ),
    Layout("trailing", order="booked details amount balance", sign="after", face="mono", size=7.6, ends="box"),
    Layout("cr", order="booked details amount balance", sign="CR/DR", ends="rows", facts="left", head="centre"),
    Layout("plus", order="booked valued details amount", sign="plus", ends="box", face="narrow", carried=True),
    Layout("middle", order="booked valued amount details", sign="S/H", ends="box", facts="left"),
    Layout("between", order="booked amount details balance", sign="minus", ends="rows", head="right", facts="inline"),
    Layout("bare", order="booked details debit credit", ends="box", again=False, face="serif", facts="left"),
)
TEST = (
    Layout(
        "letters", order="booked valued details amount balance", sign="after", ends="rows", carried=True, head="right"
    ),
    Layout(
        "swapped", order="valued booked details credit debit", days="short", ends="box", face="narrow", facts="left"
    ),
    Layout("uk", order="booked details credit debit balance", ends="rows", once=True, carried=True, head="centre"),
    Layout("sided", order="booked details amount valued", sign="S/H", ends="rows", again=False, facts="inline"),
    Layout(
        "ledger", order="details booked valued amount", sign="plus", ends="box", face="mono", size=7.4, facts="left"
    ),
    Layout("brackets", order="booked details amount balance", sign="brackets", days="named", ends="box", face="serif"),
)
SHARES: dict[str, tuple[float, Align]] = {
    "booked": (1.1, "l"),
    "valued": (1.1, "l"),
    "details": (4.2, "l"),
    "amount": (1.6, "r"),
    "debit": (1.5, "r"),
    "credit": (1.5, "r"),
    "balance": (1.6, "r"),
}


@dataclass
class Movement:
    """A movement: its days, the lines of its text, its amount (below zero: paid out) and the balance after it."""

    booked: date
    valued: date
    texts: list[str]
    amount: Decimal
    balance: Decimal = Decimal()


@dataclass
class Account:
    """What a statement says beside its movements."""

    holder: str
    iban: str
    number: str
    start: date
    end: date
    opening: Decimal
    movements: list[Movement] = field(default_factory=list)

    @property
    def closing(self) -> Decimal:
        """The balance at the end."""
        return self.movements[-1].balance if self.movements else self.opening


def make(world: World, style: Style) -> tuple[Paper, dict[str, Any], dict[str, Any]]:
    """A statement: its paper, its labels, and what else is known of it."""
    assert isinstance(style, Layout)
    bank, account = _bank(world), _account(world)
    paper = Paper(style.face, style.size - 0.5, bottom=70.0)
    facts_of, has = _facts(world, account)
    letterhead(paper, world, bank, style)
    top = paper.y
    street, postcode, city = world.address()
    paper.lines(paper.margin, [account.holder, street, world.words["place"].format(postcode=postcode, city=city)])
    paper.y += paper.step
    facts(paper, style, facts_of, top)
    paper.line(paper.margin, world.label("title_statement"), paper.size * 1.5, bold=True)
    paper.y += 0.5 * paper.step
    table = _Table(paper, world, style, account)
    if style.ends == "box":
        table.box()
    table.print()
    _total_pages(paper, world)
    value = "valued" in style.order
    gold = {
        "bank": bank.name,
        "holder": account.holder,
        "iban": account.iban,
        "bic": has.get("bic"),
        "account_number": has.get("account"),
        "currency": world.currency,
        "period_start": account.start,
        "period_end": account.end,
        "opening_balance": account.opening,
        "closing_balance": account.closing,
        "movements": [_gold(one, value, "balance" in style.order) for one in account.movements],
    }
    return paper, gold, {"printed": {"currency": has.get("currency") is not None or "{currency}" in table.said}}


def _gold(one: Movement, valued: bool, balanced: bool) -> dict[str, Any]:
    return {
        "date": one.booked,
        "value_date": one.valued if valued else None,
        "text": " ".join(one.texts),
        "amount": one.amount,
        "balance": one.balance if balanced else None,
    }


def _bank(world: World) -> Company:
    company = world.company()
    (_, name), *_ = bank_of(world, "")
    return Company(**{**{key: getattr(company, key) for key in company.__slots__}, "name": name})


def _account(world: World) -> Account:
    start = world.day().replace(day=1)
    days = world.random.choice([28, 30, 30, 89])
    opening = world.price(50, 9000) * (1 if world.chance(0.9) else -1)
    holder = world.person() if world.chance(0.6) else world.company().name
    account = Account(
        holder, world.iban(), world.code_like("########", "##########"), start, start + timedelta(days), opening
    )
    day, balance = start, opening
    for _ in range(world.random.choice([3, 8, 15, 25, 40, 70])):
        if day < account.end and world.chance(0.6):
            day = min(day + timedelta(world.random.choice([1, 1, 1, 2, 3])), account.end)
        amount = world.price(2, 1900) * (-1 if world.chance(0.72) else 1)
        balance += amount
        valued = day + timedelta(world.random.choice([0, 0, 0, 1, 2])) if world.chance(0.5) else day
        account.movements.append(Movement(day, valued, _texts(world), amount, balance))
    return account


def _texts(world: World) -> list[str]:
    """What is said of a movement: a line, and often more, with names, codes, accounts, times."""
    said = world.pick("payments").format(
        company=world.company().name,
        person=world.person(),
        city=world.city(),
        code=world.code_like("####/##", "@@####", "########"),
    )
    more = [
        world.code_like("REF ########", "EREF+@@########", "##########", "KREF ####-####"),
        world.iban(),
        f"{world.city()} {world.written(world.day())}",
        world.person().upper(),
        f"{world.label('number')} {world.code_like('####', 'RE-####')}",
    ]
    return [said, *world.random.sample(more, world.random.choice([0, 0, 1, 1, 2, 3]))]


def _facts(world: World, account: Account) -> tuple[list[tuple[str, str]], dict[str, str]]:
    between = world.text("between").format(start=world.written(account.start), end=world.written(account.end))
    has = {
        "bic": world.bic() if world.chance(0.6) else None,
        "account": account.number if world.chance(0.5) else None,
        "currency": world.currency if world.chance(0.6) else None,
    }
    pairs = [
        (world.label("statement_no"), world.code_like("#/YYYY", "##", "###")),
        (world.label("period"), between),
        (world.label("holder"), account.holder),
        ("IBAN", account.iban),
        ("BIC", has["bic"] or ""),
        (world.label("account"), has["account"] or ""),
        (CURRENCY[world.code], has["currency"] or ""),
    ]
    return [pair for pair in pairs if pair[1]], {name: value for name, value in has.items() if value}


CURRENCY = {
    "en": "Currency",
    "de": "Währung",
    "fr": "Devise",
    "es": "Divisa",
    "it": "Divisa",
    "nl": "Valuta",
    "pl": "Waluta",
    "pt": "Moeda",
    "sv": "Valuta",
    "da": "Valuta",
}


class _Table:
    """The movements as they are printed."""

    def __init__(self, paper: Paper, world: World, style: Layout, account: Account) -> None:
        self.paper, self.world, self.style, self.account = paper, world, style, account
        self.keys = style.order.split()
        headings = [world.label(key) for key in self.keys]
        self.said = " ".join(headings)
        parts = [
            (heading.format(currency=world.currency), *SHARES[key])
            for heading, key in zip(headings, self.keys, strict=True)
        ]
        self.columns = columns(parts, paper.margin, paper.right)
        self.balance = account.opening
        self.note = world.text("sentences")
        self.form = self._form()

    def _form(self) -> str:
        """How days are written: in full, without the year, or with the month's name and no year."""
        marks = "." if "." in self.world.date_form else "/" if "/" in self.world.date_form else "-"
        if self.style.days == "short":
            # 2024-03-05 becomes 03-05
            iso = self.world.date_form.startswith("{y}")
            return "{m:02}-{d:02}" if iso else f"{{d:02}}{marks}{{m:02}}{'.' if marks == '.' else ''}"
        if self.style.days == "named":
            return "{d:02} {mon}"
        numeric = "{month}" not in self.world.date_form and "{mon}" not in self.world.date_form
        return self.world.date_form if numeric else f"{{d:02}}{marks}{{m:02}}{marks}{{y}}"

    def at(self, key: str) -> Column:
        """The column of a key; that of amounts stands for whichever is there."""
        keys = [key] if key in self.keys else ["balance", "amount", "credit"]
        return next(self.columns[self.keys.index(one)] for one in keys if one in self.keys)

    def box(self) -> None:
        """The balances at start and end above the table."""
        pairs = [self._end("opening", self.account.opening), self._end("closing", self.account.closing)]
        if self.world.chance(0.5):
            self.paper.strip(pairs, right=self.paper.margin + 300)
        else:
            self.paper.pairs(self.paper.margin, self.paper.margin + 290, pairs, self.style.colon, "r")
            self.paper.y += self.paper.step

    def print(self) -> None:
        """The table, with what opens and closes it."""
        paper, style = self.paper, self.style
        self.heads()
        if style.ends == "rows":
            self.total(*self._end("opening", self.account.opening))
        before: date | None = None
        for at, one in enumerate(self.account.movements):
            lines = self.lines_of(one)
            if not paper.room(len(lines) + 2.5):
                self.turn()
                before = None
            self.row(one, lines, hidden=style.once and before == one.booked)
            before, self.balance = one.booked, one.balance
            paper.y += style.ruled * paper.step * (at + 1 < len(self.account.movements))
        paper.y += 0.5 * paper.step
        if style.ends == "rows":
            self.total(*self._end("closing", self.account.closing))
        paper.y += paper.step
        if paper.room(3):
            paper.prose(self.note)

    def turn(self) -> None:
        """Goes to the next sheet, with the balance carried forward in some styles."""
        if self.style.carried:
            self.total(self._sheets("carried_out"), self.signed(self.balance))
        self.paper.turn()
        self.paper.line(self.paper.margin, f"{self.world.label('title_statement')}  {self.account.iban}")
        self.paper.y += self.paper.step
        if self.style.again:
            self.heads()
        if self.style.carried:
            self.total(self._sheets("carried_in"), self.signed(self.balance))

    def _sheets(self, key: str) -> str:
        sheet = len(self.paper.sheets)
        return self.world.label(key).format(next=sheet + 1, last=sheet - 1)

    def heads(self) -> None:
        self.paper.heading(self.columns)

    def total(self, name: str, value: str) -> None:
        """A line that says a balance."""
        self.paper.sheet.put(self.at("details").x, self.paper.y, name, self.paper.size, bold=True)
        edge = self.at("balance")
        self.paper.line(edge.x, value, align="r")
        self.paper.y += 0.3 * self.paper.step

    def _end(self, key: str, value: Decimal) -> tuple[str, str]:
        label = self.world.label(key)
        days = {"start": self.world.written(self.account.start), "end": self.world.written(self.account.end)}
        return label.format(**days), self.signed(value)

    def lines_of(self, one: Movement) -> list[str]:
        """The lines of its text as wide as its column."""
        width = self.at("details").width
        return [line for text in one.texts for line in wrapped(text, width, self.paper.size, self.paper.face)]

    def row(self, one: Movement, lines: Sequence[str], hidden: bool) -> None:
        """A movement over its lines."""
        values = {
            "booked": "" if hidden else self.world.written(one.booked, self.form),
            "valued": self.world.written(one.valued, self.form),
            "details": "",
            "amount": self.signed(one.amount),
            "debit": self.world.amount(-one.amount) if one.amount < 0 else "",
            "credit": self.world.amount(one.amount) if one.amount > 0 else "",
            "balance": self.signed(one.balance),
        }
        for key, column in zip(self.keys, self.columns, strict=True):
            self.paper.sheet.put(column.x, self.paper.y, values[key], self.paper.size, align=column.align)
        self.paper.lines(self.at("details").x, lines)

    def signed(self, value: Decimal) -> str:
        """An amount with the mark of its side."""
        text, out = self.world.amount(abs(value)), value < 0
        marks = {
            "minus": f"-{text}" if out else text,
            "after": f"{text}-" if out else text,
            "plus": f"{'-' if out else '+'}{text}",
            "S/H": f"{text} {'S' if out else 'H'}",
            "CR/DR": f"{text} {'DR' if out else 'CR'}",
            "brackets": f"({text})" if out else text,
        }
        return marks[self.style.sign]


def _total_pages(paper: Paper, world: World) -> None:
    """The number of each sheet, and of how many, at its foot."""
    for at, sheet in enumerate(paper.sheets, 1):
        text = world.label("page").format(n=at, m=len(paper.sheets))
        sheet.put(paper.right, paper.height - 40, text, paper.size - 1, align="r")
