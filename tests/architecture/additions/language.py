"""Esperanto, as far as a test needs it."""

from ix.languages import Language

LANGUAGE = Language(
    code="eo",
    labels={"invoice": {"invoice_number": "numero de fakturo"}},
    months=(
        "januaro",
        "februaro",
        "marto",
        "aprilo",
        "majo",
        "junio",
        "julio",
        "aŭgusto",
        "septembro",
        "oktobro",
        "novembro",
        "decembro",
    ),
)
