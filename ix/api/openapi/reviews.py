"""A review of the receipt of `ix.api.openapi.examples`, in the real models: its total was put right and approved."""

from __future__ import annotations

from datetime import UTC, datetime

from ix.api.openapi.examples import DONE, IX_ID
from ix.api.reviewing.models import Checked, Leased, Picked, Review, Sum
from ix.database.reviews import Bar, BarField, BarPoint, Correction, Decided, Lease
from ix.job import Point

_AT = datetime(2026, 11, 2, 14, 2, 0, tzinfo=UTC)
_LEASE = Lease(by="Anna Weber", until=datetime(2026, 11, 2, 14, 7, 0, tzinfo=UTC))
_PLACE = {
    "method": "extract",
    "match": "exact",
    "document": 0,
    "page": 1,
    "quote": "20.21",
    "boxes": [[0.6908, 0.6344, 0.8192, 0.6739]],
    "confidence": 1.0,
    "source": "person",
}
_POINT = Point(
    path="total",
    kind="doubt",
    code="value_unsure",
    message="total was read with low confidence (0.45)",
    params={"field": "total", "confidence": 0.45, "bar": 0.6},
)
_RESPONSE = DONE.model_dump(mode="json")["response"]

REVIEW = Review(
    ix_id=IX_ID,
    state="leased",
    version=1,
    lease=_LEASE,
    decided=None,
    points=[],
    corrections=[
        Correction(
            path="total", op="set", value=20.21, was=2021, evidence=_PLACE, row=None, to=None, by="Anna Weber", at=_AT
        )
    ],
    confirmed=["date"],
    touched=["total"],
    result=_RESPONSE["result"],
    evidence={**_RESPONSE["evidence"], "total": _PLACE},
    warnings=[],
)
APPROVED = REVIEW.model_copy(
    update={
        "state": "approved",
        "version": 2,
        "lease": None,
        "decided": Decided(state="approved", by="Anna Weber", at=_AT, note=""),
    }
)
CHANGES = {
    "a value": {"changes": [{"path": "total", "value": 20.21, "evidence": _PLACE}]},
    "right as it is": {"changes": [{"path": "date", "confirmed": True}]},
    "rows": {
        "changes": [
            {"path": "items", "op": "insert", "at": 0, "value": {"description": "Apples", "amount": 3.5}},
            {"path": "items", "op": "remove", "at": 1},
        ]
    },
}
DECISIONS = {"right": {"state": "approved"}, "wrong": {"state": "rejected", "note": "another document's page"}}
LEASED = Leased(ix_id=IX_ID, lease=_LEASE)
NEXT = {"any": {}, "receipts": {"where": {"use_case": "receipt"}, "skip": [IX_ID]}}
CHECKS = {"a total": {"result": {"company": "Corner Shop Ltd", "date": "2026-11-02", "total": 20.21}}}
CHECKED = Checked(warnings=[], points=[_POINT], sums=[Sum(path="total", terms=["net", "tax"], holds=True)])
PICKS = {
    "words": {"path": "total", "words": [[0, 1, 1]]},
    "typed": {"path": "total", "text": "1.234,50", "language": "de"},
}
PICKED = Picked(value=20.21, quote="20.21", evidence=_PLACE)
BAR = Bar(fields=[BarField(path="total", points=[BarPoint(bar=0.6, passed=88, wrong=2, of=100)])], of=100)
