"""What looks like the name of a business or a person, and what does not."""

from __future__ import annotations

import re

from ix.extraction.layout import Span
from ix.extraction.models.rules.vocabulary.folding import fold

_FORM = re.compile(
    r"\b(?:sdn\.?\s*bhd|s/b|bhd|pte\.?\s*ltd|pty\.?\s*ltd|ltd|limited|llc|llp|plc|inc|corp|corporation|co\b\.?|company|"
    r"gmbh(?:\s*&\s*co\.?(?:\s*kg)?)?|mbh|ag|kg|kgaa|ohg|gbr|ug|e\.?\s?k|e\.?\s?v|se|"
    r"s\.\s?l(?:\.\s?u)?\.?|lda|d\.?o\.?o|s\.?r\.?o|sp\.? z ?o\.?o|kft|"
    r"sarl|sas|sasu|s\.?a\.?r\.?l|eurl|snc|s\.?a\b|s\.?p\.?a|s\.?r\.?l|b\.?v|n\.?v|oy|ab|a/s|aps|as|"
    r"enterprises?|trading|holdings?|group)(?=\W|$)",
    re.I,
)
_FORM_ALONE = re.compile(
    r"\(?\s*(?:\(?m\)?\s*)?(?:sdn\.?\s*bhd\.?|bhd\.?|s/b|trading|enterprise|co\.?,?\s*ltd\.?|pte\.?\s*ltd\.?|ltd\.?|gmbh.*|inc\.?)\s*\)?",
    re.I,
)
_TRADE = re.compile(
    r"\b(?:restaurants?|restoran|cafe|café|bistro|grill|pizzeria|seafood|bar|kopitiam|bakery|bakeries|bäckerei|boulangerie|"
    r"kedai|pasaraya|pasar|supermarke?t|mini\s?mart|mart|market|store|shop|retail|books?|stationery|hardware|electrical|motor|"
    r"pharmacy|apotheke|pharmacie|farmasi|hotel|hospital|clinic|klinik|bank|banque|banca|banco|sparkasse|volksbank|station|petrol|"
    r"society|association|club|school|college|agency|studio|salon|garage|diner|deli|pub|inn|markt|handel|laden|gasthaus|gasthof|"
    r"ristorante|trattoria|osteria|farmacia|librairie|[ée]picerie|tienda|cafeter[ií]a|winkel|"
    r"house|marketing|industry|industries|services?|centre|center)\b",
    re.I,
)
_REGISTRATION = re.compile(
    r"\s*[,-]?\s*(?:[(\[{]?\s*(?:co\.?|company|reg|roc|business|br|ssm)[\s.]*(?:reg\w*|no|number)?[\s.:]*(?:no\.?)?\s*[:.]?\s*)?"
    r"[(\[{]?\s*(?=[\w-]*\d{4})[A-Z]{0,3}\d[\d -]*\d\s?-?\s?[A-Z0-9]{0,2}\s*[)\]}]?[\s.,]*$",
    re.I,
)
_FRONT = re.compile(r"^(?:#?\d{4,}\s+|[^\w'\"(]+)")
_OWNED = re.compile(r"[^\W\d_][^:\d]{1,14}:\s*(?=.*" + _FORM.pattern + ")", re.I)
"""A short word with a colon before a name with its legal form: "Owned by: Acme Ltd"."""
_SALUTATION = re.compile(
    r"\s*(?:(?:an\s+)?(?:herrn?|frau|firma)|an(?=\s*$)|monsieur|madame|mme|mlle|mrs?|ms|sra?|sig(?:\.?\s?ra)?|spett\.?\s?le|egr|gent\.?(?:ma|mo|le)?|dhr|mevr|encik|puan)"
    r"(?:\.|(?=\s|$))\s*",
    re.I,
)
_OTHER = re.compile(
    r"\b(?:tel|te1|telefon|fax|phone|hp|www|http|e-?mail|gst|vat|tax|ust|siret|gln|co\.?\s?reg|reg\.?|roc|company no|co\.? no|no\.?\s*:|"
    r"invoice|inv|receipt|rechnung|facture|bill|order|copy|original|duplicate|simplified|page|seite|datum|date|tarikh|time|"
    r"cashier|table|counter|cash(?!\W*(?:&|and|n)?\W*carry)|total|amount|number|nummer|nr|kunden-?(?:nr|nummer)|welcome|thank|statement|kontoauszug|relev[ée]|"
    r"z\.?\s?hd|attn|postfach|po box|address|adresse|anschrift|livraison|delivery|lieferung|description|beschreibung)\b"
    r"|^\W*firma\W*$|@|://|\.com|\.de\b",
    re.I,
)


def salutation(text: str) -> int:
    """How many characters of a person's name are a form of address: "Herrn ", "Mme "."""
    found = _SALUTATION.match(text)
    return found.end() if found and not has_form(text) else 0


def has_form(text: str) -> bool:
    """Whether a text names a legal form: GmbH, Sdn Bhd, Ltd, SARL."""
    return bool(_FORM.search(text))


def is_form(text: str) -> bool:
    """Whether a text is only the end of a name: a legal form alone."""
    return bool(_FORM_ALONE.fullmatch(text.strip()))


def trades(text: str) -> bool:
    """Whether a text names a trade: restaurant, bakery, bank."""
    return bool(_TRADE.search(text))


def is_registration(text: str) -> bool:
    """Whether a text is only a registration number, such as `(933109-X)`."""
    return bool(_REGISTRATION.fullmatch(text))


def is_other(text: str) -> bool:
    """Whether a text is something that stands near names and is none: a telephone number, a document's title, a form of
    address."""
    return bool(_OTHER.search(text))


def bare(cell: Span) -> Span | None:
    """The cell without a registration number behind and stray signs or numbers before; None if what is left is no
    name."""
    text = cell.text
    end = found.start() if (found := _REGISTRATION.search(text)) and found.start() > 2 else len(text)
    start = found.end() if (found := _FRONT.match(text) or _OWNED.match(text)) else 0
    if end <= start or len(fold(text[start:end])) < 4 or is_form(text[start:end]) or is_other(text[start:end]):
        return None
    return cell.part(start, end)
