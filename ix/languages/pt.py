"""Portuguese: streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="pt",
    # no labels: Portuguese businesses send documents in other languages, and are told by name and address
    credit_notes="nota de crédito",
    legal_forms="lda",
    streets="rua",
)
