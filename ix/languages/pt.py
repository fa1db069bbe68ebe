"""Portuguese: streets and legal forms."""

from ix.languages import Language

LANGUAGE = Language(
    code="pt",
    # no labels: Portuguese businesses send documents in other languages, and are told by name and address
    credit_notes="nota de crédito",
    legal_forms="lda",
    streets="rua",
    titles={
        "invoice": "fatura | nota de crédito | fatura-recibo || vencimento | contribuinte",
        "receipt": "recibo | talão | fatura simplificada || numerário | troco",
        "bank_statement_header": "extrato de conta | extrato bancário || saldo inicial | saldo final",
        "other": "orçamento | guia de remessa | encomenda | contrato",
    },
    page_words="página | pág",
    page_totals="de",
    carried="a transportar | transporte",
)
