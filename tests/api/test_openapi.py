"""The description: complete, valid, true to its models, and a page that cannot be made to say something else."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import jsonschema
import pytest
import schemathesis
from pydantic import BaseModel, TypeAdapter
from pydantic_core import to_json
from starlette.routing import Route

from ix.api.app import ROUTES, create_app
from ix.api.middleware.auth import PUBLIC
from ix.api.openapi import results
from ix.api.openapi.callback import CALLBACK
from ix.api.openapi.document import Schemas, document
from ix.api.openapi.operation import FORM, JSON, OPERATIONS, Operation
from ix.api.openapi.page import POLICY, html
from ix.api.openapi.samples import curl, pretty
from ix.api.openapi.shared import ANYWHERE
from ix.config import Settings
from ix.database.keys import RIGHTS, Keyring
from ix.use_cases import UseCase, load
from tests.api.conftest import client_of

SERVER = "http://ix.test"
USE_CASES = load("", drill=False)
DOCUMENT = document(ROUTES, SERVER, USE_CASES)
OFFLINE = Settings(postgres_url="postgres://ix@127.0.0.1:1/ix?sslmode=disable", ocr="off")
DESCRIBED = [pytest.param(operation, id=operation.id) for operation in OPERATIONS.values()]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    return ((path, method, one) for path, methods in DOCUMENT["paths"].items() for method, one in methods.items())


class TestDocument:
    def test_every_route_is_described_and_every_description_is_routed(self) -> None:
        assert {route.endpoint for route in ROUTES if isinstance(route, Route)} == set(OPERATIONS)
        routed = {
            (route.path, method)
            for route in ROUTES
            if isinstance(route, Route)
            for method in (route.methods or set()) - {"HEAD"}
        }
        assert {(path, method.upper()) for path, method, _ in operations()} == routed

    def test_the_result_of_each_use_case_has_a_name(self) -> None:
        schemas = DOCUMENT["components"]["schemas"]
        named = schemas["Results"]["properties"]
        assert {*named} == {name for name, one in USE_CASES.items() if one.result is not None}
        receipt = schemas[named["receipt"]["$ref"].rpartition("/")[2]]
        assert receipt["properties"]["total"]["anyOf"] == [{"type": "number"}, {"type": "null"}]
        assert {*receipt["required"]} == {*receipt["properties"]}
        assert receipt["properties"]["items"]["items"] == {"$ref": "#/components/schemas/ReceiptResultItem"}

    def test_a_result_of_each_use_case_fits_its_schema(self) -> None:
        for name, use_case in USE_CASES.items():
            if use_case.result is not None:
                reference = DOCUMENT["components"]["schemas"]["Results"]["properties"][name]
                empty = use_case.result.model_validate({}).model_dump(mode="json")
                validated = {**reference, "components": DOCUMENT["components"]}
                jsonschema.Draft202012Validator(validated).validate(empty)

    def test_members_that_are_called_as_words_of_schemas_stay(self) -> None:
        named = {"title": {"type": "string", "title": "Title"}, "default": {"type": "number"}}
        schema = {"type": "object", "properties": named, "title": "Odd", "x-ix": {}}
        odd = SimpleNamespace(result=SimpleNamespace(model_json_schema=lambda **_: schema))
        made = results.components({"odd_one": cast(UseCase, odd)})["OddOneResult"]
        assert made == {
            "type": "object",
            "properties": {"title": {"type": "string"}, "default": {"type": "number"}},
            "required": ["title", "default"],
        }

    def test_each_call_names_a_right_that_keys_can_have(self) -> None:
        rights = {(path, method): one["security"][0]["key"] for path, method, one in operations() if one["security"]}
        assert {right for [right] in rights.values()} <= set(RIGHTS)
        assert rights["/jobs", "get"] == ["view"]
        assert rights["/jobs/{ix_id}", "delete"] == ["submit"]
        assert rights["/metrics", "get"] == ["administer"]

    def test_what_is_open_needs_no_key(self) -> None:
        is_open = {path: one["security"] == [] for path, _, one in operations()}
        assert {path for path, state in is_open.items() if state} == PUBLIC & set(is_open)

    def test_is_valid(self) -> None:
        schemathesis.openapi.from_dict(DOCUMENT).validate()

    def test_names_no_operation_twice_and_leads_to_none_that_is_not_there(self) -> None:
        names = [one["operationId"] for _, _, one in operations()]
        assert len(set(names)) == len(names)
        assert {
            name for operation in OPERATIONS.values() for answer in operation.answers for name in answer.next
        } <= set(names)

    def test_every_tag_is_explained_and_every_part_of_a_path_is_a_parameter(self) -> None:
        tags = {tag["name"] for tag in DOCUMENT["tags"]}
        for path, _, one in operations():
            assert set(one["tags"]) <= tags
            assert {p["name"] for p in one.get("parameters", ()) if p["in"] == "path"} == set(
                re.findall(r"{(\w+)}", path)
            )

    def test_every_reference_leads_somewhere(self) -> None:
        for ref in re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(DOCUMENT)):
            node = DOCUMENT
            for part in ref.split("/"):
                node = node[part]

    @pytest.mark.parametrize("operation", [*DESCRIBED, pytest.param(CALLBACK, id="callback")])
    def test_every_example_is_what_its_model_takes_or_gives(self, operation: Operation) -> None:
        told = [
            (answer.type, answer.example) for answer in (*operation.answers, *ANYWHERE) if answer.example is not None
        ]
        told += [(body.type, example) for body in operation.bodies for example in body.examples.values()]
        told += [
            (parameter.type, parameter.example) for parameter in operation.parameters if parameter.example is not None
        ]
        for kind, example in told:
            TypeAdapter(kind).validate_json(to_json(example))

    @pytest.mark.parametrize("operation", DESCRIBED)
    def test_every_answer_in_json_has_an_example(self, operation: Operation) -> None:
        assert [
            a.status
            for a in operation.answers
            if a.type not in (None, str, bytes, dict[str, Any]) and a.example is None
        ] == []

    def test_two_models_of_one_name_are_refused(self) -> None:
        one = type("Twin", (BaseModel,), {"__annotations__": {"a": int}})
        other = type("Twin", (BaseModel,), {"__annotations__": {"a": str}})
        schemas = Schemas()
        schemas.of(one, "validation")
        with pytest.raises(ValueError, match="Twin"):
            schemas.of(other, "validation")


class TestServed:
    @pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
    async def test_a_client_that_has_it_is_told_so(self, path: str) -> None:
        async with client_of(create_app(settings=OFFLINE, probes={})) as client:
            first = await client.get(path)
            again = await client.get(path, headers={"if-none-match": f'W/{first.headers["etag"]}, "other"'})
            other = await client.get(path, headers={"if-none-match": '"other"'})
        assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
        assert (again.content, other.content, again.headers["etag"]) == (b"", first.content, first.headers["etag"])

    async def test_the_document_names_the_public_address(self) -> None:
        settings = OFFLINE.model_copy(update={"public_url": "https://ix.example.com/"})
        async with client_of(create_app(settings=settings, probes={})) as client:
            assert (await client.get("/openapi.json")).json()["servers"] == [{"url": "https://ix.example.com"}]

    async def test_the_page_may_load_nothing_and_says_so(self) -> None:
        async with client_of(create_app(settings=OFFLINE, probes={})) as client:
            page = await client.get("/docs")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"] == POLICY
        assert POLICY.startswith("default-src 'none'; style-src 'sha256-")
        assert re.findall(r"<script|<img|<link|\bsrc=|\bon\w+=|style=|@import|url\(", page.text) == []


class TestPage:
    def test_shows_every_operation_and_schema(self) -> None:
        page = html(DOCUMENT).decode()
        anchors = set(re.findall(r'id="([^"]+)"', page))
        assert {one["operationId"] for _, _, one in operations()} | {
            f"schema-{name}" for name in DOCUMENT["components"]["schemas"]
        } <= anchors
        assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors

    def test_whatever_the_document_says_is_text(self) -> None:
        evil = "</style></pre>\"'><script>alert(1)</script>&amp;"
        twisted = json.loads(
            json.dumps(DOCUMENT, default=str), object_hook=lambda node: {k: _twist(k, v, evil) for k, v in node.items()}
        )
        page = html(twisted).decode()
        assert "<script" not in page
        assert page.count("</style>") == 1
        assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;") > 50


def _twist(key: str, value: Any, evil: str) -> Any:
    return (
        f"{value}{evil}" if isinstance(value, str) and key in ("description", "summary", "example", "title") else value
    )


class TestSamples:
    def test_a_line_says_to_a_shell_what_the_example_says(self) -> None:
        lines = [line for path, method, one in operations() for line in curl(SERVER, path, method.upper(), one)]
        assert all(shlex.split(line)[0] == "curl" for line in lines)
        posted = DOCUMENT["paths"]["/jobs"]["post"]
        json_lines = [shlex.split(line) for line in curl(SERVER, "/jobs", "POST", posted) if " -d " in line]
        assert [json.loads(words[words.index("-d") + 1]) for words in json_lines] == [
            example["value"] for example in posted["requestBody"]["content"][JSON]["examples"].values()
        ]

    def test_quotes_reach_the_service_as_they_are(self) -> None:
        value = {"text": 'it\'s `$HOME` "quoted"\n'}
        operation = {
            "requestBody": {
                "content": {
                    JSON: {"examples": {"one": {"value": value}}},
                    FORM: {"examples": {"one": {"value": value}}},
                }
            }
        }
        as_json, as_form = (shlex.split(line) for line in curl(SERVER, "/jobs", "POST", operation))
        assert json.loads(as_json[-1]) == value
        assert as_form[-1] == f"text={value['text']}"

    def test_json_that_fits_a_line_is_on_one(self) -> None:
        value = {"short": [1, 2], "long": ["x" * 40, "y" * 40], "empty": {}}
        assert json.loads(pretty(value)) == value
        assert pretty(value).splitlines()[1] == '  "short": [1, 2],'


async def closed() -> Keyring:
    """There are keys."""
    return Keyring({}, open=False)


class TestAddress:
    """Under which address the service describes itself."""

    @pytest.mark.parametrize(
        ("base", "server"),
        [("http://localhost:81", "http://localhost:81"), ("http://[::1]:8080", "http://[::1]:8080")],
    )
    async def test_is_the_one_that_was_asked(self, base: str, server: str) -> None:
        async with client_of(create_app(settings=OFFLINE, probes={})) as client:
            described, page = await client.get(f"{base}/openapi.json"), await client.get(f"{base}/docs")
            again = await client.get("http://127.0.0.1/openapi.json")
        assert described.json()["servers"] == [{"url": server}]
        assert f"{server}/jobs" in page.text
        assert again.json()["servers"] == [{"url": "http://127.0.0.1"}]
        # each address is another description
        assert described.headers["etag"] != again.headers["etag"]

    async def test_is_the_proxys_with_what_it_takes_away(self) -> None:
        trusting = OFFLINE.model_copy(update={"trusted_proxies": ("127.0.0.1",)})
        said = {"x-forwarded-proto": "https", "x-forwarded-host": "ix.example", "x-forwarded-prefix": "/docs-in"}
        async with client_of(create_app(settings=trusting, probes={}, keys=closed)) as client:
            described, page = [await client.get(path, headers=said) for path in ("/openapi.json", "/docs")]
            odd = await client.get("/openapi.json", headers={**said, "x-forwarded-host": 'a"><script>'})
        assert described.json()["servers"] == [{"url": "https://ix.example/docs-in"}]
        assert "curl https://ix.example/docs-in/jobs/" in page.text
        assert "script" not in odd.json()["servers"][0]["url"]

    async def test_is_the_settings_own_where_a_request_names_none(self) -> None:
        async with client_of(create_app(settings=OFFLINE, probes={}, keys=closed)) as client:
            described = await client.get("/openapi.json", headers={"host": "a%22b"})
        assert described.json()["servers"] == [{"url": "http://127.0.0.1:8080"}]
