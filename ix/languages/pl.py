"""Polish, as it is written in Poland."""

from ix.languages import Language

LANGUAGE = Language(
    code="pl",
    common="i | z | na | do | od | dla | oraz | nie | się | przez | dnia | przy | jest | lub | strona | sprzedaży | nr",
    labels={
        "invoice": {
            "invoice_number": "numer faktury | nr faktury | faktura nr | faktura vat nr | faktura vat | faktura "
            "numer | faktura || faktura korygująca",
            "issue_date": "data wystawienia | data faktury | wystawiono dnia | data wystawienia faktury || data",
            "due_date": "termin płatności | termin zapłaty | płatne do | data płatności",
            "seller_name": "sprzedawca | wystawca | dostawca",
            "seller_vat_id": "nip | nip sprzedawcy | numer nip",
            "buyer_name": "nabywca | kupujący | odbiorca faktury | klient | zamawiający | płatnik | dane nabywcy",
            "buyer_vat_id": "nip nabywcy",
            "line_total": "razem pozycje | suma pozycji",
            "net_total": "wartość netto | razem netto | suma netto | kwota netto | netto",
            "tax_total": "kwota vat | podatek vat | suma vat | wartość vat | razem vat | vat",
            "grand_total": "razem brutto | wartość brutto | kwota brutto | suma brutto | do zapłaty razem | razem "
            "| ogółem | suma",
            "prepaid": "zaliczka | wpłacono | zapłacono",
            "due_amount": "do zapłaty | pozostało do zapłaty | kwota do zapłaty | razem do zapłaty",
            "currency": "waluta",
            "order_number": "numer zamówienia | nr zamówienia | zamówienie nr | zamówienie",
            "contract_number": "numer umowy | nr umowy | umowa nr",
            "despatch_advice": "numer wz | dokument wz | list przewozowy",
            "delivery_date": "data dostawy | data sprzedaży | data wykonania usługi",
            "lines.name": "nazwa towaru lub usługi | nazwa towaru | nazwa | opis | towar | usługa",
            "lines.quantity": "ilość | liczba",
            "lines.unit_price": "cena netto | cena jednostkowa | cena jedn. netto | cena",
            "lines.line_total": "wartość netto | wartość | kwota | wartość brutto",
        },
        "receipt": {
            "date": "data | data sprzedaży",
            "address": "adres",
            "total": "suma pln | suma | razem | do zapłaty",
            "currency": "waluta",
            "tax": "suma ptu | ptu | vat",
            "items.description": "nazwa | towar",
            "items.quantity": "ilość",
            "items.amount": "wartość | cena",
        },
        "bank_statement_header": {
            "bank": "bank",
            "holder": "posiadacz rachunku | właściciel rachunku | posiadacz",
            "account_number": "numer rachunku | nr rachunku | rachunek",
            "period_start": "za okres od | okres od | od",
            "period_end": "okres do | do",
            "opening_balance": "saldo początkowe | saldo poprzednie",
            "closing_balance": "saldo końcowe | saldo bieżące",
            "currency": "waluta",
        },
    },
    distractors="data dostawy | data zamówienia | numer zamówienia | nr zamówienia | numer klienta | nr klienta | "
    "regon | krs | bdo | adres dostawy | sposób płatności | konto",
    credit_notes="faktura korygująca | korekta faktury | nota korygująca",
    titles={
        "invoice": "faktura | faktura vat | faktura pro forma | faktura korygująca | faktura zaliczkowa || termin "
        "płatności | sposób zapłaty | nabywca | sprzedawca | słownie",
        "receipt": "paragon fiskalny | paragon | rachunek || gotówka | reszta | karta płatnicza | sprzedaż "
        "opodatkowana | dziękujemy za zakupy",
        "bank_statement_header": "wyciąg bankowy | wyciąg z rachunku | historia rachunku || saldo początkowe | "
        "saldo końcowe",
        "other": "oferta | zamówienie | potwierdzenie zamówienia | umowa | wezwanie do zapłaty | protokół | dowód "
        "dostawy",
    },
    page_words="strona | str",
    page_totals="z | ze",
    carried="do przeniesienia | z przeniesienia | ciąg dalszy",
    between_dates="do",
    paying="zapłac | płatn | zapłat",
    deadlines="do | do dnia | najpóźniej | nie później niż",
    money={
        "total": "razem | suma | ogółem",
        "net": "netto",
        "gross": "brutto",
        "tax": "ptu | podatek",
        "amount": "kwota | wartość",
        "rounding": "zaokrąglenie",
        "due": "zapłaty",
        "paid": "gotówka | karta | gotówką | kartą",
        "prepaid": "zaliczka | zaliczki",
        "change": "reszta",
        "quantity": "ilość",
        "discount": "rabat | upust",
        "rate": "stawka",
        "price": "cena",
    },
    taxes="ptu | vat",
    currencies={"PLN": "złoty | złote | złotych | zlotych"},
    days="dni | dzień",
    number_words="numer",
    yes="tak",
    no="nie",
    # limited, general and limited partnership, joint-stock company
    legal_forms=r"sp\.?\s?z\s?o\.?\s?o | sp\.?\s?j | sp\.?\s?k | spółka akcyjna | s\.a",
    trades="sklep | apteka | restauracja | piekarnia | hurtownia | księgarnia",
    name_keys="nazwa",
    counterpart="nabywc | kupuj | klient | wasz | państwa",
    not_names="faktura | paragon | strona | nip | regon | telefon",
    # street, avenue, square, estate
    streets=r"ul\.? | ulica | aleja | al\. | plac | pl\. | os\. | osiedle",
    regions="polska",
    address_keys="adres",
    not_addresses=r"nip | regon | telefon | faktura | paragon | data(?=\W*\d)",
)
