"""Danish: streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="da",
    # no labels: Danish businesses send documents in other languages, and are told by name and address
    credit_notes="kreditnota",
    legal_forms="a/s | aps",
    street_endings="gade | vej",
    titles={
        "invoice": "faktura | kreditnota || forfaldsdato | kundenummer | betalingsfrist",
        "receipt": "kvittering | bon || kontant | byttepenge",
        "bank_statement_header": "kontoudtog || primo saldo | ultimo saldo",
        "other": "tilbud | følgeseddel | ordrebekræftelse | rykker",
    },
    page_words="side",
    page_totals="af",
    carried="transport | fortsættes",
)
