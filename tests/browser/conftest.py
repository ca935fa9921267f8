"""A served app and a real Chromium. A missing browser is an error, never a skip."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from core import clock
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from tests.conftest import with_password

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZES = {"phone": (360, 740), "tablet": (1024, 768), "desktop": (1440, 900)}


def chromium_path() -> str:
    """Where Debian puts its Chromium. Raises when there is none, with the line that mends it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("Chromium is missing: apt-get install chromium")
    return path


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@dataclass(frozen=True)
class Live:
    """A served app: where it answers, and the app behind it to look into its rows."""

    url: str
    app: Flask


@pytest.fixture
def live(app: Flask) -> Iterator[Live]:
    """The app of this test, served on a free port of loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Live(f"http://127.0.0.1:{server.server_port}", app)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile on a tablet, in Chinese."""
    width, height = SIZES["tablet"]
    fresh = browser.new_context(
        viewport={"width": width, "height": height}, locale="zh-CN", accept_downloads=True
    )
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def enter(live: Live, context: BrowserContext) -> Callable[..., Page]:
    """Sign in through the page as a role, at a site of this id where the role needs one."""

    def as_role(role: Role, site_id: int | None = None) -> Page:
        name = f"{role.value}-{site_id or 'all'}"
        with live.app.app_context():
            user, password = add_user(
                name, "测试" + role.value, role, site_id, by=SYSTEM, now=clock.now()
            )
            with_password(user)
        page = context.new_page()
        page.goto(f"{live.url}/sign-in")
        page.fill("input[name=name]", name)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(f"{live.url}/")
        return page

    return as_role


def shot(page: Page, folder: Path, name: str) -> None:
    """A screenshot at each size, for eyes."""
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=folder / f"{name}-{size}.png", full_page=True)
