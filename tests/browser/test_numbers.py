"""A real browser, with and without JavaScript, puts no typed ID number into any address or its history."""

from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Browser, Page, expect

from core import clock
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.people.actions import change_person
from core.people.values import Details
from core.privacy import whole_number_in
from tests.browser.conftest import Live
from tests.browser.counter_house import Canteen, open_canteen
from tests.canteen import house
from tests.conftest import with_password

pytestmark = pytest.mark.browser
CANARY = "130499193608235198"  # no county gives it out

# Where somebody types, and the field there.
SEARCHES = [
    ("/people", "q"), ("/canteen/diners", "q"), ("/canteen/diners/new", "q"), ("/canteen/meals", "q"),
    ("/canteen/tariffs/trial", "q"), ("/office/audit", "person"), ("/office/audit", "what"),
    ("/office/users", "q"),
]  # fmt: skip


@pytest.fixture
def canteen(live: Live) -> Canteen:
    canteen = open_canteen(live, ("王秀华",))
    with live.app.app_context():
        hers = Details("王秀华", id_number=CANARY)
        change_person(canteen.people[0], hers, by=house.CLERK, now=clock.now())
    return canteen


def sign_in(page: Page, live: Live) -> None:
    with live.app.app_context():
        user, password = add_user("boss", "管理员甲", Role.ADMIN, None, by=SYSTEM, now=clock.now())
        with_password(user)
    page.goto(f"{live.url}/sign-in")
    page.fill("input[name=name]", "boss")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{live.url}/")


@pytest.mark.parametrize("script", [True, False])
def test_a_typed_number_stands_in_no_address_and_no_history(
    browser: Browser, live: Live, canteen: Canteen, script: bool
) -> None:
    context = browser.new_context(java_script_enabled=script, locale="zh-CN")
    context.set_default_timeout(10_000)
    page, addresses = context.new_page(), []
    page.on("request", lambda request: addresses.append(request.url))
    sign_in(page, live)
    for path, name in SEARCHES:
        page.goto(f"{live.url}{path}")
        for typed in (CANARY, f"{CANARY[:6]} {CANARY[6:14]} {CANARY[14:]}", canteen.codes[0]):
            field = page.locator(f"main [name={name}]")
            if not field.count():  # the price trial has found her and asks no more
                page.goto(f"{live.url}{path}")
            with page.expect_navigation():
                field.evaluate(
                    "(one, text) => { one.value = text; }", typed
                ) if script else field.fill(typed)
                field.press("Enter")
            if path == "/people":
                expect(page.get_by_role("heading", name="王秀华")).to_be_visible()
                page.goto(f"{live.url}{path}")
    find_at_the_counter(page, live, script)
    addresses.append(page.url)
    history = context.new_cdp_session(page).send("Page.getNavigationHistory")["entries"]
    addresses += [entry["url"] for entry in history]
    assert len(addresses) > 60
    assert [one for one in addresses if whole_number_in(unquote_plus(one))] == []
    context.close()


def find_at_the_counter(page: Page, live: Live, script: bool) -> None:
    page.goto(f"{live.url}/canteen/counter?site=one&panel=find")
    if script:
        page.locator(".counter-buttons [data-panel=find]").click()
    page.locator("#q").press_sequentially(CANARY, delay=30)
    if not script:
        page.locator("#find-form button").click()
    expect(page.locator("#found")).to_contain_text("王*华")


def test_a_name_goes_into_the_address_and_a_choice_keeps_it(
    browser: Browser, live: Live, canteen: Canteen
) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    sign_in(page, live)
    page.goto(f"{live.url}/canteen/diners")
    page.fill("main [name=q]", "王秀")
    page.press("main [name=q]", "Enter")
    page.wait_for_url("**q=*")
    page.select_option("main [name=order]", "newest")
    page.wait_for_url("**order=newest*")
    assert "q=王秀" in unquote_plus(page.url)
    expect(page.locator("tbody tr")).to_have_count(1)
    page.reload()
    expect(page.locator("main [name=q]")).to_have_value("王秀")
    context.close()
