"""How large things may be."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from statistics import median

from tests.architecture.tree import ROOT, Finding, Function, Module, hold, modules, tracked

MOST_LINES = 350
MOST_COLUMNS = 120
LONGEST_FUNCTION = 45
LONG_FUNCTION = 20
MOST_LONG = 0.1
MEDIAN_FUNCTION = 5
COMMENTS = 3.0
"""Least comments in a hundred lines, those of Python and of SQL; strings below a constant are documentation."""

_FOR_TOOLS = re.compile(r"#\s*(?:noqa|type:|pragma|fmt:|ruff:)")
GENERATED = {"db/schema.sql": "pg_dump writes it"}


def test_short_files() -> None:
    """A Python file of the package has at most 350 lines."""
    lengths = ((module.file, len(module.text.splitlines())) for module in modules())
    hold(Finding(file, length, "lines") for file, length in lengths if length > MOST_LINES)


def test_short_lines() -> None:
    """A line of Python, SQL or CSS has at most 120 columns, what tools are told at its end left out."""
    hold(
        (
            Finding(path.relative_to(ROOT).as_posix(), number, f"has {len(line)} columns")
            for path in tracked()
            if path.suffix in (".py", ".pyi", ".sql", ".css")
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if len(line) > MOST_COLUMNS and len(_FOR_TOOLS.split(line)[0].rstrip()) > MOST_COLUMNS
        ),
        GENERATED,
    )


def length(function: Function) -> int:
    """Lines of a function's body without its docstring."""
    first, last = function.body[0], function.body[-1]
    if ast.get_docstring(function) is not None:
        if first is last:
            return 0
        first = function.body[1]
    return (last.end_lineno or 0) - first.lineno + 1


def test_short_functions() -> None:
    """A function has at most 45 lines, nine in ten have fewer than 20, and half have 5 or fewer."""
    lengths = [(length(one), module.file, one) for module in modules() for one in module.functions()]
    hold(Finding(file, one.lineno, f"{one.name}: {lines}") for lines, file, one in lengths if lines > LONGEST_FUNCTION)
    assert sum(lines >= LONG_FUNCTION for lines, _, _ in lengths) <= MOST_LONG * len(lengths)
    assert median(lines for lines, _, _ in lengths) <= MEDIAN_FUNCTION


def test_comments() -> None:
    """Of a hundred lines, in Python and in SQL, at least `COMMENTS` say why."""
    # words of languages are a table, not statements
    code = [module for module in modules() if not module.file.startswith("languages/")]
    texts = [module.text for module in code]
    migrations = [path.read_text() for path in (ROOT / "db" / "migrations").glob("*.sql")]
    lines = sum(len(text.splitlines()) for text in texts + migrations)
    comments = sum(map(_comments, code)) + sum(map(_sql_comments, migrations))
    assert 100 * comments / lines >= COMMENTS, f"{comments} comments in {lines} lines, {100 * comments / lines:.2f} %"


def _comments(module: Module) -> int:
    """Comments of Python, and of the SQL in its strings."""
    if "#" not in module.text and "--" not in module.text:
        return 0
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    own = sum(token.type == tokenize.COMMENT and not _FOR_TOOLS.match(token.string) for token in tokens)
    return own + sum(_sql_comments(one.value) for one in module.all(ast.Constant) if isinstance(one.value, str))


def _sql_comments(text: str) -> int:
    return len(re.findall(r"(?:^|\s)-- (?!migrate:)", text, re.MULTILINE))


def test_no_nested_conditionals() -> None:
    """No conditional expression stands in another."""
    hold(
        Finding(module.file, one.lineno, ast.unparse(one)[:80])
        for module in modules()
        for one in module.all(ast.IfExp)
        if any(isinstance(inner, ast.IfExp) for inner in ast.walk(one) if inner is not one)
    )
