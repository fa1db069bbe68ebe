"""What the client raises, in the service's own words."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from ix.errors import IxError


class ClientError(IxError):
    """The service refused, or did not answer (`status` 0)."""

    def __init__(self, status: int, detail: str, errors: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors


class NotFound(ClientError):
    """There is no such job."""


class Conflict(ClientError):
    """The job's state, other content under its request id, or what somebody else did meanwhile forbids it."""


def error_of(answer: httpx.Response) -> ClientError:
    """The error that an answer other than 2xx stands for: in the service's words where they are a problem document
    (RFC 9457)."""
    try:
        return refusal(answer.status_code, answer.json())
    except (ValueError, TypeError, KeyError):
        # a proxy's page, say
        return strange(answer)


def refusal(status: int, problem: Mapping[str, Any]) -> ClientError:
    """The error that a problem document stands for."""
    detail, errors = str(problem["detail"]), list(problem.get("errors", ()))
    if status == httpx.codes.NOT_FOUND:
        return NotFound(status, detail, errors)
    if status in (httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED) or _is_taken(status, errors):
        return Conflict(status, detail, errors)
    return ClientError(status, detail, errors)


def _is_taken(status: int, errors: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the request id carries other content, which the service tells by its words alone."""
    return status == httpx.codes.UNPROCESSABLE_ENTITY and any("already taken" in str(e.get("message")) for e in errors)


def strange(answer: httpx.Response) -> ClientError:
    """The error of an answer that ix does not give."""
    return ClientError(
        answer.status_code,
        f"{answer.request.url.host} answered {answer.status_code} with what is not ix's; is that ix?",
    )


def unreachable(base_url: str, error: Exception) -> ClientError:
    """The error of a call that nobody answered."""
    if is_untrusted(error):
        return ClientError(
            0,
            f"{base_url} shows a certificate that is not trusted here; if it is yours, let SSL_CERT_FILE name the file "
            "of the one that vouches for it",
        )
    return ClientError(0, f"{base_url} does not answer ({type(error).__name__}); is `ix up` running?")


def is_untrusted(error: Exception | None) -> bool:
    """Whether nobody vouches for the service's certificate: to try again is of no use."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def check_url(url: str) -> None:
    """Raises `ClientError` for what is no address of a service."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        parsed = httpx.URL("")
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ClientError(0, f"{url} is no address; give one such as http://127.0.0.1:8080")


def trusted(url: str) -> ssl.SSLContext | bool:
    """Whose certificates count: those that SSL_CERT_FILE and SSL_CERT_DIR name, as for the machine's other programs,
    else those of certifi. Raises `ClientError` for files that cannot be read."""
    if not url.lower().startswith("https:"):
        return True
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise ClientError(0, f"SSL_CERT_FILE: cannot be used ({error.strerror or type(error).__name__})") from None
