"""`python -m training.calendars`: writes `ix/extraction/values/cldr.json`, the names of months and weekdays and the
marks of numbers in many languages, out of CLDR as `babel` brings it. Nothing of babel is needed where ix runs."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from babel import Locale
from babel.dates import get_day_names, get_month_names

from ix.extraction.values.cldr import PATH

LOCALES = re.findall(
    r"\S+",
    "en de fr it es pt nl da nb sv fi is et lv lt pl cs sk sl hr sr sr_Latn mk bg ro hu el tr ru uk be ca gl sq af ar "
    "ar_LB he fa hi id ms vi th ko ja zh",
)
"""Locales of CLDR; those of one language are one in the table. Serbian is written in two scripts, and Arabic has two
sets of names for the same months."""
_PARTICLE = re.compile(r"^(?:de |d['’])")
"""What Catalan puts before a month, which is no part of its name."""


def main() -> None:
    """Writes the table, and says how large it is."""
    written = json.dumps(table(LOCALES), ensure_ascii=False, separators=(",", ":"))
    PATH.write_text(written.replace('},"', '},\n"') + "\n")
    print(f"{PATH.relative_to(Path.cwd())}: {len(LOCALES)} locales, {PATH.stat().st_size} bytes", file=sys.stderr)


def table(locales: Iterable[str]) -> dict[str, dict[str, object]]:
    """By language: `months` and `days` (Monday first), each with all its forms between bars, the marks before
    `decimal` digits and between groups of digits, and the `order` of a date's parts: dmy, mdy or ymd."""
    found: dict[str, dict[str, object]] = {}
    for locale in map(Locale.parse, locales):
        months = [_forms(get_month_names, locale, number) for number in range(1, 13)]
        days = [_forms(get_day_names, locale, number) for number in range(7)]
        if known := found.get(locale.language):
            known |= {"months": _both(known["months"], months), "days": _both(known["days"], days)}
            continue
        symbols = locale.number_symbols["latn"]
        found[locale.language] = {
            "months": months,
            "days": days,
            "decimal": symbols["decimal"],
            "group": re.sub(r"\s", " ", symbols["group"]),
            "order": _order(locale),
        }
    return found


def _forms(names: object, locale: Locale, number: int) -> str:
    assert callable(names)
    ways = [(width, context) for width in ("wide", "abbreviated") for context in ("format", "stand-alone")]
    forms = [names(width, context, locale)[number].lower().rstrip(".׳॰") for width, context in ways]
    # names with a number in them are told by their pattern: 9月, tháng 9
    return "|".join(dict.fromkeys(_PARTICLE.sub("", form) for form in forms if not re.search(r"\d", form)))


def _both(known: object, more: list[str]) -> list[str]:
    assert isinstance(known, list)
    return ["|".join(dict.fromkeys(f"{one}|{other}".split("|"))) for one, other in zip(known, more, strict=True)]


def _order(locale: Locale) -> str:
    return re.sub(r"(.)\1+|[^dmy]", r"\1", re.sub(r"'[^']*'", "", locale.date_formats["short"].pattern.lower()))


if __name__ == "__main__":
    main()
