"""Every error that ix raises on purpose.

    IxError
    ├── ConfigError             a setting is missing or wrong; names the variable
    ├── InvalidInput            untrusted JSON or a submission that cannot be accepted; names the field
    ├── Overloaded              no connection or no answer from PostgreSQL in time
    ├── LocalPostgresError      the embedded PostgreSQL cannot be found or started
    └── JobError                ends a job with an error; `code` goes into the job's response
        ├── DocumentError       the document cannot be opened or read
        ├── StoreUnavailable    what holds the documents does not answer
        ├── OcrError            the OCR engine failed
        ├── ModelError          the model backend failed
        ├── TimeLimitExceeded   a job or one of its steps took too long
        ├── WorkTooMuch         finding the values costs more than one job may
        ├── WorkFailed          the process that was to find the values died
        └── UseCaseFailed       the use case raised, or gave something that is not its response

`code` is stable and meant for programs, the message is meant for people. `retryable` says whether the same job might
succeed later without a change, and `after` how many seconds later at the earliest, where whoever failed has said so.
Messages never carry document text."""

from __future__ import annotations


class IxError(Exception):
    """The root of the tree."""


class ConfigError(IxError):
    """A setting is missing or wrong. The message starts with the variable's name."""


class InvalidInput(IxError):
    """Input that cannot be accepted. `field` is a dotted path, or an empty string for the whole body."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


class Overloaded(IxError):
    """PostgreSQL did not answer in time; the caller may try again."""


class LocalPostgresError(IxError):
    """The embedded PostgreSQL cannot be found or started."""


class JobError(IxError):
    """Ends a job with `{code, message}`."""

    default_code = "job_failed"
    default_retryable = False

    def __init__(
        self, message: str, *, code: str | None = None, retryable: bool | None = None, after: float = 0.0
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message
        self.retryable = self.default_retryable if retryable is None else retryable
        self.after = after


class DocumentError(JobError):
    """The document cannot be opened or read: `document_unreadable`, `document_encrypted`, `document_too_large`,
    `document_unsupported`, `document_encoding_unclear`."""

    default_code = "document_unreadable"


class StoreUnavailable(JobError):
    """What holds documents, the object store or the database, does not answer or refuses: nothing of the document. A
    job waits for it, and no attempt is spent."""

    default_code = "object_store_unavailable"
    default_retryable = True


class OcrError(JobError):
    """The OCR engine failed or is not installed: `ocr_failed`, `ocr_missing`."""

    default_code = "ocr_failed"


class ModelError(JobError):
    """The model backend failed: `model_unavailable`, `model_missing`, `model_overloaded`, `model_truncated`,
    `model_answer_invalid`."""

    default_code = "model_unavailable"


class TimeLimitExceeded(JobError):
    """A job, or a step that leaves the process, took too long."""

    default_code = "time_limit"
    default_retryable = True


class WorkTooMuch(JobError):
    """Finding, placing and checking the values of a job takes more processor time or memory than one job may."""

    default_code = "work_too_much"


class WorkFailed(JobError):
    """The process that was to find the values died, and not for want of time or memory that is its own."""

    default_code = "work_failed"
    default_retryable = True


class UseCaseFailed(JobError):
    """The use case raised, or gave something that is not its response."""

    default_code = "use_case_failed"
