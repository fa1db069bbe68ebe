"""Swedish: streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="sv",
    # found in capitals and small letters alike, so that the German "ab" makes a line look like a name
    credit_notes="kreditfaktura | kreditnota",
    legal_forms="ab",
    street_endings="gatan | vägen",
)
