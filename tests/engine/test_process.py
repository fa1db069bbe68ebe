"""The engine as a process: it ends when it is told to, whatever its use cases left behind."""

from __future__ import annotations

import signal
import textwrap
from pathlib import Path

import pytest

from ix.config import Settings
from ix.database.jobs import Jobs
from ix.engine.engine import Engine
from ix.errors import ConfigError
from ix.use_cases import Extraction, Result
from tests import processes
from tests.factories import submission

STUBBORN = """
    import asyncio, threading
    from ix.use_cases import NoOptions

    class Stubborn:
        name, description = "stubborn", "Never ends, and neither do its threads"
        request, result, max_attempts, timeout = NoOptions, None, None, None

        async def run(self, request, context):
            threading.Thread(target=threading.Event().wait).start()
            in_executor = asyncio.get_running_loop().run_in_executor(None, threading.Event().wait)
            context.progress("stuck")
            while True:
                try:
                    await asyncio.shield(in_executor)
                except asyncio.CancelledError:
                    pass

    USE_CASE = Stubborn()
"""


async def test_it_ends_although_threads_and_tasks_do_not(settings: Settings, jobs: Jobs, tmp_path: Path) -> None:
    (tmp_path / "stubborn.py").write_text(textwrap.dedent(STUBBORN))
    await jobs.insert_pending(submission(use_case="stubborn", options={}))
    told = {"IX_USE_CASE_DIR": str(tmp_path), "IX_DRAIN_SECONDS": "0.1"}
    with processes.engine(settings.postgres_url, **told) as engine:
        engine.until("step=stuck")
        engine.send(signal.SIGTERM)
        assert engine.wait(10) == 0
        assert "engine stopped" in engine.lines[-1]


async def test_a_use_case_whose_result_no_child_could_import_is_refused_at_the_start(settings: Settings) -> None:
    class Local(Result):
        total: float | None = None

    case = Extraction("local", Local, "Reads a total", "")
    with pytest.raises(ConfigError, match=r"Local cannot be imported: it must stand in a module of its own"):
        await Engine(settings, cases={"local": case}).start()
