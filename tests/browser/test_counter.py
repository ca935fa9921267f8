"""The counter in a real browser: scanned, filmed, undone, out of reach of the server, without script."""

import statistics
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from stdnum.iso7064 import mod_97_10

from canteen import actions
from canteen.models import MealEvent
from canteen.values import DietKind, EventKind
from core import clock
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.accounts.models import User, UserSession
from core.db import transaction
from tests.browser.conftest import CHROMIUM_FLAGS, SIZES, Live, check_wcag, chromium_path
from tests.browser.counter_house import (
    FULL_WIDTH,
    THROUGH_INPUT_METHOD,
    Canteen,
    age_sessions,
    answer,
    events,
    film_of_card,
    meals,
    open_canteen,
    scan,
)
from tests.canteen import house
from tests.conftest import with_password

pytestmark = pytest.mark.browser
Enter = Callable[..., Page]
PASSWORD_FIELD = "input[name=password]"


@pytest.fixture
def canteen(live: Live) -> Canteen:
    return open_canteen(live, ("王秀华", "李桂英", "欧阳建国"))


@pytest.fixture
def page(enter: Enter, live: Live, canteen: Canteen) -> Page:
    """The counter, opened by somebody who works there."""
    page = enter(Role.COUNTER, canteen.site_id)
    page.goto(f"{live.url}/canteen/counter")
    answer(page, "ready")
    return page


def test_a_scan_through_an_input_method_is_registered(
    page: Page, canteen: Canteen, live: Live
) -> None:
    page.evaluate(THROUGH_INPUT_METHOD, canteen.codes[0])
    expect(answer(page, "served")).to_contain_text("王大娘")
    assert meals(live) == 1


def test_full_width_digits_are_registered(page: Page, canteen: Canteen, live: Live) -> None:
    page.evaluate(FULL_WIDTH, canteen.codes[0])
    answer(page, "served")
    assert meals(live) == 1


@pytest.mark.parametrize("end", ["Tab", None])
def test_scanners_that_end_otherwise_are_understood(
    page: Page, canteen: Canteen, live: Live, end: str | None
) -> None:
    page.keyboard.type(canteen.codes[0])
    if end:
        page.keyboard.press(end)
    answer(page, "served")
    assert meals(live) == 1


def test_a_second_scan_says_when_and_where(page: Page, canteen: Canteen, live: Live) -> None:
    scan(page, canteen.codes[0])
    answer(page, "served")
    page.wait_for_timeout(1100)  # sooner, it is one scan read twice
    scan(page, canteen.codes[0])
    expect(answer(page, "already")).to_contain_text("登记")
    page.keyboard.press("1")
    expect(answer(page, "served")).to_contain_text("加购")
    assert meals(live) == 1


def test_what_is_no_card_is_said_plainly_and_registers_nothing(
    page: Page, canteen: Canteen, live: Live
) -> None:
    first, second = canteen.codes[:2]
    for text, words in (
        (first + second, "两张卡"),
        ("1" * 200, "太长"),
        (first[:9], "9 位"),
        ("1" * 17, "对不上"),
        ("110101195001011234", "身份证号"),
        ("HTTPS://EXAMPLE.ORG/PAY", "不是服务卡"),
    ):
        scan(page, text)
        expect(answer(page, "fault")).to_contain_text(words)
        page.wait_for_timeout(3100 if len(text) == 9 else 100)
    assert events(live) == []


def test_a_scan_torn_in_two_is_joined(page: Page, canteen: Canteen, live: Live) -> None:
    scan(page, canteen.codes[0][:9])
    answer(page, "fault")
    scan(page, canteen.codes[0][9:])
    answer(page, "served")
    assert meals(live) == 1


def test_a_scan_into_a_field_leaves_the_field_alone(
    page: Page, canteen: Canteen, live: Live
) -> None:
    page.keyboard.press("F2")
    page.locator("#q").fill("王")
    scan(page, canteen.codes[1])
    expect(answer(page, "served")).to_contain_text("李大娘")
    expect(page.locator("#q")).to_have_value("王")


def test_a_queue_of_80_needs_no_mouse(enter: Enter, live: Live) -> None:
    canteen = open_canteen(live, tuple(f"王{n}华" for n in "一二三四五六七八九十" * 8))
    page = enter(Role.COUNTER, canteen.site_id)
    page.goto(f"{live.url}/canteen/counter")
    for code in canteen.codes:
        scan(page, code)
    expect(page.locator("#counts .is-now strong")).to_have_text("80", timeout=30_000)
    assert meals(live) == 80
    sent = [event.device_at for event in events(live)]
    assert sent == sorted(sent)
    expect(page.locator("#recent li")).to_have_count(10)


def test_a_lost_answer_is_asked_for_again_under_the_same_id(
    page: Page, canteen: Canteen, live: Live
) -> None:
    lost: list[str] = []

    def lose_first(route: Route) -> None:
        lost.append((route.request.post_data_json or {})["id"])
        if len(lost) == 1:
            route.fetch()  # the server has it; its answer never arrives
            route.abort()
        else:
            route.continue_()

    page.route("**/api/canteen/scans", lose_first)
    scan(page, canteen.codes[0])
    expect(answer(page, "served")).to_contain_text("王大娘")
    assert len(lost) >= 2
    assert len(set(lost)) == 1
    assert [event.kind for event in events(live)] == [EventKind.SERVED]


def test_scans_wait_for_the_network_and_are_counted(
    page: Page, context: BrowserContext, canteen: Canteen, live: Live
) -> None:
    context.set_offline(True)
    for code in canteen.codes:
        scan(page, code)
    answer(page, "waiting")
    expect(page.locator("#band")).to_contain_text("3 笔")
    expect(page.locator("#recent li[data-state=waiting]")).to_have_count(3)
    context.set_offline(False)
    expect(page.locator("#recent li[data-state=served]")).to_have_count(3, timeout=20_000)
    expect(page.locator("#band")).to_be_hidden()
    assert meals(live) == 3


def test_after_signing_in_elsewhere_the_counter_goes_on_by_itself(
    page: Page, context: BrowserContext, canteen: Canteen, live: Live
) -> None:
    with live.app.app_context(), transaction() as session:
        session.query(UserSession).update({"ended_at": clock.now()})
    scan(page, canteen.codes[0])
    expect(page.locator("#band")).to_contain_text("登录已失效")
    other = _signed_in(context.new_page(), live, canteen)
    other.close()
    expect(answer(page, "served")).to_contain_text("王大娘", timeout=20_000)
    assert meals(live) == 1


def test_an_allergy_waits_for_its_acknowledgement(page: Page, canteen: Canteen, live: Live) -> None:
    with live.app.app_context():
        actions.add_diet_need(
            canteen.people[1], DietKind.ALLERGY, detail="花生", from_on=house.FIRST,
            by=house.CLERK, now=clock.now(),
        )  # fmt: skip
    scan(page, canteen.codes[1])
    expect(answer(page, "refused")).to_contain_text("花生")
    assert meals(live) == 0
    page.keyboard.press("1")
    answer(page, "served")
    assert meals(live) == 1


def test_take_away_asks_who_collects(page: Page, canteen: Canteen, live: Live) -> None:
    page.keyboard.press("F4")
    scan(page, canteen.codes[0])
    answer(page, "ask")
    assert events(live) == []
    page.keyboard.press("2")
    expect(page.locator("#answer-options button")).to_have_count(4)
    page.keyboard.press("3")
    answer(page, "served")
    assert [(event.way, event.collected_by) for event in events(live)] == [
        ("collected", "neighbour")
    ]


def test_undo_takes_the_meal_back(page: Page, canteen: Canteen, live: Live) -> None:
    scan(page, canteen.codes[0])
    answer(page, "served")
    page.locator(".recent-act").click()
    answer(page, "voided")
    assert meals(live) == 0
    page.wait_for_timeout(1100)
    scan(page, canteen.codes[0])
    answer(page, "served")
    assert meals(live) == 1


def test_a_meal_moves_to_the_one_who_ate_it(page: Page, canteen: Canteen, live: Live) -> None:
    scan(page, canteen.codes[0])
    answer(page, "served")
    with live.app.app_context(), transaction() as session:
        for event in session.query(MealEvent):
            event.received_at -= timedelta(minutes=5)
    page.reload()
    page.locator(".recent-act").click()
    page.locator("#move-button").click()
    page.keyboard.type("lgy", delay=90)
    page.locator(".found-one").click()
    expect(answer(page, "served")).to_contain_text("李大娘")
    served = [event.person_id for event in events(live) if event.kind is EventKind.SERVED]
    assert served == [canteen.people[0], canteen.people[1]]
    assert meals(live) == 1


def test_found_by_name_she_is_masked_until_registered(
    page: Page, canteen: Canteen, live: Live
) -> None:
    page.keyboard.press("F2")
    page.keyboard.type("oyjg", delay=90)
    found = page.locator(".found-one")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("欧*")
    assert "欧阳建国" not in page.locator("#found").inner_text()
    found.click()
    page.keyboard.press("1")
    expect(answer(page, "served")).to_contain_text("欧阳建国")
    assert [event.no_card_reason for event in events(live)] == ["forgotten"]


def test_a_closed_pin_locks_names_and_never_scanning(
    page: Page, canteen: Canteen, live: Live
) -> None:
    with live.app.app_context(), transaction() as session:
        for user in session.query(User):
            user.pin_hash = PasswordHasher().hash("4821")
    age_sessions(live, 30)
    page.reload()
    scan(page, canteen.codes[0])
    expect(answer(page, "served")).to_contain_text("王大娘")
    expect(page.locator("#answer-name")).to_be_hidden()
    page.keyboard.press("F2")
    expect(page.locator("#panel-pin")).to_be_visible()
    page.keyboard.type("4821", delay=90)
    page.keyboard.press("Enter")
    expect(page.locator("#panel-find")).to_be_visible()


def test_practice_counts_nowhere(page: Page, canteen: Canteen, live: Live) -> None:
    page.goto(f"{live.url}/canteen/counter?practice=1")
    scan(page, canteen.codes[0])
    expect(answer(page, "served")).to_contain_text("练习")
    assert meals(live) == 0


def test_the_camera_reads_a_real_card(
    browser: Browser, live: Live, canteen: Canteen, tmp_path: Path
) -> None:
    film = film_of_card(canteen.codes[0], tmp_path)
    filmed = browser.browser_type.launch(
        executable_path=chromium_path(),
        args=[
            *CHROMIUM_FLAGS, "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )  # fmt: skip
    page = _signed_in(filmed.new_page(), live, canteen)
    page.keyboard.press("F8")
    expect(answer(page, "served")).to_contain_text("王大娘", timeout=15_000)
    expect(page.locator("#camera-state")).to_contain_text("摄像头已打开")
    page.wait_for_timeout(1500)  # held still before the camera, it is one scan
    assert len(events(live)) == 1
    filmed.close()


def test_without_script_a_plain_form_registers_and_undoes(
    browser: Browser, live: Live, canteen: Canteen
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = _signed_in(context.new_page(), live, canteen)
    for state, words in (("served", "王大娘"), ("already", "登记")):
        page.fill("#code", canteen.codes[0])
        page.press("#code", "Enter")
        expect(answer(page, state)).to_contain_text(words)
    page.fill("#code", canteen.codes[0] * 2)
    page.press("#code", "Enter")
    expect(answer(page, "fault")).to_contain_text("两张卡")
    page.locator(".recent-act").click()
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("#recent")).to_contain_text("已作废")
    assert meals(live) == 0
    context.close()


def _signed_in(page: Page, live: Live, canteen: Canteen) -> Page:
    with live.app.app_context():
        user, password = add_user(
            "window", "窗口甲", Role.COUNTER, canteen.site_id, by=SYSTEM, now=clock.now()
        )
        with_password(user)
    page.goto(f"{live.url}/sign-in")
    page.fill("input[name=name]", "window")
    page.fill(PASSWORD_FIELD, password)
    page.press(PASSWORD_FIELD, "Enter")
    page.wait_for_url(f"{live.url}/")
    page.goto(f"{live.url}/canteen/counter")
    return page


PAINTED = """(code) => new Promise((done) => {
  const answer = document.getElementById("answer");
  const press = (init) => document.body.dispatchEvent(
    new KeyboardEvent("keydown", {bubbles: true, cancelable: true, ...init}));
  answer.dataset.state = "measured";
  for (const digit of code) press({key: digit, code: "Digit" + digit});
  const begun = performance.now();
  const watch = new MutationObserver(() => {
    if (!["served", "already", "refused"].includes(answer.dataset.state)) return;
    watch.disconnect();
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
  });
  watch.observe(answer, {attributes: true});
  press({key: "Enter", code: "Enter"});
})"""


def test_from_enter_to_the_painted_answer_takes_a_blink(enter: Enter, live: Live) -> None:
    canteen = open_canteen(live, tuple(f"李{n}英" for n in "一二三四五六七八九十" * 3))
    page = enter(Role.COUNTER, canteen.site_id)
    page.goto(f"{live.url}/canteen/counter")
    times = [page.evaluate(PAINTED, code) for code in canteen.codes]
    median = statistics.median(times)
    print(f"Enter to painted answer: median {median:.0f} ms, slowest {max(times):.0f} ms")
    assert median <= 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_of_the_counter_shuts_anybody_out(
    page: Page, canteen: Canteen, live: Live, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    check_wcag(page, "ready")
    scan(page, canteen.codes[0])
    answer(page, "served")
    check_wcag(page, "served")
    page.wait_for_timeout(1100)
    scan(page, canteen.codes[0])
    answer(page, "already")
    check_wcag(page, "already")
    scan(page, _unknown_code())
    answer(page, "refused")
    check_wcag(page, "refused")
    page.wait_for_timeout(600)
    for key, panel in (("F2", "find"), ("F6", "sale")):
        page.keyboard.press(key)
        expect(page.locator(f"#panel-{panel}")).to_be_visible()
        check_wcag(page, panel)
    for panel in ("paper", "price", "pin", "event", "why"):
        page.evaluate("(name) => window.zhuheCounter.panels.open(name)", panel)
        check_wcag(page, panel)
    page.keyboard.press("Escape")
    scan(page, canteen.codes[1][:9])
    answer(page, "fault")
    check_wcag(page, "fault")
    page.wait_for_timeout(3100)
    page.keyboard.press("F4")
    scan(page, canteen.codes[1])
    answer(page, "ask")
    check_wcag(page, "ask")
    for width, height in SIZES.values():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        check_wcag(page, f"{width} px")
    page.context.set_offline(True)
    page.keyboard.press("1")
    answer(page, "waiting")
    check_wcag(page, "waiting")
    page.context.set_offline(False)
    answer(page, "served")
    page.goto(f"{live.url}/canteen/counter?practice=1")
    check_wcag(page, "practice")
    page.goto(f"{live.url}/canteen/counter/diner")
    check_wcag(page, "diner")


def _unknown_code() -> str:
    """A number whose check digits hold and that belongs to nobody."""
    return "999999999999999" + mod_97_10.calc_check_digits("999999999999999")
