"""Models of results, which a child process finds by their names: the engine has them from the use cases, and a child
imports the same module.

    class Receipt(Result)             ──▶  {"module": "ix.use_cases.receipt", "name": "Receipt"}
    a model that a function made      ──▶  {"maker": "package.module", "function": "described_by", "of": {…}}

A function that makes models sets `made_by` on them: its name in its own module, and the plain JSON that it made the
model of. Any other model must stand in its module under its name."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ix.errors import UseCaseFailed
from ix.extraction.findings import finding
from ix.extraction.processes import names
from ix.job import Finding


def reference(model: type[BaseModel]) -> dict[str, Any]:
    """How a child process finds the model. Raises `UseCaseFailed` where it could not."""
    made_by = getattr(model, "made_by", None)
    if isinstance(made_by, tuple):
        function, of = made_by
        return {"maker": names.of_module(model.__module__), "function": function, "of": of}
    module = model.__module__
    if module == "__main__" or _at(sys.modules.get(module), model.__qualname__) is not model:
        raise UseCaseFailed(
            f"the result model {model.__qualname__} cannot be imported: it must stand in a module of its own under its "
            "name, since it is checked in another process"
        )
    return {"module": names.of_module(module), "name": model.__qualname__}


def minded(result: Mapping[str, Any], known: Mapping[str, Any]) -> list[Finding]:
    """What the model with this reference minds about the result. Its messages are pydantic's, which do not repeat
    values. Raises `UseCaseFailed` where the model cannot be found, or raises anything else."""
    try:
        model = _model(known)
        model.model_validate(result)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return [finding("shape", ".".join(map(str, each["loc"])), text=each["msg"]) for each in problems]
    return []


def _model(known: Mapping[str, Any]) -> type[BaseModel]:
    try:
        if "maker" in known:
            made: type[BaseModel] = _at(names.import_(known["maker"]), known["function"])(known["of"])
            return made
        found: type[BaseModel] = _at(names.import_(known["module"]), known["name"])
    except MemoryError:
        raise
    # its module is the use case's author's, and may do anything
    except (Exception, SystemExit) as error:
        where = known.get("name") or known["function"]
        raise UseCaseFailed(f"the result model {where} cannot be imported ({type(error).__name__})") from None
    return found


def _at(module: Any, name: str) -> Any:
    """What stands in a module under a dotted name; None where nothing does."""
    found = module
    for part in name.split("."):
        found = getattr(found, part, None)
    return found
