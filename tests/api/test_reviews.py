"""Reviews over HTTP: what people put right and decide, alone and at once, and who may."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ix.config import Settings
from ix.database.connect import Pool
from tests.accounts import connected
from tests.api.reviewing import UNSURE, People, ended, people
from tests.extraction.review.answers import answer, node


@pytest.fixture
async def them(settings: Settings, pool: Pool) -> AsyncIterator[People]:
    async with people(settings, pool) as them:
        yield them


async def status_of(pool: Pool, ix_id: str) -> tuple[str | None, int | None]:
    row = await pool.fetchrow("SELECT review, points FROM jobs WHERE ix_id = $1", ix_id)
    return row["review"], row["points"]


async def test_an_answer_is_put_right_and_approved(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    before = await them.review(ix_id)
    assert (before["state"], before["version"], before["corrections"], before["decided"]) == ("needed", 0, [], None)
    assert [point["path"] for point in before["points"]] == ["number"]
    stored = (await them.ask("vera", "GET", f"/jobs/{ix_id}")).json()["response"]

    place = node(boxes=[[0.1, 0.2, 0.3, 0.4]], quote="B-2")
    answered = await them.change("anna", ix_id, 0, {"path": "number", "value": "B-2", "evidence": place})
    assert (answered.status_code, answered.headers["etag"]) == (200, '"v1"')
    review = await them.review(ix_id)
    assert review == answered.json()
    assert (review["points"], review["touched"]) == ([], ["number"])
    assert review["result"] == {**stored["result"], "number": "B-2"}
    [made] = review["corrections"]
    assert (made["path"], made["op"], made["value"], made["was"], made["by"]) == (
        *("number", "set", "B-2", "A-1"),
        "Anna Weber",
    )
    assert review["evidence"]["number"] == made["evidence"] == {**place, "confidence": 1.0, "source": "person"}
    assert await status_of(pool, ix_id) == ("needed", 0)

    done = await them.decide("anna", ix_id, 1, "approved", "looks right")
    assert done.status_code == 200
    decided = done.json()["decided"]
    assert (decided["state"], decided["by"], decided["note"]) == ("approved", "Anna Weber", "looks right")
    assert (done.json()["state"], done.json()["version"]) == ("approved", 2)
    assert await status_of(pool, ix_id) == ("approved", 0)
    # the answer itself is as it was read
    assert (await them.ask("vera", "GET", f"/jobs/{ix_id}")).json()["response"] == stored


async def test_confirming_settles_a_point(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    review = (await them.change("anna", ix_id, 0, {"path": "number", "confirmed": True})).json()
    assert (review["points"], review["confirmed"], review["corrections"]) == ([], ["number"], [])
    review = (await them.change("anna", ix_id, 1, {"path": "number", "confirmed": False})).json()
    assert ([one["code"] for one in review["points"]], review["confirmed"]) == (["value_unsure"], [])


async def test_a_correction_that_breaks_a_check_is_a_point_unless_it_is_confirmed(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    review = (await them.change("anna", ix_id, 0, {"path": "gross", "value": 40.0})).json()
    assert {one["path"]: one["code"] for one in review["points"]} == {"number": "value_unsure", "gross": "sum_mismatch"}
    change = {"path": "gross", "value": 41.0, "confirmed": True}
    review = (await them.change("anna", ix_id, 1, change, {"path": "number", "confirmed": True})).json()
    assert (review["points"], review["result"]["gross"]) == ([], 41.0)
    # what was confirmed was this check, no other; and a number beside it breaks it anew
    review = (await them.change("anna", ix_id, 2, {"path": "gross", "value": -41.0})).json()
    assert [one["path"] for one in review["points"]] == ["gross"]


async def test_a_row_is_put_in_moved_and_taken_out(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    changes: list[dict[str, Any]] = [
        {"path": "lines.1.amount", "value": 21.0},
        {"path": "lines", "op": "insert", "at": 0, "value": {"amount": 4.0}},
        {"path": "lines", "op": "move", "at": 2, "to": 0},
        {"path": "lines", "op": "remove", "at": 2},
    ]
    review = (await them.change("anna", ix_id, 0, *changes)).json()
    assert review["result"]["lines"] == [{"name": "b", "amount": 21.0}, {"name": None, "amount": 4.0}]
    assert review["touched"] == ["lines.0.amount", "lines.1.amount"]
    assert review["evidence"]["lines"][1] == {}
    assert [one["op"] for one in review["corrections"]] == ["set", "insert", "move", "remove"]
    assert {one["path"] for one in review["points"]} == {"number", "net", "lines"}
    review = (await them.change("anna", ix_id, 1, {"path": "lines.0.amount", "op": "reset"})).json()
    assert review["result"]["lines"][0] == {"name": "b", "amount": 20.0}
    assert review["touched"] == ["lines.1.amount"]


async def test_of_two_at_once_the_second_hears_who_was_quicker(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    change = {"path": "number", "value": "B-2"}
    answers = await asyncio.gather(*(them.change(who, ix_id, 0, change) for who in ("anna", "ben")))
    codes = sorted(one.status_code for one in answers)
    assert codes == [200, 412]
    [late] = [one for one in answers if one.status_code == 412]
    assert "changed this at 20" in late.json()["detail"]
    assert len((await them.review(ix_id))["corrections"]) == 1

    await them.decide("anna", ix_id, 1, "approved")
    late = await them.decide("ben", ix_id, 1, "rejected")
    assert late.status_code == 412
    assert late.json()["detail"].startswith("Anna Weber approved this at 20")


async def test_while_one_looks_at_it_no_other_decides(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    lease = f"/reviews/{ix_id}/lease"
    taken = await them.ask("anna", "PUT", lease)
    assert (taken.status_code, taken.json()["lease"]["by"]) == (200, "Anna Weber")
    assert (await them.review(ix_id))["state"] == "leased"
    refused = [
        await them.change("ben", ix_id, 0, {"path": "number", "confirmed": True}),
        await them.decide("ben", ix_id, 0, "approved"),
        await them.ask("ben", "PUT", lease),
    ]
    assert [one.status_code for one in refused] == [409, 409, 409]
    assert all(one.json()["detail"].startswith("Anna Weber looks at it until ") for one in refused)
    # Ben cannot give back what is not his
    assert (await them.ask("ben", "DELETE", lease)).status_code == 204
    assert (await them.change("anna", ix_id, 0, {"path": "number", "confirmed": True})).status_code == 200
    assert (await them.ask("anna", "DELETE", lease)).status_code == 204
    assert (await them.decide("ben", ix_id, 1, "approved")).status_code == 200


async def test_what_somebody_looks_at_is_found_by_that(them: People, pool: Pool) -> None:
    looked_at, _ = await ended(pool), await ended(pool)
    await them.ask("anna", "PUT", f"/reviews/{looked_at}/lease")
    for query in ("review=leased", "review=leased&status=done", "review=leased&client_id=acme"):
        found = (await them.ask("ben", "GET", f"/jobs?{query}")).json()["jobs"]
        assert [(one["ix_id"], one["review"]) for one in found] == [(looked_at, "leased")], query
    await them.ask("anna", "DELETE", f"/reviews/{looked_at}/lease")
    assert (await them.ask("ben", "GET", "/jobs?review=leased")).json()["jobs"] == []


async def test_a_lease_ends_by_itself(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    await them.ask("anna", "PUT", f"/reviews/{ix_id}/lease")
    await pool.execute("UPDATE reviews SET leased_until = clock_timestamp()")
    assert (await them.review(ix_id))["state"] == "needed"
    assert (await them.ask("ben", "PUT", f"/reviews/{ix_id}/lease")).status_code == 200
    assert (await them.decide("anna", ix_id, 0, "approved")).status_code == 409


async def test_what_is_decided_is_changed_once_it_is_open_again(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    await them.decide("anna", ix_id, 0, "rejected", "another page")
    assert (await them.review(ix_id))["decided"]["note"] == "another page"
    for refused in (
        await them.change("ben", ix_id, 1, {"path": "number", "confirmed": True}),
        await them.decide("ben", ix_id, 1, "approved"),
    ):
        assert refused.status_code == 409
        assert "Anna Weber rejected this at" in refused.json()["detail"]
    review = (await them.decide("ben", ix_id, 1, "needed")).json()
    assert (review["state"], review["decided"], review["version"]) == ("needed", None, 2)
    assert (await them.change("ben", ix_id, 2, {"path": "number", "confirmed": True})).status_code == 200


async def test_a_straight_answer_that_is_corrected_has_to_be_decided_about(them: People, pool: Pool) -> None:
    ix_id = await ended(pool, points=())
    assert await status_of(pool, ix_id) == ("straight", None)
    await them.change("anna", ix_id, 0, {"path": "number", "value": "B"})
    assert await status_of(pool, ix_id) == ("needed", 0)


async def test_an_answer_of_before_there_were_points_is_judged_when_it_is_looked_at(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    await pool.execute("UPDATE jobs SET review = NULL, points = NULL, response = response - 'points'")
    review = await them.review(ix_id)
    assert (review["state"], [one["code"] for one in review["points"]]) == ("needed", ["value_unsure"])


async def test_a_change_names_the_version_that_was_seen(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    for given in (None, "3", '"v1"', '"v"', "*", '"v99999999999"'):
        headers = {"if-match": given} if given else {}
        answered = await them.ask("anna", "PATCH", f"/jobs/{ix_id}/review", {"changes": []}, **headers)
        assert answered.status_code == {None: 428, '"v1"': 412}.get(given, 422)


class TestWhoMay:
    """Rights, clients and use cases."""

    CALLS = (
        ("GET", "/jobs/{}/review"),
        ("PATCH", "/jobs/{}/review"),
        ("POST", "/jobs/{}/review/decision"),
        ("POST", "/jobs/{}/check"),
        ("POST", "/jobs/{}/values"),
        ("PUT", "/reviews/{}/lease"),
        ("DELETE", "/reviews/{}/lease"),
    )

    async def test_it_needs_the_right_to_review(self, them: People, pool: Pool) -> None:
        ix_id = await ended(pool)
        for method, path in self.CALLS:
            refused = await them.ask("vera", method, path.format(ix_id), {})
            assert (refused.status_code, refused.json()["detail"].partition(";")[0]) == (403, "the key may not review")

    async def test_what_is_not_theirs_is_not_there(self, them: People, pool: Pool) -> None:
        ix_id = await ended(pool)
        for who in ("otto", "receipts"):
            for method, path in self.CALLS:
                theirs, unknown = [
                    await them.ask(who, method, path.format(one), {}, **{"if-match": '"v0"'})
                    for one in (ix_id, "0" * 16)
                ]
                assert (theirs.status_code, theirs.content) == (404, unknown.content)
            assert (await them.ask(who, "POST", "/reviews/next", {})).status_code == 204
            bar = await them.ask(who, "GET", "/reviews/bar?use_case=custom")
            assert bar.json() == {"fields": [], "of": 0}

    async def test_a_client_reviews_its_own(self, them: People, pool: Pool) -> None:
        ix_id = await ended(pool)
        assert (await them.ask("acme", "POST", "/reviews/next")).json()["ix_id"] == ix_id
        assert (await them.decide("acme", ix_id, 0, "approved")).status_code == 200

    async def test_only_answers_are_reviewed(self, them: People, pool: Pool) -> None:
        ix_id = await ended(pool)
        await pool.execute(
            'UPDATE jobs SET status = \'error\', response = \'{"error": {"code": "x", "message": "y"}}\''
        )
        for method, path in self.CALLS:
            answered = await them.ask("anna", method, path.format(ix_id), {})
            assert answered.status_code == 409, path
            assert answered.json()["detail"] == "the job is error; only an answer can be reviewed"


class TestRetry:
    """A job that is to run again forgets its review, if that is wanted."""

    async def reviewed(self, them: People, pool: Pool) -> list[str]:
        """Jobs with a correction, a decision and a lease."""
        corrected, decided, leased = [await ended(pool) for _ in range(3)]
        await them.change("anna", corrected, 0, {"path": "number", "value": "B"})
        await them.decide("anna", decided, 0, "approved")
        await them.ask("anna", "PUT", f"/reviews/{leased}/lease")
        return [corrected, decided, leased]

    async def test_it_says_that_somebody_has_reviewed_it(self, them: People, pool: Pool) -> None:
        for ix_id in await self.reviewed(them, pool):
            path = f"/jobs/{ix_id}/retry"
            refused = await them.ask("anna", "POST", path)
            assert (refused.status_code, "discard_review" in refused.json()["detail"]) == (409, True)
            assert (await them.ask("anna", "POST", path, {"discard_review": False})).status_code == 409
            again = await them.ask("anna", "POST", path, {"discard_review": True})
            assert (again.status_code, again.json()["status"]) == (202, "pending")
            row = await pool.fetchrow(
                "SELECT state, leased_by, decided_by, readings FROM reviews WHERE ix_id = $1", ix_id
            )
            assert [*row] == ["forgotten", None, None, None]
            assert await status_of(pool, ix_id) == (None, None)
        assert await pool.fetchval("SELECT count(*) FROM corrections") == 0

    async def test_what_was_seen_before_changes_nothing_afterwards(self, them: People, pool: Pool) -> None:
        ix_id = await ended(pool)
        await them.ask("anna", "PUT", f"/reviews/{ix_id}/lease")
        await them.ask("anna", "POST", f"/jobs/{ix_id}/retry", {"discard_review": True})
        assert (await them.change("anna", ix_id, 0, {"path": "number", "value": "B"})).status_code == 409
        await pool.execute(
            "UPDATE jobs SET status = 'done', finished_at = clock_timestamp(), "
            'response = \'{"error": null, "result": {"number": "C"}, "evidence": {}}\' WHERE ix_id = $1',
            ix_id,
        )
        assert (await them.change("anna", ix_id, 0, {"path": "number", "value": "B"})).status_code == 412
        review = await them.review(ix_id)
        assert (review["version"], review["result"]["number"], review["lease"]) == (1, "C", None)
        assert (await them.change("ben", ix_id, 1, {"path": "number", "value": "D"})).status_code == 200

    async def test_nobody_looked_so_nothing_is_asked(self, them: People, pool: Pool) -> None:
        ix_id = await ended(pool)
        assert (await them.ask("anna", "POST", f"/jobs/{ix_id}/retry")).status_code == 202


async def test_erasing_a_job_erases_its_review(them: People, pool: Pool) -> None:
    ix_id = await ended(pool)
    await them.change("anna", ix_id, 0, {"path": "number", "value": "B"})
    assert (await them.ask("anna", "DELETE", f"/jobs/{ix_id}?erase=true")).status_code == 204
    for table in ("reviews", "corrections"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert (await them.ask("anna", "GET", f"/jobs/{ix_id}/review")).status_code == 404


async def test_it_is_told_to_streams_and_noted_who_did_it(them: People, pool: Pool, settings: Settings) -> None:
    ix_id = await ended(pool)
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with connected(settings.postgres_url) as connection:
        await connection.add_listener("ix_reviews", lambda *told: heard.put_nowait(told[3]))
        await them.ask("anna", "POST", "/reviews/next")
        await them.change("anna", ix_id, 0, {"path": "number", "confirmed": True})
        await them.decide("anna", ix_id, 1, "approved")
        async with asyncio.timeout(10):
            told = [await heard.get() for _ in range(3)]
    about = f'{{"client_id" : "acme", "use_case" : "custom", "ix_id" : "{ix_id}", '
    assert told == [
        f'{about}"review" : "leased", "points" : 1, "version" : 0}}',
        f'{about}"review" : "needed", "points" : 0, "version" : 1}}',
        f'{about}"review" : "approved", "points" : 0, "version" : 2}}',
    ]
    rows = await pool.fetch("SELECT what, who, ix_id, detail FROM audit ORDER BY number")
    assert [(row["what"], row["who"], row["ix_id"], row["detail"]) for row in rows] == [
        ("review.lease", "Anna Weber", ix_id, {}),
        ("review.correct", "Anna Weber", ix_id, {"version": 1}),
        ("review.decide", "Anna Weber", ix_id, {"state": "approved", "version": 2}),
    ]


async def test_a_large_answer_is_judged_apart(them: People, pool: Pool) -> None:
    lines = [{"name": "x" * 40, "amount": 10.0} for _ in range(600)]
    ix_id = await ended(pool, result=answer(lines=lines, net=6000.0, gross=6006.0), points=(UNSURE,))
    review = (await them.change("anna", ix_id, 0, {"path": "lines", "op": "remove", "at": 0})).json()
    assert len(review["result"]["lines"]) == 599
    assert {one["code"] for one in review["points"]} == {"value_unsure", "sum_mismatch", "rows_sum"}
