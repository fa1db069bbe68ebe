"""Norwegian (Bokmål): streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="nb",
    # found in capitals and small letters alike, so that the English "as" makes a line look like a name
    credit_notes="kreditnota",
    legal_forms="as",
    street_endings="veien",
)
