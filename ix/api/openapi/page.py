"""The OpenAPI document as one page that needs nothing from elsewhere: no script, no font, no picture, and a policy that
allows none."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from ix.api.openapi.markup import Child, prose, tag, written
from ix.api.openapi.samples import curl, pretty

STYLE = Path(__file__).with_name("page.css").read_text()
# of the page's very text: xml.etree escapes nothing within <style>, or browsers would refuse it
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy (https://www.w3.org/TR/CSP3/): the page's own style, and nothing else."""


def html(document: Mapping[str, Any]) -> bytes:
    """The page of an OpenAPI document that `ix.api.openapi.document` made, UTF-8."""
    return written(
        tag(
            "html",
            tag(
                "head",
                tag("meta", charset="utf-8"),
                tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
                tag("title", f"{document['info']['title']} · HTTP API"),
                tag("style", STYLE),
            ),
            tag(
                "body",
                _contents(document),
                tag("main", _head(document), *_groups(document), _anywhere(document), _schemas(document)),
            ),
            lang="en",
        )
    )


def _contents(document: Mapping[str, Any]) -> Element:
    groups = [
        tag(
            "li",
            tag("a", group["name"], href=f"#{_anchor(group['name'])}"),
            tag(
                "ul",
                *(
                    tag("li", tag("a", _badge(method), path, href=f"#{one['operationId']}"))
                    for path, method, one in operations
                ),
            ),
        )
        for group, operations in _grouped(document)
    ]
    more = [tag("li", tag("a", text, href=f"#{_anchor(text)}")) for text in ("answers of any call", "schemas")]
    return tag(
        "nav",
        tag("a", tag("b", document["info"]["title"]), " HTTP API", class_="home", href="#top"),
        tag("ul", *groups, *more),
    )


def _head(document: Mapping[str, Any]) -> Element:
    info = document["info"]
    return tag(
        "header",
        tag("h1", info["title"], tag("small", info["version"]), id="top"),
        tag("p", *prose(info["summary"]), class_="lead"),
        tag("p", *prose(info["description"])),
        tag(
            "p",
            "The same for machines: ",
            tag("a", "openapi.json", href="openapi.json"),
            f" (OpenAPI {document['openapi']}).",
        ),
    )


def _groups(document: Mapping[str, Any]) -> Iterator[Element]:
    for group, operations in _grouped(document):
        yield tag(
            "section",
            tag("h2", group["name"], id=_anchor(group["name"])),
            tag("p", *prose(group["description"])),
            *(_operation(document, path, method, operation) for path, method, operation in operations),
        )


def _grouped(
    document: Mapping[str, Any],
) -> Iterator[tuple[Mapping[str, Any], list[tuple[str, str, Mapping[str, Any]]]]]:
    called = {**document["paths"], **document["webhooks"]}
    every = [(path, method, one) for path, methods in called.items() for method, one in methods.items()]
    for group in document["tags"]:
        yield group, [(path, method.upper(), one) for path, method, one in every if group["name"] in one["tags"]]


def _operation(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Element:
    name = operation["operationId"]
    link = tag("a", _badge(method), tag("code", *_breakable(path)), href=f"#{name}")
    return tag(
        "article",
        tag("h3", link, tag("span", operation["summary"]), id=name),
        tag("div", _told(document, operation), _shown(document, path, method, operation), class_="columns"),
    )


def _told(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Element:
    """The left column: what an operation does and takes, in words."""
    has_parameters = "parameters" in operation
    parameters = [tag("h4", "Parameters"), _parameters(operation["parameters"])] if has_parameters else []
    description = tag("p", *prose(operation["description"]))
    return tag("div", description, *parameters, *_bodies(document, operation), class_="told")


def _shown(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Element:
    """The right column: lines to paste, or for the callback what is sent, and the operation's own answers."""
    is_ours = path in document["paths"]
    lines = curl(document["servers"][0]["url"], path, method, operation) if is_ours else _sent(operation)
    own = {status: answer for status, answer in operation["responses"].items() if "$ref" not in answer}
    # a long line scrolls, also for those who have a keyboard only
    samples = [tag("pre", line, tabindex="0") for line in lines]
    return tag("div", *samples, tag("h4", "Answers"), *_answers(own), class_="shown")


def _sent(operation: Mapping[str, Any]) -> Sequence[str]:
    contents = operation["requestBody"]["content"].values()
    return [pretty(example["value"]) for content in contents for example in content["examples"].values()]


def _parameters(parameters: Sequence[Mapping[str, Any]]) -> Element:
    return _table((p["name"], p["in"], p["schema"], p["description"], p["required"]) for p in parameters)


def _bodies(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[Element]:
    for at, (media_type, content) in enumerate(operation.get("requestBody", {}).get("content", {}).items()):
        schema = content["schema"]
        if "$ref" in schema:
            schema = document["components"]["schemas"][_named(schema)]
        yield tag(
            "details", tag("summary", tag("b", "Body as "), tag("code", media_type)), _fields(schema), **_open(at == 0)
        )


def _answers(answers: Mapping[str, Any]) -> Iterator[Element]:
    for at, (status, answer) in enumerate(answers.items()):
        summary = tag("summary", _status(status), " ", *prose(answer["description"]))
        headers = [_header(name, header) for name, header in answer.get("headers", {}).items()]
        contents = [element for found in answer.get("content", {}).items() for element in _content(*found)]
        yield tag("details", summary, *headers, *contents, **_open(at == 0))


def _content(media_type: str, content: Mapping[str, Any]) -> Iterator[Element]:
    yield tag("p", tag("code", media_type), " ", *_kind(content["schema"]))
    if "example" in content:
        yield tag("pre", pretty(content["example"]), tabindex="0")


def _header(name: str, header: Mapping[str, Any]) -> Element:
    example = f": {header['example']}" if "example" in header else ""
    return tag("p", tag("code", f"{name}{example}"), " ", *prose(header["description"]))


def _anywhere(document: Mapping[str, Any]) -> Element:
    answers = {
        str(one["content"]["application/problem+json"]["example"]["status"]): one
        for one in document["components"]["responses"].values()
    }
    return tag(
        "section",
        tag("h2", "answers of any call", id=_anchor("answers of any call")),
        tag(
            "p",
            *prose(
                "Errors are problem documents (RFC 9457). These may come from any call, beside those that it names."
            ),
        ),
        tag("div", *_answers(answers), class_="shown"),
        class_="anywhere",
    )


def _schemas(document: Mapping[str, Any]) -> Element:
    return tag(
        "section",
        tag("h2", "schemas", id="schemas"),
        *(
            tag(
                "article",
                tag("h3", tag("code", name), id=f"schema-{name}"),
                tag("p", *prose(schema.get("description", ""))),
                _fields(schema),
            )
            for name, schema in document["components"]["schemas"].items()
        ),
    )


def _fields(schema: Mapping[str, Any]) -> Element:
    if "properties" not in schema:
        return tag("p", *_kind(schema))
    required = schema.get("required", ())
    return _table(
        (name, "", one, one.get("description", ""), name in required) for name, one in schema["properties"].items()
    )


def _table(rows: Iterator[tuple[str, str, Mapping[str, Any], str, bool]]) -> Element:
    return tag(
        "table",
        *(
            tag(
                "tr",
                tag("th", tag("code", name), *([tag("i", "required")] if required else []), scope="row"),
                tag("td", *(["in the ", location, ": "] if location else []), *_kind(schema), *_limits(schema)),
                tag("td", *prose(description)),
            )
            for name, location, schema, description, required in rows
        ),
    )


def _kind(schema: Mapping[str, Any]) -> list[Child]:
    """What a value may be, in words; a model's name leads to it."""
    if "$ref" in schema:
        return [tag("a", _named(schema), href=f"#schema-{_named(schema)}")]
    if schema.get("format") == "binary":
        return ["file"]
    if "enum" in schema:
        return _joined(" | ", [[tag("code", str(value))] for value in schema["enum"]])
    if "anyOf" in schema:
        return _joined(" or ", [_kind(option) for option in schema["anyOf"]])
    if schema.get("type") == "array":
        return ["list of ", *_kind(schema.get("items", {}))]
    if schema.get("type") == "object" and isinstance(of := schema.get("additionalProperties"), dict):
        return ["object of ", *_kind(of)]
    return [" ".join(filter(None, (schema.get("type", "any JSON"), schema.get("format"))))]


def _joined(separator: str, groups: Sequence[Sequence[Child]]) -> list[Child]:
    joined: list[Child] = []
    for group in groups:
        joined += [separator, *group] if joined else group
    return joined


def _limits(schema: Mapping[str, Any]) -> list[Child]:
    limits = [_range(schema, "minimum", "maximum", ""), _range(schema, "minLength", "maxLength", " characters")]
    if "pattern" in schema:
        limits.append(f"matches `{schema['pattern']}`")
    if schema.get("default") not in (None, "", [], {}):
        limits.append(f"`{schema['default']}` unless given")
    return [tag("small", *prose("; ".join(filter(None, limits))))] if any(limits) else []


def _range(schema: Mapping[str, Any], least: str, most: str, unit: str) -> str:
    if least in schema and most in schema:
        return f"{schema[least]} to {schema[most]}{unit}"
    if least in schema:
        return f"at least {schema[least]}{unit}"
    return f"at most {schema[most]}{unit}" if most in schema else ""


def _open(is_open: bool) -> dict[str, str]:
    return {"open": ""} if is_open else {}


def _badge(method: str) -> Element:
    return tag("span", method, class_=f"method {method.lower()}")


def _status(status: str) -> Element:
    return tag("span", status, class_=f"status s{status[0]}")


def _breakable(path: str) -> Iterator[Child]:
    # <wbr>: a long path may go on in the next line after a slash
    first, *more = path.split("/")
    yield first
    for part in more:
        yield "/"
        yield tag("wbr")
        yield part


def _named(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _anchor(text: str) -> str:
    return text.replace(" ", "-")
