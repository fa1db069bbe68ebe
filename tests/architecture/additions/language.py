"""Polish, as far as a test needs it."""

from ix.languages import Language

LANGUAGE = Language(
    code="pl",
    labels={"invoice": {"invoice_number": "numer faktury"}},
    months=(
        "stycznia | styczeń",
        "lutego | luty",
        "marca | marzec",
        "kwietnia | kwiecień",
        "maja | maj",
        "czerwca | czerwiec",
        "lipca | lipiec",
        "sierpnia | sierpień",
        "września | wrzesień",
        "października | październik",
        "listopada | listopad",
        "grudnia | grudzień",
    ),
)
