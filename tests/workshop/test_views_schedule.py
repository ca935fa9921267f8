"""Pages of cohorts and sessions: who sees what, what a preview shows, what a change tells the class."""

import re
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.accounts.models import Grant, User
from core.audit import AuditEntry
from core.db import db, transaction
from core.jobs import Job, work_off
from core.jobs.models import JobFile
from core.sites.models import CalendarDay, DayKind
from tests.canteen.pages import Visit, Visitor, apart, post, queries_of
from tests.conftest import SignIn
from tests.workshop import house as h
from tests.workshop.house import House
from tests.workshop.test_actions_schedule import mark
from workshop.models import Cohort, Course, Room, Session
from workshop.values import AttendanceStatus, CohortState, SessionState

TODAY = date(2026, 11, 24)


@pytest.fixture
def visit(sign_in: SignIn, noon: datetime) -> Visit:
    """Sign in with a role, at a site of this id where the role needs one."""

    def as_role(role: Role, site_id: int | None = None, name: str | None = None) -> Visitor:
        return Visitor(apart(noon, sign_in, role, site_id, name), noon)

    return as_role


@pytest.fixture
def coordinator(workshop: House, visit: Visit) -> Visitor:
    return visit(Role.COORDINATOR, workshop.site_id)


def user_id(name: str) -> int:
    return db.session.scalars(sa.select(User.id).where(User.name == name)).one()


def pattern(house: House, weekday: int = 4, **more: object) -> dict[str, object]:
    """What is typed to plan one weekday's lessons."""
    at = f"day_{weekday}"
    return {
        f"{at}-starts": "14:00", f"{at}-ends": "17:00", f"{at}-room_id": house.room_id,
        "from_on": "2026-11-26", "until": "count", "count": "2", **more,
    }  # fmt: skip


def test_a_course_becomes_a_cohort_and_its_sessions(
    workshop: House, coordinator: Visitor, visit: Visit
) -> None:
    clerk = visit(Role.CLERK)
    answer = post(
        clerk, "/workshop/courses/new", name="养老护理", skill_id=workshop.skill_id, level="junior",
        class_hours="12", class_hour_min="45", credited_percent="80", leave_most_percent="20",
        late_absent_min="15", early_absent_min="15", pass_mark="60", led_by="planned", is_active="y",
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    course = db.session.scalars(sa.select(Course).where(Course.name == "养老护理")).one()
    assert not course.needs_assessment
    assert post(coordinator, "/workshop/courses/new").status_code == 403
    answer = post(
        coordinator, "/workshop/cohorts/new", course_id=course.id, site_id=workshop.site_id,
        starts_on="2026-11-25", ends_on="2026-12-31", capacity="20", state="open",
        trainer_id=workshop.trainer_id, is_subsidised="y",
    )  # fmt: skip
    row = db.session.scalars(sa.select(Cohort)).one()
    assert (row.name, row.planned_min, row.state) == ("养老护理第 1 期", 540, CohortState.OPEN)
    address = answer.headers["Location"]
    assert address == f"/workshop/cohorts/{row.id}/plan"
    typed = pattern(workshop, until="full", count="")
    seen = post(coordinator, address, step="preview", **typed)
    assert "排 3 次课" in seen.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Session)) == 0
    unseen = post(coordinator, address, step="plan", **typed)
    assert "预览之后，填写内容、日历或培训班有变动" in unseen.text
    digest = re.search('name="seen" type="hidden" value="([0-9a-f]+)"', unseen.text)
    assert digest is not None
    ticked = post(
        coordinator, address, step="plan", seen=digest[1], leave_out="2026-12-03", **typed
    )
    assert "您选择不排" in ticked.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Session)) == 0
    assert post(coordinator, address, step="plan", seen=digest[1], **typed).status_code == 302
    days = db.session.scalars(sa.select(Session.on).order_by(Session.on)).all()
    assert list(days) == [date(2026, 11, 26) + timedelta(weeks=n) for n in range(3)]
    page = coordinator.get(f"/workshop/cohorts/{row.id}").text
    assert "二号教室" not in page
    assert "一号教室" in page
    assert "计入学时不少于计划学时的 80%" in page


def test_the_preview_names_holidays_and_clashes_and_leaves_days_out(
    workshop: House, coordinator: Visitor
) -> None:
    busy = h.cohort(workshop, number=1, sessions=30, starts_min=14 * 60)
    assert busy
    cohort_id = h.cohort(workshop, number=2, sessions=1, first=date(2026, 11, 25))
    with transaction() as session:
        session.get_one(Cohort, cohort_id).trainer_id = None
        session.add(CalendarDay(on=date(2026, 12, 3), kind=DayKind.HOLIDAY, name="停电检修"))
    address = f"/workshop/cohorts/{cohort_id}/plan"
    text = post(coordinator, address, step="preview", **pattern(workshop, count="3")).text
    assert "节假日：停电检修" in text
    assert "一号教室已被占用：缝纫初级第 1 期 14:00–17:00" in text
    assert "座位" not in text
    with transaction() as session:
        session.get_one(Room, workshop.room_id).seats = 10
    text = post(coordinator, address, step="preview", **pattern(workshop, count="3")).text
    assert "一号教室只有 10 个座位，本班名额 30 人。" in text
    assert "排 3 次课" not in text  # a plan with a clash cannot be made
    digest = re.search('name="seen" type="hidden" value="([0-9a-f]+)"', text)
    assert digest is not None
    answer = post(coordinator, address, step="plan", seen=digest[1], **pattern(workshop, count="3"))
    assert answer.status_code == 422
    assert "一号教室那个时间已被占用" in answer.text
    again = post(coordinator, address, step="again", leave_out=["2026-11-26", "2026-12-10"],
                 **pattern(workshop, count="1")).text  # fmt: skip
    assert "您选择不排" in again
    assert 'value="2026-11-26 2026-12-10"' in again
    assert "排 1 次课" in again


def test_what_was_typed_wrongly_is_still_there(workshop: House, coordinator: Visitor) -> None:
    cohort_id = h.cohort(workshop)
    address = f"/workshop/cohorts/{cohort_id}/plan"
    typed = pattern(workshop, **{"day_4-ends": "13:00", "day_1-starts": "25:00"})
    answer = post(coordinator, address, step="preview", **typed)
    assert answer.status_code == 422
    assert 'value="13:00"' in answer.text
    assert 'value="25:00"' in answer.text
    assert "下课时间须晚于上课时间" in answer.text
    empty = {key: value for key, value in pattern(workshop).items() if not key.startswith("day_")}
    answer = post(coordinator, address, step="preview", **empty)
    assert "请至少填写一个星期几的上课时间" in answer.text


def test_a_moved_session_leads_to_a_text_for_its_class_and_a_list_to_call(
    workshop: House, coordinator: Visitor
) -> None:
    cohort_id = h.cohort(workshop, sessions=25)
    h.enrolled(workshop, cohort_id, 2)
    row = db.session.get_one(Session, h.sessions_of(cohort_id)[20])
    page = coordinator.get(f"/workshop/sessions/{row.id}").text
    assert 'name="time-version"' in page
    typed = {
        "time-version": "1", "time-on": "2026-12-20", "time-starts": "14:00", "time-ends": "17:00",
        "time-pause": "", "time-room_id": "", "time-reason": "停电",
    }  # fmt: skip
    answer = post(coordinator, f"/workshop/sessions/{row.id}/time", **typed)
    assert answer.headers["Location"] == f"/workshop/sessions/{row.id}/notice"
    text = coordinator.get(answer.headers["Location"]).text
    assert "【缝纫初级第 1 期 调课通知】" in text
    assert "原定 11月30日 (周一) 09:00–12:00 在一号教室的课有调整。" in text
    assert "新的时间：12月20日 (周日) 14:00–17:00" in text
    assert "地点：教室待定" in text
    assert "原因：停电" in text
    assert "学员001" in text
    assert "tel:1" not in text
    calls = post(coordinator, f"/workshop/sessions/{row.id}/phones").text
    assert 'href="tel:1' in calls
    logged = db.session.scalars(sa.select(AuditEntry.action)).all()
    assert "class_session.phones_shown" in logged
    stale = post(coordinator, f"/workshop/sessions/{row.id}/time", **typed)
    assert stale.status_code == 422
    assert "刚刚被别人改动过" in stale.text
    assert 'value="14:00"' in stale.text


def test_room_substitute_topic_and_cancellation_each_have_their_form(
    workshop: House, coordinator: Visitor
) -> None:
    cohort_id = h.cohort(workshop, sessions=25)
    base = f"/workshop/sessions/{h.sessions_of(cohort_id)[20]}"
    post(
        coordinator,
        "/workshop/rooms/new",
        site_id=workshop.site_id,
        name="二号教室",
        seats="12",
        is_active="y",
    )
    room = db.session.scalars(sa.select(Room).where(Room.name == "二号教室")).one()
    typed = {"room-version": "1", "room-room_id": room.id, "room-reason": "漏水"}
    assert post(coordinator, f"{base}/room", **typed).status_code == 302
    assert "由一号教室改到二号教室，时间不变" in coordinator.get(f"{base}/notice").text
    staff = {"staff-trainer_id": workshop.trainer_id, "staff-substitute_id": workshop.substitute_id}
    assert post(coordinator, f"{base}/staff", **staff).status_code == 422
    assert (
        post(coordinator, f"{base}/staff", **staff, **{"staff-reason": "病假"}).status_code == 302
    )
    assert "由liu老师上" in coordinator.get(f"{base}/notice").text
    assert post(coordinator, f"{base}/topic", **{"topic-topic": "上领子"}).status_code == 302
    assert "上领子" in coordinator.get(base).text
    answer = post(
        coordinator, f"{base}/cancellation", **{"cancel-version": "2", "cancel-reason": "台风"}
    )
    assert answer.status_code == 302
    assert "停课通知" in coordinator.get(f"{base}/notice").text
    page = coordinator.get(base).text
    assert "已取消：台风" in page
    assert f"{base}/time" not in page
    assert f"{base}/attendance" not in page
    row = db.session.get_one(Session, int(base.rsplit("/", 1)[1]))
    assert row.state is SessionState.CANCELLED


def test_only_the_office_cancels_what_was_marked(
    workshop: House, coordinator: Visitor, visit: Visit
) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id)
    row = db.session.get_one(Session, h.sessions_of(cohort_id)[0])
    mark(person_id, row, AttendanceStatus.PRESENT)
    base, typed = f"/workshop/sessions/{row.id}", {"cancel-version": "1", "cancel-reason": "记错"}
    assert f"{base}/time" not in coordinator.get(base).text
    answer = post(coordinator, f"{base}/cancellation", **typed)
    assert "只能由街道办理" in answer.text
    clerk = visit(Role.CLERK)
    assert "我已知晓" in post(clerk, f"{base}/cancellation", **typed).text
    answer = post(clerk, f"{base}/cancellation", **typed, **{"cancel-drops_marks": "y"})
    assert answer.status_code == 302


def test_a_trainer_sees_her_cohorts_and_changes_nothing(workshop: House, visit: Visit) -> None:
    trainer = visit(Role.TRAINER, workshop.site_id)
    own, other = h.cohort(workshop), h.cohort(workshop, number=2, starts_min=13 * 60)
    with transaction() as session:
        row = session.get_one(Cohort, own)
        row.trainer_id = user_id(f"trainer-{workshop.site_id}")
    listed = trainer.get("/workshop/cohorts").text
    assert "缝纫初级第 1 期" in listed
    assert "缝纫初级第 2 期" not in listed
    page = trainer.get(f"/workshop/cohorts/{own}").text
    for word in ("排课</a>", "新开培训班", "取消培训班", "修改结业标准"):
        assert word not in page
    assert trainer.get(f"/workshop/cohorts/{other}").status_code == 403
    session_id = h.sessions_of(own)[0]
    assert (
        f"/workshop/sessions/{session_id}/time"
        not in trainer.get(f"/workshop/sessions/{session_id}").text
    )
    assert trainer.get(f"/workshop/sessions/{h.sessions_of(other)[0]}").status_code == 403
    assert post(trainer, f"/workshop/sessions/{session_id}/time").status_code == 403
    assert post(trainer, f"/workshop/cohorts/{own}/moves", to="cancelled").status_code == 403
    calendar = trainer.get("/workshop/calendar?week=2026-W45").text
    assert "缝纫初级第 1 期" in calendar
    assert "缝纫初级第 2 期" not in calendar
    assert trainer.get(f"/workshop/cohorts/{own}/timetable").status_code == 200


def test_a_substitute_sees_her_one_session_and_nothing_else_of_the_cohort(
    workshop: House, visit: Visit
) -> None:
    substitute = visit(Role.TRAINER, workshop.site_id, "sun")
    cohort_id = h.cohort(workshop)
    first, second = h.sessions_of(cohort_id)[:2]
    with transaction() as session:
        session.get_one(Session, first).substitute_id = user_id("sun")
    page = substitute.get(f"/workshop/sessions/{first}")
    assert page.status_code == 200
    assert f"/workshop/cohorts/{cohort_id}" not in page.text
    assert "没有上传材料" not in page.text or page.status_code == 200
    assert substitute.get(f"/workshop/sessions/{first}/notice").status_code == 200
    assert substitute.get(f"/workshop/sessions/{second}").status_code == 403
    assert substitute.get(f"/workshop/cohorts/{cohort_id}").status_code == 403
    assert substitute.get(f"/workshop/cohorts/{cohort_id}/timetable").status_code == 403
    assert (
        "缝纫初级"
        not in substitute.get("/workshop/cohorts").text.split("<main")[1].split("课程</label>")[0]
    )
    calendar = substitute.get("/workshop/calendar?week=2026-W45").text
    assert f"/workshop/sessions/{first}" in calendar
    assert f"/workshop/sessions/{second}" not in calendar


def test_another_workshops_coordinator_sees_nothing(workshop: House, visit: Visit) -> None:
    cohort_id = h.cohort(workshop)
    with transaction() as session:
        from core.sites.models import Site, SiteKind

        site = Site(slug="er", name="第二微工厂", kind=SiteKind.WORKSHOP, address_style="大姐/大哥")
        session.add(site)
        session.flush()
        site_id = site.id
    other = visit(Role.COORDINATOR, site_id)
    assert other.get(f"/workshop/cohorts/{cohort_id}").status_code == 403
    assert other.get(f"/workshop/sessions/{h.sessions_of(cohort_id)[0]}").status_code == 403
    assert other.get(f"/workshop/rooms/{workshop.room_id}").status_code == 403
    assert "一号教室" not in other.get("/workshop/calendar?site=gongfang").text
    answer = post(other, "/workshop/rooms/new", site_id=workshop.site_id, name="外", seats="5")
    assert answer.status_code == 422


def test_the_papers_of_a_session_are_for_those_who_see_it(
    in_app: Flask, workshop: House, visit: Visit
) -> None:
    from core.access import Actor
    from core.evidence.subjects import kind_of

    cohort_id = h.cohort(workshop)
    session_id = h.sessions_of(cohort_id)[0]
    kind, key = kind_of(f"session:{session_id}")

    def allowed(role: Role, user: int, site_id: int | None) -> tuple[object, object, object]:
        by = Actor("x", user_id=user, roles=frozenset({role}),
                   site_ids=None if site_id is None else frozenset({site_id}),
                   grants=frozenset({(role, site_id)}))  # fmt: skip
        return kind.may_see(key, by), kind.may_attach(key, by), kind.may_remove(key, by)

    site_id = workshop.site_id
    assert allowed(Role.TRAINER, workshop.trainer_id, site_id) == (True, True, False)
    assert allowed(Role.TRAINER, workshop.substitute_id, site_id) == (False, False, False)
    assert allowed(Role.COORDINATOR, workshop.coordinator_id, site_id) == (True, True, True)
    assert allowed(Role.COORDINATOR, workshop.coordinator_id, site_id + 99) == (False, False, False)
    assert allowed(Role.AUDITOR, 99, None) == (True, False, False)
    assert kind.may_see("999", Actor("x")) is None
    assert kind.may_see("x", Actor("x")) is None


def test_the_calendar_is_asked_by_week_and_refuses_what_is_none(
    workshop: House, coordinator: Visitor
) -> None:
    h.cohort(workshop)
    text = coordinator.get("/workshop/calendar?week=2026-W45").text
    assert "第 45 周" in text
    assert "week=2026-W44" in text
    assert "week=2026-W46" in text
    assert coordinator.get("/workshop/calendar?week=2026-W45&by=trainer").status_code == 200
    for week in (
        "2026-45",
        "2026-W54",
        "x",
        "9999-W99",
        "9999-W52",
        "2200-W01",
        "0001-W01",
        "0000-W01",
    ):
        assert coordinator.get(f"/workshop/calendar?week={week}").status_code == 404
    assert coordinator.get("/workshop/calendar?week=2199-W52").status_code == 200
    assert "week=2026-W53" in coordinator.get("/workshop/calendar?week=2027-W01").text


def test_timetables_are_drawn_in_a_job(
    in_app: Flask, workshop: House, coordinator: Visitor
) -> None:
    cohort_id = h.cohort(workshop)
    answer = post(coordinator, f"/workshop/cohorts/{cohort_id}/timetable")
    assert answer.headers["Location"].startswith("/jobs/")
    assert post(coordinator, "/workshop/calendar?week=2026-W45").status_code == 302
    assert work_off() == 2
    jobs = db.session.scalars(sa.select(Job)).all()
    assert {(job.state.value, job.note_code) for job in jobs} == {("done", None)}
    files = db.session.scalars(sa.select(JobFile).order_by(JobFile.name)).all()
    assert [file.name for file in files] == ["2026-W45-课程表.pdf", "缝纫初级第 1 期课程表.pdf"]
    assert all(file.content.startswith(b"%PDF") for file in files)


def test_home_names_what_lacks_a_room_or_a_trainer(workshop: House, coordinator: Visitor) -> None:
    cohort_id = h.cohort(workshop, sessions=25)
    with transaction() as session:
        for row in session.scalars(sa.select(Session).where(Session.on >= TODAY)):
            row.room_id = None
        session.get_one(Cohort, cohort_id).state = CohortState.OPEN
    text = coordinator.get("/").text
    assert "未定教室的课" in text
    assert "未定老师的课" not in text
    assert "待开班" in text


@pytest.mark.parametrize(
    "address",
    ["/workshop/cohorts", "/workshop/cohorts/{cohort}", "/workshop/calendar?week=2026-W45",
     "/workshop/cohorts/{cohort}/timetable", "/workshop/sessions/{session}/notice"],
)  # fmt: skip
def test_a_longer_list_takes_no_more_queries(
    in_app: Flask, workshop: House, coordinator: Visitor, address: str
) -> None:
    cohort_id = h.cohort(workshop, sessions=2)
    h.enrolled(workshop, cohort_id, 1)
    target = address.format(cohort=cohort_id, session=h.sessions_of(cohort_id)[0])
    few = queries_of(in_app, coordinator, target)
    for number in range(2, 6):
        other = h.cohort(workshop, number=number, sessions=20, starts_min=13 * 60 + number)
        h.enrolled(workshop, other, 1)
    h.enrolled(workshop, cohort_id, 12)
    with transaction() as session:
        for n in range(8):
            session.add(Session(cohort_id=cohort_id, on=h.FIRST + timedelta(days=n), starts_min=1000,
                                ends_min=1060, taught_min=60, room_id=workshop.room_id,
                                trainer_id=workshop.substitute_id, created_at=workshop.now))  # fmt: skip
    assert queries_of(in_app, coordinator, target) == few


def test_a_trainer_of_another_site_is_not_offered(workshop: House, coordinator: Visitor) -> None:
    with transaction() as session:
        grant = session.scalars(
            sa.select(Grant).where(Grant.user_id == workshop.substitute_id)
        ).one()
        grant.role = Role.COORDINATOR
    page = coordinator.get("/workshop/cohorts/new").text
    assert ">zheng</option>" in page
    assert ">liu</option>" not in page


def test_who_was_away_is_shown_where_to_make_it_up(
    workshop: House, coordinator: Visitor, visit: Visit
) -> None:
    own = h.cohort(workshop, sessions=20)
    one, two = h.enrolled(workshop, own, 2)
    other = h.cohort(workshop, number=2, sessions=20, starts_min=13 * 60)
    session_id = h.sessions_of(own)[0]
    row = db.session.get_one(Session, session_id)
    mark(one, row, AttendanceStatus.ABSENT)
    mark(two, row, AttendanceStatus.PRESENT)
    page = coordinator.get(f"/workshop/sessions/{session_id}").text
    address = f"/workshop/sessions/{session_id}/make-ups/{one}"
    assert f'href="{address}"' in page
    assert f"make-ups/{two}" not in page
    text = coordinator.get(address).text
    assert "缝纫初级第 2 期" in text
    assert "她那时有自己的课" not in text
    assert coordinator.get(f"/workshop/sessions/{session_id}/make-ups/{two}").status_code == 404
    trainer = visit(Role.TRAINER, workshop.site_id)
    assert trainer.get(address).status_code == 403
    made_up_in = db.session.get_one(Session, h.sessions_of(other)[15])
    mark(one, made_up_in, AttendanceStatus.PRESENT, cohort_id=own, makes_up_id=session_id)
    page = coordinator.get(f"/workshop/sessions/{session_id}").text
    assert "已补课：缝纫初级第 2 期" in page
    assert address not in page
