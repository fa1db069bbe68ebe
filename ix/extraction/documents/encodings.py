"""The characters that a text's bytes stand for, in whichever encoding they are.

A byte order mark is believed, then strict UTF-8, then what looks like UTF-16 without a mark. What is left is one of
the code pages: which of them is a guess. `chardet` says how well the bytes fit the languages that are written in each;
on a receipt's few letters that is not enough, so that its word is weighed with two things of our own: whether the words
that come out can be words at all (`sanity`), and how often a code page is met today."""

from __future__ import annotations

import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, pairwise

from ix.errors import DocumentError

CONTROLS = re.compile(  # C0 but for tab, line feed and form feed; DEL and C1; lone surrogates
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)
PRINTED = bytes({*range(32, 256), *b"\t\n\f\r"})
CONTROL_SHARE = 0.02
"""Share of control characters above which bytes are no text: compressed data has 0.1, UTF-16 without a mark 0.5."""
BOMS = (
    (BOM_UTF8, "utf-8-sig"),
    (BOM_UTF32_LE, "utf-32"),
    (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"),
    (BOM_UTF16_BE, "utf-16"),
)
SAMPLE = 1 << 16
"""Bytes by which an encoding is guessed."""
ODD_WORDS = 2_000
"""Words with other letters than ASCII's that are looked at."""
PRIORS: Mapping[str, float] = {
    **dict.fromkeys(("cp1252", "cp1250", "cp1251", "cp1253", "cp1255", "cp1256", "cp1257"), 1.0),
    **dict.fromkeys(("cp932", "gb18030", "big5hkscs", "cp949", "euc_jis_2004"), 1.0),
    **dict.fromkeys(("cp1254", "cp1258", "cp874", "koi8-r", "koi8-u", "iso8859-15", "iso8859-2", "iso8859-7"), 0.9),
    **dict.fromkeys(("iso8859-9", "iso8859-6", "iso8859-8", "cp866"), 0.8),
    **dict.fromkeys(("iso8859-5", "cp850", "cp852"), 0.7),
    **dict.fromkeys(("cp437", "cp858", "cp857", "cp737", "cp775", "cp865", "mac-roman", "iso8859-13"), 0.6),
    **dict.fromkeys(("iso8859-4", "iso8859-10", "iso8859-16", "cp855", "mac-cyrillic"), 0.5),
    **dict.fromkeys(("mac-latin2", "mac-greek", "mac-turkish"), 0.4),
}
"""What bytes may be, by Python's name, and how often each is met relative to Windows' own: files of Windows 3.1 and
later, then those of mail and the web (ISO 8859), then those of DOS and of old Macs. An estimate: it decides only where
the words themselves do not."""
NAMES = {"big5hkscs": "Big5", "cp932": "Shift_JIS", "cp949": "EUC-KR", "euc_jis_2004": "EUC-JP", "gb18030": "GB18030"}
FLOOR = 0.02
"""What a detector's confidence means at least: on one line of text it gives 0.03 to what is right and wrong alike."""
LEAST_SANE = 0.5
"""Share of words that have to look like words for bytes to be text."""
RIVAL = 0.75
"""Share of the best score from which another reading may be the right one as well."""
BROKEN_SHARE = 0.1
"""Share of broken sequences among those beyond ASCII, up to which bytes are UTF-8 that was cut or damaged."""
DECLARED = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
DECLARED_WITHIN = 1024
"""Bytes within which HTML has to name its encoding (HTML, 4.2.5.4)."""
WIDER = {
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("ks_c_5601-1987", "euc-kr"), "cp949"),
    **dict.fromkeys(("shift_jis", "windows-31j", "x-sjis"), "cp932"),
    "iso-8859-9": "cp1254",
    "big5": "big5hkscs",
}
"""Encodings whose names stand for larger ones (WHATWG Encoding, 4.2)."""
MONEY = re.compile(r"[\d.,'’+−%$¢-¥฿₠-⃀﷼\-]")
ODD_WORD = re.compile(r"[^\x00-\x20]*[^\x00-\x7f][^\x00-\x20]*")
LETTERS = re.compile(r"[^\W\d_]+")
JOINERS = frozenset("-–—'’‘ʼ·./&@+_,:;|()\"„“”")
"""Signs that may stand between two letters."""
STRAY = frozenset("¤¦¬¨´¸¯\ufffd")
"""Signs that nobody prints within a text but by mistake: they are where other code pages have letters."""
SEPARATORS = frozenset("\u00a0\u2009\u202f’‘·–—−×ʼ：，．、")
"""Signs that may stand between two digits."""
BEFORE_DIGITS = SEPARATORS | frozenset("№±≈~≤≥«»„“”§±（：，#ø⌀")
"""Signs that may stand before a digit, and after none."""
ACCENT = re.compile(r"[\u02b0-\u02bb\u02bd-\u02ff]")
"""Accents without a letter, which code pages of Central Europe have where others have signs."""
HALFWIDTH = re.compile(r"[\uff61-\uff9f]")
"""Narrow Japanese syllables and their signs: a single byte of Shift_JIS, and hardly ever alone."""
LONE = frozenset("àáèéêíïóôöòúùåæøőżž")
"""Letters that are a word by themselves."""
KANA = re.compile(r"[\u3041-\u30ff]")
CHINESE = frozenset({"gb18030", "big5hkscs", "cp949"})
"""Encodings that have the Japanese syllables at the same places as EUC-JP has them."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text. Where its encoding is a guess, `guess` names it, and `runner_up` the next likeliest, both as people call
    them."""

    text: str
    guess: str = ""
    runner_up: str = ""

    @property
    def warnings(self) -> list[str]:
        """What there is to say of how it was read."""
        if not self.guess:
            return []
        other = f"; the next likeliest is {self.runner_up}" if self.runner_up else ""
        return [f"encoding_guessed: the text does not say its encoding and was read as {self.guess}{other}"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as one of the code pages gives it, and how likely that is."""

    codec: str
    text: str
    sanity: float
    score: float


def decoded(data: bytes) -> Decoded | None:
    """The text of these bytes, None where they are none: text has hardly any control characters but white space.
    Raises `DocumentError` where two encodings are about as likely and give other amounts."""
    for bom, name in BOMS:
        if data.startswith(bom):
            return Decoded(cleaned(data.decode(name, errors="replace")))
    if (wide := _utf16(data)) is not None:
        return Decoded(cleaned(wide))
    # counted by deleting what is printed: one pass in C
    if len(data.translate(None, PRINTED)) > CONTROL_SHARE * len(data):
        return _escaped(data)
    try:
        return Decoded(cleaned(data.decode()))
    except UnicodeDecodeError:
        return _declared(data) or _damaged_utf8(data) or _guessed(data)


def cleaned(text: str) -> str:
    """Without control characters and lone surrogates, with one kind of line end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CONTROLS.sub("", text)


def _utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: half of what is ASCII in it, blanks and digits at least, are zeros on the same side."""
    pairs = len(data) // 2
    if len(data) % 2 or not pairs:
        return None
    sides = {"utf-16-be": data[::2].count(0), "utf-16-le": data[1::2].count(0)}
    name = max(sides, key=sides.__getitem__)
    if sides[name] < max(0.05 * pairs, 1) or min(sides.values()) > 0.1 * sides[name]:
        return None
    try:
        text = data.decode(name)
    except UnicodeDecodeError:
        return None
    return text if len(CONTROLS.findall(text)) <= CONTROL_SHARE * len(text) else None


def _escaped(data: bytes) -> Decoded | None:
    """ISO-2022-JP, which is seven bits and escapes."""
    if b"\x1b$" not in data or not data.isascii():
        return None
    try:
        return Decoded(cleaned(data.decode("iso2022_jp_ext")), "ISO-2022-JP")
    except UnicodeDecodeError:
        return None


def _declared(data: bytes) -> Decoded | None:
    """HTML and XML in the encoding that their beginning names."""
    named = DECLARED.search(data[:DECLARED_WITHIN]) if data.lstrip()[:1] == b"<" else None
    return None if named is None else in_charset(data, named[1].decode())


def in_charset(data: bytes, name: str) -> Decoded | None:
    """The text in the encoding that somebody else has named, None where there is no such one or it does not fit."""
    try:
        return Decoded(cleaned(data.decode(WIDER.get(name.lower(), name))))
    except (LookupError, UnicodeError):
        return None


def _damaged_utf8(data: bytes) -> Decoded | None:
    text = data.decode(errors="replace")
    broken = text.count("\ufffd")
    sound = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text)))
    return Decoded(cleaned(text), "damaged UTF-8") if broken <= BROKEN_SHARE * sound else None


def _guessed(data: bytes) -> Decoded | None:
    guess = _guess(data[:SAMPLE])
    if guess is None:
        return None
    codec, runner_up = guess
    return Decoded(cleaned(data.decode(codec, errors="replace")), _name(codec), runner_up and _name(runner_up))


# several formats ask for the text of one document
@lru_cache(1)
def _guess(sample: bytes) -> tuple[str, str] | None:
    """The likeliest code page and the next; None where the bytes are no text. Raises `DocumentError`."""
    first, *others = readings(sample)
    if first.sanity < LEAST_SANE:
        return None
    money = _money(first.text)
    for other in others:
        close = other.score >= RIVAL * first.score and other.sanity >= first.sanity
        if close and _money(other.text) != money:
            raise DocumentError(
                f"the text may be {_name(first.codec)} or {_name(other.codec)}, which give other amounts or "
                "currencies; send it as UTF-8",
                code="document_encoding_unclear",
            )
    return first.codec, others[0].codec


def readings(sample: bytes) -> list[Reading]:
    """What these bytes may say, likeliest first, each text once."""
    import chardet  # takes a tenth of a second, and most texts are UTF-8

    found = chardet.detect_all(sample, ignore_threshold=True, compat_names=False, include_encodings=PRIORS)
    trust = {str(one["encoding"]): float(one["confidence"]) for one in found}
    best: dict[str, Reading] = {}
    for codec, prior in PRIORS.items():
        text = sample.decode(codec, errors="replace")
        sane = sanity(text, codec)
        score = (FLOOR + trust.get(codec, 0.0)) * prior * sane**3
        # of two that give the same text the first, which is met more often, lends its name
        known = best.get(text, Reading(codec, text, sane, score))
        best[text] = replace(known, score=max(score, known.score))
    return sorted(best.values(), key=lambda reading: -reading.score)


def sanity(text: str, codec: str = "") -> float:
    """The share of the words beyond ASCII that can be words, 0..1."""
    words = [found[0] for found in islice(ODD_WORD.finditer(text), ODD_WORDS)]
    japanese_in_chinese = codec in CHINESE and KANA.search(text) is not None
    return (0.5 if japanese_in_chinese else 1.0) * sum(map(_word_sanity, words)) / max(len(words), 1)


@lru_cache(4096)
def _word_sanity(word: str) -> float:
    signs_fit = all(_fits(*around) for around in _neighbours(word) if not around[1].isascii())
    if not signs_fit or not all(map(_is_one_script, LETTERS.findall(word))):
        return 0.0
    # a lone letter beyond ASCII is more often a sign of another code page, unless it is a word in Latin languages
    return 0.5 if len(word) == 1 and word.isalpha() and word not in LONE and _script(word) != "CJK" else 1.0


def _neighbours(word: str) -> Iterator[tuple[str, str, str]]:
    padded = f" {word} "
    return zip(padded, padded[1:], padded[2:], strict=False)


def _fits(before: str, character: str, after: str) -> bool:
    """Whether a character beyond ASCII may stand between these two."""
    if character in "ªº":
        return before.isdigit() or before in "nN."
    if HALFWIDTH.match(character):
        return not (before.isascii() and after.isascii())
    if ACCENT.match(character):
        return False
    if unicodedata.category(character)[0] == "L":
        return _letter_fits(before, character, after)
    return _sign_fits(before, character, after)


def _letter_fits(before: str, letter: str, after: str) -> bool:
    """Whether a letter is no digit's neighbour, unless others are beside it: units are, such as in `12€` or `12円`."""
    if before.isalpha() or after.isalpha() or _script(letter) == "CJK":
        return True
    digits = before.isdigit() + after.isdigit()
    return digits == 0 or (digits == 1 and letter.lower() == letter.upper())


def _sign_fits(before: str, sign: str, after: str) -> bool:
    kind = unicodedata.category(sign)
    if sign in STRAY or kind in ("Cc", "Cn", "Co", "Cs") or "\u2500" <= sign <= "\u259f":
        return False
    if kind[0] == "M":
        return before.isalpha() or unicodedata.category(before)[0] == "M"
    if kind in ("Sc", "No"):
        return not (after.isalpha() or (kind == "Sc" and before.isalpha()))
    if after.isdigit():
        return sign in (SEPARATORS if before.isdigit() else BEFORE_DIGITS)
    # a mark of registration stands behind what is registered
    if (kind == "Sm" and before.isalpha()) or (sign == "®" and after.isalpha()):
        return False
    apostrophe_alone = sign in "’‘" and not before.strip() and not after.strip()
    return not apostrophe_alone and (sign in JOINERS or not (before.isalpha() and after.isalpha()))


def _is_one_script(letters: str) -> bool:
    """Whether the letters are of one alphabet, and no capital follows a small letter where one of both is beyond
    ASCII."""
    scripts = {_script(letter) for letter in letters}
    humps = any(a.islower() and b.isupper() and not (a + b).isascii() for a, b in pairwise(letters))
    return len(scripts) == 1 and not humps


@lru_cache(4096)
def _script(letter: str) -> str:
    if letter in "ªºµ":
        return "LATIN"
    name = unicodedata.name(letter, "").split(" ", 1)[0]
    # the three scripts of a Japanese word, with its full-width Latin letters
    return "CJK" if name in ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "FULLWIDTH", "HALFWIDTH") else name


def _money(text: str) -> list[str]:
    """What amounts are made of: digits, separators and currency signs, in order."""
    return MONEY.findall(text)


def _name(codec: str) -> str:
    """What people call a code page."""
    if codec in NAMES:
        return NAMES[codec]
    for start, called in (("cp125", "Windows-125"), ("iso8859-", "ISO-8859-"), ("koi8", "KOI8"), ("cp", "code page ")):
        if codec.startswith(start):
            return called + codec.removeprefix(start).upper()
    return codec
