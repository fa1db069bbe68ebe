"""The setting `IX_BOOTSTRAP_KEY`: the key that a service begins with, chosen by whoever sets it up."""

from __future__ import annotations

import re

from pydantic import SecretStr

FORM = re.compile(r"ix_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
"""Every key: `ix_`, the id, and 256 bits in URL-safe base64."""


def first_key(given: SecretStr) -> SecretStr:
    """The key, or empty text. Raises `ValueError` for what is none, without a word of it."""
    if given.get_secret_value() and not FORM.fullmatch(given.get_secret_value()):
        raise ValueError("is no key: ix_, 12 small hex digits, _ and 43 characters of URL-safe base64")
    return given
