"""Makes the sample documents: `receipt.jpg`, a till receipt as a scanner sees it, and `invoice.pdf`, a German invoice
with a text layer.

    python examples/make_documents.py [folder]

Companies, people and numbers are made up; the IBAN is the IBAN registry's own German example. The same files come out
every time."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

# The receipt

PAPER_WIDTH, EDGE, SCANNER = 640, 46, (206, 208, 211)
HEAD = (
    ("Harbour Lane Grocers Ltd", 34),
    ("14 Harbour Lane, Old Quay", 22),
    ("Whitcombe Bay  WB4 7QT", 22),
    ("Tel 01632 960 418", 22),
    ("VAT Reg No GB 947 2065 31", 22),
)
ITEMS = (
    ("2 x Sourdough loaf 800g", "7.90"),
    ("1 x Farmhouse cheddar", "4.85"),
    ("1 x Braeburn apples 0.684kg", "1.64"),
    ("1 x Oat drink 1L", "1.95"),
    ("3 x Chopped tomatoes", "2.67"),
    ("1 x Washing-up liquid *", "2.20"),
)
TOTALS = (("Subtotal", "21.21"), ("Loyalty discount", "-1.00"))
AFTER = (("VISA DEBIT ****4417", "20.21"), ("Change", "0.00"))
VAT = (("* VAT 20% incl.", "0.37"),)
TAIL = ("Items 9    Served by Maya", "Thank you - keep this receipt", "for exchanges within 28 days")


def receipt() -> Image.Image:
    """A till receipt, printed, laid on a scanner slightly askew."""
    return _scanned(_printed())


def _printed() -> Image.Image:
    paper = Image.new("L", (PAPER_WIDTH, 1180), 250)
    draw, y = ImageDraw.Draw(paper), 44
    for text, size in HEAD:
        draw.text((PAPER_WIDTH / 2, y), text, 38, ImageFont.load_default(size), anchor="ma")
        y += size + 12
    y = _pair(draw, y + 16, "Date 14/09/2024", "17:42")
    y = _pair(draw, y, "Receipt 004-11873", "Till 2")
    y = _rule(draw, y)
    for name, amount in ITEMS:
        y = _pair(draw, y, name, amount)
    y = _rule(draw, y)
    for name, amount in TOTALS:
        y = _pair(draw, y, name, amount)
    y = _pair(draw, y + 6, "TOTAL GBP", "20.21", 36)
    for name, amount in AFTER:
        y = _pair(draw, y, name, amount)
    y = _rule(draw, y)
    for name, amount in VAT:
        y = _pair(draw, y, name, amount)
    y += 24
    for text in TAIL:
        draw.text((PAPER_WIDTH / 2, y), text, 52, ImageFont.load_default(22), anchor="ma")
        y += 34
    return paper.crop((0, 0, PAPER_WIDTH, y + 40))


def _pair(draw: ImageDraw.ImageDraw, y: int, left: str, right: str, size: int = 25) -> int:
    font = ImageFont.load_default(size)
    draw.text((EDGE, y), left, 34, font)
    draw.text((PAPER_WIDTH - EDGE, y), right, 34, font, anchor="ra")
    return y + size + 14


def _rule(draw: ImageDraw.ImageDraw, y: int) -> int:
    for x in range(EDGE, PAPER_WIDTH - EDGE, 14):
        draw.line((x, y + 10, x + 8, y + 10), 70, 2)
    return y + 28


def _scanned(paper: Image.Image, seed: int = 20240914) -> Image.Image:
    """Paper becomes a scan: faded unevenly like thermal paper, turned by 1.1 degrees, with a shadow, blur and noise."""
    random = np.random.default_rng(seed)
    ink = np.asarray(paper, dtype=np.float32)
    height, width = ink.shape
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    fade = 14 * np.sin(across / width * 3.1 + 0.4) + 12 * np.sin(down / height * 5.0)
    shade = 1 - 0.05 * (across / width) - 0.03 * (down / height) + 0.02 * np.exp(-(((down - height * 0.56) / 7) ** 2))
    sheet = (ink + fade * (1 - ink / 255)) * shade
    warm = np.stack([sheet, sheet * 0.992, sheet * 0.968], axis=-1).clip(0, 255).astype(np.uint8)
    scan = _laid(Image.fromarray(warm))
    noisy = np.asarray(scan, dtype=np.float32) + random.normal(0, 2.0, (scan.height, scan.width, 1)).astype(np.float32)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


def _laid(sheet: Image.Image) -> Image.Image:
    size = sheet.width + 120, sheet.height + 120
    mask, ground = Image.new("L", size, 0), Image.new("RGB", size, SCANNER)
    mask.paste(255, (60, 60, 60 + sheet.width, 60 + sheet.height))
    mask = mask.rotate(-1.1, Image.Resampling.BICUBIC)
    shadow = Image.eval(mask.filter(ImageFilter.GaussianBlur(9)), lambda level: level * 2 // 5)
    ground.paste((120, 122, 126), (5, 7), shadow)
    page = Image.new("RGB", size, SCANNER)
    page.paste(sheet, (60, 60))
    ground.paste(page.rotate(-1.1, Image.Resampling.BICUBIC), (0, 0), mask)
    return ground.filter(ImageFilter.GaussianBlur(0.6))


# The invoice

SELLER = ("Nordlicht Möbelwerkstatt GmbH", "Am Speicher 12", "23966 Wismar")
BUYER = ("Café Sonnendeck", "Inh. Jördis Petersen", "Strandpromenade 5", "18119 Rostock-Warnemünde")
FACTS = (
    ("Rechnungsnummer", "RE-2024-0318"),
    ("Rechnungsdatum", "05.09.2024"),
    ("Kundennummer", "K-10457"),
    ("Lieferdatum", "02.09.2024"),
    ("Fällig am", "19.09.2024"),
)
LINES = (
    ("Bistrotisch Eiche geölt, Ø 70 cm", "mit Gusseisenfuß, schwarz", "4", "Stk", "289.00"),
    ("Stuhl »Hafen«, stapelbar", "Sitzfläche Esche, Artikel 2210-E", "16", "Stk", "84.50"),
    ("Aufarbeitung Tresenplatte", "Schleifen, Ölen, zwei Durchgänge", "6.5", "Std", "58.00"),
    ("Lieferung und Montage", "", "1", "psch", "120.00"),
)
NOTE = (
    "Bitte überweisen Sie den Rechnungsbetrag ohne Abzug bis zum 19.09.2024 unter Angabe der Rechnungsnummer.",
    "Die Ware bleibt bis zur vollständigen Bezahlung unser Eigentum.",
)
FOOTER = (
    (
        "Nordlicht Möbelwerkstatt GmbH",
        "Am Speicher 12, 23966 Wismar",
        "Geschäftsführerin: Wiebke Hansen",
        "Amtsgericht Schwerin HRB 99417",
    ),
    ("Telefon 03841 555 0172", "post@nordlicht-moebel.example", "USt-IdNr. DE123456788", "Steuernr. 080/123/45678"),
    ("Bankverbindung", "Beispielbank Wismar", "IBAN DE89 3704 0044 0532 0130 00", "BIC BSPLDE21XXX"),
)
LEFT, RIGHT, BLACK, GREY = 62.0, 538.0, 0.1, 0.42

# Advance widths of Helvetica, characters 32 to 126, in thousandths of the size (Adobe's Core 14 font metrics).
WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 "
    "584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 "
    "667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 "
    "278 556 500 722 500 500 500 334 260 334 584"
)
_WIDTH = {chr(32 + at): int(width) for at, width in enumerate(WIDTHS.split())}


class Sheet:
    """One A4 page of a PDF (ISO 32000-1), drawn in points from the top left with Helvetica in WinAnsi."""

    def __init__(self) -> None:
        self.content: list[bytes] = []

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 9.5,
        *,
        bold: bool = False,
        grey: float = BLACK,
        right: bool = False,
    ) -> None:
        """One run of text; with `right`, x is where it ends."""
        x -= sum(_WIDTH.get(char, 556) for char in text) * size / 1000 if right else 0
        shown = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        font = b"F2" if bold else b"F1"
        self.content.append(b"%.2f g BT /%s %.1f Tf %.2f %.2f Td (%s) Tj ET" % (grey, font, size, x, 842 - y, shown))

    def line(self, y: float, width: float = 0.5, start: float = LEFT) -> None:
        """A rule across the text."""
        self.content.append(b"%.2f G %.2f w %.2f %.2f m %.2f %.2f l S" % (GREY, width, start, 842 - y, RIGHT, 842 - y))

    def block(self, x: float, y: float, width: float, height: float, grey: float) -> None:
        """A filled rectangle."""
        self.content.append(b"%.2f g %.2f %.2f %.2f %.2f re f" % (grey, x, 842 - y - height, width, height))

    def pdf(self) -> bytes:
        """The file."""
        stream = b"\n".join(self.content)
        font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
        objects = (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
            font % b"Helvetica",
            font % b"Helvetica-Bold",
        )
        return _file(objects)


def _file(objects: tuple[bytes, ...]) -> bytes:
    """Objects with the cross-reference table that finds them."""
    out, offsets = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start, size = len(out), len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(
        out
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R >>\n" % size
        + b"startxref\n%d\n%%%%EOF\n" % start
    )


def invoice() -> bytes:
    """A German invoice on one page."""
    sheet = Sheet()
    _letterhead(sheet)
    y = _table(sheet, 330)
    _totals(sheet, y + 10)
    for number, sentence in enumerate(NOTE):
        sheet.text(LEFT, 640 + 14 * number, sentence, 9)
    sheet.line(752)
    for x, column in zip((LEFT, 240, 400), FOOTER, strict=True):
        for number, text in enumerate(column):
            sheet.text(x, 766 + 11 * number, text, 7.5, grey=GREY)
    return sheet.pdf()


def _letterhead(sheet: Sheet) -> None:
    sheet.block(LEFT, 48, 18, 18, 0.25)
    sheet.text(LEFT + 26, 62, "Nordlicht Möbelwerkstatt", 17, bold=True)
    sheet.text(LEFT, 128, " · ".join(SELLER), 6.5, grey=GREY)
    for number, text in enumerate(BUYER):
        sheet.text(LEFT, 146 + 14 * number, text, 10.5)
    for number, (label, value) in enumerate(FACTS):
        sheet.text(362, 146 + 14 * number, label, 9, grey=GREY)
        sheet.text(RIGHT, 146 + 14 * number, value, 9, right=True)
    sheet.text(LEFT, 262, "Rechnung", 16, bold=True)
    sheet.text(LEFT, 286, "Sehr geehrte Frau Petersen, wir danken für Ihren Auftrag und berechnen wie vereinbart:", 9.5)


def _table(sheet: Sheet, y: float) -> float:
    sheet.block(LEFT - 4, y - 13, RIGHT - LEFT + 8, 20, 0.93)
    for x, title, right in (
        (LEFT, "Pos.", False),
        (92, "Bezeichnung", False),
        (352, "Menge", True),
        (362, "Einheit", False),
    ):
        sheet.text(x, y, title, 8.5, bold=True, right=right)
    sheet.text(468, y, "Einzelpreis", 8.5, bold=True, right=True)
    sheet.text(RIGHT, y, "Gesamt EUR", 8.5, bold=True, right=True)
    for number, (name, more, quantity, unit, price) in enumerate(LINES, 1):
        y += 26 if more or number == 1 else 28
        sheet.text(LEFT, y, str(number))
        sheet.text(92, y, name)
        sheet.text(352, y, quantity.replace(".", ","), right=True)
        sheet.text(362, y, unit)
        sheet.text(468, y, german(Decimal(price)), right=True)
        sheet.text(RIGHT, y, german(_amount(quantity, price)), right=True)
        if more:
            y += 12
            sheet.text(92, y, more, 8, grey=GREY)
    sheet.line(y + 14)
    return y + 22


def _totals(sheet: Sheet, y: float) -> None:
    net = sum((_amount(quantity, price) for *_, quantity, _, price in LINES), Decimal(0))
    tax = (net * Decimal("0.19")).quantize(Decimal("0.01"))
    for label, amount in (("Nettobetrag", net), ("zzgl. 19 % MwSt.", tax)):
        sheet.text(362, y, label)
        sheet.text(RIGHT, y, german(amount), right=True)
        y += 16
    sheet.line(y - 9, 0.8, 362)
    sheet.text(362, y + 6, "Gesamtbetrag EUR", 10.5, bold=True)
    sheet.text(RIGHT, y + 6, german(net + tax), 10.5, bold=True, right=True)


def _amount(quantity: str, price: str) -> Decimal:
    return (Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01"))


def german(amount: Decimal) -> str:
    """1234.5 as 1.234,50."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def main() -> None:
    """Writes the documents into the folder named, or beside this file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    folder.mkdir(parents=True, exist_ok=True)
    receipt().save(folder / "receipt.jpg", quality=72, optimize=True)
    (folder / "invoice.pdf").write_bytes(invoice())


if __name__ == "__main__":
    main()
