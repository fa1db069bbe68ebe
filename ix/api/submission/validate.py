"""From a payload and files to a validated `Submission`: every field at fault is named, no refused value is repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from pydantic import SecretStr, ValidationError

from ix import untrusted
from ix.api.problems import Problem, invalid, invalid_fields
from ix.api.submission.configured import NOTHING, Known, digest_of, merged
from ix.api.submission.models import DocumentIn, SubmissionIn
from ix.config import Settings
from ix.database import jsonb
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
    known: Known = NOTHING,
) -> Submission:
    """The submission that a payload means. `files` come after the documents that the payload itself carries; `budget`
    is what schemas in the options may cost; `known` are the saved configurations that payloads name. Raises `Problem`:
    403, 413 or 422."""
    check_client(payload, caller)
    given = _given(payload)
    if given.configuration is None:
        use_case = checked_use_case(given, settings, use_cases, caller, budget)
        documents = _documents(given, files, settings)
        return _submission(given, documents, use_case.max_attempts or settings.max_attempts, caller)
    documents = _documents(given, files, settings)
    saved = known.get((given.client_id, given.configuration))
    sent = _submission(given, documents, settings.max_attempts, caller)
    digest = digest_of(sent.content_digest(), given)
    try:
        asked = merged(given, saved)
        _check_size(asked.options, settings)
        use_case = checked_use_case(asked, settings, use_cases, caller, budget)
    except Problem as refusal:
        # one that was accepted before, by another version, is still the same request
        return sent._replace(digest=digest, refusal=refusal)
    made = _submission(asked, documents, use_case.max_attempts or settings.max_attempts, caller)
    return made._replace(digest=digest, configuration=saved and saved.configured)


class Asked(Protocol):
    """What a submission asks for, or a configuration."""

    @property
    def use_case(self) -> str | None:
        """The name of the use case."""

    @property
    def options(self) -> Mapping[str, Json]:
        """What the use case is given."""

    @property
    def callback_url(self) -> str | None:
        """Who is told of the end."""


def checked_use_case(
    given: Asked,
    settings: Settings,
    use_cases: Mapping[str, UseCase],
    caller: Caller,
    budget: SchemaBudget | None = None,
) -> UseCase:
    """The use case that is asked for, which takes these options, and may tell this address. Raises `Problem`: 403 or
    422."""
    use_case = _use_case(given, use_cases, caller, budget)
    if given.callback_url is not None:
        check_callback(given.callback_url, settings)
    return use_case


def _submission(given: SubmissionIn, documents: Sequence[Document], max_attempts: int, caller: Caller) -> Submission:
    return Submission(
        client_id=given.client_id,
        request_id=given.request_id,
        use_case=given.use_case or "",
        request=assembled(Request, {"documents": tuple([one.ref for one in documents]), "options": given.options}),
        callback_url=given.callback_url,
        priority=given.priority,
        precedes=caller.precedes,
        run_at=given.run_at,
        max_attempts=max_attempts,
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
    known: Known = NOTHING,
) -> Submission:
    """The submission that one of a batch's payloads means, whose JSON was not checked yet. Raises `Problem`: 403, 413
    or 422."""
    try:
        untrusted.check(payload)
    except InvalidInput as error:
        raise invalid(error) from None
    return validated(payload, (), settings, use_cases, caller, budget, known)


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


def _use_case(given: Asked, use_cases: Mapping[str, UseCase], caller: Caller, budget: SchemaBudget | None) -> UseCase:
    asked = given.use_case or ""
    use_case = use_cases.get(asked)
    if use_case is None:
        known = ", ".join(name for name in sorted(use_cases) if caller.knows(name))
        raise invalid(InvalidInput("use_case", f"is unknown; choose one of {known}"))
    if not caller.knows(asked):
        raise invalid(InvalidInput("use_case", f"the key may not ask for {asked}"), 403)
    try:
        # looked at and not kept: options are stored as they came, and a repetition is known by these
        use_case.request.model_validate(given.options, context=budget)
    except ValidationError as error:
        raise invalid_fields(error, "options") from None
    return use_case


def _check_size(options: Mapping[str, Json], settings: Settings) -> None:
    """Each half is small enough by itself, and what they come to may not be."""
    if len(jsonb.written(options)) > settings.max_options_bytes:
        message = f"are larger than {settings.max_options_bytes} bytes with those that are saved (IX_MAX_OPTIONS_BYTES)"
        raise invalid(InvalidInput("options", message), 413)


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
