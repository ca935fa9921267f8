"""The server's clock jumps by an hour or a day: stored rows keep their day, and the office is told."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain, repeat
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from canteen import actions
from canteen.models import Meal, MealEvent
from core import clock, doctor
from core.access import Role
from core.accounts.models import Device
from core.audit import AuditEntry, seal
from core.clock_watch.watch import Watch, look_at_clock, open_moves
from core.db import db, transaction
from tests.canteen.house import House
from tests.canteen.programs import Program, make_house, program
from tests.conftest import NOON, SignIn, both_engines, csrf_of

pytestmark = pytest.mark.faults
JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]
any_jump = pytest.mark.parametrize("jump", JUMPS, ids=["+1h", "-1h", "+1d", "-1d"])


@pytest.fixture
def now() -> Iterator[time_machine.Traveller]:
    """The computer's own clock shows 11:42 on 24 November 2026, and may be moved."""
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def app(now: time_machine.Traveller, make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture
def house(app: Flask) -> tuple[House, list[str]]:
    return make_house(app, NOON, *["minimum_living"] * 4)


@pytest.fixture
def sender(app: Flask, house: tuple[House, list[str]]) -> Program:
    return program(app, NOON, house[0].site_id)


def stored(app: Flask) -> tuple[set[Any], set[Any]]:
    """Everything by which an event and a meal count."""
    with app.app_context():
        events = db.session.execute(
            sa.select(MealEvent.id, MealEvent.day, MealEvent.sitting, MealEvent.occurred_at)
        ).all()
        meals = db.session.execute(
            sa.select(Meal.person_id, Meal.day, Meal.sitting, Meal.event_id)
        ).all()
        assert actions.differences() == []
        db.session.remove()
    return set(map(tuple, events)), set(map(tuple, meals))


def scan_now(sender: Program, code: str) -> Any:
    sender.now = clock.now()
    return sender.scan(code)


@both_engines
@any_jump
def test_rows_keep_their_day_whatever_the_clock_does_afterwards(
    app: Flask,
    house: tuple[House, list[str]],
    sender: Program,
    now: time_machine.Traveller,
    jump: timedelta,
) -> None:
    _, codes = house
    first = sender.item(codes[0])
    answer = sender.post("/api/canteen/scans", first)
    assert answer.status_code == 201
    before = stored(app)
    assert {row[1].isoformat() for row in before[0]} == {"2026-11-24"}

    now.shift(jump)
    again = sender.post("/api/canteen/scans", first)
    assert (again.status_code, again.json["meal"]) == (201, answer.json["meal"])
    assert stored(app) == before
    # What is registered now lies on the day that the clock shows, and nothing else moves with it.
    assert scan_now(sender, codes[1]).status_code in (200, 201)
    during = stored(app)
    assert before[0] < during[0] and before[1] <= during[1]
    [new] = during[0] - before[0]
    assert new[1] == clock.service_day(new[3])

    now.shift(-jump)
    assert sender.post("/api/canteen/scans", first).json["meal"] == answer.json["meal"]
    second_lunch = scan_now(sender, codes[0])
    assert second_lunch.json["outcome"] == "already_served"
    with app.app_context():
        seal(clock.now())
    after = stored(app)
    assert during[0] < after[0] and during[1] == after[1]


@both_engines
@any_jump
def test_a_jump_in_the_middle_of_a_request_splits_no_meal_from_its_event(
    app: Flask, house: tuple[House, list[str]], sender: Program, jump: timedelta
) -> None:
    _, codes = house
    for code, steps in zip(codes, (1, 2, 3, 4), strict=True):
        # The first so many times that this request asks, it is noon; then the clock has jumped.
        moments = chain([NOON] * steps, repeat(NOON + jump))
        with mock.patch.object(clock, "now", side_effect=lambda moments=moments: next(moments)):
            answer = sender.scan(code)
        assert answer.status_code in (200, 201), answer.json
    events, meals = stored(app)
    assert len(events) == 4
    day_of = {event[0]: (event[1], event[2], event[3]) for event in events}
    assert all(day_of[meal[3]][:2] == (meal[1], meal[2]) for meal in meals)
    assert all(day == clock.service_day(at) for day, _, at in day_of.values())


def home_of(client: FlaskClient) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.text


@both_engines
@any_jump
def test_the_office_is_told_of_a_jump_until_somebody_has_checked_the_clock(
    app: Flask, now: time_machine.Traveller, sign_in: SignIn, jump: timedelta
) -> None:
    clerk = sign_in(Role.CLERK)
    assert "服务器时间对吗" not in home_of(clerk)
    now.shift(jump)
    # Sessions end by themselves after a day, as they do over night.
    clerk, auditor = sign_in(Role.CLERK, name="clerk-2"), sign_in(Role.AUDITOR)
    way = "拨快" if jump > timedelta(0) else "拨慢"
    span = "1 小时" if abs(jump) < timedelta(days=1) else "1 天"
    home = home_of(clerk)
    assert "服务器时间对吗" in home and clock.local(clock.now()).strftime("%H:%M") in home
    assert "服务器时间对吗" not in home_of(auditor)
    page = clerk.get("/office/clock").text
    assert f"时钟被{way} {span}" in page
    assert "timedatectl set-ntp true" in page
    with app.app_context():
        [move] = open_moves()
        assert move.moved_s == pytest.approx(jump.total_seconds(), abs=60)
        told = [finding for finding in doctor.examine() if finding.topic == "clock"]
        assert {finding.state for finding in told} == {"bad"}
        assert any("nobody has checked it" in finding.text for finding in told)

    token = csrf_of(clerk)
    unsaid = clerk.post("/office/clock/check", data={"csrf_token": token, "reason": " "})
    assert unsaid.status_code == 200 and "时钟被" in unsaid.text
    said = {"csrf_token": token, "reason": "管理员已校准"}
    assert clerk.post("/office/clock/check", data=said).status_code == 302
    with app.app_context():
        assert open_moves() == []
        entry = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "clock.checked")
        ).one()
        assert (entry.reason, entry.actor_name) == ("管理员已校准", "clerk-2")
        db.session.remove()
    if jump > timedelta(0):
        assert "服务器时间对吗" not in home_of(clerk)
    # A clock that is put back stays in doubt while it is behind what was recorded before.
    else:
        assert "已有记录的时间比现在的时钟晚" in clerk.get("/office/clock").text


def test_each_process_of_a_machine_notices_a_jump_and_it_is_told_once(
    make_app: Callable[..., Flask], now: time_machine.Traveller
) -> None:
    processes = [make_app() for _ in range(3)]
    now.shift(timedelta(hours=1))
    for process in processes:
        process.test_client().get("/sign-in")
    with processes[0].app_context():
        assert look_at_clock(clock.now()) == 0
        assert len(open_moves()) == 1
    now.shift(timedelta(hours=-1))
    for process in processes:
        with process.app_context():
            look_at_clock(clock.now())
    with processes[1].app_context():
        assert sorted(round(move.moved_s / 60) for move in open_moves()) == [-60, 60]


def test_a_jump_that_cannot_be_kept_is_kept_at_the_next_look(
    app: Flask, now: time_machine.Traveller
) -> None:
    now.shift(timedelta(days=1))
    with app.app_context():
        with mock.patch(
            "core.clock_watch.watch.transaction", side_effect=sa.exc.DBAPIError("", {}, Exception())
        ):
            assert look_at_clock(clock.now()) == 0
        assert open_moves() == []
        assert look_at_clock(clock.now()) == 1
        assert len(open_moves()) == 1


def test_small_corrections_and_stories_of_other_times_are_no_jumps(
    app: Flask, now: time_machine.Traveller
) -> None:
    with app.app_context():
        for _ in range(20):
            now.shift(timedelta(seconds=250))
            look_at_clock(clock.now())
        with clock.at(NOON + timedelta(days=400)):
            look_at_clock(clock.now())
        look_at_clock(clock.now())
        assert open_moves() == []


@any_jump
def test_a_start_behind_the_last_record_is_told_though_nobody_saw_the_jump(
    make_app: Callable[..., Flask], now: time_machine.Traveller, sign_in: SignIn, jump: timedelta
) -> None:
    sign_in(Role.CLERK)  # leaves records of noon
    now.shift(jump)
    restarted = make_app()
    with restarted.app_context():
        look_at_clock(clock.now())
        told = [finding for finding in doctor.examine() if finding.topic == "clock"]
        assert open_moves() == []
    if jump < timedelta(0):
        assert [finding.state for finding in told] == ["bad"]
        assert "before the last record" in told[0].text
    else:
        assert [finding.state for finding in told] == ["ok"]


def test_devices_that_agree_among_each_other_are_believed_rather_than_the_server(
    make_app: Callable[..., Flask],
    house: tuple[House, list[str]],
    now: time_machine.Traveller,
    sign_in: SignIn,
    app: Flask,
) -> None:
    _, codes = house
    senders = [program(app, NOON, house[0].site_id, name) for name in ("窗口一", "窗口二")]
    now.shift(timedelta(hours=1))
    app.extensions["zhuhe_clock"] = Watch()  # started after the jump
    for sender, code in zip(senders, codes, strict=False):
        answer = sender.post(
            "/api/canteen/scans", sender.item(code), **{"X-Client-Time": NOON.isoformat()}
        )
        assert answer.status_code in (200, 201)
    clerk = sign_in(Role.CLERK)
    assert "时钟比窗口的 2 台设备都快 1 小时" in clerk.get("/office/clock").text
    with app.app_context(), transaction() as session:
        session.execute(sa.update(Device).where(Device.name == "窗口一").values(clock_offset_s=0))
    assert "没有发现时钟有问题" in clerk.get("/office/clock").text


def test_whoever_may_only_read_cannot_say_that_the_clock_is_right(
    app: Flask, now: time_machine.Traveller, sign_in: SignIn
) -> None:
    now.shift(timedelta(hours=1))
    reviewer = sign_in(Role.REVIEWER)
    page = reviewer.get("/office/clock").text
    assert "时钟被拨快 1 小时" in page and "时间已经正确" not in page
    said = {"csrf_token": csrf_of(reviewer), "reason": "对"}
    assert reviewer.post("/office/clock/check", data=said).status_code == 403
