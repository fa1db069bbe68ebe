"""What only one place does: statements, connections, addresses, untrusted input, lines of output, the environment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import Finding, Module, called, hold, imports, modules, parents, prose

_STATEMENT = re.compile(
    r"\s*(--.*\n\s*)*(WITH \w+ (AS|\()|SELECT\b|INSERT INTO\b|UPDATE \w+ SET\b|DELETE FROM\b|MERGE INTO\b|TRUNCATE\b"
    r"|(CREATE|ALTER|DROP|GRANT|REVOKE) [A-Z]{2,}|SET (LOCAL )?\w+ (=|TO)|(UN)?LISTEN\b|NOTIFY\b|VALUES \(|LOCK TABLE\b"
    r"|DO \$)"
)
_RUNS = re.compile(r"(?<!outbound)\._?(fetch|fetchrow|fetchval|fetchmany|execute|executemany|copy_\w+|cursor|prepare)$")


def strings(module: Module) -> Iterator[ast.Constant]:
    """The strings of a module that are not documentation, parts of f-strings among them."""
    for node in module.all(ast.Constant):
        if isinstance(node.value, str) and node not in prose(module):
            yield node


def statements(module: Module) -> Iterator[ast.Constant]:
    """Those that are SQL."""
    return (node for node in strings(module) if _STATEMENT.match(str(node.value)))


def is_database(module: Module) -> bool:
    """Whether a module may hold SQL."""
    return module.file.startswith("database/")


SQLITE = {"cli/watching/ledger.py": "a file of whoever watches a folder, which no other part of ix opens"}


def test_sql_has_one_place() -> None:
    """SQL is written, and statements are run, in `ix/database` alone: all that goes to PostgreSQL."""
    outside = [module for module in modules() if not is_database(module)]
    written = (Finding(module.file, node.lineno, "is SQL") for module in outside for node in statements(module))
    run = (
        Finding(module.file, node.lineno, f"runs a statement: {called(node)}")
        for module in outside
        for node in module.all(ast.Call)
        if _RUNS.search(called(node))
    )
    hold([*written, *run], SQLITE)


IN_SIMPLE_PROTOCOL = {
    "database/connect.py": "a number, formatted as one: the simple protocol, which poolers need, has no parameters",
}


_OF_FILTERS = "the filters of a list: conditions that stand in `filters.py`; each value is a parameter, see `Values`"
OF_CONDITIONS = {"database/jobs/lists.py": _OF_FILTERS, "database/jobs/counts.py": _OF_FILTERS}


def test_sql_is_literal() -> None:
    """SQL is literal: it may be put together of named constants, and be chosen or passed on as `sql`, no more."""
    inside = [module for module in modules() if is_database(module)]
    made = (
        Finding(module.file, node.lineno, "is put together")
        for module in inside
        for node in statements(module)
        if not _is_literal(node, parents(module))
    )
    run = (
        Finding(module.file, sql.lineno, f"may be made of values: {ast.unparse(sql)}")
        for module in inside
        for node in module.nodes
        for sql in _becomes_sql(node)
        if not _is_fixed(sql)
    )
    hold([*made, *run], {**IN_SIMPLE_PROTOCOL, **OF_CONDITIONS})


def _is_literal(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    """Whether what stands around a string adds nothing to it but constants."""
    while isinstance(around := above[node], (ast.JoinedStr, ast.BinOp, ast.Attribute, ast.FormattedValue)):
        if isinstance(around, ast.Attribute) or not all(map(_is_constant, _operands(around))):
            return False
        node = around
    return True


def _operands(node: ast.AST) -> list[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        return [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
    return [node.left, node.right] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) else [node]


def _is_constant(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Add) and all(map(_is_constant, _operands(node)))
    return isinstance(node, (ast.Constant, ast.JoinedStr)) or called(node).rpartition(".")[2].strip("_").isupper()


def _becomes_sql(node: ast.AST) -> list[ast.expr]:
    """What a call runs, or what the name `sql` is given."""
    if isinstance(node, ast.Call):
        return node.args[:1] if _RUNS.search(called(node)) else []
    if isinstance(node, ast.For):
        return node.iter.elts if called(node.target) == "sql" and isinstance(node.iter, ast.Tuple) else []
    if isinstance(node, ast.Assign):
        return [node.value] if any(called(one) == "sql" for one in node.targets) else []
    return [node.value] if isinstance(node, ast.AugAssign) and called(node.target) == "sql" else []


def _is_fixed(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _is_fixed(node.body) and _is_fixed(node.orelse)
    if isinstance(node, ast.Subscript):
        return _is_fixed(node.value)
    return called(node) == "sql" or (_is_constant(node) and not isinstance(node, ast.Call))


CONNECT = {
    "database/pool.py": "asyncpg's pool, whose connections are made by `connect.Dialler`",
}


def test_connections_have_one_place() -> None:
    """Only `ix/database/connect.py` opens connections to PostgreSQL."""
    hold(_calls(r"^(asyncpg\.)?(connect|create_pool)$", but="database/connect.py"), CONNECT)


def _calls(pattern: str, but: str = "") -> Iterator[Finding]:
    for module in modules():
        for node in module.all(ast.Call):
            if module.file != but and re.search(pattern, called(node)):
                yield Finding(module.file, node.lineno, called(node))


NETWORK = re.compile(
    r"(httpx|httpx_sse|httpcore|aiohttp|requests|urllib3|urllib\.request|http\.client|socket|ssl|smtplib|ftplib)$"
)
TALKS = {
    "outbound/__init__.py": "the way out to addresses that clients name",
    "outbound/network.py": "resolves and checks them",
    "outbound/unicast.py": "knows which addresses are public",
    "extraction/models/_http.py": "model servers, which the operator names",
    "client/errors.py": "what the client library reads an answer with",
    "client/events.py": "the client library's streams",
    "client/operations.py": "the client library's requests",
    "client/downloads.py": "the client library's files",
    "client/shells.py": "the client library's connections",
    "database/connect.py": "keep-alive of connections to PostgreSQL",
    "database/embedded.py": "asks how long the path of a socket may be",
    "api/console/oidc/provider.py": "the OpenID provider, which the operator names",
    "cli/watching/sources/mailbox.py": "the mail server, which whoever watches it names",
    "engine/listener.py": "the machine's name",
    "api/server/serve.py": "the port that web listens on",
    "extraction/processes/escapes.py": "tries whether a child reaches anything",
    "cli/doctor/children.py": "gives such a child something to reach",
    "api/server/tls.py": "the certificate that web shows",
}


def test_one_way_out() -> None:
    """Only `ix.outbound`, the model backends, the database and the client talk to other machines."""
    found = (
        Finding(one.module.file, one.line, f"imports {one.source}")
        for one in imports()
        if NETWORK.match(one.source) or NETWORK.match(f"{one.source}.{one.name}")
    )
    hold([*found, *_calls(r"(^|\.)(open_connection|open_unix_connection|create_connection|urlopen)$")], TALKS | LISTENS)


LISTENS = {
    "database/listener.py": "`ix.database.connect.open_connection`, for notifications",
    "cli/doctor/database.py": "`ix.database.connect.open_connection`, for a look at the server",
}

TRUSTED = {
    "database/jsonb.py": "what PostgreSQL holds came through `ix.untrusted`",
    "database/jobs/claim.py": "what PostgreSQL holds came through `ix.untrusted`",
    "api/live/broadcast.py": "what engines tell of their jobs, through PostgreSQL",
    "extraction/processes/frames.py": "frames of ix's own children, whose texts are cleaned where they are made",
    "config/choices.py": "a setting, which the operator makes",
    "config/roles.py": "a setting, which the operator makes",
    "client/errors.py": "answers of the service, in the client library",
    "client/operations.py": "answers of the service, in the client library",
    "client/events.py": "events of the service, in the client library",
    "client/webhooks.py": "what carries a signature of the service, in the client library",
    "console/assets.py": "the package's own catalogues of messages",
    "languages/_papers.py": "the package's own table of words",
    "extraction/values/cldr.py": "the package's own table of names of months and weekdays",
    "engine/pulse/process.py": "the engine's own order, over a pipe that nobody else has",
}


def test_untrusted_json_has_one_way_in() -> None:
    """JSON is read through `ix.untrusted`, unless it is ix's own."""
    readers = r"(^|\.)(json\.loads?|loads|from_json|(model_)?validate_json|json|JSONDecoder)$"
    hold(_calls(readers, but="untrusted.py"), TRUSTED)


def test_lines_of_output_have_one_place() -> None:
    """Only `ix/telemetry/log.py`, and the levels of its events, know `logging`, and only `ix/cli/output.py` prints."""
    logging = (one for one in imports() if one.source.split(".")[0] in ("logging", "warnings"))
    found = [Finding(one.module.file, one.line, f"imports {one.source}") for one in logging]
    found += _calls(r"^(print|pprint|sys\.std(out|err)\.write)$", but="cli/output.py")
    hold([one for one in found if one.name not in ("telemetry/log.py", "telemetry/events.py")])


ENVIRONMENT = {
    "cli/doctor/__init__.py": "looks at each variable by itself, to tell of every bad one",
    "cli/doctor/machine.py": "looks at each variable by itself, to tell of unknown ones",
    "cli/evaluating/serving.py": "the environment of the service that it starts",
    "cli/up.py": "the environment of the processes that it starts",
    "cli/watching/command.py": "the user's state folder (XDG_STATE_HOME)",
    "cli/watching/sources/bucket.py": "AWS's own variables, which the store reads, too",
    "database/embedded.py": "the user's data folder (XDG_DATA_HOME), and PATH for PostgreSQL's own programs",
    "database/migrate.py": "the environment of dbmate",
    "extraction/processes/children.py": "the few variables that a child inherits",
    "telemetry/metering.py": "OpenTelemetry's own variables",
    "telemetry/tracing.py": "OpenTelemetry's own variables",
}


def test_the_environment_has_one_place() -> None:
    """Settings come from `ix.config`, which alone reads the environment for them."""
    read = (
        Finding(module.file, node.lineno, called(node))
        for module in modules()
        for node in module.all(ast.Attribute)
        if called(node) in ("os.environ", "os.getenv", "os.environb")
    )
    named = (Finding(one.module.file, one.line, f"imports {one.name}") for one in imports() if one.source == "os")
    hold(
        (one for one in (*read, *(one for one in named if "env" in one.what)) if one.name != "config/reading.py"),
        ENVIRONMENT,
    )
