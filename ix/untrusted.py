"""Sanitising untrusted JSON and text: requests, models' answers, OCR text, other services' headers. All of it passes
here and nowhere else.

`pydantic_core.from_json(allow_inf_nan=False)` refuses NaN, lone surrogates, bad UTF-8 and deep nesting, but passes
`\\u0000`, which jsonb refuses, and `1e400`, which becomes infinity; `parse` refuses both, and integers that JSON
readers elsewhere cannot hold. A value takes fifty times the memory of the three bytes that may say it, so that bodies
are counted by `bound` before they are parsed."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json

from ix.errors import InvalidInput

MAX_DEPTH = 64
"""Deepest nesting accepted; jsonb and most readers take more, no schema here needs it."""
MAX_INTEGER = 2**63 - 1
"""Largest magnitude of an integer: what a bigint, and most languages' widest integer, can hold."""

_LONG_NUMBER = b"9" * 19
"""One that may not fit into 64 bits, in what `_ALIKE` gives: 2**63 has 19 digits."""
_HUGE_NUMBER = b"9" * 309
"""One that may be infinite without an exponent: the largest that is not has 309 digits."""
_ALIKE = bytes(ord({**dict.fromkeys("0123456789.", "9"), "E": "e"}.get(chr(byte), chr(byte))) for byte in range(256))
"""Translates digits and points into a 9, and E into e."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
PREFIX = 4096
"""Bytes that are looked at for brackets without end."""
_SIGNS = (b",", b"[", b"{")
"""Each begins a value, or comes before one."""
_CELLS = {str, float, int, bool}
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)


def parse(text: bytes | str) -> Any:
    """The JSON value in `text`. Raises `InvalidInput` naming the path of what cannot be accepted."""
    value = _load(text)
    if _is_suspect(text):
        check(value)
    return value


def parse_table(text: bytes) -> list[list[Any]]:
    """The JSON in `text`, which is a list of lists of texts, numbers and booleans. Raises `InvalidInput`, also where it
    is none."""
    rows = load(text)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise InvalidInput("", "is no list of lists")
    kinds = {*map(type, chain.from_iterable(rows))}
    if not kinds <= _CELLS:
        raise InvalidInput("", "is no list of lists of texts and numbers")
    # only an integer, an exponent or hundreds of digits make a number too large, which bytes tell sooner than cells
    alike = text.translate(_ALIKE)
    has_large = int in kinds or b"9e" in alike or _HUGE_NUMBER in alike
    numbers = [each for row in rows for each in row if type(each) is not str] if has_large else ()
    # only an escape makes a letter of what JSON itself refuses
    if rb"\u" in text or (numbers and max(max(numbers), -min(numbers)) > MAX_INTEGER):
        check(rows)
    return rows


def load(text: bytes | str) -> Any:
    """The JSON value in `text`, its parts unchecked: for a caller that gives each part to `check`, so that one bad part
    does not refuse the rest. Raises `InvalidInput` for what is not JSON."""
    return _load(text)


def load_cut(text: str) -> Any:
    """The JSON in a text that was cut short, as far as it is whole, its parts unchecked; None where nothing is."""
    try:
        return _load(text, partly=True)
    except InvalidInput:
        return None


def _load(text: bytes | str, partly: bool = False) -> Any:
    try:
        return from_json(text, allow_inf_nan=False, allow_partial=partly)
    except ValueError as error:
        # a text that ends early may end within a letter
        if partly and "recursion" not in str(error):
            return None
        raise InvalidInput("", f"is not valid JSON: {_reason(error)}") from None


def bound(text: bytes, most: int) -> None:
    """Raises `InvalidInput` for JSON of more than `most` values and names, of which nothing is made yet."""
    # an estimate that is never too low, and far quicker: large texts and base64 hold none of these signs
    if len(text) > most and most_values(text) > most:
        # what is nested too deeply at its beginning needs no count
        _load(text[:PREFIX], partly=True)
        _count(text, most)


def most_values(text: bytes) -> int:
    """How many values and names JSON holds at most."""
    return text.count(b'"') // 2 + text.count(b",") + text.count(b"[") + text.count(b"{") + 1


def _count(text: bytes, most: int) -> None:
    # what stands in strings does not count, each of which counts as one
    count, end = 1, 0
    for found in _STRING.finditer(text):
        count += 1 + sum(text.count(sign, end, found.start()) for sign in _SIGNS)
        end = found.end()
        if count > most:
            break
    if count + sum(text.count(sign, end) for sign in _SIGNS) > most:
        raise InvalidInput("", f"holds more than {most} values and names")


def _is_suspect(text: bytes | str) -> bool:
    """Whether `check` could find anything in the value: only an escape, a long number, an exponent or many brackets may
    be at fault. Looking at the bytes is far quicker than walking through the value, and almost all values pass."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    # byte by byte in C: a regular expression takes ten times as long
    alike = raw.translate(_ALIKE)
    has_odd_value = rb"\u" in alike or b"9e" in alike or _LONG_NUMBER in alike
    return has_odd_value or raw.count(b"[") + raw.count(b"{") > MAX_DEPTH


def check(value: JsonValue, path: str = "", depth: int = 0) -> None:
    """Raises `InvalidInput` where PostgreSQL or another reader could not hold it: NUL, a lone surrogate, infinity, a
    huge integer, too many levels. `path` and `depth` say where in a larger value this one stands."""
    if depth > MAX_DEPTH:
        raise InvalidInput(path, f"is nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key, path)
            check(item, f"{path}.{key}" if path else key, depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            check(item, f"{path}.{index}" if path else str(index), depth + 1)
    elif isinstance(value, (int, float)):
        _check_number(value, path)


def clean(text: str) -> str:
    """`text` with what PostgreSQL cannot store (NUL, lone surrogates) replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def cleaned(texts: Sequence[str]) -> Sequence[str]:
    """Each of the texts, clean."""
    # hardly any page has a text that is not
    return [clean(text) for text in texts] if _UNSTORABLE.search("".join(texts)) else texts


def retry_after(value: str) -> float:
    """Seconds that a Retry-After header (RFC 9110, 10.2.3) asks for; 0 where it asks for none."""
    # RFC 9110 allows seconds or a date
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        return max((parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return 0.0


def _check_text(text: str, path: str) -> None:
    if _UNSTORABLE.search(text):
        raise InvalidInput(path, "holds a NUL or a lone surrogate, which cannot be stored")


def _check_number(number: float, path: str) -> None:
    # 1e400 is written as a number and read as infinity
    if isinstance(number, float) and not math.isfinite(number):
        raise InvalidInput(path, "is a number too large to hold")
    if isinstance(number, int) and abs(number) > MAX_INTEGER:
        raise InvalidInput(path, "is an integer beyond 64 bits")


def _reason(error: ValueError) -> str:
    """The parser's reason without its quotation of the input."""
    return re.sub(r"['\"`].*['\"`]", "…", str(error))[:200]
