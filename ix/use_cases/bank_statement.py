"""`bank_statement`: what an account held at the start, what moved, and what it held at the end."""

from __future__ import annotations

from ix.languages import labels, titles
from ix.use_cases import Amount, Date, Extraction, Result, checked, field, rows

NAME, HEAD = "bank_statement", "bank_statement_header"


def _labels(path: str) -> str:
    """What stands beside a field in the head of a statement, whoever asks for it."""
    return " | ".join(filter(None, (labels(HEAD, path), labels(NAME, path))))


class Movement(Result):
    """A movement of the account."""

    date: Date | None = field("date", labels(NAME, "movements.date"), description="Day on which it was booked")
    value_date: Date | None = field(
        "date", labels(NAME, "movements.value_date"), description="Day from which it counts"
    )
    text: str | None = field("text", labels(NAME, "movements.text"), description="All of its lines, on one line")
    amount: Amount | None = field(
        "money", labels(NAME, "movements.amount"), description="Below zero where it was paid out"
    )
    balance: Amount | None = field(
        "money", labels(NAME, "movements.balance"), description="What the account held after it, where that is printed"
    )


class Carried(Result):
    """A balance that is carried forward from one page to the next."""

    balance: Amount | None = field("money", labels(NAME, "carried.balance"), description="The balance at that point")


class BankStatement(Result):
    """The statement of an account."""

    model_config = checked(
        sums=[("closing_balance", ["opening_balance", "movements.amount"])],
        order=[("period_start", "period_end")],
        headline=["holder", "period_end", "closing_balance"],
        running={
            "rows": "movements",
            "amount": "amount",
            "balance": "balance",
            "start": "opening_balance",
            "end": "closing_balance",
            "carried": "carried.balance",
        },
    )

    bank: str | None = field("organisation", _labels("bank"), description="Name of the bank", expected=True)
    holder: str | None = field("person", _labels("holder"), description="Who owns the account")
    iban: str | None = field("iban", _labels("iban"), description="Without spaces")
    bic: str | None = field("identifier", _labels("bic"), description="The bank's BIC (SWIFT code)")
    account_number: str | None = field("identifier", _labels("account_number"))
    currency: str | None = field("currency", _labels("currency"), description="ISO 4217 code")
    period_start: Date | None = field("date", _labels("period_start"), description="First day of the period")
    period_end: Date | None = field("date", _labels("period_end"), description="Last day of the period")
    opening_balance: Amount | None = field(
        "money", _labels("opening_balance"), description="Balance before the first movement"
    )
    closing_balance: Amount | None = field(
        "money", _labels("closing_balance"), description="Balance after the last movement", expected=True
    )
    movements: list[Movement] = rows("movements", description="All movements, in the order printed", expected=True)
    carried: list[Carried] = rows("carried forward", description="Balances carried forward from page to page")


USE_CASE = Extraction(
    NAME,
    BankStatement,
    "Reads a bank statement with all of its movements, and checks its balances",
    "The document is a bank statement. List every movement in the order printed, with all lines of its text; an amount "
    "that was paid out (debit, minus, S, DR) is negative, one that was paid in positive. Balances carried forward from "
    "page to page are no movements. A balance in debit is negative. Write dates as YYYY-MM-DD, with the year of the "
    "period where none is printed.",
    titles(HEAD),
)
