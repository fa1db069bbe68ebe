"""Use cases of one's own, from a folder and from an installed package, in a service that knows nothing of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ix.client import Client
from ix.job import Job

NOTE = """Nordwind Logistics Ltd
Weighing slip no: LN-4711
Delivered on: 2024-03-05

Article        Quantity   Weight
Copper wire    3          12.5
Steel bolts    40         7.5

Total weight: 20.0
"""
CARD = "Meter number: 7741-2239\nRead on: 2024-03-05\nMeter reading: 10482\n"
BILL = "Blue Kettle Ltd\nTable 7\nTotal 12.50\n"


@pytest.fixture(scope="module")
def client(service_url: str) -> Iterator[Client]:
    with Client(service_url, "examples") as client:
        yield client


def answered(client: Client, use_case: str, text: str, **options: object) -> Job:
    (job,) = client.submit_many([{"use_case": use_case, "documents": [{"text": text}], "options": options}])
    assert isinstance(job, Job), job
    ended = client.wait(job, seconds=60)
    assert ended.status == "done", ended.response
    return ended


def result(job: Job) -> Any:
    assert job.response is not None
    return job.response.result


def test_what_can_be_asked_for_has_all_three(client: Client) -> None:
    described = {one.name: one for one in client.use_cases()}
    assert {"weighing_slip", "meter_reading", "expected_total"} <= set(described)
    assert described["meter_reading"].description == "Reads a card with the reading of a meter"
    assert "expected" in described["expected_total"].options["properties"]
    assert described["weighing_slip"].result is not None


def test_a_package(client: Client) -> None:
    job = answered(client, "weighing_slip", NOTE)
    found = result(job)
    assert (found["number"], found["delivered_on"], found["total_weight"]) == ("LN-4711", "2024-03-05", 20.0)
    assert [line["weight"] for line in found["lines"]] == [12.5, 7.5]


def test_a_schema_in_a_folder(client: Client) -> None:
    assert result(answered(client, "meter_reading", CARD)) == {
        "meter_number": "7741-2239",
        "read_on": "2024-03-05",
        "reading": 10482,
    }


@pytest.mark.parametrize(("expected", "warned"), [(12.5, False), (13, True), (None, False)])
def test_a_python_file_in_a_folder(client: Client, expected: float | None, warned: bool) -> None:
    job = answered(client, "expected_total", BILL, expected=expected)
    assert result(job) == {"total": 12.5}
    assert job.response is not None
    assert ("total_unexpected" in [finding.code for finding in job.response.warnings]) == warned
