"""Objects under a prefix of a bucket, `s3://bucket/prefix`, of any server that speaks S3. Who and where is in the
environment, as for other programs: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL and so on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from ix.cli.watching.sources import Arrival, SourceAway, Unreadable
from ix.errors import IxError

SECONDS = timedelta(seconds=30)
"""How long a call may take, its repetitions included."""


class Bucket:
    """The objects of a bucket. An object that is written anew is another one: its ETag is part of its key."""

    every = 10.0

    def __init__(self, address: str, secret: str, done: Path | None) -> None:
        parts = urlsplit(address)
        if done:
            raise IxError("--done: is for folders; an object stays where it is")
        if not parts.netloc:
            raise IxError("give a bucket as s3://bucket/prefix")
        self.name = address
        self._prefix = parts.path.lstrip("/")
        endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
        self._store = S3Store(
            parts.netloc,
            # a server in the clear is for one's own network
            client_options={"allow_http": endpoint.startswith("http://"), "timeout": SECONDS},
            retry_config={"max_retries": 3, "retry_timeout": SECONDS},
        )

    def look(self) -> Iterator[Arrival]:
        try:
            for page in obstore.list(self._store, self._prefix or None):
                for one in page:
                    path = one["path"]
                    # what is left of a folder that somebody made by hand
                    if one["size"]:
                        key = f"{path}\n{one['e_tag']}"
                        yield Arrival(key, path.rpartition("/")[2], partial(self._read, path))
        except (BaseError, OSError) as error:
            raise SourceAway(f"{self.name} cannot be listed ({type(error).__name__})") from None

    def taken(self, arrival: Arrival) -> None:
        return

    def _read(self, path: str) -> bytes:
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except (BaseError, OSError) as error:
            raise Unreadable(f"{path} cannot be read ({type(error).__name__})") from None
