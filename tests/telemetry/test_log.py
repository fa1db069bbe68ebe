"""Log lines: one line an event, and nothing in it that belongs to a client or opens a door."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.database.connect import Pool
from ix.errors import ConfigError, DocumentError
from ix.telemetry import log as telemetry
from ix.telemetry.log import Event, bound, describe, log, redact
from tests.logs import heard

CANARY = "canary-from-the-document"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("postgres://ix:secret@db.test:5432/ix", "postgres://…@db.test:5432/ix"),
        ("postgres://ix:se@cret@db.test/ix", "postgres://…@db.test/ix"),
        (
            "postgres://ix@db.test/ix?password=secret&sslmode=disable",
            "postgres://…@db.test/ix?password=…&sslmode=disable",
        ),
        ("host=db user=ix PASSWORD=secret", "host=db user=ix PASSWORD=…"),
        (
            "from https://a:secret@one.test/x to https://b:secret@two.test/y",
            "from https://…@one.test/x to https://…@two.test/y",
        ),
        ("http://one.test/x?mail=me@two.test", "http://one.test/x?mail=me@two.test"),
        ("no address at all", "no address at all"),
    ],
)
def test_credentials_in_addresses_are_hidden(text: str, safe: str) -> None:
    assert redact(text) == safe
    assert "secret" not in redact(text)


@given(st.text(max_size=30) | st.from_regex(r"[a-z:/@=. _+-]*(password=|://)[a-z@:/&]*", fullmatch=True))
def test_a_field_that_is_written_as_it_is_held_nothing_to_hide(text: str) -> None:
    assert telemetry._safe(text) == telemetry._UNPRINTABLE.sub(" ", redact(text))


def test_a_line_for_people_is_what_loggings_own_formatter_would_write(caplog: pytest.LogCaptureFixture) -> None:
    own = logging.Formatter("%(asctime)s.%(msecs)03d %(levelname)s %(message)s", datefmt="%H:%M:%S")
    log(Event.ORPHAN_RESCUED, ix_id="1", cause="two words", seconds=0.5)
    [record] = caplog.records
    assert telemetry.TextFormatter().format(record) == own.format(record)
    assert own.format(record).endswith(' orphan rescued ix_id=1 cause="two words" seconds=0.500')


def test_a_line_has_whatever_a_formatter_may_ask_for() -> None:
    ask = "%(" + ")s %(".join(vars(logging.makeLogRecord({}))) + ")s %(message)s %(asctime)s"
    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(logging.Formatter(ask))
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    logging.getLogger("ix").addHandler(handler)
    try:
        log(Event.LOOP_FAILED, name="x")
    finally:
        logging.getLogger("ix").removeHandler(handler)
    assert "ix " in lines[0]
    assert "a loop failed and goes on name=x" in lines[0]


class TestDescribe:
    @pytest.mark.parametrize(
        ("error", "words"),
        [
            (ConfigError("IX_PORT: no"), "ConfigError: IX_PORT: no"),
            (DocumentError("page 2 is torn"), "DocumentError: page 2 is torn"),
            (ConfigError("cannot reach postgres://ix:secret@db/ix"), "ConfigError: cannot reach postgres://…@db/ix"),
            (ValueError(CANARY), "ValueError"),
            (KeyError(CANARY), "KeyError"),
            (TimeoutError(), "TimeoutError"),
            (
                ConnectionRefusedError(111, "Connect call failed"),
                "ConnectionRefusedError: [Errno 111] Connect call failed",
            ),
            (socket.gaierror(-2, "Name or service not known"), "gaierror: [Errno -2] Name or service not known"),
            (FileNotFoundError(2, "No such file", CANARY), "FileNotFoundError: No such file"),
            (asyncpg.InterfaceError("connection is closed"), "InterfaceError: connection is closed"),
        ],
        ids=repr,
    )
    def test_says_what_ix_and_the_machine_say_and_of_others_only_the_class(self, error: Exception, words: str) -> None:
        assert describe(error) == words

    @pytest.mark.parametrize(
        ("statement", "arguments", "words"),
        [
            ("SELECT 1/0", [], "DivisionByZeroError: SQLSTATE 22012"),
            ("SELECT $1::int", [CANARY], "DataError: SQLSTATE 22000"),
            ("SELECT $1::text::int", [CANARY], "InvalidTextRepresentationError: SQLSTATE 22P02"),
            ("SELECT $1::text::jsonb", [f'{{"{CANARY}'], "InvalidTextRepresentationError: SQLSTATE 22P02"),
            ("INSERT INTO jobs (client_id) VALUES ($1)", [CANARY], "NotNullViolationError: SQLSTATE 23502"),
            (
                "INSERT INTO pg_temp.canaries VALUES ($1), ($1)",
                [CANARY],
                "UniqueViolationError: constraint canaries_name_key",
            ),
            (
                "INSERT INTO pg_temp.canaries VALUES ('', $1)",
                [CANARY],
                "CheckViolationError: constraint canaries_other_check",
            ),
            (
                "INSERT INTO pg_temp.canaries VALUES ('', '', $1)",
                [CANARY],
                "StringDataRightTruncationError: SQLSTATE 22001",
            ),
            ("DO $$ BEGIN RAISE 'canary-from-the-document'; END $$", [], "RaiseError: SQLSTATE P0001"),
            ("SELECT 1 FROM nowhere", [], 'UndefinedTableError: relation "nowhere" does not exist'),
            (
                "SELECT pg_terminate_backend(pg_backend_pid())",
                [],
                "terminating connection due to administrator command",
            ),
        ],
        ids=lambda value: str(value)[:40],
    )
    async def test_of_postgresqls_errors_no_value_comes_through(
        self, pool: Pool, statement: str, arguments: list[Any], words: str
    ) -> None:
        async with pool.acquire() as connection:
            await connection.execute(
                "CREATE TEMP TABLE canaries (name text UNIQUE, other text CHECK (other = ''), short varchar(3))"
            )
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)) as raised:
                await connection.fetch(statement, *arguments)
        said = describe(raised.value)
        assert words in said
        assert CANARY not in said

    def test_is_short_and_one_line(self) -> None:
        assert len(describe(ConfigError("x" * 1000))) <= 300


class TestSay:
    def test_a_line_is_a_sentence_and_fields_in_order(self) -> None:
        with heard() as heard_log:
            log(Event.JOB_FINISHED, ix_id="00ff", seconds=1.23456, code=None, why="two words", error=ValueError(CANARY))
        assert heard_log.lines == ['INFO job finished ix_id=00ff seconds=1.235 why="two words" error=ValueError']

    @pytest.mark.parametrize(
        "text", ["a\nb", "a\r\nb", "a\x1b[31mb", "a\u2028b", "a\x85b", "a\x00b", 'a" level="fine'], ids=ascii
    )
    def test_a_value_can_forge_neither_a_line_nor_a_field(self, text: str) -> None:
        with heard() as heard_log:
            log(Event.REQUEST_FAILED, path=text, after=1)
        [line] = heard_log.lines
        assert len(line.splitlines()) == 1
        assert line.isprintable()
        assert line.count('"') in (0, 2)
        assert line.endswith(" after=1")

    def test_credentials_in_fields_are_hidden(self) -> None:
        with heard() as heard_log:
            log(
                Event.WEB_LISTENING,
                address="http://me:secret@ix.test/",
                error=ConfigError("postgres://ix:secret@db/ix is down"),
            )
        assert "secret" not in heard_log.lines[0]


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """The logger of ix, left as it was, and the root logger too."""
    logger, root = logging.getLogger("ix"), logging.getLogger()
    handlers, level, propagate, others = logger.handlers[:], logger.level, logger.propagate, root.handlers[:]
    yield logger
    logger.handlers[:], logger.propagate, root.handlers[:] = handlers, propagate, others
    logger.setLevel(level)


@pytest.mark.parametrize(("level", "lines"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
@pytest.mark.usefixtures("logger")
def test_what_is_below_the_level_is_not_said(capsys: pytest.CaptureFixture[str], level: str, lines: int) -> None:
    telemetry.configure(level)
    telemetry.configure(level)
    for event in (Event.JOB_PROGRESS, Event.JOB_FINISHED, Event.LISTENER_LOST, Event.JOB_RAISED):
        log(event, ix_id="00ff")
    said = capsys.readouterr().err.splitlines()
    assert len(said) == lines
    assert said[-1].endswith("ERROR use case raised ix_id=00ff")


class TestCarrying:
    def test_fields_come_after_a_lines_own_and_give_way_to_them(self) -> None:
        with heard() as heard_log, bound(http_request="r", ix_id="00ff"):
            with bound(trace_id=None):
                log(Event.JOB_FINISHED, ix_id="0001", seconds=1.0)
            log(Event.WEB_STOPPED)
        log(Event.WEB_STOPPED)
        assert heard_log.lines == [
            "INFO job finished ix_id=0001 seconds=1.000 http_request=r",
            "INFO web stopped http_request=r ix_id=00ff",
        ]

    async def test_tasks_that_run_side_by_side_do_not_mix(self) -> None:
        async def work(number: int) -> None:
            with bound(ix_id=number):
                for _ in range(3):
                    await asyncio.sleep(0)
                    await asyncio.to_thread(log, Event.JOB_STARTED, number=number)

        with heard() as heard_log:
            await asyncio.gather(*(work(number) for number in range(5)))
        assert len(heard_log.lines) == 15
        assert all(line.split("number=")[1].split()[0] == line.split("ix_id=")[1] for line in heard_log.lines)


@pytest.mark.usefixtures("logger")
class TestJson:
    def lines(self, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
        return [json.loads(line, parse_constant=pytest.fail) for line in capsys.readouterr().err.splitlines()]

    def test_a_line_is_one_object_whose_fields_keep_their_types(self, capsys: pytest.CaptureFixture[str]) -> None:
        telemetry.configure("INFO", "json")
        engine = UUID(int=1)
        with bound(ix_id="00ff"):
            log(
                Event.JOB_FINISHED,
                seconds=1.23456,
                count=3,
                ended=True,
                engine=engine,
                code=None,
                rate=float("nan"),
                error=ValueError(CANARY),
            )
        [line] = self.lines(capsys)
        time = line.pop("time")
        assert time.endswith("Z")
        assert len(time) == len("2026-01-01T00:00:00.000Z")
        assert abs(datetime.fromisoformat(time) - datetime.now(UTC)) < timedelta(minutes=1)
        assert line == {
            "level": "INFO", "event": "job_finished", "message": "job finished", "seconds": 1.235, "count": 3,
            "ended": True, "engine": str(engine), "rate": None, "error": "ValueError", "ix_id": "00ff",
        }  # fmt: skip

    @pytest.mark.parametrize(
        "text", ["a\nb", "a\u2028b", "a\ud800b", "a\x00b", '"}{"level": "x"', "http://me:secret@ix.test/"], ids=ascii
    )
    def test_a_value_can_forge_nothing_and_gives_no_credentials_away(
        self, capsys: pytest.CaptureFixture[str], text: str
    ) -> None:
        telemetry.configure("INFO", "json")
        log(Event.REQUEST_FAILED, path=text)
        [line] = self.lines(capsys)
        assert line["level"] == "ERROR"
        assert "secret" not in line["path"]
        assert line["path"].isprintable()

    def test_a_field_cannot_take_the_place_of_what_every_line_has(self, capsys: pytest.CaptureFixture[str]) -> None:
        telemetry.configure("INFO", "json")
        log(Event.WEB_STOPPED, level="x", time="x", message="x")
        [line] = self.lines(capsys)
        assert (line["level"], line["message"]) == ("INFO", "web stopped")

    def test_what_libraries_warn_of_is_a_line_too_without_their_words(self, capsys: pytest.CaptureFixture[str]) -> None:
        telemetry.configure("INFO", "json")
        logging.getLogger("asyncio").error(CANARY, exc_info=ValueError(CANARY))
        logging.getLogger("httpx").info(CANARY)
        logging.getLogger("opentelemetry.sdk").warning("Queue %s", "full")
        first, second = self.lines(capsys)
        assert (first["event"], first["library"], first["error"]) == ("library_warned", "asyncio", "ValueError")
        assert CANARY not in str(first)
        assert second["why"] == "Queue full"


def test_every_event_has_a_level_and_a_sentence_of_its_own() -> None:
    assert len({event.value[1] for event in Event}) == len(Event)
    assert {event.value[0] for event in Event} <= {logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR}


@pytest.mark.usefixtures("logger")
class TestLines:
    """When they are written."""

    async def test_the_usual_ones_of_a_turn_of_the_loop_are_written_with_one_call(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        telemetry.configure()
        written: list[str] = []
        monkeypatch.setattr(lines().stream, "write", written.append)
        log(Event.JOB_FINISHED, ix_id="1")
        log(Event.JOB_FINISHED, ix_id="2")
        assert written == []
        await asyncio.sleep(0)
        log(Event.JOB_FINISHED, ix_id="3")
        await asyncio.sleep(0)
        assert [[line.rpartition("=")[2] for line in text.splitlines()] for text in written] == [["1", "2"], ["3"]]

    async def test_a_warning_is_written_at_once_after_what_was_said_before(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        telemetry.configure()
        log(Event.JOB_FINISHED, ix_id="1")
        log(Event.ORPHAN_RESCUED, ix_id="2")
        assert [line.rpartition("=")[2] for line in capsys.readouterr().err.splitlines()] == ["1", "2"]

    async def test_what_another_thread_says_is_written_at_once_after_what_was_said_before(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        telemetry.configure()
        log(Event.JOB_FINISHED, ix_id="1")
        other = threading.Thread(target=log, args=(Event.JOB_FINISHED,), kwargs={"ix_id": "2"})
        other.start()
        # in this turn of the loop
        other.join()
        assert [line.rpartition("=")[2] for line in capsys.readouterr().err.splitlines()] == ["1", "2"]

    def test_where_no_loop_runs_each_is_written_at_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        telemetry.configure()
        log(Event.JOB_FINISHED, ix_id="1")
        assert "ix_id=1" in capsys.readouterr().err

    def test_what_a_loop_left_unwritten_does_not_keep_back_what_the_next_one_says(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        async def said(ix_id: str) -> None:
            log(Event.JOB_FINISHED, ix_id=ix_id)
            await asyncio.sleep(0)

        telemetry.configure()
        first, second = asyncio.new_event_loop(), asyncio.new_event_loop()
        first.call_soon(partial(log, Event.JOB_FINISHED, ix_id="1"))
        first.call_soon(first.stop)
        first.run_forever()
        first.close()
        assert capsys.readouterr().err == ""
        second.run_until_complete(said("2"))
        second.close()
        assert [line.rpartition("=")[2] for line in capsys.readouterr().err.splitlines()] == ["1", "2"]

    def test_a_process_that_ends_has_written_its_last_ones(self) -> None:
        code = """
            import asyncio
            from ix.telemetry import log
            log.configure()
            loop = asyncio.new_event_loop()
            loop.call_soon(lambda: (log.log(log.Event.JOB_FINISHED, ix_id="last"), loop.stop()))
            loop.run_forever()"""
        ended = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
        )
        assert "ix_id=last" in ended.stderr

    async def test_a_log_that_cannot_be_written_stops_nothing(self, capsys: pytest.CaptureFixture[str]) -> None:
        telemetry.configure()
        lines().setStream(closed := io.StringIO())
        closed.close()
        log(Event.JOB_FINISHED, ix_id="1")
        await asyncio.sleep(0)
        assert "closed file" in capsys.readouterr().err


def lines() -> telemetry.Lines:
    return next(one for one in logging.getLogger("ix").handlers if isinstance(one, telemetry.Lines))
