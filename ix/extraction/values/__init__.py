"""Values as documents print them: amounts, dates, codes. Nothing here knows of pages or fields.

parse_…    what the whole of a text says, or None
find_…     all that stand in running text, and where
iso4217    the codes of currencies, and their decimals
notation   how a document writes its amounts
"""

from ix.extraction.values.amounts import Amount, as_decimal, find_amounts, parse_amount
from ix.extraction.values.codes import find_ibans, find_vat_ids, parse_currency, parse_iban, parse_vat_id
from ix.extraction.values.dates import FoundDate, find_dates, parse_date, prefers_day_first
from ix.extraction.values.notation import Notation

__all__ = [
    "Amount",
    "FoundDate",
    "Notation",
    "as_decimal",
    "find_amounts",
    "find_dates",
    "find_ibans",
    "find_vat_ids",
    "parse_amount",
    "parse_currency",
    "parse_date",
    "parse_iban",
    "parse_vat_id",
    "prefers_day_first",
]
