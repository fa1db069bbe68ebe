"""A pytest plug-in: with IX_FAIL_ON_SKIP=1 a test that is skipped fails, saying why it was skipped, so that a run of
`make test-all` means that everything was tested."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

FAIL_ON_SKIP = os.environ.get("IX_FAIL_ON_SKIP") == "1"
MAY_SKIP = {
    "tests/api/test_schema_fuzz.py::test_requests_were_many_and_came_through": "counts what the other tests sent, and "
    "is skipped where another process ran them",
    "tests/extraction/test_accuracy.py": "the labelled documents belong to others and are not in the repository",
    "tests/extraction/test_reader.py::test_rotated_scans_of_others_read_upright": "the same documents",
    "tests/extraction/einvoice/test_mapping.py::test_no_real_invoice_loses_a_value": "the same documents",
    "tests/extraction/einvoice/test_mapping.py::test_another_reader_says_the_same": "the same documents",
    "tests/extraction/models/test_parts.py::test_recorded_answers_are_read": "answers that others recorded, likewise",
    "tests/cli/test_doctor.py::TestAll::test_the_embedded_database_is_examined_where_it_runs": "asks the "
    "embedded server, where IX_TEST_DATABASE_URL names no other",
}
"""Tests that cannot run everywhere, however the machine is set up, and why."""
NEEDS_OTHER_MACHINE = ("the processor does not multiply bfloat16", "onnxruntime has no CUDA here")
"""The reasons of skips that only another machine helps against."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    is_skipped = report.skipped and not hasattr(report, "wasxfail")
    may = item.nodeid.startswith(tuple(MAY_SKIP)) or (
        is_skipped and any(why in _reason(report) for why in NEEDS_OTHER_MACHINE)
    )
    if FAIL_ON_SKIP and is_skipped and not may:
        report.outcome = "failed"
        report.longrepr = f"IX_FAIL_ON_SKIP=1, and this test was skipped: {_reason(report)}"
    return report


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
