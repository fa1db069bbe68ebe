"""`python -m tests.architecture.additions.checks NAME`, in a process whose `ix` is the copy with the addition: fails
unless that is found and works. Without a name it fails if any is found."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any


def language() -> None:
    """Its month is a date, and its label is one of the use case's."""
    from ix import use_cases
    from ix.extraction.values.dates import parse_date

    assert parse_date("5 aprilo 2024") == date(2024, 4, 5)
    result = use_cases.load()["invoice"].result
    assert result is not None
    assert "numero de fakturo" in str(result.model_json_schema(mode="serialization"))


def use_case() -> None:
    """It is loaded, described and run."""
    from ix import use_cases
    from ix.config import Settings
    from ix.job import Request

    found = use_cases.load()["parrot"]
    assert use_cases.info(found, Settings()).result is not None
    nothing: Any = None
    assert asyncio.run(found.run(Request(options={"words": "hello"}), nothing)).result == {"words": "hello"}


def ocr_engine() -> None:
    """Settings may name it, and the child that recognises pages loads it and finds that it works."""
    from ix.config import Settings
    from ix.extraction import ocr

    assert Settings.from_env({"IX_OCR": "guess"}).ocr == "guess"
    assert ocr.handle({"do": "probe", "engine": "guess", "threads": 1}, []) == ({"works": True}, [])


def backend() -> None:
    """Settings may name it, and it answers."""
    from ix.config import Settings
    from ix.extraction import models

    settings = Settings.from_env({"IX_EXTRACTOR": "oracle", "IX_MODEL": "delphi"})
    answer = asyncio.run(models.load(settings).ask(models.Question((), {})))
    assert (answer.values, answer.usage) == ({"answer": models.Leaf(42)}, {"model": "delphi"})


def route() -> None:
    """It is served and described."""
    asyncio.run(_route())


async def _route() -> None:
    import httpx

    from ix.api.app import create_app
    from ix.config import Settings
    from ix.database.keys import Keyring

    async def nobody_has_a_key() -> Keyring:
        return Keyring({}, True)

    offline = Settings(postgres_url="postgres://ix@127.0.0.1:1/ix?sslmode=disable", ocr="off")
    app = create_app(settings=offline, probes={}, keys=nobody_has_a_key)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        assert (await client.get("/hello")).json() == {"hello": "world"}
        assert "get" in (await client.get("/openapi.json")).json()["paths"]["/hello"]


def document_format() -> None:
    """Its bytes are recognised, and read."""
    from ix.extraction import documents

    limits = {"pages": 1, "pixels": 1000}
    _, (words,) = documents.handle({"do": "open", "limits": limits}, [b"CARD\nBlue Kettle Ltd"])
    assert [word[0] for word in json.loads(words)] == ["Blue", "Kettle", "Ltd"]


CHECKS: Mapping[str, Callable[[], None]] = {
    check.__name__: check for check in (language, use_case, ocr_engine, backend, route, document_format)
}


def nothing_is_added() -> None:
    """No check passes, which would then show nothing."""
    for name, check in CHECKS.items():
        with suppress(Exception):
            check()
            sys.exit(f"{name} passes without the addition")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        CHECKS[name]()
    if not sys.argv[1:]:
        nothing_is_added()
