"""Examples of the document as people use them: lines for a shell, and JSON that fits a column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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
        parts, ends = (
            [f"{json.dumps(key, ensure_ascii=False)}: {pretty(item, inner)}" for key, item in value.items()],
            "{}",
        )
    else:
        parts, ends = [pretty(item, inner) for item in value], "[]"
    return f"{ends[0]}\n" + ",\n".join(f"{inner}{part}" for part in parts) + f"\n{indent}{ends[1]}"


def curl(server: str, path: str, method: str, operation: Mapping[str, Any]) -> Iterator[str]:
    """Lines to paste: one for each example of the body, or a single one without a body."""
    told = {"GET"} if "requestBody" not in operation else {"GET", "POST"}
    words = ["curl", *([] if method in told else ["-X", method]), quote(server.rstrip("/") + _target(path, operation))]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        for example in content["examples"].values():
            yield _BREAK.join(
                [
                    " ".join(words),
                    *(_form(example["value"]) if media_type == FORM else _json(media_type, example["value"])),
                ]
            )
    if "requestBody" not in operation:
        yield " ".join(words)


def _target(path: str, operation: Mapping[str, Any]) -> str:
    given = [parameter for parameter in operation.get("parameters", ()) if "example" in parameter]
    for parameter in given:
        path = path.replace(f"{{{parameter['name']}}}", url_quote(str(parameter["example"]), safe=""))
    query = urlencode([(parameter["name"], parameter["example"]) for parameter in given if parameter["in"] == "query"])
    return f"{path}?{query}" if query else path


def _json(media_type: str, value: Any) -> list[str]:
    return [f"-H {quote(f'content-type: {media_type}')}", f"-d {quote(pretty(value))}"]


def _form(fields: Mapping[str, Any]) -> Iterator[str]:
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            text = f"@{one}" if isinstance(value, list) else one if isinstance(one, str) else json.dumps(one)
            yield f"-F {quote(f'{name}={text}')}"
