"""`bank_statement_header`: whose account, which period, from which balance to which."""

from __future__ import annotations

from ix.languages import labels, titles
from ix.use_cases import Amount, Date, Extraction, Result, checked, field

NAME = "bank_statement_header"


class BankStatementHeader(Result):
    """The head of a bank statement."""

    model_config = checked(order=[("period_start", "period_end")], headline=["holder", "period_end", "closing_balance"])

    bank: str | None = field("organisation", labels(NAME, "bank"), description="Name of the bank", expected=True)
    holder: str | None = field("person", labels(NAME, "holder"), description="Who owns the account")
    iban: str | None = field("iban", labels(NAME, "iban"), description="Without spaces")
    account_number: str | None = field("identifier", labels(NAME, "account_number"))
    period_start: Date | None = field("date", labels(NAME, "period_start"), description="First day of the period")
    period_end: Date | None = field("date", labels(NAME, "period_end"), description="Last day of the period")
    opening_balance: Amount | None = field("money", labels(NAME, "opening_balance"))
    closing_balance: Amount | None = field("money", labels(NAME, "closing_balance"), expected=True)
    currency: str | None = field("currency", labels(NAME, "currency"), description="ISO 4217 code")


USE_CASE = Extraction(
    NAME,
    BankStatementHeader,
    "Reads the head of a bank statement: bank, holder, account, period and balances",
    "The document is a bank statement. Read only its head: the bank, who owns the account, IBAN and account number, "
    "the period it covers, and the balances at its start and end. A balance in debit is negative.",
    titles(NAME),
)
