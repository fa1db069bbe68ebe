"""Values that an object works out when they are first asked for, and then keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

T = TypeVar("T")


class kept(Generic[T]):  # noqa: N801 - it is written as `property` is
    """A property that is worked out once: `functools.cached_property` without the lock that Python 3.11 takes in it,
    which costs a page a third of a millisecond. Objects are not shared between threads here."""

    def __init__(self, make: Callable[[Any], T]) -> None:
        self.make, self.__doc__ = make, make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type | None = None) -> T: ...
    def __get__(self, instance: object | None, owner: type | None = None) -> Self | T:
        if instance is None:
            return self
        # from now on Python finds it in the object, and comes here no more
        value = instance.__dict__[self.name] = self.make(instance)
        return value
