"""The Python names that users may rely on.

ix.client.Client.get(self, ix_id: str) -> Job
ix.errors.OcrError(JobError), code ocr_failed
ix.job.Claim.token: UUID"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any, ForwardRef, Protocol, get_origin

from pydantic import BaseModel

MODULES = ("ix.client", "ix.errors", "ix.job", "ix.use_cases")
DATABASE = "ix.database.Database"
FOR_CALLERS = (
    "insert_pending",
    "claim_next_pending",
    "get_by_correlation",
    "mark_done",
    "mark_error",
    "update_callback_status",
    "sweep_orphans",
)
"""Methods of `Database(…).jobs` that callers may use without an engine."""


def facts() -> Iterator[str]:
    """Every public name of what users import."""
    for name in MODULES:
        module = importlib.import_module(name)
        for public in _public(module):
            yield from _described(f"{name}.{public}", getattr(module, public))
    yield from _database()


def _public(module: Any) -> list[str]:
    """The names that a module offers: those of `__all__`, or else what it defines itself."""
    defined = {name for name, one in vars(module).items() if getattr(one, "__module__", None) == module.__name__}
    named = {*defined, *inspect.get_annotations(module)}
    return sorted(getattr(module, "__all__", {name for name in named if not name.startswith("_")}))


def _database() -> Iterator[str]:
    from ix.database import Database
    from ix.database.jobs import Jobs

    yield from _described(DATABASE, Database)
    for name in FOR_CALLERS:
        yield f"{DATABASE}.jobs.{name}{_signature(getattr(Jobs, name))}"


def _described(name: str, one: Any) -> Iterator[str]:
    if inspect.isclass(one):
        yield from _class(name, one)
    elif inspect.isfunction(one):
        yield f"{name}{_signature(one)}"
    else:
        yield f"{name}: {_kind(one)}"


def _kind(one: Any) -> str:
    """What a name is that is neither a class nor a function."""
    if isinstance(one, str):
        return repr(one)
    return "a type" if get_origin(one) else f"a {type(one).__name__}"


def _class(name: str, one: type) -> Iterator[str]:
    bases = ", ".join(
        base.__name__ for base in one.__bases__ if base is not object and not base.__name__.startswith("_")
    )
    code = f", code {one.default_code}" if hasattr(one, "default_code") else ""
    yield f"{name}{f'({bases})' if bases else ''}{code}"
    if issubclass(one, Enum):
        yield from (f"{name}.{member.name} = {member.value!r}" for member in one)
        return
    if not dataclasses.is_dataclass(one) and Protocol not in one.__bases__ and _has_own_init(one):
        yield f"{name}{_signature(one.__init__)}"
    for member, text in sorted({**_fields(one), **_methods(one)}.items()):
        yield f"{name}.{member}{text}"


def _has_own_init(one: type) -> bool:
    """Whether it says how it is made: itself, or a private base for it."""
    private = [base for base in one.__mro__[1:] if base.__name__.startswith("_")]
    return any("__init__" in vars(kind) and kind.__module__.startswith("ix.") for kind in (one, *private))


def _fields(one: type) -> dict[str, str]:
    """Own fields: of models with `=`, where they have a default."""
    own = {
        name: f": {_written(kind)}" for name, kind in inspect.get_annotations(one).items() if not name.startswith("_")
    }
    own.pop("model_config", None)
    if not issubclass(one, BaseModel):
        return own
    given = {name for name, field in one.model_fields.items() if not field.is_required()}
    return {name: f"{text} =" if name in given else text for name, text in own.items()}


def _written(kind: Any) -> str:
    return kind.__forward_arg__ if isinstance(kind, ForwardRef) else str(kind)


def _methods(one: type) -> dict[str, str]:
    """Methods and properties, inherited ones of ix too."""
    found: dict[str, str] = {}
    for owner in reversed(one.__mro__):
        if owner.__module__.startswith("ix."):
            for member, value in vars(owner).items():
                if not member.startswith("_") and (text := _member(value)):
                    found[member] = text
    return found


def _member(value: Any) -> str:
    if isinstance(value, property):
        return f": {inspect.signature(value.fget).return_annotation}" if value.fget else ""
    if isinstance(value, (classmethod, staticmethod)):
        return _signature(value.__func__)
    return _signature(value) if inspect.isfunction(value) else ""


def _signature(function: Callable[..., Any]) -> str:
    text = re.sub(r"(: |-> )(['\"])(.*?)\2", r"\1\3", str(inspect.signature(function)))
    return f"{text}{', awaited' if inspect.iscoroutinefunction(function) else ''}"
