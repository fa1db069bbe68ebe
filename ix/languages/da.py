"""Danish: streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="da",
    legal_forms="a/s | aps",
    street_endings="gade | vej",
)
