"""Norwegian (Bokmål): streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="nb",
    # found in capitals and small letters alike, so that the English "as" makes a line look like a name
    credit_notes="kreditnota",
    legal_forms="as",
    street_endings="veien",
    titles={
        "invoice": "faktura | kreditnota || forfallsdato | kundenummer | betalingsfrist",
        "receipt": "kvittering || kontant | veksel",
        "bank_statement_header": "kontoutskrift || inngående saldo | utgående saldo",
        "other": "tilbud | pakkseddel | ordrebekreftelse | purring",
    },
    page_words="side",
    page_totals="av",
    carried="overføres | fortsetter",
)
