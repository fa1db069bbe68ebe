"""The settings: variable, type, default, unit.

IX_LIVENESS_LIMIT: number(exclusiveMinimum 0) = 15.0 seconds"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator

from pydantic import SecretStr
from pydantic.json_schema import PydanticJsonSchemaWarning

from ix.config import Settings, variable
from tests.surfaces.http import shape

_UNIT = re.compile(r"\b(seconds|bytes|days|pixels|tokens|dots per inch)\b")


def facts() -> Iterator[str]:
    """Every setting."""
    with warnings.catch_warnings():
        # a secret and the rights of roles are no JSON as they stand there by default
        warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
        members = Settings.model_json_schema(ref_template="{model}")["properties"]
    for name, field in Settings.model_fields.items():
        unit = _UNIT.search(field.description or "")
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        yield f"{variable(name)}: {shape(members[name])} = {default!r}{f' {unit[0]}' if unit else ''}"
