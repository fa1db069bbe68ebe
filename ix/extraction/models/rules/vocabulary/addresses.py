"""What looks like a part of a postal address."""

from __future__ import annotations

import re

_STREET = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|postfach|jalan|jln|jl|lorong|lrg|persiaran|lebuh|lebuhraya|taman|tmn|kampung|kg\.|bandar|bdr|seksyen|sek|kawasan|plaza|menara|wisma|kompleks|mall|"
    r"street|road|rd|avenue|ave|lane|drive|boulevard|blvd|square|court|highway|park|building|tower|"
    r"close(?=\W*$|,)|grove|mews|crescent|terrace|quay|parade|wharf|parkway|broadway|esplanade|circle|way(?=\W*$|,)|"
    r"floor|flr|level|lvl|unit|block|blk|lot|suite|"
    r"rue|chemin|place|quai|impasse|all[ée]e|route|cours|via|calle|camino|paseo|avenida|rua|piazza|strada|corso|viale)\b"
    r"|(?:stra(?:ss|ß)e|str\.|weg|platz|gasse|allee|ring|ufer|damm|chaussee)\s*\d|\b[\w-]+(?:stra(?:ss|ß)e|weg|gasse)\b"
    r"|\b\w+(?:straat|laan|plein|kade|gracht|dijk|gade|vej|gatan|vägen|veien)\s+\d",
    re.I,
)
_UNIT = re.compile(
    r"#\d{1,3}-\d{1,4}\b|^\W*(?:no|lot|unit|blk|block|suite|level)\b[\s.,:]*\w*\d|^\W*(?:[A-Z]{1,2}-)*[A-Z]{0,2}\d+[\w&/.-]*\s*,(?!\s?\d\d(?:\s*[A-Z€]{1,3})?\W*$)",
    re.I,
)
_POSTCODE = re.compile(r"(?<![\d./:-])(?:[A-Z]{1,2}[- ]\s?)?\d{5}(?![\d./:-])|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_LOCALITY = re.compile(
    r"^\W*(?:[A-Z]{1,3}[- ]+)?\d{4,5}\s*,?\s*[^\W\d_][^\d:€$]*$"  # 12345 Stadt, D-12345 Stadt, 1234 AB Dorp
    r"|^\W*(?:[A-Z]{2}\s+)?[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"  # SW1A 1AA London
    r"|^[^\d:]{3,40}[ ,]+[A-Z]{2,3}[ ,]+\d{4,5}(?:-\d{4})?\W*$"  # Town ST 12345
    r"|^[^:€$]{3,60}, ?[A-Z]{2}\.? \d{5}(?:-\d{4})?\W*$"  # 1 Street, Town, ST 12345
    r"|^[^\d:]{3,40}[ ,]+(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\W*$"  # Town AB1 2CD
    r"|^[^:€$]{3,60}, ?(?:[A-Z]{1,3}-)?\d{4,5}\s+[^\W\d_][^\d:€$]*$"  # Street 1, 12345 Town
    r"|^\W*[^\W\d_]{4,20} \d{6}\W*$"  # Singapore 123456
)
_REGION = re.compile(
    r"\b(?:selangor|johor|perak|kedah|kelantan|melaka|malacca|pahang|penang|pulau pinang|perlis|sabah|sarawak|terengganu|negeri sembilan|"
    r"kuala lumpur|wilayah persekutuan|putrajaya|labuan|malaysia|singapore|darul ehsan|darul takzim|"
    r"deutschland|germany|france|schweiz|suisse|switzerland|"
    r"[oö]sterreich|austria|united kingdom|england|spain|espa[nñ]a|italia|italy|belgi(?:um|que|[eë])|nederland|netherlands|usa|"
    r"united states|indonesia|jakarta|thailand|bangkok|australia|canada)\b",
    re.I,
)
_STOP = re.compile(
    r"\b(?:tel|te1|telp|telefon|phone|fax|hp|h/p|mobile|whatsapp|gst|sst|vat|tax|e-?mail|www|http|"
    r"invoice|inv|receipt|resit|rechnung|facture|datum|date|tarikh|cashier|table|page|co\.?\s?reg|reg\.?|roc|company\s*no|co\.?\s*no|br\s*no|business\s*no|time|bill|cash|counter|hours?|order|"
    r"doc|thank|welcome|website|ust|siret|iban|outlet|operator|served|sales\s*person|take away|dine in|document|customer|ref)\b|@|://|\.com\b",
    re.I,
)


def is_address(text: str) -> bool:
    """Whether a line speaks of a street, a building, a postcode with a city, or a region."""
    return bool(weight(text) >= 1.0)


def weight(text: str) -> float:
    """How much a line looks like a part of an address: about one for each sign."""
    if ends_address(text) or not re.search(r"[^\W\d_]", text):
        return 0.0
    signs = (_STREET.search(text), _UNIT.search(text), _LOCALITY.search(text))
    return (
        sum(map(bool, signs))
        + 0.5 * bool(_REGION.search(text))
        + 0.8 * bool(_POSTCODE.search(text)) * bool(re.search(r"[^\W\d_]{2}", text))
    )


def starts_with_unit(text: str) -> bool:
    """Whether a line begins with a house or unit number, as the first line of an address does."""
    return bool(_UNIT.search(text)) and is_address(text)


def is_locality(text: str) -> bool:
    """Whether a line is a postcode and a city."""
    return bool(_LOCALITY.search(text)) and not ends_address(text)


def has_region(text: str) -> bool:
    """Whether a line names a state or a country, as the last line of an address does."""
    return bool(_REGION.search(text))


def ends_address(text: str) -> bool:
    """Whether a line is something that follows an address: telephone, tax number, document number."""
    return bool(_STOP.search(text))


def is_region(text: str) -> bool:
    """Whether a text is nothing but a state or a country."""
    return bool(_REGION.fullmatch(text.strip(" .,;")))
