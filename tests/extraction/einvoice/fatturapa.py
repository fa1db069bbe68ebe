"""A small FatturaPA, made up from the public description of the format."""

from __future__ import annotations


def fatturapa(more: str = "", version: str = "FPR12") -> bytes:
    """An invoice of two positions at two rates over 122.00 EUR with a withheld tax; `more` are other bodies."""
    space = "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fatture/v1.2"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<p:FatturaElettronica versione="{version}" xmlns:p="{space}">
 <FatturaElettronicaHeader>
  <DatiTrasmissione><IdTrasmittente><IdPaese>IT</IdPaese><IdCodice>01234567890</IdCodice></IdTrasmittente>
   <ProgressivoInvio>00001</ProgressivoInvio><FormatoTrasmissione>{version}</FormatoTrasmissione>
   <CodiceDestinatario>ABC1234</CodiceDestinatario></DatiTrasmissione>
  <CedentePrestatore><DatiAnagrafici>
    <IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>01234567897</IdCodice></IdFiscaleIVA>
    <Anagrafica><Denominazione>Officina Blu SRL</Denominazione></Anagrafica><RegimeFiscale>RF01</RegimeFiscale>
   </DatiAnagrafici><Sede><Indirizzo>Via del Mulino</Indirizzo><NumeroCivico>1</NumeroCivico><CAP>00184</CAP>
    <Comune>Roma</Comune><Provincia>RM</Provincia><Nazione>IT</Nazione></Sede>
   <IscrizioneREA><Ufficio>RM</Ufficio><NumeroREA>123456</NumeroREA><StatoLiquidazione>LN</StatoLiquidazione>
   </IscrizioneREA></CedentePrestatore>
  <CessionarioCommittente><DatiAnagrafici><CodiceFiscale>RSSMRA80A01H501U</CodiceFiscale>
    <Anagrafica><Nome>Maria</Nome><Cognome>Rossi</Cognome></Anagrafica></DatiAnagrafici>
   <Sede><Indirizzo>Piazza Rossa 2</Indirizzo><CAP>20121</CAP><Comune>Milano</Comune><Nazione>IT</Nazione></Sede>
  </CessionarioCommittente>
 </FatturaElettronicaHeader>
 {body("2024/15", "122.00")}{more}
</p:FatturaElettronica>""".encode()


def body(number: str, total: str) -> str:
    """One invoice of a file."""
    stated = f"<ImportoTotaleDocumento>{total}</ImportoTotaleDocumento>" if total else ""
    return f"""<FatturaElettronicaBody>
  <DatiGenerali><DatiGeneraliDocumento><TipoDocumento>TD01</TipoDocumento><Divisa>EUR</Divisa><Data>2024-03-05</Data>
    <Numero>{number}</Numero><DatiRitenuta><TipoRitenuta>RT02</TipoRitenuta><ImportoRitenuta>20.00</ImportoRitenuta>
    <AliquotaRitenuta>20.00</AliquotaRitenuta></DatiRitenuta>{stated}<Causale>Grazie</Causale>
   </DatiGeneraliDocumento>
   <DatiOrdineAcquisto><IdDocumento>PO-77</IdDocumento><CodiceCUP>CUP1</CodiceCUP><CodiceCIG>CIG1</CodiceCIG>
   </DatiOrdineAcquisto><DatiDDT><NumeroDDT>DDT9</NumeroDDT><DataDDT>2024-03-01</DataDDT></DatiDDT></DatiGenerali>
  <DatiBeniServizi>
   <DettaglioLinee><NumeroLinea>1</NumeroLinea><Descrizione>Bollitore</Descrizione><Quantita>2.00</Quantita>
    <UnitaMisura>PZ</UnitaMisura><PrezzoUnitario>50.00</PrezzoUnitario>
    <ScontoMaggiorazione><Tipo>SC</Tipo><Percentuale>20.00</Percentuale></ScontoMaggiorazione>
    <PrezzoTotale>80.00</PrezzoTotale><AliquotaIVA>22.00</AliquotaIVA></DettaglioLinee>
   <DettaglioLinee><NumeroLinea>2</NumeroLinea><Descrizione>Libro</Descrizione><PrezzoUnitario>20.00</PrezzoUnitario>
    <PrezzoTotale>20.00</PrezzoTotale><AliquotaIVA>0.00</AliquotaIVA><Natura>N2.2</Natura></DettaglioLinee>
   <DatiRiepilogo><AliquotaIVA>22.00</AliquotaIVA><ImponibileImporto>80.00</ImponibileImporto>
    <Imposta>17.60</Imposta><EsigibilitaIVA>I</EsigibilitaIVA></DatiRiepilogo>
   <DatiRiepilogo><AliquotaIVA>0.00</AliquotaIVA><Natura>N2.2</Natura><ImponibileImporto>20.00</ImponibileImporto>
    <Imposta>0.00</Imposta><RiferimentoNormativo>art. 74</RiferimentoNormativo></DatiRiepilogo>
  </DatiBeniServizi>
  <DatiPagamento><CondizioniPagamento>TP02</CondizioniPagamento><DettaglioPagamento>
   <ModalitaPagamento>MP05</ModalitaPagamento><DataScadenzaPagamento>2024-04-04</DataScadenzaPagamento>
   <ImportoPagamento>97.60</ImportoPagamento><IBAN>IT60X0542811101000000123456</IBAN></DettaglioPagamento>
  </DatiPagamento>
  <Allegati><NomeAttachment>foto.pdf</NomeAttachment><Attachment>UERG</Attachment></Allegati>
 </FatturaElettronicaBody>"""
