"""Texts that do not say their encoding: which one they are read as, what is said of it, what stays refused."""

from __future__ import annotations

import random

import pytest

from ix.errors import DocumentError
from ix.extraction import documents
from ix.extraction.documents import Limits
from ix.extraction.documents.encodings import decoded
from ix.extraction.models.rules.answer import answer
from ix.extraction.page import Page
from ix.use_cases.receipt import USE_CASE as RECEIPT
from tests.extraction.rules.documents import plain

POLISH = "Faktura nr 12\nSprzedawca: Zakład Usług Łódź\nul. Żwirki 5, Kraków\nRazem do zapłaty: 1 234,50 zł\n"
RUSSIAN = "Счет 45 от 3 октября 2026 г.\nПоставщик: ООО Ромашка\nИтого к оплате: 12 345,00 руб.\n"
GERMAN = "Rechnung 45\nVerkäufer: Müller & Söhne, Straße 5, Köln\nGesamtbetrag: 1.234,50\n"
CZECH = "Faktura č. 45\nDodavatel: Žluťoučký kůň s.r.o.\nDatum vystavení: 5. března 2024\nCelkem: 1 210,00 Kč\n"
JAPANESE = "請求書 番号 45\n株式会社山田商店 御中\n発行日：2026年10月5日\n合計金額：12,345円\n"
INVOICES = {
    "cp1250": POLISH,
    "iso8859-2": POLISH,
    "cp852": POLISH,
    "cp1251": "Рахунок № 45\nПостачальник: ТОВ Їжак\nДо сплати: 1 234,50 грн\n",
    "koi8-r": RUSSIAN,
    "cp866": RUSSIAN,
    "iso8859-5": RUSSIAN,
    "cp1252": GERMAN + "Preise in €\n",
    "cp850": GERMAN,
    "mac-roman": "Facture n° 45\nVendeur : Société d'Éclairage\nTotal à payer : 1 234,50 €\n",
    "iso8859-15": "Invoice 5\nTotal 12.50 €\n",
    "cp1253": "Τιμολόγιο αρ. 45\nΠωλητής: Ήλιος Α.Ε.\nΣύνολο πληρωτέο: 1.234,50 €\n",
    "cp1254": "Fatura No: 2026-45\nSatıcı: Güneş Işık A.Ş.\nTarih: 5 Ağustos 2026\nÖdenecek toplam: 1.234,50 TL\n",
    "cp1255": 'חשבונית מס 45\nסה"כ לתשלום 1,234.50 ₪\n',
    "cp1256": "فاتورة رقم 45\nالمجموع 1,234.50\n",
    "cp1257": "Sąskaita faktūra Nr. 45\nPardavėjas: UAB Šiauliai\nIš viso mokėti: 1 234,50 €\n",
    "cp874": "ใบแจ้งหนี้ เลขที่ 45\nยอดรวม 1,234.50 บาท\n",
    "shift_jis": JAPANESE,
    "euc_jp": JAPANESE,
    "iso2022_jp": JAPANESE,
    "gb18030": "发票号码：45\n销售方：北京阳光有限公司\n价税合计：1234.50元\n",
    "big5": "發票號碼：45\n賣方：台北陽光有限公司\n總計：1234元\n",
    "euc_kr": "세금계산서 번호 45\n공급자: 주식회사 태양\n합계금액: 12,345원\n",
}
"""Short invoices by the code page that they are written in."""
SHOP = "Sklep Żabka\nul. Łąkowa 5, Łódź\nData 05.03.2024\nTotal 12,50\n"
LIMITS = Limits(pages=3, pixels=1_000_000)


@pytest.mark.parametrize("codec", ["cp1250", "iso8859-2", "cp852"])
def test_signs_within_words_are_letters_of_another_code_page(codec: str) -> None:
    """In Windows-1250 it would begin `®lu»oučký`."""
    found = decoded(CZECH.encode(codec))
    assert found is not None
    assert found.text == CZECH


@pytest.mark.parametrize("codec", INVOICES)
def test_a_short_invoice_is_read_in_its_code_page(codec: str) -> None:
    found = decoded(INVOICES[codec].encode(codec))
    assert found is not None
    assert found.text == INVOICES[codec]
    assert found.guess


@pytest.mark.parametrize(
    "codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"], ids=lambda codec: f"in {codec}"
)
@pytest.mark.parametrize("text", [POLISH, JAPANESE, "Total 12.50 £\n"], ids=["Polish", "Japanese", "English"])
def test_unicode_is_no_guess(text: str, codec: str) -> None:
    found = decoded(text.encode(codec))
    assert found is not None
    assert (found.text, found.guess, found.warnings) == (text, "", [])


def test_a_guess_is_a_warning_with_its_runner_up() -> None:
    pages = documents.read(SHOP.encode("cp1250") + b"\fnext", LIMITS)
    (warning,) = pages[0].warnings
    assert warning.startswith("encoding_guessed: ")
    assert "Windows-1250" in warning
    assert "ISO-8859-2" in warning
    assert pages[1].warnings == []


@pytest.mark.parametrize(
    ("text", "codec", "currency"),
    [
        (SHOP, "cp1250", None),
        (SHOP + "Razem 12,50 PLN\n", "cp1250", "PLN"),
        ("Corner Shop\n5 High Street\nDate 05/03/2024\nTotal £12.50\n", "cp1252", "GBP"),
        ("Corner Shop\n5 High Street\nDate 05/03/2024\nTotal 12.50 €\n", "cp1252", "EUR"),
        ("Obchod Růže\nTŘEŠŇOVÁ 5, Žďár\nDatum 05.03.2024\nTotal 12,50\n", "cp1250", None),
        ("Магазин Ґанок\nДата 05.03.2024\nTotal 12,50\n", "cp1251", None),
    ],
)
def test_no_letter_of_another_code_page_is_a_currency(text: str, codec: str, currency: str | None) -> None:
    (opened,) = documents.read(text.encode(codec), LIMITS)
    tree = answer([Page(1, opened.width, opened.height, tuple(opened.words))], RECEIPT.schema)
    assert plain(tree["currency"]) == currency
    assert plain(tree["total"]) == 12.5


def test_where_two_readings_give_other_currencies_the_text_is_refused() -> None:
    # 0x9C is a pound in code pages of DOS, and a letter that is a word in that of old Macs
    with pytest.raises(DocumentError, match="mac-roman or code page 850") as raised:
        decoded(b"Prix 12,50 \x9c\n")
    assert raised.value.code == "document_encoding_unclear"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"Total in \xa3 12.50", "Total in £ 12.50"),
        (b"Total \x9c12.50", "Total £12.50"),
        (b"Total 12.50 \xd5", "Total 12.50 €"),
        (b"Total \xa512", "Total ¥12"),
        (b"Total 12\xa0000,50", "Total 12\u00a0000,50"),
        (b"1\x92234.50 CHF", "1’234.50 CHF"),
        (b"caf\x8e \xdb 12.50", "café € 12.50"),
        (b"5 m\xb2 \xe0 3,50", "5 m² à 3,50"),
    ],
)
def test_one_sign_is_read_by_what_stands_beside_it(data: bytes, text: str) -> None:
    found = decoded(data)
    assert found is not None
    assert found.text == text


def test_utf_8_that_was_cut_stays_utf_8() -> None:
    found = decoded((POLISH * 3).encode()[:-2])
    assert found is not None
    assert found.text.startswith(POLISH)
    assert found.guess == "damaged UTF-8"


def test_bytes_that_are_no_text_stay_refused() -> None:
    some = random.Random(7)
    for length in (20, 300, 5_000):
        with pytest.raises(DocumentError) as raised:
            documents.recognised(b"\x01" + some.randbytes(length))
        assert raised.value.code == "document_unsupported"
    assert decoded(bytes([0x80, 0xFE, 0x9F, 0xF4]) * 50) is None
