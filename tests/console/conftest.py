"""The pages in a real browser before a real service: one of each for all tests of a process, in one event loop.

A test takes `tab`, opens a view, and does what a person would:

    async def test_jobs(tab: Tab) -> None:
        page = await tab.open("/console/jobs")
        await page.keyboard.press("j")

It fails for errors of scripts, violations of the content security policy and requests to other hosts, too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from pytest_asyncio import is_async_test

from tests import databases, processes
from tests.console import browser
from tests.console.browser import Tab
from tests.receiver import Receiver, receiver

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests here share an event loop, so that they may share a browser."""
    for item in items:
        if is_async_test(item) and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def console_database(server_url: str, template_name: str) -> Iterator[str]:
    """The address of the database that the service of these tests works on."""
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture(scope="session")
def called() -> Iterator[Receiver]:
    """A server that the service may call back."""
    with receiver() as called:
        yield called


@pytest.fixture(scope="session")
def address(console_database: str, called: Receiver) -> Iterator[str]:
    """The address of a service, web and engine, without keys: open to this machine."""
    if reason := browser.missing():
        pytest.skip(reason)
    settings = {"IX_ENGINE_SLOTS": "2", "IX_LOG_LEVEL": "INFO", "IX_ALLOW_HOSTS": called.host, "IX_REVIEW_SAMPLE": "0"}
    with processes.service(console_database, **settings) as address:
        yield address


@pytest.fixture(scope="session")
def api(address: str) -> Iterator[httpx.Client]:
    """The API of the service, for what a test needs to be there."""
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def whole_tab(address: str) -> AsyncIterator[Tab]:
    """The one page of the one browser: to open another for each test would take longer than most of them."""
    async with browser.chromium() as context:
        yield Tab(await context.new_page(), address)


@pytest_asyncio.fixture(loop_scope="session")
async def tab(whole_tab: Tab) -> AsyncIterator[Tab]:
    """The page, as if it were new. The test fails for whatever went wrong on it and was not expected."""
    await whole_tab.reset()
    yield whole_tab
    assert whole_tab.unexpected() == []


@pytest.fixture(scope="session")
def axe() -> None:
    """Skips a test where axe is not installed."""
    if not browser.AXE.is_file():
        pytest.skip("axe-core is not installed: make node")
