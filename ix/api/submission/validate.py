"""From a request body, JSON or multipart, to a validated `Submission`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request

from ix import untrusted
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.submission.body import JSON, MULTIPART, _body, _from_form, _from_json, _media_type, _stored
from ix.api.submission.models import DocumentIn, SubmissionIn, _Payloads
from ix.config import Settings
from ix.database.keys import EVERYBODY, Caller
from ix.errors import InvalidInput
from ix.job import DocumentRef, Json, Submission
from ix.job import Request as JobRequest
from ix.outbound import check_address
from ix.telemetry import tracing
from ix.use_cases import UseCase


async def read(
    request: Request, settings: Settings, use_cases: Mapping[str, UseCase], caller: Caller = EVERYBODY
) -> Submission:
    """The submission in a request. Raises `Problem`: 400, 403, 413, 415 or 422."""
    declared = _media_type(request)
    if declared == JSON:
        payload, files = await _from_json(request, settings), list[tuple[DocumentRef, bytes]]()
    elif declared == MULTIPART:
        payload, files = await _from_form(request, settings)
    else:
        raise Problem(415, f"content-type: send {JSON} or {MULTIPART}", headers={"accept": f"{JSON}, {MULTIPART}"})
    _check_client(payload, caller)
    return _submission(payload, files, settings, use_cases)


async def read_many(request: Request, settings: Settings) -> list[Json]:
    """What a request says of each of its jobs, not judged yet. Raises `Problem`: 400, 413, 415 or 422."""
    if _media_type(request) != JSON:
        raise Problem(415, f"content-type: send {JSON}", headers={"accept": JSON})
    try:
        payloads = _Payloads.model_validate(untrusted.load(await _body(request))).jobs
    except InvalidInput as error:
        raise invalid(error, 400) from None
    except ValidationError as error:
        raise invalid_fields(error) from None
    if len(payloads) > settings.max_batch:
        raise invalid(InvalidInput("jobs", f"are more than {settings.max_batch} (IX_MAX_BATCH)"))
    return payloads


def judged(
    payload: Json, settings: Settings, use_cases: Mapping[str, UseCase], caller: Caller = EVERYBODY
) -> Submission:
    """The submission in one of them. Raises `Problem`: 403, 413 or 422."""
    try:
        untrusted.check(payload)
    except InvalidInput as error:
        raise invalid(error) from None
    _check_client(payload, caller)
    return _submission(payload, [], settings, use_cases)


def _check_client(payload: Any, caller: Caller) -> None:
    """A key decides the client; a submission need not repeat it, and may not contradict it."""
    if caller.client_id is None or not isinstance(payload, dict):
        return
    if payload.setdefault("client_id", caller.client_id) != caller.client_id:
        raise invalid(InvalidInput("client_id", "is not the one of this key; leave it out"), 403)


def _submission(
    payload: Any, files: list[tuple[DocumentRef, bytes]], settings: Settings, use_cases: Mapping[str, UseCase]
) -> Submission:
    try:
        given = SubmissionIn.model_validate(payload)
    except ValidationError as error:
        raise invalid_fields(error) from None
    use_case = _use_case(given, use_cases)
    documents = [_document(index, document, settings) for index, document in enumerate(given.documents)] + files
    if len(documents) > settings.max_documents:
        raise invalid(InvalidInput("documents", f"are more than {settings.max_documents} (IX_MAX_DOCUMENTS)"))
    _check_sizes(documents, settings)
    _check_callback(given.callback_url, settings)
    return Submission(
        client_id=given.client_id,
        request_id=given.request_id,
        use_case=given.use_case,
        request=JobRequest(documents=tuple(ref for ref, _ in documents), options=given.options),
        callback_url=given.callback_url,
        priority=given.priority,
        run_at=given.run_at,
        max_attempts=use_case.max_attempts or settings.max_attempts,
        trace=trace.line() if (trace := tracing.current()) else None,
        blobs={ref.sha256: data for ref, data in documents if ref.sha256 is not None},
    )


def _use_case(given: SubmissionIn, use_cases: Mapping[str, UseCase]) -> UseCase:
    use_case = use_cases.get(given.use_case)
    if use_case is None:
        raise invalid(InvalidInput("use_case", f"is unknown; choose one of {', '.join(sorted(use_cases))}"))
    try:
        use_case.request.model_validate(given.options)
    except ValidationError as error:
        raise invalid_fields(error, "options") from None
    return use_case


def _document(index: int, given: DocumentIn, settings: Settings) -> tuple[DocumentRef, bytes]:
    field = f"documents.{index}"
    try:
        data = given.content()
        if data is None:
            check_address(given.url or "", settings)
            return DocumentRef(name=given.name, media_type=given.media_type, url=given.url), b""
    except InvalidInput as error:
        raise invalid(InvalidInput(f"{field}.{error.field or 'url'}", error.message)) from None
    return _stored(data, given.name, given.media_type or ("text/plain" if given.text is not None else ""))


def _check_sizes(documents: list[tuple[DocumentRef, bytes]], settings: Settings) -> None:
    for index, (ref, data) in enumerate(documents):
        if ref.sha256 is not None and not data:
            raise invalid(InvalidInput(f"documents.{index}", "is empty"))
        if len(data) > settings.max_document_bytes:
            raise Problem(
                413, f"documents.{index}: is larger than {settings.max_document_bytes} bytes (IX_MAX_DOCUMENT_BYTES)"
            )


def _check_callback(url: str | None, settings: Settings) -> None:
    if url is not None:
        try:
            check_address(url, settings)
        except InvalidInput as error:
            raise invalid(InvalidInput("callback_url", error.message)) from None
