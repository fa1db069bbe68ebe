"""Norwegian (Bokmål): streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="nb",
    legal_forms="as",
    street_endings="veien",
)
