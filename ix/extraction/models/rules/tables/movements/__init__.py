"""Movements of an account: a table of days, texts and amounts over many pages, with the balances around it.

    Date      Details                      Paid out    Paid in    Balance
              Balance brought forward                              940.00      a balance: no movement
    03/05     Card payment Oakfield          40.00                 900.00      a movement: it has a day and an amount
              REF 8840                                                         goes on with its text
              Transfer Ann Thorne                        15.00     915.00      a day that is not repeated

    lines ──printed──▶ days and figures ──columns──▶ which column is what ──entries──▶ movements ──ends──▶ balances

What a column is, headings say where they are known, and arithmetic in any case: balances run from movement to movement,
and what an account had at the end less what it had at the start is what moved."""

from ix.extraction.models.rules.tables.movements.answer import Account, read_account
from ix.extraction.models.rules.tables.movements.roles import is_movements
from ix.extraction.models.rules.tables.movements.ruled import Statement, statement

__all__ = ["Account", "Statement", "is_movements", "read_account", "statement"]
