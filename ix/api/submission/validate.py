"""From a payload and files to a validated `Submission`: every field at fault is named, no refused value is repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import SecretStr, ValidationError

from ix import untrusted
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.submission.models import DocumentIn, SubmissionIn
from ix.config import Settings
from ix.database.keys import Caller
from ix.errors import InvalidInput
from ix.job import DocumentRef, Json, Request, Submission, assembled
from ix.outbound import check_address
from ix.telemetry import tracing
from ix.use_cases import SchemaBudget, UseCase


class Document(NamedTuple):
    """A document, its bytes, which are empty where the engine fetches it, and its password."""

    ref: DocumentRef
    data: bytes
    password: SecretStr | None = None


def validated(
    payload: Any,
    files: Sequence[Document],
    settings: Settings,
    use_cases: Mapping[str, UseCase],
    caller: Caller,
    budget: SchemaBudget | None = None,
) -> Submission:
    """The submission that a payload means. `files` come after the documents that the payload itself carries; `budget`
    is what schemas in the options may cost. Raises `Problem`: 403, 413 or 422."""
    check_client(payload, caller)
    given = _given(payload)
    use_case = _use_case(given, use_cases, caller, budget)
    documents = _documents(given, files, settings)
    if given.callback_url is not None:
        check_callback(given.callback_url, settings)
    return Submission(
        client_id=given.client_id,
        request_id=given.request_id,
        use_case=given.use_case,
        request=assembled(Request, {"documents": tuple([one.ref for one in documents]), "options": given.options}),
        callback_url=given.callback_url,
        priority=given.priority,
        precedes=caller.precedes,
        run_at=given.run_at,
        max_attempts=use_case.max_attempts or settings.max_attempts,
        tags=given.tags or None,
        batch_id=given.batch_id,
        trace=trace.line() if (trace := tracing.current()) else None,
        blobs={one.ref.sha256: one.data for one in documents if one.ref.sha256 is not None},
        passwords={at: one.password for at, one in enumerate(documents) if one.password is not None},
    )


def validated_raw(
    payload: Json,
    settings: Settings,
    use_cases: Mapping[str, UseCase],
    caller: Caller,
    budget: SchemaBudget | None = None,
) -> Submission:
    """The submission that one of a batch's payloads means, whose JSON was not checked yet. Raises `Problem`: 403, 413
    or 422."""
    try:
        untrusted.check(payload)
    except InvalidInput as error:
        raise invalid(error) from None
    return validated(payload, (), settings, use_cases, caller, budget)


def stored_document(
    data: bytes, name: str, media_type: str, pages: str = "", password: SecretStr | None = None
) -> Document:
    """A document whose bytes ix stores, under their SHA-256. Name and media type are cut to the lengths that
    `DocumentIn` allows."""
    ref = DocumentRef(
        name=name[:255],
        media_type=media_type[:100],
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        pages=pages,
        with_password=password is not None,
    )
    return Document(ref, data, password)


def check_client(payload: Any, caller: Caller) -> None:
    """A key decides the client; a submission need not repeat it, and may not contradict it."""
    if caller.client_id is None or not isinstance(payload, dict):
        return
    if payload.setdefault("client_id", caller.client_id) != caller.client_id:
        raise invalid(InvalidInput("client_id", "is not the one of this key; leave it out"), 403)


def _given(payload: Any) -> SubmissionIn:
    try:
        return SubmissionIn.model_validate(payload)
    except ValidationError as error:
        raise invalid_fields(error) from None


def _use_case(
    given: SubmissionIn, use_cases: Mapping[str, UseCase], caller: Caller, budget: SchemaBudget | None
) -> UseCase:
    use_case = use_cases.get(given.use_case)
    if use_case is None:
        known = ", ".join(name for name in sorted(use_cases) if caller.knows(name))
        raise invalid(InvalidInput("use_case", f"is unknown; choose one of {known}"))
    if not caller.knows(given.use_case):
        raise invalid(InvalidInput("use_case", f"the key may not ask for {given.use_case}"), 403)
    try:
        # looked at and not kept: options are stored as they came, and a repetition is known by these
        use_case.request.model_validate(given.options, context=budget)
    except ValidationError as error:
        raise invalid_fields(error, "options") from None
    return use_case


def _documents(given: SubmissionIn, files: Sequence[Document], settings: Settings) -> list[Document]:
    documents = [_document(index, document, settings) for index, document in enumerate(given.documents)]
    # a form has no `documents` of its own, JSON has no files
    documents += files
    if len(documents) > settings.max_documents:
        raise invalid(InvalidInput("documents", f"are more than {settings.max_documents} (IX_MAX_DOCUMENTS)"))
    _check_sizes(documents, settings)
    return documents


def _document(index: int, given: DocumentIn, settings: Settings) -> Document:
    try:
        data, media_type = given.content()
        if data is None:
            check_address(given.url or "", settings)
            ref = DocumentRef(
                name=given.name,
                media_type=given.media_type,
                url=given.url,
                pages=given.pages,
                with_password=given.password is not None,
            )
            return Document(ref, b"", given.password)
    except InvalidInput as error:
        raise invalid(InvalidInput(f"documents.{index}.{error.field or 'url'}", error.message)) from None
    return stored_document(data, given.name, media_type, given.pages, given.password)


def _check_sizes(documents: Sequence[Document], settings: Settings) -> None:
    for index, (ref, data, _) in enumerate(documents):
        if ref.sha256 is not None and not data:
            raise invalid(InvalidInput(f"documents.{index}", "is empty"))
        if len(data) > settings.max_document_bytes:
            raise Problem(
                413, f"documents.{index}: is larger than {settings.max_document_bytes} bytes (IX_MAX_DOCUMENT_BYTES)"
            )


def check_callback(url: str, settings: Settings) -> None:
    """Raises `Problem` 422 for an address that may not be called."""
    try:
        # an early word: where a name leads is judged when the connection is made
        check_address(url, settings)
    except InvalidInput as error:
        raise invalid(InvalidInput("callback_url", error.message)) from None
