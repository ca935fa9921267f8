"""A served app and a real Chromium. A missing browser is an error, never a skip."""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
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
        viewport={"width": width, "height": height},
        locale="zh-CN",
        accept_downloads=True,
        reduced_motion="reduce",
    )
    fresh.set_default_timeout(10_000)
    yield fresh
    fresh.close()


@pytest.fixture
def enter(live: Live, context: BrowserContext) -> Callable[..., Page]:
    """Sign in through the page as a role, at a site of this id where the role needs one."""

    def as_role(role: Role, site_id: int | None = None) -> Page:
        page = context.new_page()
        sign_in(page, live, role, site_id)
        return page

    return as_role


def sign_in(page: Page, live: Live, role: Role, site_id: int | None = None) -> None:
    """Through the page, as a new account of this role."""
    name = f"{role.value}-{site_id or 'all'}"
    with live.app.app_context():
        user, password = add_user(
            name, "测试" + role.value, role, site_id, by=SYSTEM, now=clock.now()
        )
        with_password(user)
    page.goto(f"{live.url}/sign-in")
    page.fill("input[name=name]", name)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{live.url}/")


def check_wcag(page: Page, what: str) -> None:
    """Nothing on the page keeps somebody out who sees, hears or moves otherwise."""
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={
        "runOnly": {"type": "tag", "values": rules}, "resultTypes": ["violations"],
    })  # fmt: skip
    assert not found.response["violations"], f"{what}: {found.generate_report()}"


@dataclass
class Desk:
    """A browser of somebody's own, at the office or elsewhere."""

    page: Page
    url: str

    def go(self, address: str) -> None:
        self.page.goto(f"{self.url}{address}")

    def click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def unfold(self, name: str) -> None:
        self.page.locator("summary", has_text=name).first.click()

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text, exact=False).first).to_be_visible()

    def is_clean(self) -> None:
        """Nothing on this page keeps anybody out."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()


@pytest.fixture
def desk(browser: Browser, live: Live) -> Iterator[Callable[..., Desk]]:
    """A desk for each role, each with its own cookies; without a role, a stranger's."""
    made: list[BrowserContext] = []

    def of(role: Role | None = None, **more: object) -> Desk:
        width, height = SIZES["desktop"]
        # Without motion: gliding down a long page costs a second a click.
        about = {"viewport": {"width": width, "height": height}, "reduced_motion": "reduce", **more}
        context = browser.new_context(locale="zh-CN", **about)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        made.append(context)
        page = context.new_page()
        if role is not None:
            sign_in(page, live, role)
        return Desk(page, live.url)

    yield of
    for context in made:
        context.close()
