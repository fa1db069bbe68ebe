"""HTML, as a file or as the body of a mail: what a browser without scripts shows, in lines; tables as tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any

from ix.errors import DocumentError
from ix.extraction.documents import Limits, html_colours
from ix.extraction.documents.encodings import Decoded, decoded
from ix.extraction.documents.grid import GridDocument, left_out, paragraph, table_or_flow, tight
from ix.extraction.documents.plain import plain
from ix.extraction.documents.text import is_packed
from ix.extraction.documents.textkinds import kind_of

MEMORY = 64 << 20
"""What a page may take, bytes (64 MiB), the library itself with it."""
MAX_DEPTH = 200
"""Elements in each other; browsers stop at 512. Mails that were forwarded often have 60."""
MAX_OPEN = 2_000
"""Elements in each other above which the library is not asked: its time grows by their square."""
NESTED = re.compile(
    r"</?(?:div|span|table|b|i|u|s|a|em|strong|small|font|center|blockquote|ul|ol|dl|section|article|form|main)\b",
    re.IGNORECASE,
)
MAX_SPAN = 100
"""Columns that one cell covers at most."""
MAX_SELECTORS = 200
"""Selectors of style sheets that are tried."""
UNSEEN = re.compile(
    "area|audio|base|canvas|datalist|embed|head|iframe|link|map|meta|noframes|noscript|object|param|script|source"
    "|style|svg|template|title|track|video|[-!].*"
)
"""Elements of which nothing, or no text of this document, is shown; comments."""
BLOCKS = re.compile(
    "address|article|aside|blockquote|body|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer"
    "|form|h[1-6]|header|hr|html|legend|li|main|nav|ol|p|section|summary|ul"
)
"""Elements that begin a line and end it."""
TABLE_PARTS = frozenset(("thead", "tbody", "tfoot"))
HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|opacity\s*(?::\s*0?(?:\.0\d*)?\s*(?:;|!|$)|\(\s*0?(?:\.0\d*)?%?\s*\))"
    r"|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt|em|%)?\s*(?:;|!|$)"
    r"|(?:(?:max-)?height|(?<![-\w])(?:max-)?width)\s*:\s*0(?:px|pt)?\s*(?:;|!|$)"
    r"|(?:text-indent|margin-left|(?<![-\w])(?:left|top|right|bottom))\s*:\s*-\d{3,}(?:\.\d+)?(?:px|pt|em|%)"
    r"|clip\s*:\s*rect\(\s*([01])(?:px)?[,\s]+\1(?:px)?[,\s]+\1|clip-path\s*:\s*(?:inset\((?:50|100)%|circle\(0)"
    r"|scale\(\s*0\s*[,)]",
    re.IGNORECASE,
)
"""Styles with which nothing is seen: not there, clear, of no size, outside of the page, cut away."""
SPECIAL_RULES = re.compile(r"/\*.*?\*/|@[^{};]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|@[^{};]*;", re.DOTALL)
"""Comments, and rules for other media or sizes of the screen."""
RULE = re.compile(r"([^{}]{1,500})\{([^{}]*)\}")
PIXEL = re.compile(r"[0-2](?:px)?$")
"""Sides of pictures that only count who reads a mail."""


class HtmlFormat:
    """HTML of any version, its scripts not run and nothing fetched."""

    name = "HTML"
    rank = 70
    memory = MEMORY

    def recognises(self, data: bytes) -> bool:
        text = None if is_packed(data) else decoded(data)
        return text is not None and kind_of(text.text) == "html"

    def open(self, data: bytes, limits: Limits) -> GridDocument:
        text = decoded(data) or Decoded("")
        shown = Shown.of(text.text)
        return GridDocument([shown.lines], limits, [*text.warnings, *shown.warnings])


@dataclass(slots=True)
class Shown:
    """What HTML shows: its lines, and how many pictures and hidden parts were left out."""

    lines: list[str] = field(default_factory=list)
    pictures: int = 0
    hidden: int = 0

    @classmethod
    def of(cls, text: str) -> Shown:
        """What this document shows. Raises `DocumentError`: nested too deep."""
        # imported when first needed, for the processes that never see any
        from selectolax.lexbor import LexborHTMLParser

        if deepest(text) > MAX_OPEN:
            raise too_deep()
        tree = LexborHTMLParser(text)
        shown = cls()
        rules = list(islice(rules_of("\n".join(style.text() for style in tree.css("style"))), MAX_SELECTORS))
        shown._drop_unseen(tree, rules)
        if html_colours.COLOURED.search(text):
            shown.hidden += html_colours.drop_faint(tree, rules, text.lstrip()[:9].lower() == "<!doctype")
        if tree.body is not None:
            shown.lines = tight(shown._block(tree.body, 0))
        return shown

    @property
    def warnings(self) -> list[str]:
        """What there is to say of it."""
        return left_out(self.pictures, self.hidden)

    def _drop_unseen(self, tree: Any, rules: Iterable[tuple[str, str]]) -> None:
        """Takes out what the style sheets hide."""
        for selector in (selector for selector, style in rules if HIDING.search(style)):
            try:
                found = tree.css(selector)
            # a selector that the library does not know: it has no class of its own for that
            except Exception:
                continue
            for node in found:
                self.hidden += bool(node.text().strip())
                node.decompose()

    def _block(self, element: Any, depth: int) -> list[str]:
        """The lines of an element that begins and ends a line."""
        if depth > MAX_DEPTH:
            raise too_deep()
        lines: list[str] = []
        run: list[str] = []
        self._children(element, lines, run, depth)
        _flush(lines, run)
        return lines

    def _children(self, element: Any, lines: list[str], run: list[str], depth: int) -> None:
        """Adds the lines of an element's children, and to `run` what the last line has so far."""
        if depth > MAX_DEPTH:
            raise too_deep()
        for node in element.iter(include_text=True, skip_empty=False):
            self._node(node, lines, run, depth)

    def _node(self, node: Any, lines: list[str], run: list[str], depth: int) -> None:
        tag = node.tag
        if tag == "-text":
            run.append(" ".join(f"|{node.text_content or ''}|".split())[1:-1])
        elif tag == "br":
            run.append("\n")
        elif self._is_unseen(node, tag):
            return
        elif tag in ("table", "pre") or BLOCKS.fullmatch(tag):
            _flush(lines, run)
            lines += self._special(node, tag, depth)
        elif tag in ("input", "textarea", "select", "img"):
            run.append(self._replaced(node, tag))
        else:
            self._children(node, lines, run, depth + 1)

    def _special(self, node: Any, tag: str, depth: int) -> list[str]:
        if tag == "table":
            return ["", *self._table(node, depth + 1), ""]
        if tag == "pre":
            return list(plain(node.text()))
        lines = self._block(node, depth + 1)
        # paragraphs and headings have space around them, which keeps what they say apart
        return ["", *lines, ""] if tag == "p" or re.fullmatch(r"h\d", tag) else lines

    def _is_unseen(self, node: Any, tag: str) -> bool:
        if UNSEEN.fullmatch(tag):
            return True
        attributes = node.attributes
        is_closed = tag == "dialog" and "open" not in attributes
        if is_closed or "hidden" in attributes or HIDING.search(attributes.get("style") or ""):
            self.hidden += bool(node.text().strip())
            return True
        return False

    def _replaced(self, node: Any, tag: str) -> str:
        """What stands in a field of a form; pictures are counted."""
        attributes = node.attributes
        if tag == "img":
            sides = (attributes.get("width") or "", attributes.get("height") or "")
            self.pictures += not any(map(PIXEL.match, sides))
        if tag == "input" and (attributes.get("type") or "text").lower() in ("text", "number", "date", "email", "tel"):
            return f" {attributes.get('value') or ''} "
        if tag == "select":
            chosen = node.css_first("option[selected]") or node.css_first("option")
            return f" {chosen.text() if chosen else ''} "
        return node.text() if tag == "textarea" else ""

    def _table(self, element: Any, depth: int) -> list[str]:
        above = [line for part in _named(element, ("caption",)) for line in self._block(part, depth + 1)]
        return [*above, *table_or_flow(self._rows(element, depth))]

    def _rows(self, element: Any, depth: int) -> Iterator[list[str]]:
        """The cells of each row, empty ones where others reach into it."""
        reaching: dict[int, int] = {}
        for row in _rows_of(element):
            if self._is_unseen(row, "tr"):
                continue
            cells: list[str] = []
            for cell in _named(row, ("td", "th")):
                _skip(cells, reaching)
                # of hidden cells the column is gone as well
                if self._is_unseen(cell, cell.tag):
                    continue
                across, down = _span(cell, "colspan"), _span(cell, "rowspan")
                reaching.update({len(cells) + at: down - 1 for at in range(across) if down > 1})
                cells += ["\n".join(tight(self._block(cell, depth + 1))), *[""] * (across - 1)]
            _skip(cells, reaching)
            yield cells


def too_deep() -> DocumentError:
    """The error for elements in elements."""
    return DocumentError(f"the HTML has more than {MAX_DEPTH} elements in each other")


def deepest(text: str) -> int:
    """How many elements are open at once, of those that nothing but their own end closes."""
    return max(accumulate(1 if found[0][1] != "/" else -1 for found in NESTED.finditer(text)), default=0)


def rules_of(sheets: str) -> Iterator[tuple[str, str]]:
    """The rules of style sheets that may hide what they select: selector and style."""
    for selectors, style in RULE.findall(SPECIAL_RULES.sub(" ", sheets)):
        if HIDING.search(style) or html_colours.COLOURED.search(style):
            yield from ((selector.strip(), style) for selector in selectors.split(",") if selector.strip())


def _flush(lines: list[str], run: list[str]) -> None:
    """Ends a line of text, in as many lines as it takes."""
    text = "".join(run)
    run.clear()
    if text.strip():
        lines += (line for part in text.strip().split("\n") for line in paragraph(part.strip()))


def _named(element: Any, tags: Iterable[str]) -> Iterator[Any]:
    return (node for node in element.iter() if node.tag in tags)


def _rows_of(element: Any) -> Iterator[Any]:
    """The rows of a table, not those of tables in it."""
    for node in element.iter():
        if node.tag == "tr":
            yield node
        elif node.tag in TABLE_PARTS:
            yield from _named(node, ("tr",))


def _span(cell: Any, name: str) -> int:
    value = cell.attributes.get(name) or ""
    return min(max(int(value), 1), MAX_SPAN) if re.fullmatch(r"\d{1,6}", value) else 1


def _skip(cells: list[str], reaching: dict[int, int]) -> None:
    """Leaves the places empty into which cells of rows above reach."""
    while reaching.get(len(cells), 0) > 0:
        reaching[len(cells)] -= 1
        cells.append("")


FORMAT = HtmlFormat()
