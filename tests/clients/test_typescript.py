"""The TypeScript client: its generated types are those of the service, a mistake does not compile, and it works under
Node beside a real service."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.types import FOLDER, PROGRAM, SCHEMA, generated
from tests import databases, processes
from tests.cli.test_commands import NOWHERE, RECEIPT

if shutil.which("node") is None or not PROGRAM.exists():
    pytest.skip("what the TypeScript client is made with is not installed: make node", allow_module_level=True)

USE = """
import {{ Ix, IxError }} from "./index.js";
declare const process: {{ argv: string[] }};
const [, , url, text] = process.argv as [string, string, string, string];
const ix = new Ix(url, {{ clientId: "typescript" }});
const document = {{ name: "receipt.txt", data: new TextEncoder().encode(text) }};
{body}
"""
WORKS = """
const submitted = await ix.submit("receipt", [document]);
const again = await ix.submit("receipt", [document]);
const job = await ix.wait(submitted);
const total: number | null | undefined = job.response?.result?.total;
const items = job.response?.result?.items ?? [];
let refused = 0;
try { await ix.submit("nothing", [document]); } catch (error) { refused = (error as IxError).status; }
await ix.erase(job);
let gone = 0;
try { await ix.get(job.ix_id); } catch (error) { gone = (error as IxError).status; }
console.log(JSON.stringify({ total, items: items.length, same: again.ix_id === job.ix_id, refused, gone }));
"""
MISSPELT = 'const job = await ix.wait(await ix.submit("receipt", [document]));\njob.response?.result?.grand_total;\n'
AWAY = """
try { await ix.get("0000000000000000"); } catch (error) { console.log(JSON.stringify((error as IxError).status)); }
"""


@pytest.fixture(scope="module")
def service_url(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url, processes.service(url) as address:
        yield address


def compiled(folder: Path, body: str) -> subprocess.CompletedProcess[str]:
    """The client and a program that uses it, compiled as its own settings say."""
    shutil.copytree(FOLDER / "src", folder / "src")
    shutil.copy(FOLDER / "tsconfig.json", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "src" / "use.ts").write_text(USE.format(body=body))
    program = FOLDER / "node_modules" / ".bin" / "tsc"
    return subprocess.run([program, "-p", folder], capture_output=True, text=True, timeout=120)


def ran(folder: Path, url: str) -> object:
    node: list[str | Path] = [shutil.which("node") or "node", folder / "dist" / "use.js", url, RECEIPT]
    done = subprocess.run(node, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_types_are_those_of_the_service() -> None:
    assert generated() == SCHEMA.read_text(), "run `make clients`"


def test_a_receipt_comes_back_with_types(service_url: str, tmp_path: Path) -> None:
    done = compiled(tmp_path, WORKS)
    assert done.returncode == 0, done.stdout
    told = ran(tmp_path, service_url)
    assert told == {"total": 3.7, "items": 2, "same": True, "refused": 422, "gone": 404}


def test_a_value_that_a_receipt_does_not_have_does_not_compile(tmp_path: Path) -> None:
    done = compiled(tmp_path, MISSPELT)
    assert done.returncode != 0
    assert "Property 'grand_total' does not exist" in done.stdout


def test_a_service_that_is_away_is_an_error_of_its_own(tmp_path: Path) -> None:
    assert compiled(tmp_path, AWAY).returncode == 0
    assert ran(tmp_path, NOWHERE) == 0
