"""Pages shown to models that see: which ones, how each server takes them, and those that take none."""

from __future__ import annotations

import io
import json
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from ix.config import Settings
from ix.errors import ModelError
from ix.extraction.models import PICTURE_SIDE, Answer, Question, SeeingBackend
from ix.extraction.models._parts import plan
from ix.extraction.models._pictures import MOST, MOST_TOKENS, worth_showing
from ix.extraction.models._witnesses import Witnesses
from ix.extraction.models.ollama import Ollama
from ix.extraction.models.openai import OpenAI
from ix.extraction.page import Document, ReadPage
from ix.extraction.pipeline import Extractor
from ix.extraction.reader import Reader
from tests.extraction.models import llama_server, tiny_gguf, tiny_mmproj
from tests.extraction.models.fake_ollama import MODEL, FakeOllama
from tests.extraction.models.questions import RECEIPT, TOTAL, page_of
from tests.extraction.models.scripted import Scripted
from tests.extraction.models.test_servers import Server
from tests.extraction.pdfs import Sheet, lines, pdf

SCAN, TEXT = ReadPage(1, 595, 842, source="ocr"), ReadPage(2, 595, 842)
JPEG = b"\xff\xd8 a picture"


@pytest.fixture(scope="module")
def seeing_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real llama.cpp server whose model sees."""
    folder = tmp_path_factory.mktemp("eyes")
    model, eyes = tiny_gguf.write(folder / "tiny.gguf"), tiny_mmproj.write(folder / "eyes.gguf")
    try:
        with llama_server.running_model(model, tiny_gguf.CONTEXT, eyes=str(eyes)) as url:
            yield url
    except llama_server.NoServerError as error:
        pytest.skip(f"no llama.cpp server on this platform: {error}")


def openai(url: str, **changes: Any) -> OpenAI:
    return OpenAI(Settings.model_validate({"extractor": "openai", "model": "tiny", "openai_url": url, **changes}))


def ollama_at(url: str, **changes: Any) -> Ollama:
    return Ollama(Settings.model_validate({"extractor": "ollama", "model": MODEL, "ollama_url": url, **changes}))


async def asked(backend: SeeingBackend, pictures: Mapping[int, bytes], texts: int = 1) -> Answer:
    """The answer to a question about so many pages, of which these are shown."""
    pages = [page_of(RECEIPT, number) for number in range(1, texts + 1)]
    question = Question(pages, TOTAL, pictured=tuple(pictures))
    said = backend.pose(question)
    while not isinstance(said, Answer):
        said = backend.read(question, await backend.exchange(backend.with_pictures(said, pictures)))
    await backend.aclose()
    return said


# Which pages


@pytest.mark.parametrize(
    ("choice", "capabilities", "shown"),
    [
        ("auto", ["completion", "vision"], [0]),
        ("auto", ["completion"], []),
        # by who says that the model sees, whatever its server says
        ("scans", ["completion"], [0]),
        ("all", ["completion"], [0, 1]),
        ("off", ["completion", "vision"], []),
    ],
)
async def test_the_setting_and_the_server_say_which(
    ollama: FakeOllama, choice: str, capabilities: list[str], shown: list[int]
) -> None:
    ollama.capabilities = capabilities
    for backend in (
        ollama_at(ollama.url, model_images=choice),
        Witnesses(
            Settings(extractor="rules+ollama", model=MODEL, ollama_url=ollama.url, model_images=choice)  # type: ignore[arg-type]
        ),
    ):
        assert list(await backend.shown([SCAN, TEXT])) == shown
        await backend.aclose()


async def test_a_server_that_is_down_is_shown_nothing() -> None:
    backend = ollama_at("http://127.0.0.1:9")
    assert list(await backend.shown([SCAN])) == []
    await backend.aclose()


def test_what_was_laid_out_of_data_has_no_picture_and_few_are_shown() -> None:
    sheet = ReadPage(1, 595, 842, laid_out=True)
    assert worth_showing("all", [sheet, TEXT, SCAN]) == [1, 2]
    assert worth_showing("scans", [SCAN] * (MOST + 3)) == list(range(MOST))


def test_pictures_take_room_in_the_models_context() -> None:
    settings = Settings(extractor="ollama", model=MODEL, model_context=6_000, model_answer=1_024)
    pages = [page_of(RECEIPT, number) for number in (1, 2, 3)]
    assert [part.pages for part in plan(Question(pages, TOTAL), settings)] == [(0, 1, 2)]
    assert [part.pages for part in plan(Question(pages, TOTAL, pictured=(0, 1)), settings)] == [(0,), (1, 2)]
    small = ollama_at("http://127.0.0.1:9", model_context=1_024 + MOST_TOKENS, model_answer=1_024)
    with pytest.raises(ModelError, match="IX_MODEL_CONTEXT"):
        small.pose(Question(pages, TOTAL, pictured=(0,)))


# How they are taken


async def test_llama_cpp_sees_a_page(seeing_url: str) -> None:
    drawn = io.BytesIO()
    Image.new("RGB", (90, 128), "white").save(drawn, "JPEG")
    backend = openai(seeing_url)
    assert list(await backend.shown([SCAN, TEXT])) == [0]
    with_it = await asked(backend, {0: drawn.getvalue()})
    without = await asked(openai(seeing_url), {})
    more = with_it.usage["prompt_tokens"] - without.usage["prompt_tokens"]
    # the sentence about it is in the prompt, too
    assert more > tiny_mmproj.TOKENS
    assert with_it.values == without.values


async def test_a_model_without_eyes_is_asked_in_words(llama_url: str) -> None:
    """What llama.cpp really says of a picture that its model cannot take is understood."""
    backend = openai(llama_url)
    assert list(await backend.shown([SCAN])) == []
    answer = await asked(backend, {0: JPEG})
    assert answer.values == (await asked(openai(llama_url), {})).values


async def test_ollama_gets_each_page_with_its_own_question(ollama: FakeOllama) -> None:
    settings = {"model_context": 6_000, "model_answer": 1_024, "model_images": "all"}
    await asked(ollama_at(ollama.url, **settings), {0: b"one", 1: b"two", 2: b"three"}, texts=3)
    shown = [[b64decode(each) for each in body["messages"][-1]["images"]] for body in ollama.asked]
    assert sorted(shown) == [[b"one"], [b"three"], [b"two"]]
    assert all("the picture shows what is printed" in body["messages"][-1]["content"] for body in ollama.asked)


async def test_a_page_that_could_not_be_drawn_is_asked_about_in_words(ollama: FakeOllama) -> None:
    question = Question([page_of(RECEIPT)], TOTAL, pictured=(0,))
    backend = ollama_at(ollama.url)
    posed = backend.pose(question)
    assert isinstance(posed, bytes)
    await backend.exchange(backend.with_pictures(posed, {}))
    assert "images" not in ollama.asked[0]["messages"][-1]
    await backend.aclose()


async def test_what_is_asked_again_is_asked_with_the_picture(scripted: Scripted) -> None:
    scripted.says("no JSON at all")
    with pytest.raises(ModelError):
        await asked(openai(scripted.url), {0: JPEG})
    first, again = scripted.asked
    assert len(again["messages"]) == len(first["messages"]) + 2
    for body, place in ((first, -1), (again, -3)):
        image, text = body["messages"][place]["content"]
        assert b64decode(image["image_url"]["url"].removeprefix("data:image/jpeg;base64,")) == JPEG
        assert "<document>" in text["text"]


async def test_a_server_that_refuses_pictures_is_asked_in_words_from_then_on() -> None:
    def refuses(body: dict[str, Any]) -> str:
        return "m is not a multimodal model" if "image_url" in json.dumps(body["messages"]) else ""

    server = Server(refuses=refuses)
    with server.running() as url:
        backend = openai(url, model_images="all")
        question = Question([page_of(RECEIPT)], TOTAL, pictured=(0,))
        for _ in range(2):
            posed = backend.pose(question)
            assert isinstance(posed, bytes)
            await backend.exchange(backend.with_pictures(posed, {0: JPEG}))
        await backend.aclose()
    with_picture = ["image_url" in json.dumps(body["messages"]) for body in server.asked]
    assert with_picture == [True, False, False]
    assert isinstance(server.asked[1]["messages"][-1]["content"], str)


# From the document


@pytest_asyncio.fixture(loop_scope="function")
async def extractor(ollama: FakeOllama) -> AsyncIterator[Extractor]:
    settings = Settings(extractor="ollama", model=MODEL, ollama_url=ollama.url, model_images="all", ocr="off")
    found = Extractor.create(settings)
    await found.start()
    yield found
    await found.stop()


async def test_pages_are_drawn_for_the_model(extractor: Extractor, ollama: FakeOllama) -> None:
    document = Document(pdf(Sheet(lines("Blue Kettle Ltd", "TOTAL 7.00"))))
    response = await extractor.extract([document], TOTAL)
    assert response.result == {"total": 7}
    [drawn] = ollama.asked[0]["messages"][-1]["images"]
    picture = Image.open(io.BytesIO(b64decode(drawn)))
    assert (picture.format, max(picture.size)) == ("JPEG", PICTURE_SIDE)
    # the print is on it
    assert picture.convert("L").histogram()[0]
    assert "draw" in response.timings


async def test_where_none_can_be_drawn_its_words_are_enough(
    extractor: Extractor, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> bytes:
        raise ModelError("drawing fails", code="x")

    monkeypatch.setattr(Reader, "picture", fails)
    response = await extractor.extract([Document(pdf(Sheet(lines("TOTAL 7.00"))))], TOTAL)
    assert response.result == {"total": 7}
    assert "images" not in ollama.asked[0]["messages"][-1]
