"""Settings that choose one of the package's plug-ins, such as an OCR engine."""

from __future__ import annotations

from pathlib import Path

from pydantic import AfterValidator


def plugins(folder: str) -> tuple[str, ...]:
    """The names of the plug-ins in a folder of the package: its public modules, listed and not imported, so that this
    module stays at the bottom."""
    stems = (path.stem for path in (Path(__file__).parents[1] / folder).iterdir())
    return tuple(sorted(stem for stem in stems if not stem.startswith(("_", "."))))


def one_of(folder: str, *more: str) -> AfterValidator:
    """Takes the name of a plug-in in that folder, or one of `more`."""

    def check(name: str) -> str:
        if name not in (known := (*plugins(folder), *more)):
            raise ValueError(f"is none of {', '.join(known)}")
        return name

    return AfterValidator(check)
