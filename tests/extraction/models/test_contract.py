"""Every backend of the folder keeps the contract of `ix.extraction.models`. New ones are found by file; only servers
are named here."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, get_args

import pytest

from ix import use_cases
from ix.config import Settings
from ix.config.choices import plugins
from ix.extraction import models
from ix.extraction.models import Backend, Leaf, Question, Tree
from ix.fields import Field, asked, fields_of
from ix.telemetry.health import Health
from ix.use_cases import Extraction
from tests.extraction.models import llama_server
from tests.extraction.models.fake_ollama import MODEL, FakeOllama
from tests.extraction.models.questions import RECEIPT, page_of
from tests.extraction.models.serving import address, dead_address, listening

Living = Callable[[pytest.FixtureRequest], Mapping[str, object]]


def no_server(request: pytest.FixtureRequest) -> Mapping[str, object]:
    return {}


def fake_ollama(request: pytest.FixtureRequest) -> Mapping[str, object]:
    ollama: FakeOllama = request.getfixturevalue("ollama")
    return {"ollama_url": ollama.url, "model": MODEL}


def llama(request: pytest.FixtureRequest) -> Mapping[str, object]:
    return {"openai_url": request.getfixturevalue("llama_url"), "model": llama_server.MODEL, "model_context": 32_768}


LIVING: Mapping[str, Living] = {"rules": no_server, "ollama": fake_ollama, "openai": llama}
"""How each backend finds a living server: settings."""
BACKENDS = plugins("extraction/models")
SCHEMAS = {name: asked(case.schema) for name, case in use_cases.load().items() if isinstance(case, Extraction)}


def made(name: str, **settings: object) -> Backend:
    backend: Backend = importlib.import_module(f"{models.__name__}.{name}").BACKEND(
        Settings.model_validate({"extractor": name, "model": "any", **settings})
    )
    return backend


@pytest.fixture(params=BACKENDS)
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    """Each backend over its living server."""
    assert request.param in LIVING, f"name in LIVING how the contract test reaches a server for {request.param}"
    backend = made(request.param, **LIVING[request.param](request))
    yield backend
    await backend.aclose()


def test_the_schemas_of_the_built_in_use_cases_are_tried() -> None:
    assert {"receipt", "invoice", "bank_statement_header"} <= set(SCHEMAS)


@pytest.mark.parametrize("name", BACKENDS)
async def test_a_backend_is_called_like_its_module_and_is_loaded_by_that_name(name: str) -> None:
    backend = models.load(Settings(extractor=name, model="any"))
    assert backend.name == name
    await backend.aclose()


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
async def test_ask_answers_every_field_in_its_shape(backend: Backend, schema: Mapping[str, Any]) -> None:
    answer = await backend.ask(Question([page_of(RECEIPT)], schema, "Read it."))
    assert_members(answer.values, fields_of(schema))
    assert isinstance(answer.usage["model"], str)


async def test_ask_answers_from_no_pages_without_a_value(backend: Backend) -> None:
    schema = SCHEMAS["receipt"]
    answer = await backend.ask(Question([], schema))
    assert_members(answer.values, fields_of(schema))
    assert [leaf for leaf in answer.values.values() if isinstance(leaf, Leaf) and leaf.value is not None] == []


async def test_probe_is_ok_over_a_living_server(backend: Backend) -> None:
    async with asyncio.timeout(2):
        assert await backend.probe() == "ok"


@pytest.mark.parametrize("name", BACKENDS)
async def test_probe_never_raises_nor_dawdles(name: str) -> None:
    """Nobody listens, somebody listens and says nothing, and the address is nonsense."""
    with listening() as mute:
        for url in (dead_address(), address(mute), "nonsense"):
            backend = made(name, **{field: url for field in [f"{name}_url"] if field in Settings.model_fields})
            async with asyncio.timeout(2):
                assert await backend.probe() in get_args(Health)
            await backend.aclose()


async def test_closing_twice_is_fine(backend: Backend) -> None:
    await backend.aclose()
    await backend.aclose()


JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
}


def assert_members(values: Tree, fields: Sequence[Field]) -> None:
    assert isinstance(values, dict)
    assert list(values) == [field.name for field in fields]
    for field in fields:
        assert_tree(values[field.name], field)


def assert_tree(tree: Tree, field: Field) -> None:
    if field.kind == "rows":
        assert isinstance(tree, list), field.path
        for row in tree:
            assert_members(row, field.fields)
    elif field.kind == "object":
        assert_members(tree, field.fields)
    else:
        assert isinstance(tree, Leaf), field.path
        assert tree.value is None or isinstance(tree.value, JSON_TYPES[field.json_type]), field.path
        assert tree.quote is None or isinstance(tree.quote, str)
