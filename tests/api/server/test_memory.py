"""What a request leaves behind: nothing that waits for Python's search for garbage, which takes time from others."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from ix.api.middleware.admission import AdmissionControl
from tests.api.server.test_protocol import PATIENT, serving

REQUESTS = 50
READ = b"POST /read HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nhello"


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
async def test_a_request_leaves_no_ring_of_references() -> None:
    async with serving(PATIENT, around=lambda app: AdmissionControl(app, PATIENT)) as served:
        connection = await served.connect()
        for _ in range(REQUESTS):
            connection.write(READ)
            assert await connection.answer() == (200, b"5")
        # a ring has at least two objects
        assert gc.collect() < REQUESTS
