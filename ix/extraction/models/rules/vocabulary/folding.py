"""Folding: what makes words comparable that OCR, capitals and accents spell differently."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}
_LIKE_I = str.maketrans("İı", "ii")
"""Letters that `re.IGNORECASE` takes for an i, and folding does not."""


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Letters and digits only, lower case, without accents: "Rechnungs-Nr." is "rechnungsnr"."""
    # most texts are in ASCII, which has neither accents nor letters that become two
    if text.isascii():
        return text.lower().translate(_SIGNS)
    # NFKD sets accents apart, which are no letters and so go; casefold, unlike lower, makes ß ss
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(filter(str.isalnum, decomposed))


def caseless(text: str) -> str:
    """What is equal for texts that `re.IGNORECASE` takes for the same."""
    return text.lower() if text.isascii() else text.translate(_LIKE_I).casefold()
