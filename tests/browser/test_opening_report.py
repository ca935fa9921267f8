"""The one act of the list of reports stands where other pages have theirs, at every size."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from core.access import Role

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
def test_preparing_a_report_stands_at_the_right_of_the_title_and_opens_below_itself(
    enter: Callable[..., Page], width: int, height: int
) -> None:
    page = enter(Role.CLERK)
    page.set_viewport_size({"width": width, "height": height})
    page.goto(page.url.rstrip("/") + "/reports")
    opening = page.locator(".page-actions details.opening")
    button, form = opening.locator("summary"), opening.locator("form")
    expect(form).to_be_visible()  # nothing stands in the list yet, so it is open
    if folder := os.environ.get("LOOK"):
        page.screenshot(path=f"{folder}/open-{width}.png")
    below, above = form.bounding_box(), button.bounding_box()
    assert below and above and below["y"] >= above["y"] + above["height"]
    button.focus()
    page.keyboard.press("Enter")
    expect(form).to_be_hidden()
    if folder:
        page.screenshot(path=f"{folder}/shut-{width}.png")
    title, box = page.locator("h1").bounding_box(), button.bounding_box()
    content = page.locator("header.page-head").bounding_box()
    assert title and box and content
    assert abs(box["x"] + box["width"] - content["x"] - content["width"]) < 2
    assert box["y"] < title["y"] + title["height"]
    assert page.evaluate("document.documentElement.scrollWidth") == width
