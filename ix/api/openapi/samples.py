"""Examples of the document as people use them: lines for a shell, and JSON that fits a column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import Any
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from ix.api.openapi.operation import FORM

WIDTH = 60
"""Characters that a line of JSON may have before it is broken."""

_BREAK = " \\\n  "


def pretty(value: Any, indent: str = "") -> str:
    """JSON in which whatever fits a line is on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, (dict, list)) or len(indent) + len(flat) <= WIDTH:
        return flat
    inner = f"{indent}  "
    if isinstance(value, dict):
        lines = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {pretty(item, inner)}" for key, item in value.items()]
        opening, closing = "{}"
    else:
        lines = [f"{inner}{pretty(item, inner)}" for item in value]
        opening, closing = "[]"
    return f"{opening}\n" + ",\n".join(lines) + f"\n{indent}{closing}"


def curl(server: str, path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """Lines to paste: one for each example of the body, or a single one without a body."""
    has_body = "requestBody" in operation
    # what curl does unasked
    own_method = "POST" if has_body else "GET"
    method_option = [] if method == own_method else ["-X", method]
    line = " ".join(["curl", *method_option, quote(server.rstrip("/") + _target(path, operation))])
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        for example in content["examples"].values():
            yield _BREAK.join([line, *_data_options(media_type, example["value"])])
    if not has_body:
        yield line


def _target(path: str, operation: Mapping[str, Any]) -> str:
    given = [parameter for parameter in operation.get("parameters", ()) if "example" in parameter]
    for parameter in given:
        path = path.replace(f"{{{parameter['name']}}}", url_quote(str(parameter["example"]), safe=""))
    query = urlencode([(parameter["name"], parameter["example"]) for parameter in given if parameter["in"] == "query"])
    return f"{path}?{query}" if query else path


def _data_options(media_type: str, value: Any) -> Sequence[str]:
    if media_type != FORM:
        return f"-H {quote(f'content-type: {media_type}')}", f"-d {quote(pretty(value))}"
    return [f"-F {quote(f'{name}={text}')}" for name, field in value.items() for text in _form_texts(field)]


def _form_texts(field: Any) -> list[str]:
    """A form's field as curl takes it: a list is one of file names."""
    if isinstance(field, list):
        return [f"@{file_name}" for file_name in field]
    return [field if isinstance(field, str) else json.dumps(field)]
