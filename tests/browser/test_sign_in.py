"""Signing in as a person does it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from core.access import Role
from tests.browser.conftest import Live

pytestmark = pytest.mark.browser


def test_a_clerk_signs_in_with_the_keyboard_and_is_home(
    live: Live, enter: Callable[..., Page]
) -> None:
    page = enter(Role.CLERK)
    assert page.url == f"{live.url}/"
    assert page.locator("h1").inner_text()


def test_the_sign_in_page_has_no_accessibility_violation(live: Live, context) -> None:  # type: ignore[no-untyped-def]
    page = context.new_page()
    page.goto(f"{live.url}/sign-in")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
