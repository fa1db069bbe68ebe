"""The forms in which documents write a day, and what each of them says: year, month and day, most likely first.

    5/3/2024  05.03.24  5/3-2024  05 03 2024  2024-03-05  20240305   numbers, in an order that may be open
    5th of March 2024  Mar 5, 2024  2024. március 5.  5.III.2024     names and Roman numbers of months
    2024年3月5日  R6.3.5  ngày 5 tháng 3 năm 2024  5 มี.ค. 67           years of Japan, Taiwan and Thailand

Texts come with one kind of digits and signs (`amounts.plain_signs`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ix.extraction.values.calendar import month_numbers, weekday_numbers
from ix.languages import load, merged, one_of

_WORDS = merged()
# OCR reads the raised letters of 9th as quotation marks, a degree or an asterisk
_ORDINALS = rf"(?:\s?{one_of(_WORDS.ordinals)}(?![^\W\d_])|\.|'?{one_of(_WORDS.ordinals)}|[\"'”“°ºª*]{{1,2}})"
# English alone writes "March 5th": other languages' ordinals stand before the month only
_ORDINALS_BEHIND_MONTH = one_of(" | ".join(each.ordinals for each in load() if each.month_first))
_JOINER = rf"[\s./,-]*(?:{one_of(_WORDS.date_joiners)}\s+)?"
_YEAR4 = r"(?P<year>(?:19|20|2[45])\d{2})"
# OCR joins the year to the time, as in 201914:33 and 1914:33; two digits may have an apostrophe
_YEAR = r"(?P<year>(?:19|20|2[45])\d{2}(?!\d)|(?:19|20)\d{2}(?=\d{1,2}[:.]\d{2})|'?\d{2}(?![\d,])|\d{2}(?=\d{2}:\d{2}))"
# vowels of Hebrew, Arabic, Hindi and Thai and accents set apart, which are no letters
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u200c"
# a 0 or 1 for a letter, as in 0ct and Ju1y; Thai abbreviations have points in them, and Arabic names two words
_NAME = (
    rf"(?P<name>[ก-ูเ-์]{{1,4}}\.[ก-ฮ]|(?:تشرين|كانون) ال[^\W\d_]{{3,5}}"
    rf"|(?:[^\W\d_]|0(?=[CcKk][Tt]))(?:[^\W\d_]|[{_MARKS}]|[01](?=[^\W\d_])){{1,14}})"
)
NUMERIC = re.compile(
    r"(?:(?<![\d.,/-])|(?<=\d-)(?=\d{1,2}([/.])\d{1,2}\1\d{4}))"  # not in a longer number, but behind "2019-"
    rf"(?P<a>\d{{1,2}})\s?(?P<sep>[-/.])\s?(?P<b>\d{{1,2}})\s?(?P=sep){{1,2}}\s?{_YEAR}(?!(?P=sep)\d)"
)
"""Three numbers, the year last, in either order of the others. Telephone numbers and addresses of computers go on with
another point: 05.06.07.08.09, 10.1.20.24."""
_THREE_NUMBERS = re.compile(r"\d\s?[-/.]\s?\d{1,2}\s?[-,./]")
_ISO = re.compile(
    rf"(?<!\d){_YEAR4}\s?(?P<sep>[-/.])\s?(?P<month>\d{{1,2}})\s?(?P=sep)\s?"
    r"(?P<day>\d{2}(?=\d{2}:)|\d{1,2}(?!\d))"  # OCR joins the day to the time: 2019-03-0511:20
)
# the time may follow: 20180428/191204, 20180428T1912
_COMPACT = re.compile(
    rf"(?<![\w.,/-]){_YEAR4}(?P<month>\d{{2}})(?P<day>\d{{2}})"
    r"(?:(?![\w/-])|(?=[/T](?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?![\w/-])))"
)
# it begins with a digit, so that other places are passed over, and goes on where nothing parts this from a letter
_DAY_FIRST = re.compile(
    rf"(?P<day>\d(?<!\d\d)\d?)(?=[\W_]*+(?:[^\W\d_]|0[ck])){_ORDINALS}?{_JOINER}{_NAME}{_JOINER}{_YEAR}", re.I
)
_MONTH_FIRST = re.compile(
    rf"(?<![^\W\d_]){_NAME}[\s./-]*(?:the\s+)?(?P<day>\d{{1,2}}){_ORDINALS_BEHIND_MONTH}?"
    rf"(?:\s*,\s*|\s+|-|/)(?:{_YEAR4}|(?P<short>'\d\d)(?!\d))",
    re.I,
)
# Lithuanian and Latvian say the year's name in between: 2024 m. kovo 5 d., 2024. gada 5. marts
_YEAR_FIRST = re.compile(
    rf"(?<![\d.,/-]){_YEAR4}(?:\s?[./-]|\s?m\.)?\s*{_NAME}[\s./-]*(?P<day>\d{{1,2}})(?![\d:,])", re.I
)
_YEARS_DAY = re.compile(rf"(?<![\d.,/-]){_YEAR4}\.?\s?gada\s(?P<day>\d{{1,2}})\.?\s*{_NAME}", re.I)
# Danish and Norwegian 5/3-2024, and marks that OCR confuses
_MIXED = re.compile(
    r"(?<![\d.,/-])(?P<a>\d{1,2})\s?(?P<sep>[/.])\s?(?P<b>\d{1,2})\s?(?!(?P=sep))(?P<other>[-,./])\s?"
    rf"{_YEAR}"
)
_SPACED = re.compile(
    rf"(?<![\w.,/+()-])(?<!\d )(?P<day>\d\d) (?P<month>\d\d) {_YEAR4}(?![\w.,/-])(?! \d(?!\d?[:.]\d\d))"
)
_ROMAN = re.compile(
    rf"(?<![\w.,/-])(?P<day>\d{{1,2}})(?:\s?(?P<sep>[./-])\s?|\s)(?P<roman>I{{1,3}}|I?[VX]|VI{{1,3}}|XI{{1,2}})"
    rf"(?:(?P=sep)\s?{_YEAR}|\s{_YEAR4.replace('year', 'long')})(?!\w)"
)
_EAST = re.compile(
    r"(?P<era>令和|平成|昭和|民國|民国)?\s?(?P<year>(?:19|20)\d\d|\d{1,3}|元)\s?[年년]\s?(?P<month>\d{1,2})\s?[月월]\s?"
    r"(?P<day>\d{1,2})(?!\d)(?:\s?[日일号號])?"
)
_ERA = re.compile(
    r"(?<![\w.-])(?P<era>令和|平成|昭和|民國|民国|[RHS])\s?(?P<year>\d{1,3})\s?(?P<sep>[./-])\s?"
    r"(?P<month>\d{1,2})\s?(?P=sep)\s?(?P<day>\d{1,2})(?![\w./-])"
)
_HAN_DIGITS = "〇零一二三四五六七八九十"
_HAN = re.compile(
    rf"(?P<year>[{_HAN_DIGITS[:-1]}]{{4}})年(?P<month>[{_HAN_DIGITS}]{{1,2}})月(?P<day>[{_HAN_DIGITS}]{{1,3}})日"
)
_VIETNAMESE = re.compile(
    rf"(?<!\d)(?P<day>\d{{1,2}})\s(?:tháng|thang|thg)\s(?P<month>\d{{1,2}})\s?(?:,\s?|n[ăa]m\s)?{_YEAR4}(?!\d)", re.I
)
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925, "民國": 1911, "民国": 1911}
"""The year before the first of each era; those of Japan by its law on eras, that of Taiwan from its founding."""
_WRITTEN_ERAS = tuple(era for era in _ERAS if not era.isascii())
_BUDDHIST = 543
"""Years by which the Thai calendar is ahead."""
_THAI_YEARS = 43
"""Two digits from which on a year of a Thai document is one of the Thai calendar: 2543 is 2000."""
_ROMANS = {
    name: at for at, name in enumerate(["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"], 1)
}
_THAI = re.compile("[ก-๎]")
_LONG_YEAR = re.compile(r"(?:19|20|2[45])\d\d")
_VERSION = re.compile(r"(?<![^\W_])(?:v|ver|version|rev|release|build|firmware|software)[.:]?\s?$", re.I)
"""What stands before a number of three parts that is a version's: v2.10.19."""
_WORD_BEFORE = re.compile(rf"([^\W\d_](?:[^\W\d_]|[{_MARKS}])+)[.,]{{0,2}}\s?$")
_WORD_BEHIND = re.compile(rf"\s?\(?([^\W\d_](?:[^\W\d_]|[{_MARKS}])+)")
_NEAR = 16
"""Characters before a date in which a weekday stands."""
_YEAR_FIRST_IN = (("hu",), ("ja",), ("ko",), ("zh",))
"""Languages in which the year also comes first if it has two digits; Swedish and Lithuanian write it in full there."""
_NORDIC = frozenset(("da", "nb", "fi", "sv"))
Day = tuple[int, int, int]


class Manner(NamedTuple):
    """How a document writes dates: the order of numbers, and its languages (ISO 639-1), the surest first; none where
    nothing tells."""

    day_first: bool = True
    languages: tuple[str, ...] = ()


Read = Callable[[re.Match[str], Manner], Sequence[Day]]


def forms(text: str, manner: Manner) -> Iterator[tuple[re.Pattern[str], Read]]:
    """The patterns that may find a date in a text, with what reads their matches; where two find one at the same place,
    the earlier one has it."""
    # most lines have no three numbers, and few have a year in full: they are not searched for what needs these
    if has_three := may_be_numeric(text):
        yield NUMERIC, numeric
    yield _DAY_FIRST, _named
    if "年" in text or "년" in text:
        yield from ((_EAST, _eastern), (_HAN, _han))
    # a lone letter is an era in Japanese alone
    if "ja" in manner.languages or any(era in text for era in _WRITTEN_ERAS):
        yield _ERA, _eastern
    if has_three:
        yield _MIXED, _mixed
    if "I" in text or "V" in text or "X" in text:
        yield _ROMAN, _roman
    if "'" in text or _LONG_YEAR.search(text):
        yield from ((_ISO, _plain), (_COMPACT, _plain), (_MONTH_FIRST, _named), (_YEAR_FIRST, _named))
        yield from ((_YEARS_DAY, _named), (_SPACED, _plain), (_VIETNAMESE, _plain))


def may_be_numeric(text: str) -> bool:
    """Whether a text may have a date of three numbers, the year last."""
    return bool(_THREE_NUMBERS.search(text))


def numeric(match: re.Match[str], manner: Manner) -> Sequence[Day]:
    """What a date of three numbers says, most likely first."""
    written, first, second = match["year"], int(match["a"]), int(match["b"])
    year, short = _year(match, manner), len(match["year"].lstrip("'")) == 2
    if short and match["sep"] == "." and _VERSION.search(match.string, max(match.start() - _NEAR, 0), match.start()):
        return ()
    days, months = (year, second, first), (year, first, second)
    # dates with points are European: the day comes first, whatever the rest of the page says
    either = [days, months] if manner.day_first else [months, days]
    found = [days] if match["sep"] == "." else either
    if short and written.isdigit() and manner.languages[:1] in _YEAR_FIRST_IN:
        return [(_century(first), second, int(written)), *found]
    return found


def weekday_beside(match: re.Match[str], languages: Sequence[str]) -> frozenset[int]:
    """The days of the week, 0 for Monday, that the word right before or behind a date may name."""
    text, end = match.string, match.end()
    before = _WORD_BEFORE.search(text, max(match.start() - _NEAR, 0), match.start())
    behind = _WORD_BEHIND.match(text, end)
    found = (weekday_numbers(word[1], languages) for word in (before, behind) if word)
    return next(filter(None, found), frozenset())


def _plain(match: re.Match[str], manner: Manner) -> Sequence[Day]:
    return [(_year(match, manner), int(match["month"]), int(match["day"]))]


def _named(match: re.Match[str], manner: Manner) -> Sequence[Day]:
    groups = match.groupdict()
    written, day = groups["year"] or groups["short"], int(match["day"])
    # "12 set 20" is no date of September where nothing else is Italian
    months = month_numbers(match["name"], manner.languages, foreign=len(written) == 4)
    return [(_year(match, manner, written), month, day) for month in months]


def _mixed(match: re.Match[str], manner: Manner) -> Sequence[Day]:
    nordic = match["sep"] + match["other"] == "/-" and _NORDIC & set(manner.languages)
    if len(match["year"]) != 4 and not nordic:
        return ()
    return [(_year(match, manner), int(match["b"]), int(match["a"]))]


def _roman(match: re.Match[str], manner: Manner) -> Sequence[Day]:
    return [(_year(match, manner, match["year"] or match["long"]), _ROMANS[match["roman"]], int(match["day"]))]


def _eastern(match: re.Match[str], manner: Manner) -> Sequence[Day]:
    era, written = match["era"], match["year"].replace("元", "1")
    # a lone letter before a number is an era in Japanese alone
    if (era in ("R", "H", "S") and "ja" not in manner.languages) or not (era or len(written) in (2, 4)):
        return ()
    year = _ERAS[era] + int(written) if era else int(written) + 2000 * (len(written) == 2)
    return [(year, int(match["month"]), int(match["day"]))]


def _han(match: re.Match[str], _: Manner) -> Sequence[Day]:
    year = int("".join(str(max(_HAN_DIGITS.index(digit) - 1, 0)) for digit in match["year"]))
    return [(year, _han_number(match["month"]), _han_number(match["day"]))]


def _han_number(written: str) -> int:
    """Numbers up to 39: 三 is 3, 十五 is 15, 二十 is 20."""
    tens, ten, ones = written.rpartition("十")
    value = max(_HAN_DIGITS.index(ones[-1]) - 1, 0) if ones else 0
    if ten:
        value += 10 * (_HAN_DIGITS.index(tens[-1]) - 1 if tens else 1)
    return value


def _year(match: re.Match[str], manner: Manner, written: str = "") -> int:
    """The year of our calendar; 0 where there is no reason for that of another."""
    digits = (written or match["year"]).lstrip("'")
    year, thai = int(digits), "th" in manner.languages or bool(_THAI.search(match.string))
    if year > 2400:
        return year - _BUDDHIST if thai else 0
    # two digits that would be years ahead are those of the Thai calendar
    if thai and len(digits) == 2 and year >= _THAI_YEARS:
        return year + 2500 - _BUDDHIST
    return year if len(digits) == 4 else _century(year)


def _century(year: int) -> int:
    """Two digits by POSIX's pivot: 69 to 99 are of the twentieth century."""
    return year + (1900 if year >= 69 else 2000)
