"""`ix doctor`: is everything there that a running ix needs? To add a check, write a function in this folder and name it
in `CHECKS`."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TextIO

from ix.cli.doctor import children, database, machine, people, replica, rules, storage
from ix.cli.doctor.patient import Check, Finding, Patient, State, Unreached, fail, off
from ix.cli.output import add_json, emit
from ix.database.connect import UNMIGRATED
from ix.database.embedded import LocalPostgres, home_folder
from ix.telemetry.log import describe

CHECKS = (
    Check("settings", machine.settings),
    Check("versions", machine.versions),
    Check("database", database.database),
    Check("migrations", database.migrations),
    Check("rights", database.rights),
    Check("notifications", database.notifications),
    Check("queue", database.queue),
    Check("durability", database.durability),
    Check("transactions", database.transactions),
    Check("engines", database.engines),
    Check("clock", database.clock),
    Check("keys", database.keys),
    Check("replica", replica.replica),
    Check("object store", storage.store, 40.0),
    Check("certificate", machine.certificate),
    Check("sign-in", people.sign_in, 25.0),
    Check("model", machine.model),
    # these start child processes, and OCR loads its models first
    Check("ocr", machine.ocr, 60.0),
    Check("reader", machine.reader, 30.0),
    Check("invoice rules", rules.rules, 60.0),
    Check("sandbox", children.confinement, 15.0),
    Check("use cases", machine.use_cases),
    Check("disk", machine.disk),
    Check("binaries", machine.binaries),
)
SIGNS = {State.OK: "✓", State.WARN: "!", State.FAIL: "✗", State.OFF: "–"}
WORDS = {State.OK: "ok  ", State.WARN: "warn", State.FAIL: "FAIL", State.OFF: "-   "}


class Examined(NamedTuple):
    """A check's name and its finding."""

    check: str
    finding: Finding


def declare(command: argparse.ArgumentParser) -> None:
    """Declares the command. It finds wrong settings itself, and only its own words are to be read."""
    add_json(command)
    command.set_defaults(run=_run, check_settings=False)


def _run(parsed: argparse.Namespace) -> int:
    """Exit code 0 where all is well, else 1."""
    results = asyncio.run(examine(_patient()))
    is_well = all(result.finding.state in (State.OK, State.OFF) for result in results)
    checks = [{"check": result.check, **result.finding._asdict()} for result in results]
    emit(parsed, {"well": is_well, "checks": checks}, "\n".join(_lines(results, sys.stdout)))
    return 0 if is_well else 1


def _patient() -> Patient:
    """The ix that the environment describes, with the embedded database where that is running."""
    settings, problems = machine.read_settings(os.environ)
    local = LocalPostgres(home_folder(settings.home))
    if not settings.postgres_url and local.answers():
        settings = settings.model_copy(update={"postgres_url": local.url("ix")})
    return Patient(settings, problems)


async def examine(patient: Patient, checks: Sequence[Check] = CHECKS) -> list[Examined]:
    """Does all checks at once; each has its own time limit, and none hides the others."""
    try:
        findings = await asyncio.gather(*(_in_time(check, patient) for check in checks))
    finally:
        await patient.close()
    return [Examined(check.name, finding) for check, finding in zip(checks, findings, strict=True)]


async def _in_time(check: Check, patient: Patient) -> Finding:
    try:
        async with asyncio.timeout(check.seconds):
            return await check.look(patient)
    except ModuleNotFoundError as error:
        return off(f"not checked: the package {error.name} is not installed here")
    except Unreached:
        return off("not checked: no database answers")
    except UNMIGRATED:
        return off("not checked: the database lacks tables of this ix")
    except TimeoutError:
        return fail(f"no answer within {check.seconds:g} s", "is the machine, or the server, overloaded?")
    except Exception as error:
        return fail(describe(error), "see the log of the server that it concerns")


def _lines(results: Sequence[Examined], stream: TextIO) -> Iterator[str]:
    # print raises for a sign that the stream's encoding lacks
    is_plain = not stream.isatty() or (stream.encoding or "").lower().replace("-", "") != "utf8"
    signs, arrow = (WORDS, "->") if is_plain else (SIGNS, "→")
    width = max(len(result.check) for result in results)
    for check, (state, found, advice) in results:
        yield f"{signs[state]} {check:<{width}}  {found}{f' {arrow} {advice}' if advice else ''}"
