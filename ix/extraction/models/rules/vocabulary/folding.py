"""Folding: what makes words comparable that OCR, capitals and accents spell differently."""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Letters and digits only, lower case, without accents: "Rechnungs-Nr." is "rechnungsnr"."""
    # NFKD sets accents apart, which are no letters and so go; casefold, unlike lower, makes ß ss
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(char for char in decomposed if char.isalnum())
