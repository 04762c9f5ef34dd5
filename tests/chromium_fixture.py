"""A real Chromium for tests: one a session, started when the first test asks for it.

Register this module as a plugin in a test folder's conftest.py, as with labelstudio_fixture.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Workbench

OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        told = "no Chromium on the path: install Debian's chromium to try the pages in a browser"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    expect.set_options(timeout=30_000)  # what is expected comes at once, but not on a machine that has much to do
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=OPTIONS)
        yield chromium
        chromium.close()


def task_address(studio: AnnotationServer, bench: Workbench, number: int) -> str:
    """Return the address at which a person opens a task."""
    return f"{studio.url}/projects/{bench.id}/data?task={number}"


def open_task(page: Page, address: str) -> None:
    """Opens one task's page and waits until it stays.

    Label Studio asks twice for a task that is opened by its address and draws it anew with the second answer;
    what was typed in between would be gone.
    """
    page.goto(address, wait_until="networkidle", timeout=60_000)
    expect(page.locator(".page")).to_be_visible(timeout=60_000)


def close_notice(page: Page) -> None:
    """Says OK to what the editor says is missing, until it is gone: a click on what still moves may be lost."""
    notice = page.locator(".ant-modal-wrap:visible")
    for _ in range(30):
        with contextlib.suppress(TimeoutError):
            notice.get_by_role("button", name="OK").last.click(timeout=1_000)
        with contextlib.suppress(AssertionError):
            expect(notice).to_have_count(0, timeout=1_000)
            return
    raise AssertionError("the notice stays")


def take_by_key(page: Page, key: str, choice: str, within: str = ".page") -> None:
    """Presses a key until the choice that it stands for is taken: a page just drawn may not listen yet."""
    box = page.locator(f"{within} input[name='{choice}']")
    for _ in range(30):
        page.keyboard.press(key)
        with contextlib.suppress(AssertionError):
            expect(box).to_be_checked(timeout=1_000)
            return
    raise AssertionError(f"{key!r} does not take {choice!r}")
