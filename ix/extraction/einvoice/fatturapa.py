"""Where Italy's FatturaPA (FPR12 and FPA12, versions 1.0 to 1.2 of its schema) holds what EN 16931 knows, as the
national usage specification relates the two (CIUS-IT).

It states no sums but that of the document, so that net and tax are what its summary by rate adds up to. Its own codes
of types (TD01), payments (MP05) and exemptions (N2.2) stay as they are. Taxes that are withheld, stamp duty and
transport have no field and are listed with the other values."""

from __future__ import annotations

from collections.abc import Mapping

from ix.extraction.einvoice.mapping import Each, Joined, Part, Spec, Total

_HEADER, BODY = "FatturaElettronicaHeader", "FatturaElettronicaBody"
_GENERAL = f"{BODY}/DatiGenerali"
_DOCUMENT = f"{_GENERAL}/DatiGeneraliDocumento"
_GOODS = f"{BODY}/DatiBeniServizi"
_PAYMENT = f"{BODY}/DatiPagamento/DettaglioPagamento"
_SELLER, _BUYER = f"{_HEADER}/CedentePrestatore", f"{_HEADER}/CessionarioCommittente"
_SENT = "../DatiTrasmissione"


def _name(at: str) -> Joined:
    return Joined((f"{at}/Anagrafica/Denominazione", f"{at}/Anagrafica/Nome", f"{at}/Anagrafica/Cognome"), " ")


def _vat_id(at: str) -> Joined:
    return Joined((f"{at}/IdFiscaleIVA/IdPaese", f"{at}/IdFiscaleIVA/IdCodice"))


def _referred(name: str) -> str:
    """What a document that is referred to has, be it an order, a contract or an agreement."""
    return " | ".join(
        f"{_GENERAL}/{kind}/{name}" for kind in ("DatiOrdineAcquisto", "DatiContratto", "DatiConvenzione")
    )


_ALLOWANCE: Mapping[str, Spec] = {"amount": "Importo", "percent": "Percentuale"}
PARTY: Mapping[str, Spec] = {
    "name": _name("DatiAnagrafici"),
    "legal_id": Joined(("IscrizioneREA/Ufficio", "IscrizioneREA/NumeroREA"), "-"),
    "legal_form": "DatiAnagrafici/RegimeFiscale",
    "vat_id": _vat_id("DatiAnagrafici"),
    "tax_number": "DatiAnagrafici/CodiceFiscale",
    "street": Joined(("Sede/Indirizzo", "Sede/NumeroCivico"), ", "),
    "postcode": "Sede/CAP",
    "city": "Sede/Comune",
    "region": "Sede/Provincia",
    "country": "Sede/Nazione",
    "contact_phone": "Contatti/Telefono",
    "contact_email": "Contatti/Email",
}
_LINE: Mapping[str, Spec] = {
    "id": "NumeroLinea",
    "unit": "UnitaMisura",
    "accounting_reference": "RiferimentoAmministrazione",
    "period_start": "DataInizioPeriodo",
    "period_end": "DataFinePeriodo",
    "tax_category": "Natura",
    "tax_rate": "AliquotaIVA",
    "standard_item_id": "CodiceArticolo/CodiceValore",
    "standard_item_scheme": "CodiceArticolo/CodiceTipo",
}
VARIABLES: Mapping[str, str] = {}
INVOICE: Mapping[str, Spec] = {
    "invoice_number": f"{_DOCUMENT}/Numero",
    "issue_date": f"{_DOCUMENT}/Data",
    "due_date": f"{_PAYMENT}/DataScadenzaPagamento",
    "seller_name": _name(f"{_SELLER}/DatiAnagrafici"),
    "seller_vat_id": _vat_id(f"{_SELLER}/DatiAnagrafici"),
    "buyer_name": _name(f"{_BUYER}/DatiAnagrafici"),
    "buyer_vat_id": _vat_id(f"{_BUYER}/DatiAnagrafici"),
    "iban": f"{_PAYMENT}/IBAN",
    "net_total": Total(f"{_GOODS}/DatiRiepilogo/ImponibileImporto"),
    "tax_total": Total(f"{_GOODS}/DatiRiepilogo/Imposta"),
    "grand_total": Total(
        f"{_GOODS}/DatiRiepilogo/ImponibileImporto | {_GOODS}/DatiRiepilogo/Imposta",
        stated=f"{_DOCUMENT}/ImportoTotaleDocumento",
    ),
    "due_amount": Total(f"{_PAYMENT}/ImportoPagamento"),
    "currency": f"{_DOCUMENT}/Divisa",
    "lines": Each(
        f"{_GOODS}/DettaglioLinee",
        {
            "name": "Descrizione",
            "quantity": "Quantita",
            "unit_price": "PrezzoUnitario",
            "line_total": "PrezzoTotale",
            "details": Part(".", _LINE),
            "classifications": Each("CodiceArticolo", {"id": "CodiceValore", "scheme": "CodiceTipo"}),
            "attributes": Each(
                "AltriDatiGestionali",
                {"name": "TipoDato", "value": "RiferimentoTesto | RiferimentoNumero | RiferimentoData"},
            ),
            "allowances": Each("ScontoMaggiorazione[Tipo=SC]", _ALLOWANCE),
            "charges": Each("ScontoMaggiorazione[Tipo=MG]", _ALLOWANCE),
        },
    ),
    "type_code": f"{_DOCUMENT}/TipoDocumento",
    "order_number": f"{_GENERAL}/DatiOrdineAcquisto/IdDocumento",
    "contract_number": f"{_GENERAL}/DatiContratto/IdDocumento",
    "project": _referred("CodiceCUP"),
    "tender": _referred("CodiceCIG"),
    "receiving_advice": f"{_GENERAL}/DatiRicezione/IdDocumento",
    "despatch_advice": f"{_GENERAL}/DatiDDT/NumeroDDT",
    "accounting_reference": f"{_SELLER}/RiferimentoAmministrazione",
    "profile": f"{_HEADER}/DatiTrasmissione/FormatoTrasmissione",
    "delivery_date": f"{_GENERAL}/DatiTrasporto/DataOraConsegna",
    "tax_point_code": f"{_GOODS}/DatiRiepilogo/EsigibilitaIVA",
    "rounding": f"{_DOCUMENT}/Arrotondamento",
    "payment_reference": f"{_PAYMENT}/CodicePagamento",
    "payment_terms": Each(
        _PAYMENT,
        {"text": "../CondizioniPagamento", "due_date": "DataScadenzaPagamento", "partial_amount": "ImportoPagamento"},
    ),
    "payment_means": Each(
        _PAYMENT,
        {
            "code": "ModalitaPagamento",
            "account": "IBAN",
            "account_name": "Beneficiario",
            "bic": "BIC",
            "bank": "IstitutoFinanziario",
            "reference": "CodicePagamento",
        },
    ),
    "taxes": Each(
        f"{_GOODS}/DatiRiepilogo",
        {
            "category": "Natura",
            "rate": "AliquotaIVA",
            "base": "ImponibileImporto",
            "amount": "Imposta",
            "exemption_reason": "RiferimentoNormativo",
        },
    ),
    "allowances": Each(f"{_DOCUMENT}/ScontoMaggiorazione[Tipo=SC]", _ALLOWANCE),
    "charges": Each(
        f"{_DOCUMENT}/ScontoMaggiorazione[Tipo=MG] | {_DOCUMENT}/DatiCassaPrevidenziale",
        {
            "amount": "Importo | ImportoContributoCassa",
            "base": "ImponibileCassa",
            "percent": "Percentuale | AlCassa",
            "tax_category": "Natura",
            "tax_rate": "AliquotaIVA",
            "reason_code": "TipoCassa",
        },
    ),
    "notes": Each(f"{_DOCUMENT}/Causale", {"text": "."}),
    "preceding": Each(f"{_GENERAL}/DatiFattureCollegate", {"id": "IdDocumento", "date": "Data"}),
    "supporting": Each(
        f"{BODY}/Allegati",
        {
            "file": "NomeAttachment",
            "description": "DescrizioneAttachment",
            "media_type": "FormatoAttachment",
        },
    ),
    "seller": Part(_SELLER, PARTY),
    "buyer": Part(
        _BUYER,
        {**PARTY, "electronic_address": f"{_SENT}/PECDestinatario | {_SENT}/CodiceDestinatario"},
    ),
    "tax_representative": Part(f"{_HEADER}/RappresentanteFiscale", PARTY),
}
