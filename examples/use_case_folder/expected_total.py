"""`expected_total`: reads what is to be paid, and warns where it is not what the submission says that it should be."""

from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from ix.job import Finding, Request, Response
from ix.use_cases import Amount, Context, Extraction, Result, field


class Options(BaseModel):
    """What a submission may say in `options`; checked before the job is accepted."""

    model_config = ConfigDict(extra="forbid")

    expected: Decimal | None = Field(default=None, description="What should be to pay")


class Total(Result):
    """Every field may be null: a document need not say it."""

    total: Amount | None = field("money", "total | amount due | to pay | Summe", description="Amount to pay")


class ExpectedTotal(Extraction):
    """An `Extraction` with a word of its own. Whatever else has the attributes of `ix.use_cases.UseCase` does too."""

    request = Options

    async def run(self, request: Request, context: Context) -> Response:
        response = await super().run(request, context)
        expected = Options.model_validate(request.options).expected
        found = response.result["total"] if isinstance(response.result, dict) else None
        if expected is None or found is None or Decimal(str(found)) == expected:
            return response
        # a message names fields, never what stands in the document
        warning = Finding(code="total_unexpected", message="total is not the expected one", path="total")
        return response.model_copy(update={"warnings": (*response.warnings, warning)})


USE_CASE = ExpectedTotal(
    "expected_total",
    Total,
    "Reads the total of a bill and compares it with the expected one",
    "The document is a bill. The total is what has to be paid.",
)
