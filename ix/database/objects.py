"""The object store: any S3 server. It is asked for single objects by key, and holds no order and no list.

Which keys there are stands in PostgreSQL (`ix.database.documents`): nobody ever has to look through a bucket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from ix.config import MIB, Settings
from ix.errors import ConfigError, StoreUnavailable

if TYPE_CHECKING:
    from obstore.store import S3Config, S3Store

RANGE_BYTES = 8 * MIB
"""What one request fetches; of a larger object several do at once."""
REPETITIONS = 2
"""How often a request is repeated that was not answered, or with a 5xx; within `s3_timeout`."""
CONNECT_SECONDS = 5.0

T = TypeVar("T")


def open_store(settings: Settings) -> ObjectStore | None:
    """The store that the settings name; None where documents stay in PostgreSQL. Raises `ConfigError`."""
    return ObjectStore(settings) if settings.s3_bucket else None


class ObjectStore:
    """One bucket. Every method raises `StoreUnavailable` where the server does not answer or refuses."""

    def __init__(self, settings: Settings) -> None:
        self._store = _connected(settings)
        self._bucket = settings.s3_bucket

    async def put(self, key: str, data: bytes) -> None:
        """Stores an object; it is durable, as far as the server keeps what it says, when this returns."""
        import obstore

        # in one request: the parts of an upload that was broken off stay in a bucket, and no key leads to them
        await self._answered(obstore.put_async(self._store, key, data, use_multipart=False))

    async def get(self, key: str, size: int) -> bytes | None:
        """The bytes of an object of this size; None where it is gone, or has another."""
        ends = range(RANGE_BYTES, size + RANGE_BYTES, RANGE_BYTES)
        try:
            pieces = await asyncio.gather(*(self._range(key, end - RANGE_BYTES, min(end, size)) for end in ends))
        except FileNotFoundError:
            return None
        data = b"".join(pieces)
        return data if len(data) == size else None

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes objects; those that are not there count as deleted."""
        import obstore

        await self._answered(obstore.delete_async(self._store, keys))

    async def probe(self) -> None:
        """Raises `StoreUnavailable` where a document could not be fetched."""
        # any key: an answer that says it is not there comes from the bucket
        await self.get("probe", 1)

    async def _range(self, key: str, start: int, end: int) -> bytes:
        import obstore

        return bytes(await self._answered(obstore.get_range_async(self._store, key, start=start, end=end)))

    async def _answered(self, request: Awaitable[T]) -> T:
        try:
            return await request
        except Exception as error:
            # without a bucket it is as if every document were gone, which no job may hear
            if isinstance(error, FileNotFoundError) and "NoSuchBucket" not in str(error):
                raise
            # its first line: then follow what the server said, and a dump of the client
            reason = str(error).partition("\n")[0].partition(": <?xml")[0]
            raise StoreUnavailable(f"the object store does not answer as it should ({reason})") from None


def _connected(settings: Settings) -> S3Store:
    try:
        from obstore.store import S3Store
    except ModuleNotFoundError:
        raise ConfigError("IX_S3_BUCKET: install ix-documents[s3], which speaks to S3") from None
    limit = timedelta(seconds=settings.s3_timeout)
    try:
        return S3Store(
            settings.s3_bucket,
            prefix=settings.s3_prefix or None,
            config=_config(settings),
            client_options={
                "allow_http": settings.s3_endpoint.startswith("http://"),
                "timeout": limit,
                "connect_timeout": timedelta(seconds=min(CONNECT_SECONDS, settings.s3_timeout)),
            },
            retry_config={"max_retries": REPETITIONS, "retry_timeout": limit},
        )
    except Exception as error:
        raise ConfigError(f"IX_S3_BUCKET, IX_S3_ENDPOINT: lead to no store ({type(error).__name__})") from None


def _config(settings: Settings) -> S3Config:
    config: S3Config = {
        "region": settings.s3_region,
        "virtual_hosted_style_request": settings.s3_bucket_in_host,
    }
    # what is not said is asked of the platform: its environment, its service for pods or machines
    if settings.s3_endpoint:
        config["endpoint"] = settings.s3_endpoint
    if settings.s3_access_key_id:
        config["access_key_id"] = settings.s3_access_key_id
        config["secret_access_key"] = settings.s3_secret_access_key.get_secret_value()
    return config
