"""`bank_statement_header`: whose account, which period, from which balance to which."""

from __future__ import annotations

from ix.use_cases import Amount, Date, Extraction, Result, checked, field


class BankStatementHeader(Result):
    """The head of a bank statement."""

    model_config = checked(order=[("period_start", "period_end")])

    bank: str | None = field("organisation", "bank | Kreditinstitut | banque", description="Name of the bank")
    holder: str | None = field(
        "person",
        "account holder | account name | holder | customer | Kontoinhaber | Inhaber | titulaire | titulaire du compte | pemegang akaun | "
        "titular | intestatario | rekeninghouder",
        description="Who owns the account",
    )
    iban: str | None = field("iban", "IBAN", description="Without spaces")
    account_number: str | None = field(
        "identifier",
        "account number | account no | account | Kontonummer | Konto-Nr | Konto | numéro de compte | n° de compte | compte | "
        "nombor akaun | no. akaun | número de cuenta | cuenta | numero conto | conto | rekeningnummer",
    )
    period_start: Date | None = field(
        "date",
        "period start | from | period from | start date | statement period | period | Zeitraum von | vom | von | Zeitraum | du | "
        "période du | période | tempoh | período | periodo | periode | desde | dal | van",
        description="First day of the period",
    )
    period_end: Date | None = field(
        "date",
        "period end | to | until | end date | statement date | bis | Zeitraum bis | au | fin de période | hingga | hasta | al | tot",
        description="Last day of the period",
    )
    opening_balance: Amount | None = field(
        "money",
        "opening balance | balance brought forward | previous balance | balance b/f | beginning balance | starting balance | "
        "Anfangssaldo | alter Saldo | alter Kontostand | Anfangsbestand | Kontostand am Anfang | solde initial | ancien solde | "
        "solde précédent | solde d'ouverture | baki permulaan | baki awal | saldo anterior | saldo inicial | saldo iniziale | "
        "saldo precedente | beginsaldo | vorig saldo",
    )
    closing_balance: Amount | None = field(
        "money",
        "closing balance | balance carried forward | new balance | ending balance | balance c/f | Endsaldo | neuer Saldo | "
        "neuer Kontostand | Schlusssaldo | Endbestand | solde final | nouveau solde | solde de clôture | baki akhir | "
        "baki penutup | saldo final | saldo actual | saldo finale | eindsaldo | nieuw saldo",
    )
    currency: str | None = field(
        "currency", "currency | Währung | devise | monnaie | mata wang", description="ISO 4217 code"
    )


USE_CASE = Extraction(
    "bank_statement_header",
    BankStatementHeader,
    "Reads the head of a bank statement: bank, holder, account, period and balances",
    "The document is a bank statement. Read only its head: the bank, who owns the account, IBAN and account number, the "
    "period it covers, "
    "and the balances at its start and end. A balance in debit is negative.",
)
