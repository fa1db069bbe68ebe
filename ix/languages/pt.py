"""Portuguese: streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="pt",
    legal_forms="lda",
    streets="rua",
)
