"""What findings and points say, in one table: a code, and words around the parameters that go along with it.

Whoever speaks another language says the same from `code` and `params`: its catalogue has the same keys. Where one code
has several sentences, the parameter `case` tells them apart, and the key is `code.case`. Parameters are names of
fields, counts, numbers of pages, and values where the sentence quotes them; `text` is a sentence of somebody else's."""

from __future__ import annotations

from collections.abc import Mapping

from ix.job import Finding, Scalar

_ON_PAGE = "document {document}, page {page}: {text}"

OF_RESULTS: Mapping[str, str] = {
    "type_mismatch": "{field} is not of type {types}",
    "required_missing": "{field} is required and was not found",
    "not_a_choice": "{field} is not one of the values that the schema allows",
    "date_invalid": "{field} is not a date (YYYY-MM-DD)",
    "date_implausible": "{field} lies outside {first} to {last}",
    "currency_unknown": "{field} is not an ISO 4217 code",
    "iban_invalid": "{field} fails the IBAN checksum",
    "vat_id_invalid": "{field} fails the check of its country's VAT numbers",
    "sum_mismatch": "{field} is not the sum of {parts}",
    "order_mismatch": "{first} is later than {field}",
    "balance_mismatch": "{field} does not follow from the balance before it and what moved since",
    "check_digit": "the check digit of {field} does not hold",
    "mrz_mismatch": "{field} is not what the machine-readable zone says",
    "mrz_unreadable": "{field} is no machine-readable zone of ICAO Doc 9303",
    "total_negative": "{field} is negative",
    "total_zero": "{field} is zero",
    "shape": "{text}",
}
"""What a schema, or a use case's own model, says of values: found in any result, whoever made it."""
MESSAGES: Mapping[str, str] = {
    **OF_RESULTS,
    "nothing_found": "none of the values that were asked for was found",
    # where values stand: `ix.extraction.evidence`
    "hidden_text.value": "only text that a person cannot see supports the value of {field}",
    "value_not_in_quote": "the quoted words stand in the document but do not support the value of {field}",
    "ambiguous.date": "{field} may as well be {other}: day and month can be read in either order",
    "close_candidate": "{field} may as well be {other}, which stands on the pages and is hardly less likely",
    "no_label": "no words name {field}: what else stands on the pages suggests it",
    "ambiguous": "there is more than one way to read the number that prints {field}",
    "value_not_found": "no words in the document support the value of {field}",
    "credit_note": "document {document} calls itself a credit note: its amounts are credits",
    "code_mismatch": "{field}: print says {value}, the {kind} on document {document}, page {page} says {other}",
    # what pages are: `ix.extraction.answering`, `ix.extraction.sorting`
    "page_warning": _ON_PAGE,
    "text_unverified": _ON_PAGE,
    "attachment_unread": _ON_PAGE,
    "encoding_guessed": _ON_PAGE,
    "pages_missing": _ON_PAGE,
    "script_unknown": _ON_PAGE,
    "low_confidence": "document {document}, page {page}: OCR is unsure of what it read ({confidence:.2f}); look at the "
    "page",
    "hidden_text": "document {document}, page {page}: {count} words that a person cannot see; neither read nor counted "
    "as evidence",
    "hidden_text.one": "document {document}, page {page}: 1 word that a person cannot see; neither read nor counted as "
    "evidence",
    "risk_unknown": "a risk of {risk} cannot be promised: too few labelled values were counted",
    "risk_unknown.fields": "a risk of {risk} cannot be promised of {fields}: no such values were counted",
    "looks_like_several": "document {document} looks like {count} documents, which begin on pages {pages}; the option "
    "`split` makes a job of each",
    # what models answer, and two witnesses: `ix.extraction.models`
    "model_warning": "{text}",
    "model_value_invalid": "{field}: the model did not answer with {text}",
    "model_cut": "{field}: the model's answer was cut short; what is there is whole, and more may be missing",
    "model_loop": "{field}: the model repeated rows; {count} more than the pages print were left out",
    "model_parts": "{field}: one part of the document says {value}, another one {other}; the first stays",
    "model_parts.last": "{field}: one part of the document says {other}, the last one {value}, which stays",
    "quote_decides": "{field}: the words that the model quotes say {value}, its value was {other}; the words decide",
    "disagreement": "{field}: the rules say {value}, which stays, the model says {other}",
    "disagreement.model": "{field}: the model says {value}, which stays, the rules say {other}",
    "disagreement.rows": "{field}: the rules find {value} rows, which stay, the model finds {other}",
    "witness_missing": "the model was not heard and the rules answered alone: {text}",
    "use_case_unknown": "the pages are for no use case that is known: {text}",
    # electronic invoices: `ix.extraction.einvoice`
    "xml_unreadable": "document {document}: {text}",
    "xml_several": "document {document}: it holds {count} more invoices than the answer",
    "xml_several.other": "document {document}: its electronic invoice is another one than is answered",
    "xml_mismatch": "{field}: the XML says {value}, the page {other}",
    "xml_mismatch.missing": "{field}: the XML has position {position} ({name}), the page has not",
    "xml_mismatch.more": "{field}: the page has a position that the XML has not: {text}",
    "xml_mismatch.order": "{field}: the XML has the positions in another order than the page",
    "einvoice_rule": "{rule}: {text}",
    "einvoice_schematron": "{text}",
    "einvoice_unchecked": "{text}",
    # points: `ix.extraction.review.points`
    "not_on_page": "{field} is not on the page",
    "value_missing": "{field} was not found",
    "value_unsure": "{field} was read with low confidence ({confidence:.2f})",
    "value_fuzzy": "{field} was matched loosely",
    "rows_unsure": "{field}: {count} rows, of which cells want looking at",
    "rows_sum": "{field}: {total} is not the sum of its rows",
    "sampled": "nothing is in doubt: this one was chosen at random",
}
"""The sentence of each code, or code and case. `ix.extraction.processes` writes none: it knows no findings."""


def said(code: str, params: Mapping[str, Scalar]) -> str:
    """The sentence of a code with these parameters. A code that a plug-in brings says what its `text` says."""
    key = f"{code}.{params['case']}" if "case" in params else code
    return MESSAGES.get(key, _ON_PAGE if "page" in params else "{text}").format_map(params)


def finding(code: str, path: str = "", /, **params: Scalar) -> Finding:
    """A finding with its sentence."""
    return Finding(code=code, message=said(code, params), path=path, params=params)
