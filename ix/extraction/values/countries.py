"""Countries: which one a document comes from, by its tax numbers, telephone numbers, web addresses and the like, and
the currency that is paid there.

Tables are of ISO 3166 (countries), ISO 4217 (currencies), ITU-T E.164 (calling codes) and IANA (domains)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from ix.extraction.values.codes import find_ibans, find_vat_ids

Country = str
CURRENCY_OF: Final[Mapping[Country, str]] = {
    **dict.fromkeys(re.findall("..", "ATBEBGCYDEEEESFIFRGRHRIEITLTLULVMTNLPTSISK"), "EUR"),
    **dict(
        re.findall(
            r"(..):(...)",
            "AE:AED AR:ARS AU:AUD BR:BRL CA:CAD CH:CHF CL:CLP CN:CNY CO:COP CZ:CZK DK:DKK GB:GBP HK:HKD HU:HUF ID:IDR "
            "IL:ILS IN:INR IS:ISK JP:JPY KE:KES KR:KRW LI:CHF LK:LKR MX:MXN MY:MYR NG:NGN NO:NOK NP:NPR NZ:NZD PH:PHP "
            "PK:PKR PL:PLN RO:RON RS:RSD RU:RUB SA:SAR SE:SEK SG:SGD TH:THB TR:TRY TW:TWD UA:UAH US:USD VN:VND ZA:ZAR ",
        )
    ),
}
"""What is paid with in each country that the signs below tell."""
SHARED: Final[Mapping[str, Mapping[Country, str]]] = {
    "kr": {"SE": "SEK", "DK": "DKK", "NO": "NOK", "IS": "ISK"},
    "rs": {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR"},
    "$": {"US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "TW": "TWD", "MX": "MXN"},
    "¥": {"JP": "JPY", "CN": "CNY"},
}
"""Signs of currencies (lower case) that several countries have, each with its own currency; the first has most of the
trade."""
_CALLING: Final[Mapping[str, Country]] = dict(
    re.findall(
        r"(\d+):(..)",
        "27:ZA 30:GR 31:NL 32:BE 33:FR 34:ES 351:PT 352:LU 353:IE 354:IS 356:MT 357:CY 358:FI 359:BG 36:HU "
        "370:LT 371:LV 372:EE 380:UA 381:RS 385:HR 386:SI 39:IT 40:RO 41:CH 420:CZ 421:SK 423:LI 43:AT 44:GB "
        "45:DK 46:SE 47:NO 48:PL 49:DE 52:MX 54:AR 55:BR 56:CL 57:CO 60:MY 61:AU 62:ID 63:PH 64:NZ 65:SG "
        "66:TH 81:JP 82:KR 84:VN 852:HK 86:CN 886:TW 90:TR 91:IN 92:PK 94:LK 966:SA 971:AE 972:IL 977:NP "
        "234:NG 254:KE",
    )
)
# two zeros lead abroad only where they are not the end of a number
_CALLED: Final = re.compile(r"(?:\+|(?<![\d.,])00)\s?(\d{2,3})[\s()/.-]*\d")
_DOMAIN: Final = re.compile(r"(?:www\.|@)[\w-]+(?:\.[\w-]+){0,3}\.([a-z]{2})(?![\w.-])", re.I)
_SIGNS: Final[Mapping[str, Country]] = {
    sign.strip(): country
    for country, signs in {
        "AU": "abn | pty ltd | pty. ltd",
        "BR": "cnpj | cpf",
        "CH": "schweiz | suisse | svizzera",
        "CZ": "dič | ičo | s.r.o | s. r. o",
        "DE": "ust-idnr | ust-id-nr | ust-id | ustid | steuernummer | steuer-nr | deutschland | hrb",
        "DK": "cvr | cvr-nr | danmark | aps",
        "ES": "c.i.f | n.i.f | españa",
        "FR": "siret | siren | rcs | sarl",
        "GB": "united kingdom | england",
        "HU": "adószám | kft | magyarország",
        "ID": "npwp | tunai | kembali",
        "IE": "ireland",
        "IN": "gstin | cgst | sgst | igst | ifsc | pvt ltd | pvt. ltd | india",
        "IT": "p.iva | p. iva | partita iva | codice fiscale | italia",
        "MX": "rfc | méxico",
        "MY": "sdn bhd | sdn. bhd | malaysia | kuala lumpur | selangor | johor",
        "NL": "kvk | kvk-nummer | nederland",
        "NO": "foretaksregisteret | mva | norge",
        "PL": "nip | regon | sp. z o.o | sp. z o. o | polska",
        "RO": "c.u.i | s.r.l | românia",
        "SE": "orgnr | org.nr | organisationsnummer | organisationsnr | momsreg | bankgiro | sverige",
        "SG": "singapore | pte ltd | pte. ltd",
        "TR": "vergi no | vergi dairesi | vkn | kdv",
        "US": "usa | united states | ein | sales tax",
        "ZA": "south africa",
    }.items()
    for sign in signs.split(" | ")
}
"""What stands on the paper of a country and hardly on another's, in lower case: numbers of its registers, legal forms,
its name."""
_PATTERNS: Final[tuple[tuple[Country, re.Pattern[str]], ...]] = (
    ("CH", re.compile(r"CHE[- ]?\d{3}\.?\d{3}\.?\d{3}")),
    ("GB", re.compile(r"(?<!\w)[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}(?!\w)")),
    ("US", re.compile(r"(?<!\w)[A-Z]{2},? \d{5}(?:-\d{4})?(?!\w)|\( ?\d{3} ?\) ?\d{3} ?- ?\d{4}(?!\d)")),
)
"""What has a form of its own: a Swiss number, a British postcode, an American state and ZIP code, or telephone."""
_TAX, _OTHER = 3, 2
"""How much a tax number tells, and every other kind of sign."""
_MOST = 20_000
"""Characters in which signs are sought; a page has about 4,000."""


class Origin(NamedTuple):
    """A country that a text may come from, how much its signs tell, and where the first one stands."""

    country: Country
    weight: int
    start: int
    end: int


@lru_cache(maxsize=16)
def origins(text: str) -> tuple[Origin, ...]:
    """The countries that a document of this text may come from, likeliest first. One kind of sign counts once for a
    country."""
    known: dict[tuple[Country, object], Origin] = {}
    for kind, sign in _signs(text[:_MOST]):
        if sign.country in CURRENCY_OF:
            known.setdefault((sign.country, kind), sign)
    found: dict[Country, Origin] = {}
    for sign in known.values():
        first = found.setdefault(sign.country, sign._replace(weight=0))
        found[sign.country] = first._replace(weight=first.weight + sign.weight)
    return tuple(sorted(found.values(), key=lambda one: -one.weight))


def _signs(text: str) -> Iterator[tuple[str, Origin]]:
    for value, start, end in find_vat_ids(text):
        # Greece and Northern Ireland have codes of their own in tax numbers
        yield "tax", Origin({"EL": "GR", "XI": "GB"}.get(value[:2], value[:2]), _TAX, start, end)
    for value, start, end in find_ibans(text):
        yield "iban", Origin(value[:2], _OTHER, start, end)
    for called in _CALLED.finditer(text):
        # none of the table's codes begins another
        country = _CALLING.get(called[1]) or _CALLING.get(called[1][:2], "")
        yield "call", Origin(country, _OTHER, *called.span())
    for domain in _DOMAIN.finditer(text):
        name = domain[1].upper()
        yield "web", Origin("GB" if name == "UK" else name, _OTHER, *domain.span())
    for country, start, end in _words(text):
        yield "sign", Origin(country, _OTHER, start, end)


def _words(text: str) -> Iterator[tuple[Country, int, int]]:
    # one character for one, so that offsets stay; looking for a plain text costs least
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(map(_lower, text))
    for sign, country in _SIGNS.items():
        at = lower.find(sign)
        while at >= 0:
            end = at + len(sign)
            if not (lower[at - 1 : at].isalnum() or lower[end : end + 1].isalnum()):
                yield country, at, end
                break
            at = lower.find(sign, end)
    for country, pattern in _PATTERNS:
        if match := pattern.search(text):
            yield country, *match.span()


def _lower(char: str) -> str:
    lower = char.lower()
    return lower if len(lower) == 1 else char
