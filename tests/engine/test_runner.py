"""The runner: whatever a use case does, within its time a job has a response that can be stored and repeats nothing of
the document."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from typing import Any, cast
from uuid import uuid4

import asyncpg
import pytest

from ix import untrusted
from ix.config import Settings
from ix.engine import runner
from ix.errors import DocumentError, IxError
from ix.job import Claim, Problem, Request, Response
from ix.use_cases import Context
from tests.cases import Body, Case
from tests.logs import Log

CANARY = "canary-from-the-document"
CONTEXT = cast(Context, None)


async def respond(body: Body, *, limit: float = 10, timeout: float | None = None, use_case: str = "test") -> Response:
    """What a job of this body ends with."""
    claim = Claim("0" * 16, uuid4(), use_case, 0, Request(), None)
    answer = await runner.run(claim, {"test": Case(body, timeout=timeout)}, CONTEXT, Settings(job_timeout=limit))
    response = Response.model_validate_json(answer.response)
    assert answer.error == code(response)
    return response


def giving(response: Any) -> Body:
    async def body(request: Request, context: Context) -> Any:
        return response

    return body


def raising(error: BaseException) -> Body:
    async def body(request: Request, context: Context) -> Any:
        raise error

    return body


async def hang(request: Request, context: Context) -> Any:
    await asyncio.Event().wait()


def code(response: Response) -> str | None:
    return response.error.code if response.error else None


async def test_a_response_comes_through_as_it_is() -> None:
    response = Response(
        result={"a": [1, 2.5, None, "ä"]}, evidence={"a": []}, timings={"read": 0.5}, usage={"pages": 1}
    )
    assert await respond(giving(response)) == response


async def test_an_unknown_use_case_is_named() -> None:
    response = await respond(hang, use_case="nonsense")
    assert response.error == Problem(code="unknown_use_case", message="this engine knows no use case nonsense")


async def test_a_drill_that_was_stored_while_drills_were_on_says_how_to_switch_them_on() -> None:
    error = (await respond(hang, use_case="drill")).error
    assert error is not None
    assert (error.code, "IX_DRILL=true" in error.message) == ("unknown_use_case", True)


async def test_an_error_on_purpose_keeps_its_code_and_words() -> None:
    response = await respond(raising(DocumentError("page 2 is torn", code="document_unreadable")))
    assert response.error == Problem(code="document_unreadable", message="page 2 is torn")


class TestRaises:
    @pytest.mark.parametrize(
        "error", [ValueError(CANARY), OSError(CANARY), IxError(CANARY), asyncpg.InterfaceError(CANARY)], ids=repr
    )
    async def test_only_the_class_is_told_to_the_client_and_the_log(self, error: Exception, log: Log) -> None:
        response = await respond(raising(error))
        assert response.error == Problem(code="use_case_failed", message=f"the use case raised {type(error).__name__}")
        assert CANARY not in "\n".join(log.lines)

    async def test_the_log_says_where(self, log: Log) -> None:
        await respond(raising(KeyError(CANARY)))
        assert re.search(r"raised=KeyError where=test_runner\.py:\d+$", await log.until("use case raised"))

    @pytest.mark.parametrize(
        "error", [asyncio.CancelledError(), SystemExit(3), ExceptionGroup(CANARY, [ValueError(CANARY)])], ids=repr
    )
    async def test_even_what_is_no_ordinary_error_ends_the_job(self, error: BaseException) -> None:
        response = await respond(raising(error))
        assert response.error == Problem(code="use_case_failed", message=f"the use case raised {type(error).__name__}")

    async def test_a_loop_without_end_in_its_recursion_is_an_error_like_any_other(self) -> None:
        def deeper(level: int) -> int:
            return deeper(level + 1)

        async def body(request: Request, context: Context) -> Any:
            deeper(0)

        assert code(await respond(body)) == "use_case_failed"

    @pytest.mark.parametrize("answer", [None, {"result": {}}, "text"], ids=repr)
    async def test_something_that_is_no_response_is_an_error(self, answer: Any) -> None:
        response = await respond(giving(answer))
        assert response.error == Problem(
            code="use_case_failed", message=f"the use case gave a {type(answer).__name__}, not a Response"
        )


class TestTimeLimit:
    @pytest.mark.parametrize(("limit", "timeout"), [(0.05, None), (60, 0.05)])
    async def test_the_use_cases_own_goes_before_the_settings(self, limit: float, timeout: float | None) -> None:
        async with asyncio.timeout(5):
            response = await respond(hang, limit=limit, timeout=timeout)
        assert response.error == Problem(code="time_limit", message="the job took longer than 0.05 s")

    async def test_a_use_case_may_tidy_up(self) -> None:
        tidy = asyncio.Event()

        async def body(request: Request, context: Context) -> Any:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
                tidy.set()

        assert code(await respond(body, limit=0.05)) == "time_limit"
        assert tidy.is_set()

    async def test_one_that_swallows_its_cancellation_is_left_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(runner, "STUBBORN_SECONDS", 0.05)
        released = asyncio.Event()

        async def body(request: Request, context: Context) -> Any:
            while not released.is_set():
                with suppress(asyncio.CancelledError):
                    await released.wait()
            return Response()

        async with asyncio.timeout(5):
            assert code(await respond(body, limit=0.05)) == "time_limit"
        released.set()
        await asyncio.sleep(0)

    async def test_a_cancelled_job_ends_its_use_case_and_says_nothing(self) -> None:
        began, over = asyncio.Event(), asyncio.Event()

        async def body(request: Request, context: Context) -> Any:
            began.set()
            try:
                await asyncio.Event().wait()
            finally:
                over.set()

        job = asyncio.create_task(respond(body))
        await began.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        assert over.is_set()


class TestStorable:
    async def test_nul_and_lone_surrogates_are_replaced(self) -> None:
        response = await respond(
            giving(Response(result={"a\x00": ["x\x00y", {"b": "\ud800"}]}, usage={"model": "m\x00"}))
        )
        assert response.result == {"a\ufffd": ["x\ufffdy", {"b": "\ufffd"}]}
        assert response.usage == {"model": "m\ufffd"}
        untrusted.check(response.model_dump(mode="json"))

    @pytest.mark.parametrize(
        "fields",
        [
            {"result": {"total": float("inf")}},
            {"result": {"total": float("nan")}},
            {"result": {"total": 2**63}},
            {"evidence": [[float("-inf")]]},
            {"timings": {"read": float("inf")}},
        ],
        ids=repr,
    )
    async def test_numbers_that_json_cannot_hold_end_the_job_in_error(self, fields: dict[str, Any]) -> None:
        assert code(await respond(giving(Response(**fields)))) == "response_unstorable"

    async def test_what_was_put_in_behind_the_models_back_ends_the_job_in_error(self) -> None:
        endless: list[Any] = []
        endless.append(endless)
        deep: Any = CANARY
        for _ in range(sys.getrecursionlimit()):
            deep = [deep]
        for result in (object(), {"bytes": b"\xff"}, endless, deep):
            response = await respond(giving(Response.model_construct(result=result)))
            assert code(response) == "response_unstorable", result
            assert CANARY not in response.model_dump_json()

    async def test_the_message_names_the_place_and_not_the_value(self) -> None:
        response = await respond(giving(Response(result={"lines": [{"total": 10**30}]})))
        assert response.error is not None
        assert "result.lines.0.total" in response.error.message
        assert "10000" not in response.error.message
