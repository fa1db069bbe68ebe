"""One receipt's way through the service, in the real models, so that an example cannot say what the service does
not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ix.database.deliveries import Delivery
from ix.database.jobs import Attempt, Counts
from ix.database.pages import PageHead
from ix.job import Batch, BatchJobs, BatchStatus, CallbackStatus, DocumentRef, Job, JobHead, Request, Response, Status

IX_ID = "00000000017f3a9c"
ERASE_AT = datetime(2026, 11, 2, 10, 30, 0, tzinfo=UTC)
_CREATED = datetime(2026, 11, 2, 9, 30, 0, tzinfo=UTC)
_STARTED = datetime(2026, 11, 2, 9, 30, 0, 4200, tzinfo=UTC)
_FINISHED = datetime(2026, 11, 2, 9, 30, 2, 311000, tzinfo=UTC)
_RECEIVER = "https://books.example.com/ix"

PENDING = Job(
    ix_id=IX_ID,
    client_id="me",
    request_id="r-1",
    use_case="receipt",
    status=Status.PENDING,
    attempts=0,
    created_at=_CREATED,
    started_at=None,
    finished_at=None,
    callback_url=_RECEIVER,
    callback_status=None,
    request=Request(
        documents=(
            DocumentRef(
                name="receipt.jpg",
                media_type="image/jpeg",
                sha256="2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                size=48_113,
            ),
        )
    ),
    response=None,
)
DONE = PENDING.model_copy(
    update={
        "status": Status.DONE,
        "attempts": 1,
        "started_at": _STARTED,
        "finished_at": _FINISHED,
        "callback_status": CallbackStatus.PENDING,
        "response": Response(
            result={"company": "Corner Shop Ltd", "date": "2026-11-02", "total": 20.21},
            evidence={
                "company": None,
                "date": None,
                "total": {
                    "method": "extract",
                    "match": "exact",
                    "document": 0,
                    "page": 1,
                    "quote": "20.21",
                    "boxes": [[0.6908, 0.6344, 0.8192, 0.6739]],
                    "confidence": 0.96,
                },
            },
            timings={"read": 1.9, "ask": 0.1},
            usage={"model": "rules", "pages": 1},
        ),
    }
)
CANCELLED = PENDING.model_copy(
    update={"status": Status.CANCELLED, "finished_at": _FINISHED, "callback_status": CallbackStatus.PENDING}
)
COUNTS = Counts(
    status={**{status.value: 0 for status in Status}, "done": 812, "error": 3},
    errors={"document_unreadable": 3},
    review={"needed": 14, "straight": 790},
)
ATTEMPT = Attempt(
    n=1,
    engine="engine-1",
    started_at=_FINISHED - timedelta(seconds=2),
    ended_at=_FINISHED,
    outcome="lost",
    cause="the engine died",
)
OPEN_BATCH = Batch(
    client_id="me",
    batch_id="october",
    status=BatchStatus.OPEN,
    callback_url=_RECEIVER,
    callback_status=None,
    created_at=_CREATED,
    closed_at=None,
    ended_at=None,
    jobs=BatchJobs(total=0, status={}, at_least=False),
)
CLOSED_BATCH = OPEN_BATCH.model_copy(
    update={
        "status": BatchStatus.CLOSED,
        "closed_at": _CREATED,
        "jobs": BatchJobs(total=500, status={"done": 420, "error": 3, "running": 8, "pending": 69}, at_least=False),
    }
)
ENDED_BATCH = CLOSED_BATCH.model_copy(
    update={
        "status": BatchStatus.ENDED,
        "callback_status": CallbackStatus.PENDING,
        "ended_at": _FINISHED,
        "jobs": BatchJobs(total=500, status={"done": 494, "error": 6}, at_least=False),
    }
)
HEAD = JobHead.model_validate(DONE.model_dump(include=set(JobHead.model_fields)))
DELIVERY = Delivery(
    delivery_id="msg_00000000000000000000000000000b07",
    ix_id=IX_ID,
    url=_RECEIVER,
    status=CallbackStatus.DELIVERED,
    attempts=1,
    outcome="200",
    created_at=_FINISHED,
    due_at=_FINISHED,
    ended_at=datetime(2026, 11, 2, 9, 30, 2, 498000, tzinfo=UTC),
)
OWED = DELIVERY.model_copy(update={"status": CallbackStatus.PENDING, "attempts": 0, "outcome": None, "ended_at": None})

PAGE = PageHead(
    document=0,
    page=1,
    width=595.3,
    height=841.9,
    rotation=0,
    source="ocr",
    confidence=0.97,
    hidden=0,
    warnings=[],
)
WORDS = [["TOTAL", 0.61, 0.6344, 0.6791, 0.6739, 0.99, False], ["20.21", 0.6908, 0.6344, 0.8192, 0.6739, 0.96, False]]

SUBMISSIONS = {
    "receipt": {
        "client_id": "me",
        "request_id": "r-1",
        "use_case": "receipt",
        "documents": [{"name": "receipt.txt", "text": "CORNER SHOP LTD\nDate 02/11/2026\nTOTAL 20.21\n"}],
    },
    "own shape": {
        "client_id": "me",
        "request_id": "r-2",
        "use_case": "custom",
        "documents": [{"text": "Table 7\nDate 05/03/2024\nTotal 12.50\n"}],
        "options": {
            "schema": {"type": "object", "properties": {"table": {"type": "integer"}, "total": {"type": "number"}}}
        },
    },
}
BATCHES = {"two jobs": {"jobs": list(SUBMISSIONS.values())}}
BATCH_ANSWER = {
    "jobs": [
        {"status": 201, "job": PENDING},
        {
            "status": 422,
            "problem": {
                "type": "about:blank",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "use_case: is unknown; choose one of custom, receipt",
                "errors": [{"field": "use_case", "message": "is unknown; choose one of custom, receipt"}],
            },
        },
    ]
}
RETRIES = {
    "nothing": {},
    "a password": {"passwords": ["open sesame", None]},
    "a review": {"discard_review": True},
}
FORMS = {
    "files": {"client_id": "me", "request_id": "r-3", "use_case": "receipt", "documents": ["examples/receipt.jpg"]},
}
