"""The roles of a table's fields, where its rows are movements of an account."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ix.fields import Field

_BALANCE = re.compile(r"balance|saldo|solde", re.I)


class Roles(NamedTuple):
    """The fields of a table of movements, all of them and by their roles."""

    fields: Sequence[Field]
    date: Field
    text: Field
    amount: Field
    value_date: Field | None
    balance: Field | None


def roles_of(table: Field) -> Roles | None:
    """The roles; None where it is no table of movements: that has days, texts, one amount, and either the balance
    after it or a second day."""
    days = [one for one in table.fields if one.kind == "date"]
    texts = [one for one in table.fields if one.kind in ("text", "organisation", "person")]
    money = [one for one in table.fields if one.kind == "money"]
    balance = next((one for one in money if _BALANCE.search(one.name)), None)
    amounts = [one for one in money if one is not balance]
    if not (days and texts and len(amounts) == 1) or not (balance or len(days) > 1):
        return None
    return Roles(table.fields, days[0], texts[0], amounts[0], days[1] if len(days) > 1 else None, balance)


def is_movements(table: Field) -> bool:
    """Whether the rows of a table are movements of an account."""
    return roles_of(table) is not None
