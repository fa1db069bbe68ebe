"""`id_document_mrz`: what the machine-readable zone of a passport, an identity card or a visa says (ICAO Doc 9303)."""

from __future__ import annotations

from typing import Literal

from ix.use_cases import Date, Extraction, Result, checked, field

NAME = "id_document_mrz"
SOURCE = "mrz"


class IdDocument(Result):
    """The zone, member by member. Names and codes are as they stand there: in capitals, without accents."""

    model_config = checked(
        order=[("birth_date", "expiry_date")], headline=["surname", "given_names", "document_number"], mrz="mrz"
    )

    document_type: str | None = field(
        "identifier", "document type | type", description="P passport, V visa, I, A or C identity card", source=SOURCE
    )
    issuing_state: str | None = field(
        "identifier", "issuing state | code of issuing state", description="ISO 3166 alpha-3, or D", source=SOURCE
    )
    document_number: str | None = field(
        "identifier", "document no | passport no | card no", expected=True, source=SOURCE
    )
    surname: str | None = field("person", "surname | name", expected=True, source=SOURCE)
    given_names: str | None = field("person", "given names | first names", source=SOURCE)
    nationality: str | None = field("identifier", "nationality", description="ISO 3166 alpha-3, or D", source=SOURCE)
    birth_date: Date | None = field("date", "date of birth | birth date", expected=True, source=SOURCE)
    sex: Literal["F", "M", "X"] | None = field("text", "sex", description="F, M or X; null is not told", source=SOURCE)
    expiry_date: Date | None = field("date", "date of expiry | expiry date", expected=True, source=SOURCE)
    optional_data: str | None = field(
        "identifier",
        "personal no | optional data",
        description="A personal number, or what else is there",
        source=SOURCE,
    )
    mrz: str | None = field(
        "text", "machine-readable zone | MRZ", description="Its two or three lines with spaces between", source=SOURCE
    )


USE_CASE = Extraction(
    NAME,
    IdDocument,
    "Reads the machine-readable zone of passports, identity cards and visas, and its check digits",
    "The document is a passport, an identity card or a visa. Read its machine-readable zone alone: two lines of 44 or "
    "36 characters, or three lines of 30, with < as filler. Write dates as YYYY-MM-DD, names in capitals as they stand "
    "there with spaces for single fillers, and the lines themselves into mrz, with spaces between them.",
)
