"""Saved configurations over HTTP: their versions, who may do what, and submissions that name them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from ix.api.app import create_app
from ix.api.submission.configured import ConfigurationMemory
from ix.config import Settings
from ix.database.configurations import Configurations, Reference
from ix.database.connect import Pool
from ix.database.keys import Grant, Keys
from tests.api.conftest import client_of

SCHEMA = {"type": "object", "properties": {"meter_reading": {"type": "string"}, "day": {"type": "string"}}}
CUSTOM = {"use_case": "custom", "options": {"schema": SCHEMA, "risk": 0.1}}


class Two:
    """Two web processes over one database, and keys."""

    def __init__(self, webs: list[httpx.AsyncClient], keys: dict[str, str]) -> None:
        self.webs = webs
        self._keys = keys

    async def ask(
        self, who: str, method: str, path: str, body: Any = None, web: int = 0, **headers: str
    ) -> httpx.Response:
        given = {"authorization": f"Bearer {self._keys[who]}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return await self.webs[web].request(method, path, json=body, headers=given)

    async def save(self, who: str, name: str, body: Any, **more: Any) -> httpx.Response:
        return await self.ask(who, "PUT", f"/configurations/{name}", body, **more)

    async def submit(self, who: str, key: str, configuration: str | None, web: int = 0, **more: Any) -> httpx.Response:
        body = {"request_id": key, **({"configuration": configuration} if configuration else {}), **more}
        return await self.ask(who, "POST", "/jobs", body, web)


@pytest.fixture
async def two(settings: Settings, pool: Pool) -> AsyncIterator[Two]:
    keys, made = Keys(pool), {}
    for who, client, grant in (
        ("acme", "acme", Grant()),
        ("globex", "globex", Grant()),
        ("admin", None, Grant()),
        ("helper", None, Grant(may=["submit", "view"])),
        ("viewer", "acme", Grant(may=["view"])),
        ("drills", "acme", Grant(use_cases=["drill"])),
    ):
        made[who] = await keys.add(client, grant)
    async with client_of(create_app(settings=settings)) as first, client_of(create_app(settings=settings)) as second:
        yield Two([first, second], made)


def named(answer: httpx.Response) -> Any:
    return answer.json().get("configuration")


async def test_each_change_is_a_version_that_jobs_keep_and_tell(two: Two) -> None:
    first = await two.save("acme", "meters", CUSTOM)
    assert (first.status_code, first.headers["etag"], first.json()["version"]) == (201, '"v1"', 1)
    assert list(first.json()["options"]["schema"]["properties"]) == ["meter_reading", "day"]
    same = await two.save("acme", "meters", CUSTOM)
    assert (same.status_code, same.json()["version"]) == (200, 1)

    job = await two.submit("acme", "r-1", "meters")
    assert job.status_code == 201
    assert job.json()["use_case"] == "custom"
    assert job.json()["request"]["options"] == CUSTOM["options"]
    assert named(job) == {"name": "meters", "version": 1}

    changed = {**CUSTOM, "options": {"schema": SCHEMA, "risk": 0.2}, "callback_url": "https://books.example.com/ix"}
    assert (await two.save("acme", "meters", changed)).json()["version"] == 2
    newest = (await two.submit("acme", "r-2", "meters")).json()
    assert (newest["configuration"]["version"], newest["request"]["options"]["risk"]) == (2, 0.2)
    assert newest["callback_url"] == changed["callback_url"]
    pinned = (await two.submit("acme", "r-3", "meters@1")).json()
    assert (pinned["configuration"]["version"], pinned["callback_url"]) == (1, None)
    # what runs, and what runs again, has what it was given
    kept = (await two.ask("acme", "GET", f"/jobs/{job.json()['ix_id']}")).json()
    assert kept["request"]["options"]["risk"] == 0.1
    listed = (await two.ask("acme", "GET", "/jobs")).json()["jobs"]
    assert [row["configuration"]["version"] for row in listed] == [1, 2, 1]
    plain = (await two.submit("acme", "r-4", None, use_case="drill")).json()
    assert "configuration" not in plain


async def test_what_is_said_counts_before_what_is_saved(two: Two) -> None:
    saved = {**CUSTOM, "callback_url": "https://books.example.com/ix", "priority": 7}
    await two.save("acme", "meters", saved)
    own: dict[str, Any] = {
        "options": {"risk": 0.3, "split": True},
        "callback_url": None,
        "priority": -1,
        "use_case": "custom",
    }
    job = (await two.submit("acme", "r-1", "meters", **own)).json()
    assert job["request"]["options"] == {"schema": SCHEMA, "risk": 0.3, "split": True}
    assert (job["callback_url"], job["priority"]) == (None, -1)
    assert (await two.submit("acme", "r-2", "meters")).json()["priority"] == 7
    other = await two.submit("acme", "r-3", "meters", use_case="drill")
    assert other.status_code == 422
    assert other.json()["errors"][0]["field"] == "use_case"
    wrong = await two.submit("acme", "r-4", "meters", options={"risk": 2})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "options.risk")


async def test_a_repetition_is_known_whatever_the_newest_version_is(two: Two) -> None:
    await two.save("acme", "meters", CUSTOM)
    said: dict[str, Any] = {"options": {"risk": 0.25}}
    first = (await two.submit("acme", "r-1", "meters", **said)).json()

    async def again(expected: int, **more: Any) -> httpx.Response:
        answer = await two.submit("acme", "r-1", "meters", web=1, **(said | more))
        assert answer.status_code == expected, answer.text
        return answer

    assert (await again(200)).json()["ix_id"] == first["ix_id"]
    await two.save("acme", "meters", {"use_case": "drill", "options": {}})
    # the newest takes no such option by now, and at last there is none
    repeated = (await again(200)).json()
    assert (repeated["ix_id"], repeated["configuration"]["version"]) == (first["ix_id"], 1)
    assert (await two.ask("acme", "DELETE", "/configurations/meters")).status_code == 204
    assert (await again(200)).json() == repeated
    # other content is other content, also where only the name of the version is
    await again(422, options={"risk": 0.26})
    assert (await two.submit("acme", "r-1", "meters@1", **said)).status_code == 422
    assert (await two.submit("acme", "r-1", None, use_case="custom", options=CUSTOM["options"])).status_code == 422
    assert (await again(422, callback_url=None)).json()["errors"][0]["field"] == "configuration"
    new = await two.submit("acme", "r-2", "meters")
    assert (new.status_code, new.json()["errors"][0]["field"]) == (422, "configuration")


async def test_a_version_is_never_given_twice(two: Two) -> None:
    await two.save("acme", "meters", CUSTOM)
    await two.save("acme", "meters", {"use_case": "drill"})
    assert (await two.ask("acme", "DELETE", "/configurations/meters")).status_code == 204
    assert (await two.ask("acme", "GET", "/configurations/meters")).status_code == 404
    assert (await two.ask("acme", "DELETE", "/configurations/meters")).status_code == 404
    assert (await two.submit("acme", "r-1", "meters@2")).status_code == 422
    assert (await two.save("acme", "meters", CUSTOM)).json()["version"] == 3
    for gone in (1, 2):
        assert (await two.submit("acme", f"r-{gone}", f"meters@{gone}")).status_code == 422


async def test_two_at_once_do_not_overwrite_each_other(two: Two) -> None:
    await two.save("acme", "meters", CUSTOM)
    bodies = [{**CUSTOM, "priority": n} for n in range(1, 9)]
    seen = await asyncio.gather(
        *(two.save("acme", "meters", body, web=n % 2, if_match='"v1"') for n, body in enumerate(bodies))
    )
    assert sorted(one.status_code for one in seen) == [201, *[412] * 7]
    assert all("2" in one.json()["detail"] for one in seen if one.status_code == 412)
    # without a condition nothing is lost: each is a version, or says that it could not be
    blind = await asyncio.gather(*(two.save("acme", "meters", body, web=n % 2) for n, body in enumerate(bodies)))
    saved = [one.json()["version"] for one in blind if one.status_code == 201]
    assert len(saved) == len(set(saved))
    assert {one.status_code for one in blind} <= {200, 201, 409}
    assert (await two.save("acme", "meters", CUSTOM, if_none_match="*")).status_code == 412
    assert (await two.save("acme", "new", CUSTOM, if_none_match="*")).status_code == 201
    assert (await two.save("acme", "other", CUSTOM, if_match='"v1"')).status_code == 412
    assert (await two.ask("acme", "DELETE", "/configurations/new", if_match='"v9"')).status_code == 412


async def test_everybodys_and_a_clients_own(two: Two) -> None:
    assert (await two.save("admin", "drills", {"use_case": "drill", "priority": 1})).json()["shared"] is True
    assert (await two.save("helper", "drills", {"use_case": "drill"})).status_code == 403
    assert (await two.save("viewer", "drills", {"use_case": "drill"})).status_code == 403
    everybodys = await two.submit("globex", "r-1", "drills")
    assert named(everybodys) == {"name": "drills", "version": 1, "shared": True}
    own = await two.save("acme", "drills", {"use_case": "drill", "priority": 2})
    assert (own.json()["version"], own.json()["shared"]) == (1, False)
    mine = (await two.submit("acme", "r-1", "drills")).json()
    assert (mine["configuration"], mine["priority"]) == ({"name": "drills", "version": 1}, 2)
    # another client's is not there
    assert (await two.ask("globex", "GET", "/configurations/drills")).json()["shared"] is True
    await two.save("acme", "secret", CUSTOM)
    for method in ("GET", "DELETE"):
        assert (await two.ask("globex", method, "/configurations/secret")).status_code == 404
    assert (await two.submit("globex", "r-2", "secret")).status_code == 422
    assert (await two.ask("globex", "GET", "/configurations/secret?client_id=acme")).status_code == 403
    # an administrator acts for a client by naming it
    assert (await two.ask("admin", "GET", "/configurations/secret?client_id=acme")).status_code == 200
    assert (await two.ask("admin", "DELETE", "/configurations/drills?client_id=acme")).status_code == 204
    assert named(await two.submit("acme", "r-3", "drills"))["shared"] is True


async def test_a_key_of_some_use_cases_sees_and_saves_no_others(two: Two) -> None:
    await two.save("acme", "meters", CUSTOM)
    await two.save("acme", "drills", {"use_case": "drill"})
    listed = (await two.ask("drills", "GET", "/configurations")).json()["configurations"]
    assert [one["name"] for one in listed] == ["drills"]
    assert (await two.ask("drills", "GET", "/configurations/meters")).status_code == 404
    assert (await two.ask("drills", "DELETE", "/configurations/meters")).status_code == 404
    assert (await two.save("drills", "meters", CUSTOM)).status_code == 403
    assert (await two.submit("drills", "r-1", "meters")).status_code == 403


async def test_lists_go_on_where_the_page_before_ended(two: Two) -> None:
    for name in ("a", "b", "c", "d", "e"):
        await two.save("acme", name, {"use_case": "drill"})
    await two.save("admin", "b", {"use_case": "drill"})
    await two.save("admin", "bb", {"use_case": "drill"})
    await two.ask("acme", "DELETE", "/configurations/c")
    await two.save("acme", "a", CUSTOM)
    found, path = [], "/configurations?limit=2"
    while path:
        page = (await two.ask("acme", "GET", path)).json()
        found += [(one["name"], one["version"], one["shared"]) for one in page["configurations"]]
        path = page["next"]
    assert found == [("a", 2, False), ("b", 1, False), ("bb", 1, True), ("d", 1, False), ("e", 1, False)]
    versions = (await two.ask("acme", "GET", "/configurations/a/versions?limit=1")).json()
    assert [one["version"] for one in versions["configurations"]] == [2]
    rest = (await two.ask("acme", "GET", versions["next"])).json()
    assert [one["version"] for one in rest["configurations"]] == [1]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"use_case": "nobody's"}, 422, "use_case"),
        ({"options": {}}, 422, "use_case"),
        ({"use_case": "custom"}, 422, "options.schema"),
        ({"use_case": "drill", "callback_url": "http://10.0.0.1/"}, 422, "callback_url"),
        ({"use_case": "drill", "documents": []}, 422, "documents"),
        ({"use_case": "drill", "priority": 101}, 422, "priority"),
        ({"use_case": "custom", "options": {"schema": SCHEMA, "instructions": "x" * 300_000}}, 413, ""),
    ],
)
async def test_what_no_submission_could_say_is_not_saved(two: Two, body: Any, status: int, field: str) -> None:
    answer = await two.save("acme", "meters", body)
    assert answer.status_code == status
    assert [one["field"] for one in answer.json().get("errors", [])] == ([field] if field else [])
    assert (await two.ask("acme", "GET", "/configurations/meters")).status_code == 404


@pytest.mark.parametrize("name", ["", "@", "a@1@2", "a@0", "a b", "../x", "x" * 65, "ä", 7, None, ["a"], "a\x00"])
async def test_a_name_that_can_be_none_names_the_field(two: Two, name: Any) -> None:
    answer = await two.ask("acme", "POST", "/jobs", {"request_id": "r", "configuration": name})
    assert answer.status_code == 422
    fields = {one["field"] for one in answer.json()["errors"]}
    assert fields == ({"use_case"} if name is None else {"configuration"})


async def test_a_batch_a_form_and_a_large_body_name_them_too(two: Two) -> None:
    await two.save("acme", "meters", CUSTOM)
    batch = {
        "jobs": [
            {"request_id": "b-1", "configuration": "meters"},
            {"request_id": "b-2", "configuration": "nobody's"},
            {"request_id": "b-3", "configuration": "unknown"},
            {"request_id": "b-4", "use_case": "drill"},
        ]
    }
    told = (await two.ask("acme", "POST", "/jobs/batch", batch)).json()["jobs"]
    assert [one["status"] for one in told] == [201, 422, 422, 201]
    form = await two.webs[0].post(
        "/jobs",
        data={"request_id": "f-1", "configuration": "meters", "options": json.dumps({"risk": 0.4})},
        files={"documents": ("a.txt", b"Meter reading 4711")},
        headers={"authorization": f"Bearer {two._keys['acme']}"},
    )
    assert (form.status_code, form.json()["request"]["options"]["risk"]) == (201, 0.4)
    text = "meter " * 60_000
    for number, status in ((1, 201), (1, 200)):
        body: dict[str, Any] = {"documents": [{"text": text}], "options": {"risk": 0.45}}
        large = await two.submit("acme", f"l-{number}", "meters", **body)
        assert (large.status_code, named(large)) == (status, {"name": "meters", "version": 1})
        assert large.json()["request"]["options"]["risk"] == 0.45
    await two.ask("acme", "DELETE", "/configurations/meters")
    repeated = await two.submit("acme", "l-1", "meters", **body)
    assert repeated.status_code == 200
    assert (await two.submit("acme", "l-2", "meters", **body)).status_code == 422
    many = {
        "jobs": [{"request_id": f"m-{n}", "configuration": "meters@1", "options": {"x": "y" * 9000}} for n in range(60)]
    }
    told = (await two.ask("acme", "POST", "/jobs/batch", many)).json()["jobs"]
    assert {one["status"] for one in told} == {422}


async def test_other_web_processes_hear_of_a_change(two: Two, pool: Pool) -> None:
    await two.save("acme", "drills", {"use_case": "drill", "priority": 1})
    first = await two.submit("acme", "r-1", "drills", web=1)
    assert first.json()["priority"] == 1
    await two.save("acme", "drills", {"use_case": "drill", "priority": 2})
    async with asyncio.timeout(4):
        number = 1
        while True:
            number += 1
            job = (await two.submit("acme", f"r-{number}", "drills", web=1)).json()
            if job["priority"] == 2:
                break
    # what is told is told by the version, too
    assert job["configuration"]["version"] == 2


class Silent:
    """Notifications of which none arrives."""

    def __init__(self) -> None:
        self.subscribers: list[Any] = []

    async def start(self) -> None:
        pass


async def test_what_is_remembered_is_bounded_and_not_older_than_a_change(pool: Pool) -> None:
    class Counted(Configurations):
        asked = 0

        async def resolve(self, asked: Any) -> Any:
            self.asked += len(asked)
            found = await super().resolve(asked)
            if self.meanwhile:
                memory.heard("ix_configurations", "")
            return found

        meanwhile = False

    table, now = Counted(pool), [0.0]
    memory = ConfigurationMemory(table, Silent(), lambda: now[0])  # type: ignore[arg-type]
    one = [("acme", "drills")]
    for _ in range(3):
        await memory.resolve(one)
    assert table.asked == 1
    memory.heard("ix_keys", "")
    await memory.resolve(one)
    assert table.asked == 1
    memory.heard("ix_configurations", "")
    table.meanwhile = True
    await memory.resolve(one)
    table.meanwhile = False
    # it changed while it was read, so that what was read may be of before
    await memory.resolve(one)
    assert table.asked == 3
    now[0] = 6
    await memory.resolve(one)
    assert table.asked == 4
    await memory.resolve([("acme", f"n-{number}") for number in range(2_500)])
    assert len(memory._known) <= 1_000


def test_a_reference_is_a_name_and_perhaps_a_version() -> None:
    assert Reference.of("a.b-c_d") == ("a.b-c_d", None)
    assert Reference.of("a@12") == ("a", 12)
    assert [Reference.of(text) for text in ("a@", "@1", "a@01", "-a", "a@1234567890", "a/b", "a\n")] == [None] * 7
