"""Swedish: streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="sv",
    # found in capitals and small letters alike, so that the German "ab" makes a line look like a name
    credit_notes="kreditfaktura | kreditnota",
    legal_forms="ab",
    street_endings="gatan | vägen",
    titles={
        "invoice": "faktura | kreditfaktura || förfallodatum | kundnummer | betalningsvillkor",
        "receipt": "kvitto | kassakvitto || kontant | växel",
        "bank_statement_header": "kontoutdrag || ingående saldo | utgående saldo",
        "other": "offert | följesedel | orderbekräftelse | påminnelse",
    },
    page_words="sida | sid",
    page_totals="av",
    carried="transport | fortsättning",
)
