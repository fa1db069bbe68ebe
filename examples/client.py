"""Submits a file, waits for the answer, and prints each value with the words on the page that it was found in.

    python client.py FILE USE_CASE

`IX_URL` says where web is, `IX_KEY` is the API key where the service has keys."""

import os
import sys
from typing import Any

from ix.client import Client, ClientError


def main(file: str, use_case: str) -> int:
    """Exit code 0, or 2 where there is no answer."""
    url, key = os.environ.get("IX_URL", "http://127.0.0.1:8080"), os.environ.get("IX_KEY")
    with Client(url, client_id=None if key else "me", key=key) as ix:
        try:
            job = ix.wait(ix.submit([file], use_case), seconds=300)
        except ClientError as error:
            print(f"no answer: {error}", file=sys.stderr)
            return 2
    if job.response is None or job.response.error:
        print(f"{job.ix_id} is {job.status}: {job.response and job.response.error}", file=sys.stderr)
        return 2
    show(job.response.result, job.response.evidence)
    for warning in job.response.warnings:
        print(f"! {warning.path}: {warning.message}")
    return 0


def show(value: Any, evidence: Any, name: str = "") -> None:
    """Evidence mirrors the result: the same members, the same rows, and for each value where it stands."""
    if isinstance(value, dict):
        for key, member in value.items():
            show(member, (evidence or {}).get(key), f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for number, row in enumerate(value):
            show(row, evidence[number] if evidence else None, f"{name}[{number}]")
    elif value is not None:
        found = evidence and evidence["page"]
        where = f"page {evidence['page']}, {evidence['quote']!r}" if found else "not on the page"
        print(f"{name} = {value}    ({where})")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
