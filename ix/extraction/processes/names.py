"""Modules by name, so that a child can import what its parent has: `package.module`, and `module=/its/file.py` for one
that stands in no package, as the files of `IX_USE_CASE_DIR` do."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType


def of_module(name: str) -> str:
    """The name under which a child imports a module that this process has loaded."""
    module = sys.modules[name]
    file = getattr(module, "__file__", None)
    return f"{name}={file}" if file and not _is_found(name) else name


def import_(written: str) -> ModuleType:
    """The module of that name, imported once. Raises whatever its import does."""
    name, _, file = written.partition("=")
    if name in sys.modules or not file:
        return importlib.import_module(name)
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError(name)
    # known before it runs: pydantic looks annotations up there
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _is_found(name: str) -> bool:
    """Whether the import system finds the module, as a new process would have to."""
    parent = name.rpartition(".")[0]
    path = getattr(sys.modules.get(parent), "__path__", None) if parent else None
    # not `importlib.util.find_spec`, which is content with what is loaded
    return any(finder.find_spec(name, path) is not None for finder in sys.meta_path if hasattr(finder, "find_spec"))
