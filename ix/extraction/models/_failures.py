"""What can go wrong with a model server, and whether the same question may be answered later without anybody's doing.

    model_unavailable     down, out of reach, broken off, out of time, or refusing; retryable unless it refuses, or
                          its account is empty
    model_overloaded      busy (429, 503); retryable, not before the time that its Retry-After names
    model_missing         does not have the model; not retryable, somebody must install it
    model_truncated       prompt or answer is longer than the settings allow; not retryable, they would be so again
    model_answer_invalid  no answer, or not of the form asked for; not retryable, at temperature 0 the model says the
                          same again

Messages name settings and fields, never what the server or the model said: that may repeat the document.
"""

from __future__ import annotations

from ix.errors import ModelError


def unavailable(message: str, *, retryable: bool = True) -> ModelError:
    """The server does not answer."""
    return ModelError(message, code="model_unavailable", retryable=retryable)


def overloaded(message: str, after: float) -> ModelError:
    """The server has too much to do for the next `after` seconds."""
    return ModelError(message, code="model_overloaded", retryable=True, after=after)


def missing(message: str) -> ModelError:
    """The server does not have the model."""
    return ModelError(message, code="model_missing")


def truncated(message: str) -> ModelError:
    """The prompt or the answer does not fit."""
    return ModelError(message, code="model_truncated")


def invalid(message: str) -> ModelError:
    """The model's answer cannot be used."""
    return ModelError(message, code="model_answer_invalid")


class RefusedRequest(ModelError):
    """The server takes no such request. `said` is why, for whoever may spell it another way: it is never shown."""

    def __init__(self, message: str, said: str) -> None:
        super().__init__(message, code="model_unavailable")
        self.said = said
