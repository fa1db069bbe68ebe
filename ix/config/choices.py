"""Settings that choose one of the package's plug-ins, such as an OCR engine."""

from __future__ import annotations

from pathlib import Path

from pydantic import AfterValidator, JsonValue, TypeAdapter


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


RULES = "rules"
"""The backend that asks no model."""
BOTH = f"{RULES}+"
"""What stands before a model backend that answers beside the rules."""


def backend() -> AfterValidator:
    """Takes the name of a model backend, alone or with the rules as its second witness."""

    def check(name: str) -> str:
        known = plugins("extraction/models")
        if name not in (every := (*known, *(f"{BOTH}{each}" for each in known if each != RULES))):
            raise ValueError(f"is none of {', '.join(every)}")
        return name

    return AfterValidator(check)


def server_of(extractor: str) -> str:
    """The backend whose server is asked; empty where none is."""
    name = extractor.removeprefix(BOTH)
    return "" if name == RULES else name


def json_object(text: str) -> str:
    """The text, if it is empty or holds a JSON object."""
    try:
        TypeAdapter(dict[str, JsonValue]).validate_json(text or "{}")
    except ValueError:
        # its own words would repeat the value
        raise ValueError("is no JSON object") from None
    return text
