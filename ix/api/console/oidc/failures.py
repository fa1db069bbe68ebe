"""Why somebody was not signed in."""

from __future__ import annotations

from typing import Literal

Told = Literal["oidc_refused", "oidc_failed", "oidc_no_role", "oidc_again"]
"""What the person is told: the provider said no; it, or what it sent, is not as it has to be; it knows the person, who
may do nothing here; begin again, since this try is too old or was another browser's."""


class NotSignedInThereError(Exception):
    """A sign-in that came to nothing. `reason` is for the log: a few words of ix's own, never the provider's."""

    def __init__(self, told: Told, reason: str) -> None:
        super().__init__(reason)
        self.told = told
        self.reason = reason


def failed(reason: str) -> NotSignedInThereError:
    """The provider, or what it sent, is not as it has to be."""
    return NotSignedInThereError("oidc_failed", reason)
