"""A prefix of a bucket that is watched, on a real S3 server."""

from __future__ import annotations

import uuid
from pathlib import Path

import obstore
import pytest

from tests.cli.test_commands import RECEIPT
from tests.cli.watching.conftest import Watch, told
from tests.objects import BUCKET, KEY, SECRET, S3Server


@pytest.fixture
def prefix() -> str:
    return uuid.uuid4().hex


def settings_of(s3: S3Server, **more: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": s3.env["IX_S3_ENDPOINT"],
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
    } | more


def test_objects_under_the_prefix_become_jobs(watch: Watch, s3: S3Server, prefix: str, tmp_path: Path) -> None:
    store = s3.store()
    for n, place in enumerate([f"{prefix}/a.txt", f"{prefix}/deeper/b.txt", f"{prefix}-other/c.txt"]):
        obstore.put(store, place, RECEIPT.replace("3.70", f"{n}{prefix[:3]}.70").encode())
    done = watch(f"s3://{BUCKET}/{prefix}/", **settings_of(s3))
    assert (done.code, done.err) == (0, "")
    assert {line["name"] for line in told(done)} == {"a.txt", "b.txt"}
    assert told(watch(f"s3://{BUCKET}/{prefix}/", **settings_of(s3))) == []
    obstore.put(store, f"{prefix}/a.txt", f"{RECEIPT}written anew".encode())
    assert [line["name"] for line in told(watch(f"s3://{BUCKET}/{prefix}/", **settings_of(s3)))] == ["a.txt"]


def test_what_fails_is_said_without_the_secret(watch: Watch, s3: S3Server, prefix: str) -> None:
    for settings in (
        settings_of(s3, AWS_SECRET_ACCESS_KEY="another secret"),
        settings_of(s3, AWS_ENDPOINT_URL="http://127.0.0.1:1"),
    ):
        done = watch(f"s3://{BUCKET}/{prefix}", **settings)
        assert done.code == 1
        assert "cannot be listed" in done.err
        assert settings["AWS_SECRET_ACCESS_KEY"] not in done.err
