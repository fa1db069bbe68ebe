"""The only door for untrusted JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from ix import untrusted
from ix.errors import InvalidInput

STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_what_json_can_hold_passes_unchanged(value: object) -> None:
    assert untrusted.parse(to_json(value)) == value


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b'{"a": "x\\u0000y"}', "a"),
        (b'{"a": {"b\\u0000": 1}}', "a"),
        (b'[1, {"a": 1e400}]', "1.a"),
        (b'{"a": -1e999}', "a"),
        (b'{"a": 9223372036854775808}', "a"),
        (b"[" * 70 + b"]" * 70, ".".join("0" * 65)),
    ],
)
def test_what_cannot_be_stored_is_refused_with_its_path(text: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        untrusted.parse(text)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "text", [b"", b"{", b"NaN", b"[Infinity]", b'"\\ud800"', b'"\xff"', b"\xef\xbb\xbf{}", b"[" * 100_000, b"9" * 5000]
)
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidInput):
        untrusted.parse(text)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
)
NUMBERS = [
    "1e400",
    "-1E+999",
    "1.5e308",
    "2.0e5",
    f"{2**63 - 1}",
    f"{2**63}",
    f"-{2**63 + 1}",
    "1" * 400,
    "0." + "1" * 400,
]
ESCAPES = ['"\\u0000"', '"\\ud83d\\ude00"', '{"\\u0000": 1}', '"[[["']
DEEP = ["[" * 63 + "]" * 63, "[" * 66 + "]" * 66, '{"a":' * 65 + "1" + "}" * 65]
ODD = st.sampled_from(NUMBERS + ESCAPES + DEEP)
PLAIN = ANYTHING.map(lambda value: json.dumps(value, ensure_ascii=False))


@given(PLAIN | ANYTHING.map(json.dumps) | st.lists(ODD).map(",".join).map("[{}]".format))
def test_the_quick_look_misses_nothing_that_the_exact_one_finds(text: str) -> None:
    for written in (text, text.encode()):
        assert refusal(untrusted.parse, written) == refusal(exactly, written)


def exactly(text: str | bytes) -> None:
    untrusted.check(untrusted.load(text))


def refusal(judge: Callable[[str | bytes], object], text: str | bytes) -> str | None:
    try:
        judge(text)
    except InvalidInput as error:
        return str(error)
    return None


@pytest.mark.parametrize("text", [b"[]", b'[["a [b] {c}",0.5,1e-05,-3,true],["b"]]', rb'[["\u00e9"]]'])
def test_a_table_is_a_list_of_lists_of_texts_and_numbers(text: bytes) -> None:
    assert untrusted.parse_table(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        b"[",
        b"{}",
        b'["ab"]',
        b'[["a",[1]]]',
        b'[["a",{}]]',
        b"[[null]]",
        b"[[1e400]]",
        b"[[-1e400]]",
        b"[[9223372036854775808]]",
        rb'[["\u0000"]]',
    ],
)
def test_what_is_no_such_table_or_cannot_be_stored_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidInput):
        untrusted.parse_table(text)


def test_a_refusal_does_not_repeat_the_input() -> None:
    with pytest.raises(InvalidInput) as refused:
        untrusted.parse(b'{"secret-canary" 1}')
    assert "canary" not in str(refused.value)


def test_clean_replaces_what_cannot_be_stored() -> None:
    assert untrusted.clean("a\x00b\ud800c") == "a\ufffdb\ufffdc"


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("value", "seconds"), [("120", 120), (" 7 ", 7), ("0", 0), ("soon", 0), ("", 0), ("-5", 0), ("1.5", 0)]
    )
    def test_seconds(self, value: str, seconds: float) -> None:
        assert untrusted.retry_after(value) == seconds

    def test_a_date(self) -> None:
        later = datetime.now(UTC) + timedelta(seconds=600)
        assert 590 <= untrusted.retry_after(format_datetime(later, usegmt=True)) <= 600
        assert untrusted.retry_after(format_datetime(later - timedelta(days=1), usegmt=True)) == 0

    @pytest.mark.parametrize(
        "value",
        [
            "\u00b2",
            "\u0663",
            "Mon, 01 Jan 99999999999 00:00:00 GMT",
            "Mon, 99999999999999999999 Jan 2030 00:00:00 GMT",
            "Mon, 01 Jan 2030 00:00:00 +99999999999999",
            "Mon, 01 Jan 2030 00:00:00 -0000",
        ],
    )
    def test_what_is_neither_asks_for_nothing(self, value: str) -> None:
        assert untrusted.retry_after(value) == 0

    @given(st.text(st.characters(max_codepoint=255)))
    def test_whatever_is_sent_it_is_a_number_of_seconds(self, value: str) -> None:
        assert untrusted.retry_after(value) >= 0


class TestBound:
    @pytest.mark.parametrize(
        ("text", "values"),
        [
            (b"1", 1),
            (b"[1,2,3]", 4),
            (b"[[],[],{}]", 7),
            (b'["a,b","[[",",\\",]"]', 7),
            (b'{"a":1,"b":[]}', 6),
        ],
    )
    def test_counts_values_and_names_outside_of_strings(self, text: bytes, values: int) -> None:
        """Never fewer than there are: a container and its first value count both."""
        untrusted.bound(text, values)
        with pytest.raises(InvalidInput, match="values and names"):
            untrusted.bound(text, min(values - 1, len(text) - 1) if values > 1 else 0)

    def test_text_is_no_values(self) -> None:
        untrusted.bound(b'["' + b'a,[{\\"b\\\\' * 1000 + b'"]', 10)

    def test_what_is_nested_too_deeply_is_no_json(self) -> None:
        with pytest.raises(InvalidInput, match="not valid JSON"):
            untrusted.bound(b'{"a":' * 5000, 10)
