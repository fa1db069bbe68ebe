"""What the place step knows of a value, and evidence does not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ix.extraction.models import Leaf
from ix.extraction.page import Word
from ix.fields import Field


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a value besides its evidence, for whoever works out how sure it is. `words` print it, none where
    it was not placed; `around` are the lines of print that they stand on, with the one above; `places` counts where
    the pages say the same."""

    field: Field
    leaf: Leaf
    in_row: bool
    words: Sequence[Word] = ()
    around: str = ""
    places: int = 0
