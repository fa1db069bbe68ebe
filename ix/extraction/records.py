"""Records: dataclasses that nobody changes, of which a page makes thousands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(made: type[T]) -> type[T]:
    """A frozen dataclass, as type checkers see it. When it runs nothing watches over it: `frozen` sets each member by a
    call of its own, which makes it four times as slow to create."""
    return dataclass(unsafe_hash=True)(made)


@dataclass_transform(frozen_default=True, eq_default=False)
def entity(made: type[T]) -> type[T]:
    """A record that equals nothing but itself."""
    return dataclass(eq=False)(made)
