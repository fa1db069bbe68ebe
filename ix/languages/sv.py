"""Swedish: streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="sv",
    legal_forms="ab",
    street_endings="gatan | vägen",
)
