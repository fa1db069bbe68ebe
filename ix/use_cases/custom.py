"""`custom`: the client brings its own JSON Schema."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationInfo, field_validator

from ix.job import Request, Response
from ix.job.ordered import restored
from ix.use_cases import Context, ReadingOptions, check_schema


class CustomOptions(ReadingOptions):
    """The schema of the result, and what the model should know."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    # under an alias: a field called `schema` would hide a method that pydantic's models have
    json_schema: dict[str, JsonValue] = Field(
        alias="schema", description="JSON Schema of an object with properties; see `ix.fields` for `x-ix`"
    )
    instructions: str = Field(default="", max_length=8_000, description="One paragraph for the model")

    @field_validator("json_schema")
    @classmethod
    def _shape(cls, schema: dict[str, JsonValue], info: ValidationInfo) -> dict[str, JsonValue]:
        # the jobs of a batch share what their schemas may cost
        check_schema(schema, info.context)
        return schema


class Custom:
    """Extracts any object that a JSON Schema describes."""

    name = "custom"
    description = "Extracts the fields of a JSON Schema that the client brings"
    request: type[BaseModel] = CustomOptions
    result: type[BaseModel] | None = None
    max_attempts: int | None = None
    timeout: float | None = None

    async def run(self, request: Request, context: Context) -> Response:
        """Extracts what the options' schema says."""
        # stored as the client sent them, but for their order: web has checked them, and made nothing of them
        options = CustomOptions.model_validate({**request.options, "schema": restored(request.options.get("schema"))})
        return await context.extract(options.json_schema, options.instructions)


USE_CASE = Custom()
