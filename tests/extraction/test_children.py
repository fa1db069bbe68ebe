"""The pool of child processes: what it survives."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ix.errors import DocumentError, TimeLimitExceeded, WorkTooMuch
from ix.extraction.processes import children
from ix.extraction.processes.children import ChildDied, Children, OverBudget, WasKilled

TASK = "tests.extraction.tasks"
MIB = 1024 * 1024


@pytest.fixture
async def pool() -> AsyncIterator[Children]:
    pool = Children(TASK, workers=1, memory=512 * MIB)
    yield pool
    await pool.stop()


async def call(pool: Children, do: str, *blobs: bytes, seconds: float = 30, **body: Any) -> Any:
    answer, blobs_back = await pool.call({"do": do, **body}, blobs, seconds=seconds)
    assert blobs_back == list(blobs)
    return answer if do == "echo" else answer["answer"]


async def pid(pool: Children) -> int:
    return int((await call(pool, "look"))["pid"])


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_call_answers_with_its_body_and_blobs(pool: Children) -> None:
    assert await call(pool, "echo", b"\0\xff", b"", os.urandom(3 * MIB), words=["é", None]) == {
        "do": "echo",
        "words": ["é", None],
    }


async def test_a_child_serves_call_after_call(pool: Children) -> None:
    assert await pid(pool) == await pid(pool)


async def test_a_child_is_replaced_after_its_share_of_calls() -> None:
    pool = Children(TASK, workers=1, calls=2)
    pids = [await pid(pool) for _ in range(4)]
    await pool.stop()
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_calls_run_at_once_in_as_many_children_as_there_are_workers() -> None:
    pool = Children(TASK, workers=2)
    first, second = await asyncio.gather(pid(pool), pid(pool))
    await pool.stop()
    assert first != second


async def test_an_error_of_the_task_comes_across_and_the_child_goes_on(pool: Children) -> None:
    before = await pid(pool)
    with pytest.raises(DocumentError, match="a reason") as raised:
        await call(pool, "refuse", message="a reason")
    assert raised.value.code == "document_encrypted"
    assert await pid(pool) == before


async def test_any_other_exception_is_a_death_that_names_its_class_and_nothing_else(pool: Children) -> None:
    with pytest.raises(ChildDied, match="ValueError") as raised:
        await call(pool, "fail")
    assert "secret" not in str(raised.value)
    assert await call(pool, "echo") == {"do": "echo"}


async def test_a_task_that_cannot_be_imported_is_a_death() -> None:
    pool = Children("tests.extraction.no_such_task", workers=1)
    with pytest.raises(ChildDied, match="ModuleNotFoundError"):
        await call(pool, "echo")
    await pool.stop()


async def test_a_dead_child_is_replaced(pool: Children) -> None:
    before = await pid(pool)
    with pytest.raises(ChildDied, match="status -6"):
        await call(pool, "die")
    assert await pid(pool) != before


async def test_a_child_that_was_killed_while_idle_costs_no_call(pool: Children) -> None:
    before = await pid(pool)
    (idle,) = pool._idle
    os.kill(before, signal.SIGKILL)
    await idle._process.wait()
    assert await pid(pool) != before


async def test_a_hanging_child_is_killed_and_replaced(pool: Children) -> None:
    before = await pid(pool)
    with pytest.raises(TimeLimitExceeded, match=r"0\.2 seconds"):
        await call(pool, "hang", seconds=0.2)
    assert await pid(pool) != before
    await pool.stop()
    assert gone(before)


async def test_a_cancelled_call_takes_its_child_along(pool: Children) -> None:
    before = await pid(pool)
    hanging = asyncio.create_task(call(pool, "hang"))
    await asyncio.sleep(0)
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert await call(pool, "echo", b"mine") == {"do": "echo"}
    await pool.stop()
    assert gone(before)


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no limit of the address space")
async def test_memory_is_limited(pool: Children) -> None:
    assert await call(pool, "eat", bytes=64 * MIB) == 64 * MIB
    with pytest.raises(ChildDied, match="MemoryError"):
        await call(pool, "eat", bytes=1024 * MIB)
    assert await call(pool, "echo") == {"do": "echo"}


async def test_processor_time_is_limited_whatever_runs(pool: Children) -> None:
    with pytest.raises(OverBudget, match=r"more processor time than the 0\.1 seconds"):
        await pool.call({"do": "spin"}, seconds=60, processor=0.1)
    assert await call(pool, "echo") == {"do": "echo"}


async def test_each_call_has_processor_time_of_its_own(pool: Children) -> None:
    for seconds in (7, 3):
        answer, _ = await pool.call({"do": "look"}, seconds=60, processor=seconds)
        # the kernel counts in whole seconds
        assert seconds - 0.2 < answer["answer"]["processor"] <= seconds + 1


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no limit of the address space")
async def test_a_child_that_ran_out_of_memory_says_so_although_its_memory_is_full() -> None:
    pool = Children(TASK, workers=1, memory=256 * MIB)
    with pytest.raises(OverBudget, match="memory"):
        await call(pool, "hoard")
    assert await call(pool, "echo") == {"do": "echo"}
    await pool.stop()


async def test_a_child_that_was_killed_at_work_was_not_at_fault(pool: Children, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    hanging = asyncio.create_task(call(pool, "hang", tell=str(pipe)))
    os.kill(int(await asyncio.to_thread(pipe.read_text)), signal.SIGKILL)
    with pytest.raises(WasKilled):
        await hanging


async def test_whether_a_task_may_be_done_again_comes_across(pool: Children) -> None:
    with pytest.raises(WorkTooMuch) as raised:
        await call(pool, "overload", message="too much")
    assert (raised.value.retryable, raised.value.after) == (True, 2.0)


async def test_children_start_ahead_of_the_calls_that_need_them() -> None:
    pool = Children(TASK, workers=2, ahead=True)
    await pool.start()
    assert len(pool._living) == 1
    await pid(pool)
    if pool._starting is not None:
        await pool._starting
    assert len(pool._living) == len(pool._idle) == 2
    await pool.stop()


async def test_a_child_imports_what_it_is_told_before_its_first_call(tmp_path: Path) -> None:
    (tmp_path / "alone.py").write_text("THERE = True")
    (tmp_path / "broken.py").write_text("raise SystemExit")
    pool = Children(TASK, 1, modules=("colorsys", f"alone={tmp_path}/alone.py", f"broken={tmp_path}/broken.py", "none"))
    modules = (await call(pool, "look"))["modules"]
    assert {"colorsys", "alone"} <= set(modules)
    assert not {"broken", "none"} & set(modules)
    await pool.stop()


async def test_prints_do_not_get_between_frames(pool: Children) -> None:
    assert await call(pool, "babble") is None
    assert await call(pool, "echo") == {"do": "echo"}


HEAD = json.dumps({"body": {"answer": 1}, "sizes": [children.MAX_REPLY // 2 + 1] * 2}).encode()
FORGERIES = {
    "an endless head": b"\xff\xff\xff\xff",
    "no JSON": b"\0\0\0\4junk",
    "no object": b"\0\0\0\1[",
    "no body": b"\0\0\0\2{}",
    "NaN": b"\0\0\0\x1f" + b'{"body":{"answer":NaN},"sizes":' + b"[]}",
    "endless blobs": len(HEAD).to_bytes(4, "big") + HEAD,
    "a negative blob": b"\0\0\0\x28" + b'{"body":{"answer":1},"sizes":[-1],"x":1}',
    "a pickle": b"\0\0\0\x0b" + b"cos\nsystem\n",
}


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
async def test_a_forged_answer_is_a_death(pool: Children, forged: bytes) -> None:
    with pytest.raises(ChildDied, match="broke the protocol"):
        await call(pool, "forge", hex=forged.hex())
    assert await call(pool, "echo") == {"do": "echo"}


async def test_children_inherit_no_secrets(pool: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IX_OPENAI_KEY", "sk-secret")
    monkeypatch.setenv("PGPASSWORD", "secret")
    fresh = Children(TASK, workers=1, extra={"OMP_NUM_THREADS": "1"})
    seen = await call(fresh, "look")
    await fresh.stop()
    allowed = {
        *children.PASSED_ON,
        "PYTHONPATH",
        "PYTHONDONTWRITEBYTECODE",
        "OMP_NUM_THREADS",
        "LC_CTYPE",
        "__CF_USER_TEXT_ENCODING",
    }
    assert set(seen["environment"]) <= allowed
    assert seen["core"] == [0, 0]


async def test_stop_ends_idle_and_busy_children_and_their_tasks() -> None:
    pool = Children(TASK, workers=2)
    await pool.start()
    idle = await pid(pool)
    calls = [asyncio.create_task(call(pool, "hang")) for _ in range(2)]
    await asyncio.sleep(0)
    await pool.stop()
    for one in calls:
        with pytest.raises(ChildDied):
            await one
    assert gone(idle)
    assert not [child for child in psutil.Process().children() if TASK in " ".join(child.cmdline())]
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_stopped_pool_takes_no_calls_until_it_is_started_again(pool: Children) -> None:
    await pool.stop()
    with pytest.raises(ChildDied, match="stopped"):
        await call(pool, "echo")
    await pool.start()
    assert await call(pool, "echo") == {"do": "echo"}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the end of its input ends a child")
async def test_a_child_ends_with_its_parent_even_at_work(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    script = f"""
import asyncio
from ix.extraction.processes.children import Children
async def main():
    await Children({TASK!r}, 1).call({{"do": "hang", "tell": {str(pipe)!r}}}, seconds=60)
asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    child = psutil.Process(int(await asyncio.to_thread(pipe.read_text)))
    parent.kill()
    await parent.wait()
    _, alive = psutil.wait_procs([child], timeout=10)
    assert not alive
