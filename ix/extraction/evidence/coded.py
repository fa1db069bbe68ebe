"""What QR and bar codes say of a payment, beside what print says: a value that print does not give is taken from the
code, and one that both give differently is a finding.

A value from a code has evidence as any other, with `"source": "code"` beside it, the code's line as `quote` and the
code's place as its only box. Only fields of the result itself are looked at, none in rows or objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from rapidfuzz import fuzz

from ix.extraction.evidence.folding import folded
from ix.extraction.evidence.placing import Placed
from ix.extraction.findings import finding
from ix.extraction.page import Code, Page
from ix.extraction.values import as_decimal
from ix.extraction.values.barcodes import Payment, parse_payment
from ix.fields import Field, fields_of
from ix.job import Finding

ALIKE = 60.0
"""Lowest `rapidfuzz.fuzz.token_set_ratio` of two spellings of a payee's name."""
MOST_SHOWN = 100
"""Characters of a value in a finding."""
_DUE = re.compile(r"(^|_)(due|payable|to_pay)($|_)", re.IGNORECASE)
_TOTAL = re.compile(r"(grand_|invoice_)?total(_amount)?|gross_(total|amount)|amount", re.IGNORECASE)
_REFERENCE = re.compile(r"(payment_|structured_|creditor_|remittance_|qr_|esr_)?reference", re.IGNORECASE)
_PAYEE = re.compile(r"(seller|supplier|creditor|payee|vendor|merchant|company)(_name)?", re.IGNORECASE)

Value = str | Decimal


@dataclass(frozen=True, slots=True)
class Coded:
    """A payment, the code that describes it, and the page on which that is."""

    payment: Payment
    code: Code
    page: Page


def compared(placed: Placed, schema: Mapping[str, Any], pages: Sequence[Page]) -> Placed:
    """The answer with what codes on the pages add to it, and a finding `code_mismatch` for each value that they give
    otherwise. Codes that contradict each other add nothing."""
    payments = [
        Coded(payment, code, page) for page in pages for code in page.codes if (payment := parse_payment(code.text))
    ]
    if not payments:
        return placed
    result, evidence, findings = dict(placed.result), dict(placed.evidence), list(placed.findings)
    for field, said in _answerable(fields_of(schema), result, payments):
        value, known = result.get(field.name), evidence.get(field.name)
        agreeing = next((each for each in said if _agree(value, said[each], field)), None)
        if value in (None, ""):
            if len(set(map(_plain, said.values()))) == 1:
                first, found = next(iter(said.items()))
                result[field.name], evidence[field.name] = _answer(found, field), _evidence(first, found)
        elif agreeing is None:
            findings.append(_mismatch(field, value, said))
        elif not known or known["match"] == "none":
            # nothing in print supports it, and the code does
            evidence[field.name] = _evidence(agreeing, said[agreeing])
            findings = [each for each in findings if (each.path, each.code) != (field.path, "value_not_found")]
    return replace(placed, result=result, evidence=evidence, findings=tuple(findings))


Said = dict[Coded, Value]


def _answerable(
    fields: Sequence[Field], result: Mapping[str, Any], payments: Sequence[Coded]
) -> Iterator[tuple[Field, Said]]:
    """The fields of which codes say something, and what each says."""
    for field in fields:
        ask = _question(field, fields, result)
        said = {each: value for each in payments if ask and (value := ask(each.payment))}
        if said:
            yield field, said


def _question(
    field: Field, fields: Sequence[Field], result: Mapping[str, Any]
) -> Callable[[Payment], Value | None] | None:
    """What to ask a payment for a field; None where it cannot say."""
    if field.kind == "iban":
        return lambda payment: payment.iban
    if field.kind == "currency":
        return lambda payment: payment.currency
    if field.kind in ("identifier", "text") and _REFERENCE.fullmatch(field.name):
        return lambda payment: payment.reference
    if field.kind in ("organisation", "person", "text") and _PAYEE.fullmatch(field.name):
        return lambda payment: payment.name
    return (lambda payment: payment.amount) if _is_what_is_paid(field, fields, result) else None


def _is_what_is_paid(field: Field, fields: Sequence[Field], result: Mapping[str, Any]) -> bool:
    """Whether a code's amount is this field's: what is due, and the total where nothing says that they differ."""
    if field.kind not in ("money", "number"):
        return False
    due = [each.name for each in fields if each.kind == field.kind and _DUE.search(each.name)]
    if due:
        others = [name for name in result if re.search(r"prepaid|deposit|advance|already_paid", name)]
        differ = any(result.get(name) for name in others) or any(result.get(name) is not None for name in due)
        return field.name in due or (not differ and bool(_TOTAL.fullmatch(field.name)))
    return bool(_TOTAL.fullmatch(field.name))


def _agree(value: Any, said: Value, field: Field) -> bool:
    if isinstance(said, Decimal):
        return as_decimal(value) == said
    if field.kind in ("organisation", "person", "text") and _PAYEE.fullmatch(field.name):
        return fuzz.token_set_ratio(folded(str(value)), folded(said)) >= ALIKE
    return _plain(str(value)) == _plain(said)


def _plain(said: Value) -> str:
    return str(said.normalize()) if isinstance(said, Decimal) else "".join(filter(str.isalnum, folded(said)))


def _answer(said: Value, field: Field) -> str | float:
    return float(said) if isinstance(said, Decimal) and field.json_type != "string" else str(said)


def _evidence(coded: Coded, said: Value) -> dict[str, Any]:
    return {
        "method": "extract",
        "match": "exact",
        "document": coded.page.document,
        "page": coded.page.number,
        "quote": str(said),
        "boxes": [[round(edge, 4) for edge in coded.code.box]],
        "confidence": 1.0,
        "source": "code",
    }


def _mismatch(field: Field, value: Any, said: Said) -> Finding:
    coded, other = next(iter(said.items()))
    # both, so that nobody has to look up what the pages say
    return finding(
        "code_mismatch",
        field.path,
        field=field.name,
        value=str(value)[:MOST_SHOWN],
        kind=coded.code.kind,
        document=coded.page.document,
        page=coded.page.number,
        other=str(other)[:MOST_SHOWN],
    )
