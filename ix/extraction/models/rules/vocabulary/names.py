"""What looks like the name of a business or a person, and what does not."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from ix.extraction.layout import Span
from ix.extraction.models.rules.vocabulary.folding import fold
from ix.extraction.models.rules.vocabulary.phrases import TEXTS, Phrases
from ix.languages import merged, one_of

_WORDS = merged()
_FOREIGN_FORMS = r"d\.?o\.?o | s\.?r\.?o | sp\.? z ?o\.?o | kft | oy"
"""Legal forms of languages that have no file: Croatian, Czech, Polish, Hungarian, Finnish. Businesses send documents in
other languages than their own."""
_FORM = Phrases(f"{_WORDS.legal_forms} | {_FOREIGN_FORMS}", r"\bPHRASES(?=\W|$)")
_FORM_ALONE = Phrases(_WORDS.lone_legal_forms, r"\(?\s*(?:\(?m\)?\s*)?PHRASES\s*\)?")
"""A legal form that is all of a line, perhaps with Malaysia's "(M)" before it."""
_TRADE = Phrases(_WORDS.trades)
_REGISTER = (
    rf"[(\[{{]?\s*{one_of(_WORDS.registers)}[\s.]*{one_of(_WORDS.registration_numbers)}?[\s.:]*(?:no\.?)?\s*[:.]?\s*"
)
_REGISTRATION = re.compile(
    rf"\s*[,-]?\s*(?:{_REGISTER})?"
    r"[(\[{]?\s*(?=[\w-]*\d{4})[A-Z]{0,3}\d[\dO -]*[\dO]\s?-?\s?[A-Z0-9]{0,2}\s*[)\]}]?"
    r"(?:\s*\([A-Z]{1,4}\d?\))?[\s.,]*$",
    re.I,
)
"""A number at the end of a text, in brackets or announced: "(933109-X)", "Co. Reg. No: 199401002525"."""
_LONG_NUMBER = re.compile(r"\d{4}")
"""Without one there is no registration number."""
_TAIL = 80
"""Characters at the end of a text in which a registration number stands."""
_FRONT = re.compile(r"^(?:#?\d{4,}\s+|[^\w'\"(]+)")
_OWNED = re.compile(r"[^\W\d_][^\d:]{1,14}:\s*")
_SALUTATION = Phrases(_WORDS.salutations, r"^\s*PHRASES(?:\.|(?=\s|$))\s*")
_OTHER = Phrases(
    f"www | http | gln | {_WORDS.not_names}", rf"\bPHRASES\b|^\W*{one_of(_WORDS.lone_not_names)}\W*$|@|://"
)
_SITE = re.compile(r"\.(?:com|de|net|org)\b", re.I)
_LONG_FORMS = {"sdnbhd": "Sdn Bhd", "pteltd": "Pte Ltd", "ptyltd": "Pty Ltd"}
"""Legal forms of two words, long enough to be told though a letter is misread."""
_LAST_WORDS = re.compile(r"(?<=\s)([^\W_]{2,3})[.\s]*([^\W_]{3})\.?$")
_LIKE = str.maketrans("80315", "bobls")
"""What OCR reads for letters."""
_RUNS_ON = re.compile(r"[\s,]+(?!(?:and|und|et|y|e|of|de|i|en|og|och)\b)(?=[a-zà-ÿ])|\s+[-–—]\s+.*\d|,\s.*\d")


@lru_cache(maxsize=TEXTS)
def salutation(text: str) -> int:
    """How many characters of a person's name are a form of address: "Herrn ", "Mme "."""
    found = _SALUTATION.match(text)
    return found.end() if found and not has_form(text) else 0


@lru_cache(maxsize=TEXTS)
def has_form(text: str) -> bool:
    """Whether a text names a legal form: GmbH, Sdn Bhd, Ltd, SARL."""
    return bool(_FORM.search(text))


def after_form(text: str) -> int | None:
    """Where a name ends that a sentence, an address or a register goes on behind: "Acme SAS au capital de", "Acme Ltd
    is registered in"; None where nothing does."""
    for form in _FORM.finditer(text):
        if form.start() > 2 and _RUNS_ON.match(text, form.end()):
            return form.end()
    return None


def cut(text: str) -> str:
    """A name without a registration number that stands behind it in the same word, spelt rightly: "Acme
    S/B(587969-U)"."""
    number = _registered(text)
    # what goes on with an address ends in a comma
    return spelt(text[:number].rstrip(" ,-") if 2 < number < len(text) else text.rstrip(" ,;"))


def spelt(text: str) -> str:
    """A name with its legal form as it is spelt, where OCR misread a letter of it: "ACME SON 3HD"."""
    found = _LAST_WORDS.search(text)
    if not found:
        return text
    last = fold(found[1] + found[2])
    for letters, form in _LONG_FORMS.items():
        if last != letters and Levenshtein.distance(last.translate(_LIKE), letters) <= 1:
            return text[: found.start()] + (form.upper() if found[1].isupper() else form)
    return text


def ends_with_form(text: str) -> bool:
    """Whether the last words of a text are a legal form, a registration number behind it left out."""
    tail = text[-_TAIL:]
    end = _registered(tail)
    return any(not re.search(r"\w", tail[form.end() : end]) for form in _FORM.finditer(tail, 0, end))


def is_form(text: str) -> bool:
    """Whether a text is only the end of a name: a legal form alone."""
    text = text.strip()
    return bool(_FORM_ALONE.fullmatch(text)) or (len(text) < 24 and bool(_FORM.match(text)) and ends_with_form(text))


def trades(text: str) -> bool:
    """Whether a text names a trade: restaurant, bakery, bank."""
    return bool(_TRADE.search(text))


def is_registration(text: str) -> bool:
    """Whether a text is only a registration number, such as `(933109-X)`."""
    return 0 < len(text) <= _TAIL and _registered(text) == 0


@lru_cache(maxsize=TEXTS)
def is_other(text: str) -> bool:
    """Whether a text is something that stands near names and is none: a telephone number, a document's title, a form of
    address."""
    return bool(_OTHER.search(text)) or (bool(_SITE.search(text)) and not has_form(text))


def bare(cell: Span) -> Span | None:
    """The cell without a registration number behind and stray signs or numbers before; None if what is left is no
    name."""
    text = cell.text
    # a number that begins the cell is no registration behind a name, so at least three characters stand before it
    end = number if (number := _registered(text)) > 2 else len(text)
    start = found.end() if (found := _FRONT.match(text) or _owned(text)) else 0
    end = min(end, after_form(text[:end]) or end)
    if end <= start or len(fold(text[start:end])) < 2 or is_form(text[start:end]) or is_other(text[start:end]):
        return None
    return cell.part(start, end)


@lru_cache(maxsize=TEXTS)
def _registered(text: str) -> int:
    """Where the registration number begins that a text ends with; the text's end where there is none."""
    found = _REGISTRATION.search(text, max(len(text) - _TAIL, 0)) if _LONG_NUMBER.search(text) else None
    return found.start() if found else len(text)


def _owned(text: str) -> re.Match[str] | None:
    """A short word with a colon before a name with its legal form: "Owned by: Acme Ltd"."""
    found = _OWNED.match(text)
    return found if found and _FORM.search(text, found.end()) else None
