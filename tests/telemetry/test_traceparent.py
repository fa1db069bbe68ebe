"""Trace contexts on the wire, by the rules and the examples of the W3C Recommendation and of its test suite."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.telemetry.traceparent import MAX_STATE, Trace, read, stored

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PARENT = f"00-{TRACE}-{SPAN}-01"


@pytest.mark.parametrize(
    ("parent", "flags"),
    [
        (PARENT, 1),
        (f"00-{TRACE}-{SPAN}-00", 0),
        (f"00-{TRACE}-{SPAN}-ff", 1),
        (f"00-{TRACE}-{SPAN}-02", 0),
        (f"01-{TRACE}-{SPAN}-01", 1),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like", 1),
    ],
)
def test_a_parent_is_read_and_only_the_flag_that_is_known_is_kept(parent: str, flags: int) -> None:
    assert read([parent]) == Trace(TRACE, SPAN, flags)


@pytest.mark.parametrize(
    "parent",
    [
        "",
        TRACE,
        f"ff-{TRACE}-{SPAN}-01",
        f"0-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-1",
        f"00-{TRACE}-{SPAN}-0x",
        f"00-{TRACE}-{SPAN}-01-extra",
        f"00-{TRACE}-{SPAN}-01-",
        f"cc-{TRACE}-{SPAN}-01.extra",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE[:-1]}.-{SPAN}-01",
        f"{PARENT}\n",
        f" {PARENT}",
    ],
    ids=repr,
)
def test_a_malformed_parent_counts_as_not_sent(parent: str) -> None:
    assert read([parent], ["a=1"]) is None


def test_two_parents_are_none() -> None:
    assert read([PARENT, PARENT]) is None
    assert read([]) is None


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ([], ""),
        (["foo=1,bar=2"], "foo=1,bar=2"),
        (["foo=1", "bar=2"], "foo=1,bar=2"),
        (["foo=1 \t , \t bar=2, "], "foo=1,bar=2"),
        (["foo=1,,bar=2"], "foo=1,bar=2"),
        (["fw529a3039@dt=FfzTBm,0a@b=x y"], "fw529a3039@dt=FfzTBm,0a@b=x y"),
        (["foo=1,foo=2"], ""),
        (["foo"], ""),
        (["foo="], ""),
        (["FOO=1"], ""),
        (["foo=b=r"], ""),
        (["foo@=1"], ""),
        (["a" * 257 + "=1"], ""),
        (["foo=" + "v" * 257], ""),
        ([",".join(f"k{n}=1" for n in range(32))], ",".join(f"k{n}=1" for n in range(32))),
        ([",".join(f"k{n}=1" for n in range(33))], ""),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_state_is_read_whole_or_dropped(values: list[str], state: str) -> None:
    assert read([PARENT], values) == Trace(TRACE, SPAN, 1, state)


def test_of_a_state_that_is_too_long_the_long_members_go_first_and_then_the_last() -> None:
    short = [f"k{n}={'v' * 60}" for n in range(10)]
    found = read([PARENT], [",".join([f"long={'v' * 200}", *short])])
    assert found is not None
    assert found.state == ",".join(short[:8])
    assert len(found.state) <= MAX_STATE


def test_a_child_is_another_place_in_the_same_trace() -> None:
    trace = Trace(TRACE, SPAN, 1, "foo=1")
    child = trace.child()
    assert child.span_id != trace.span_id
    assert child._replace(span_id=SPAN) == trace
    assert read([child.headers()["traceparent"]], ["foo=1"]) == child


@pytest.mark.parametrize("trace", [Trace(TRACE, SPAN), Trace(TRACE, SPAN, 1, "a=x y,b=2")])
def test_what_is_stored_comes_back(trace: Trace) -> None:
    assert stored(trace.line()) == trace
    assert stored(None) is None


@given(st.lists(st.text(), max_size=2), st.lists(st.text(), max_size=3))
def test_nothing_that_a_client_sends_raises(parents: list[str], states: list[str]) -> None:
    read(parents, states)
    read([PARENT], states)
