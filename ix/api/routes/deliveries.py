"""`GET /jobs/{id}/deliveries` and `POST /jobs/{id}/deliveries`: what became of a job's callbacks, and once more."""

from __future__ import annotations

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ix.api.lookup import head_or_404, result_erased
from ix.api.openapi.examples import DELIVERY, OWED
from ix.api.openapi.operation import Answer, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND, RESULT_ERASED, problem
from ix.api.problems import Problem
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.deliveries import Delivery


class DeliveryList(BaseModel):
    """A job's deliveries, oldest first."""

    deliveries: list[Delivery]


@operation(
    "List a job's callbacks",
    "deliveries",
    Answer(200, "The deliveries", DeliveryList, example=DeliveryList(deliveries=[DELIVERY])),
    NOT_FOUND,
    parameters=[IX_ID],
)
async def show(request: Request) -> Response:
    """Each callback of the job with its state, its tries, and what the last one came to; oldest first."""
    job = await head_or_404(request)
    found = await services_of(request).database.deliveries.of_job(job.ix_id)
    return Response(DeliveryList(deliveries=found).model_dump_json(), media_type="application/json")


@operation(
    "Send a job's callback again",
    "deliveries",
    Answer(202, "The delivery: a new one, or the one that is pending already", Delivery, example=OWED),
    NOT_FOUND,
    RESULT_ERASED,
    problem(409, "The job has not ended, or names no address", "the job was submitted without a callback_url"),
    parameters=[IX_ID],
)
async def resend(request: Request) -> Response:
    """A new delivery, tried at once and then by schedule like the first. While one is pending it is that one: a job has
    one delivery under way at a time, and what is ordered during a try follows its end."""
    job = await head_or_404(request)
    if job.results_erased is not None:
        raise result_erased(job.results_erased)
    delivery = await services_of(request).database.deliveries.resend(job.ix_id)
    if delivery is None:
        raise Problem(
            409, "the job has not ended" if job.callback_url else "the job was submitted without a callback_url"
        )
    return Response(delivery.model_dump_json(), 202, media_type="application/json")


ROUTES = [
    Route("/jobs/{ix_id}/deliveries", show, methods=["GET"]),
    Route("/jobs/{ix_id}/deliveries", resend, methods=["POST"]),
]
