"""Saved configurations: a part of `Client`, and of `AsyncClient`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ix.client.errors import strange
from ix.client.operations import Call, Operation, plain

T = TypeVar("T")


class SavedConfiguration(BaseModel):
    """A version of a saved configuration. `shared`: it is everybody's. Lists leave out its `options`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    version: int
    shared: bool
    use_case: str
    options: dict[str, Any] = Field(default_factory=dict)
    callback_url: str | None
    priority: int
    made_at: datetime
    made_by: str


def page(asked: Mapping[str, Any]) -> Operation[tuple[list[SavedConfiguration], dict[str, Any] | None]]:
    """A page of them, and what to ask for the next one."""
    answer = yield Call("GET", "/configurations", asked)
    told = plain(answer)
    try:
        found = [SavedConfiguration.model_validate(one) for one in told["configurations"]]
        following = parse_qs(urlsplit(told["next"]).query) if told["next"] else None
    except (KeyError, TypeError, ValueError):
        raise strange(answer) from None
    return found, following and {name: values[0] for name, values in following.items()}


def show(name: str, asked: Mapping[str, Any]) -> Operation[SavedConfiguration]:
    """Reads one version of a configuration."""
    return _one((yield Call("GET", _path(name), asked)))


def save(
    name: str, asked: Mapping[str, Any], body: Mapping[str, Any], seen: int | None
) -> Operation[SavedConfiguration]:
    """Adds a version to a configuration."""
    return _one((yield Call("PUT", _path(name), asked, json=body, headers=_seen(seen))))


def delete(name: str, asked: Mapping[str, Any], seen: int | None) -> Operation[None]:
    """Deletes a configuration with all its versions."""
    yield Call("DELETE", _path(name), asked, headers=_seen(seen))


def _one(answer: Any) -> SavedConfiguration:
    try:
        return SavedConfiguration.model_validate(plain(answer))
    except ValidationError:
        raise strange(answer) from None


def _path(name: str) -> str:
    return f"/configurations/{quote(name, safe='')}"


def _seen(version: int | None) -> Mapping[str, str] | None:
    if version is None:
        return None
    # version 0 is that there is none
    return {"if-match": f'"v{version}"'} if version else {"if-none-match": "*"}


def _body(
    use_case: str, options: Mapping[str, Any] | None, callback_url: str | None, priority: int
) -> Mapping[str, Any]:
    return {
        "use_case": use_case,
        "options": dict(options or {}),
        "callback_url": callback_url,
        "priority": priority,
    }


class _Whose:
    _client_id: str | None

    def _of(self, shared: bool, **more: Any) -> dict[str, Any]:
        asked = {"client_id": None if shared else self._client_id, **more}
        return {name: value for name, value in asked.items() if value is not None}


class Configurations(_Whose, ABC):
    """Configurations, for whoever can run an operation. `shared` are everybody's, which only administrators change;
    otherwise they are this client's, whose own count before everybody's."""

    @abstractmethod
    def _run(self, operation: Operation[T]) -> T:
        """Makes the calls of an operation."""

    def configurations(self, *, shared: bool = False, limit: int = 100) -> Iterator[SavedConfiguration]:
        """What submissions may name, by name, page by page; without options."""
        following: Mapping[str, Any] | None = self._of(shared, limit=limit)
        while following is not None:
            found, following = self._run(page(following))
            yield from found

    def configuration(self, name: str, version: int | None = None, *, shared: bool = False) -> SavedConfiguration:
        """The newest version, or this one. Raises `NotFound`."""
        return self._run(show(name, self._of(shared, version=version)))

    def save_configuration(
        self,
        name: str,
        use_case: str,
        *,
        options: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        priority: int = 0,
        seen: int | None = None,
        shared: bool = False,
    ) -> SavedConfiguration:
        """Adds a version, unless the newest says the same. With the version that was `seen`, 0 for none, it is added
        behind that one alone. Raises `Conflict` where there is another by now, `ClientError` naming the field."""
        body = _body(use_case, options, callback_url, priority)
        return self._run(save(name, self._of(shared), body, seen))

    def delete_configuration(self, name: str, *, seen: int | None = None, shared: bool = False) -> None:
        """Deletes it with all its versions; jobs keep what they were given. Raises `NotFound`, `Conflict`."""
        self._run(delete(name, self._of(shared), seen))


class AsyncConfigurations(_Whose, ABC):
    """What `Configurations` has, for asyncio."""

    @abstractmethod
    async def _run(self, operation: Operation[T]) -> T:
        """Makes the calls of an operation."""

    async def configurations(self, *, shared: bool = False, limit: int = 100) -> AsyncIterator[SavedConfiguration]:
        following: Mapping[str, Any] | None = self._of(shared, limit=limit)
        while following is not None:
            found, following = await self._run(page(following))
            for one in found:
                yield one

    async def configuration(self, name: str, version: int | None = None, *, shared: bool = False) -> SavedConfiguration:
        return await self._run(show(name, self._of(shared, version=version)))

    async def save_configuration(
        self,
        name: str,
        use_case: str,
        *,
        options: Mapping[str, Any] | None = None,
        callback_url: str | None = None,
        priority: int = 0,
        seen: int | None = None,
        shared: bool = False,
    ) -> SavedConfiguration:
        body = _body(use_case, options, callback_url, priority)
        return await self._run(save(name, self._of(shared), body, seen))

    async def delete_configuration(self, name: str, *, seen: int | None = None, shared: bool = False) -> None:
        await self._run(delete(name, self._of(shared), seen))
