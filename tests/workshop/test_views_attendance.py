"""The pages around attendance: one request for a class, nothing lost, and who sees what."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import Role
from core.audit import AuditEntry
from core.db import db, transaction
from core.people.cards.actions import code_of, issue_card
from core.people.models import Person
from tests.canteen.pages import Visit, Visitor, apart, counted, queries_of
from tests.workshop import house
from tests.workshop.house import House
from tests.workshop.test_attendance import today_of
from workshop.actions import check_in as check_ins
from workshop.actions.attendance import mark
from workshop.forms.attendance import seen_numbers
from workshop.models import Attendance, AttendanceMark, CheckIn, Cohort, Session
from workshop.rules import room_code
from workshop.values import AttendanceStatus, CheckInState, Mark, MarkSource, SessionState

P, LATE, EARLY, EXCUSED, ABSENT = AttendanceStatus
JSON = {"Accept": "application/json"}
# The fixture `noon` is 11:42; a session from nine to twelve is on.
NEW = "|0|0|"  # what a row without a mark said when the page was made


@pytest.fixture
def cohort_id(workshop: House) -> int:
    return house.cohort(workshop, sessions=17)


@pytest.fixture
def trainer(workshop: House, cohort_id: int, visit: Visit) -> Visitor:
    """The trainer of all sessions, signed in."""
    visitor = visit(Role.TRAINER, workshop.site_id)
    teaches(visitor, Session.id > 0)
    return visitor


def teaches(visitor: Visitor, which: Any) -> None:
    """Give these sessions to whoever is signed in."""
    from core.accounts.models import UserSession

    with transaction() as session:
        user_id = session.scalars(
            sa.select(UserSession.user_id).order_by(
                UserSession.started_at.desc(), UserSession.user_id.desc()
            )
        ).first()
        for row in session.scalars(sa.select(Session).where(which)):
            row.trainer_id, row.substitute_id = user_id, None


def fields(
    *rows: tuple[int, str] | tuple[int, str, dict[str, str]], version: int = 1
) -> dict[str, str]:
    """What the page's form holds for these learners: status, and what differs from an empty row."""
    sent = {
        "version": str(version),
        "on": "2026-11-24",
        "shown": "11月24日 09:00–12:00",
        "do": "save",
    }
    for row in rows:
        person_id, status, more = (*row, {})[:3]
        sent |= {f"s-{person_id}": status, f"n-{person_id}": "0", f"w-{person_id}": NEW}
        sent |= {f"{letter}-{person_id}": text for letter, text in more.items()}
    return sent


def as_json(visitor: Visitor, address: str, **values: str) -> Any:
    def send() -> Any:
        from tests.conftest import csrf_of

        data = {"csrf_token": csrf_of(visitor.client), **values}
        return visitor.client.post(address, data=data, headers=JSON)

    return apart(visitor.now, send)


def statuses(session_id: int) -> dict[int, str]:
    db.session.rollback()
    rows = db.session.scalars(sa.select(Attendance).where(Attendance.session_id == session_id))
    return {row.person_id: row.status.value for row in rows}


def test_thirty_marks_and_save_are_one_request(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    people = house.enrolled(workshop, cohort_id, 30)
    today = today_of(cohort_id)
    address = f"/workshop/sessions/{today}/attendance"
    page = trainer.get(address).text
    assert page.count('class="mark-row') == 30
    assert ">30</strong>" in page.replace("data-unmarked", "")
    rows = [(one, "present", {}) for one in people[:28]]
    rows += [(people[28], "late", {"l": "１０"}), (people[29], "excused", {"r": "孩子生病"})]
    answer = trainer.post(address, **fields(*rows))
    assert answer.status_code == 302
    assert len(statuses(today)) == 30
    assert statuses(today)[people[28]] == "late"
    page = trainer.get(address).text
    assert "已保存 30 项" in page
    assert "迟到 10 分钟" in page


def test_a_program_gets_what_became_of_each_row(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    first, second = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    body = as_json(
        trainer, f"/workshop/sessions/{today}/attendance",
        **fields((first, "absent"), (second, "late", {"l": ""})),
    ).json  # fmt: skip
    assert body["rows"][str(first)] == {
        "status": "absent", "late": 0, "early": 0, "reason": "", "number": 1, "said": "缺勤",
        "word": "absent|0|0|",
    }  # fmt: skip
    assert [one["person"] for one in body["refused"]] == [second]
    assert body["unmarked"] == 1
    assert body["undo"] is True
    body = as_json(trainer, f"/workshop/sessions/{today}/attendance/undo").json
    assert body["unmarked"] == 2
    assert body["undo"] is False


def test_a_conflict_names_both_values_and_keeps_what_was_typed(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    first, second = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    mark(today, [Mark(first, ABSENT)], session_version=1, source=MarkSource.THUMB,
         by=workshop.actor(Role.COORDINATOR), now=workshop.now)  # fmt: skip
    address = f"/workshop/sessions/{today}/attendance"
    answer = trainer.post(address, **fields((first, "present"), (second, "present")))
    assert answer.status_code == 409
    assert "您选的是「出勤」,而coordinator刚才登记为「缺勤」" in answer.text.replace("\uff0c", ",")
    chosen = f'id="s-{first}-present" name="s-{first}" value="present" checked'
    assert chosen in answer.text
    assert statuses(today) == {first: "absent", second: "present"}
    # Looked at again, the number of the page is the one that stands: saving once more means it.
    sent = fields((first, "present"))
    sent[f"n-{first}"], sent[f"w-{first}"] = "1", "absent|0|0|"
    assert trainer.post(address, **sent).status_code == 302
    assert statuses(today)[first] == "present"


def test_rows_that_were_not_touched_are_no_conflict(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    first, second = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    mark(today, [Mark(first, ABSENT)], session_version=1, source=MarkSource.THUMB,
         by=workshop.actor(Role.COORDINATOR), now=workshop.now)  # fmt: skip
    sent = fields((first, ""), (second, "present"))
    assert trainer.post(f"/workshop/sessions/{today}/attendance", **sent).status_code == 302
    assert statuses(today) == {first: "absent", second: "present"}


def test_a_moved_session_shows_both_times_and_saves_in_one_tap(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    with transaction() as session:
        row = session.get_one(Session, today)
        row.starts_min, row.ends_min, row.version = 600, 780, 2
    address = f"/workshop/sessions/{today}/attendance"
    answer = trainer.post(address, **fields((person_id, "late", {"l": "10"})))
    assert answer.status_code == 409
    assert "11月24日 09:00–12:00" in answer.text
    assert "10:00–13:00" in answer.text
    assert 'name="accept_version" value="2"' in answer.text
    assert f'id="s-{person_id}-late" name="s-{person_id}" value="late" checked' in answer.text
    assert statuses(today) == {}
    sent = fields((person_id, "late", {"l": "10"})) | {"accept_version": "2"}
    assert trainer.post(address, **sent).status_code == 302
    assert statuses(today) == {person_id: "late"}


@pytest.mark.parametrize("case", ["locked", "cancelled"])
def test_a_session_that_takes_no_marks_says_why_and_keeps_what_was_typed(
    trainer: Visitor, workshop: House, cohort_id: int, case: str
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    with transaction() as session:
        row = session.get_one(Session, today)
        if case == "locked":
            row.on = date(2026, 11, 10)
        else:
            row.state, row.change_reason = SessionState.CANCELLED, "停电"
    address = f"/workshop/sessions/{today}/attendance"
    body = as_json(trainer, address, **fields((person_id, "present"))).json
    assert body["code"] == f"session_{case}"
    answer = trainer.post(address, **fields((person_id, "present")))
    assert answer.status_code == 409
    assert ("锁定" if case == "locked" else "停电") in answer.text
    assert statuses(today) == {}


def test_a_trainer_sees_her_own_sessions_and_a_substitute_that_one_alone(
    workshop: House, cohort_id: int, visit: Visit
) -> None:
    house.enrolled(workshop, cohort_id)
    sessions = house.sessions_of(cohort_id)
    stranger = visit(Role.TRAINER, workshop.site_id)
    address = "/workshop/sessions/{}/attendance"
    assert stranger.get(address.format(sessions[16])).status_code == 403
    assert stranger.post(address.format(sessions[16]), **fields()).status_code == 403
    with transaction() as session:
        from core.accounts.models import User

        user_id = session.scalars(sa.select(User.id).order_by(User.id.desc())).first()
        session.get_one(Session, sessions[16]).substitute_id = user_id
    assert stranger.get(address.format(sessions[16])).status_code == 200
    assert stranger.get(address.format(sessions[15])).status_code == 403
    assert stranger.get(address.format(999_999)).status_code == 404
    today = stranger.get("/workshop/today").text
    assert address.format(sessions[16]) in today
    assert address.format(sessions[15]) not in today


def test_the_page_shows_no_phone_and_a_call_is_logged(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    (stranger,) = house.enrolled(workshop, house.cohort(workshop, number=2, starts_min=840))
    today = today_of(cohort_id)
    phone = db.session.get_one(Person, person_id).phone
    assert phone is not None
    assert phone not in trainer.get(f"/workshop/sessions/{today}/attendance").text
    answer = trainer.post(f"/workshop/sessions/{today}/calls", person=str(person_id))
    assert f'href="tel:{phone}"' in answer.text
    assert (
        trainer.post(f"/workshop/sessions/{today}/calls", person=str(stranger)).status_code == 404
    )
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "person.revealed")
    ).all()
    assert [(one.person_id, one.reason) for one in entries] == [(person_id, "因考勤联系学员")]


def test_a_walk_in_of_another_cohort_makes_up_what_she_missed(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    other_id = house.cohort(workshop, number=2, sessions=17, starts_min=840)
    (guest,) = house.enrolled(workshop, other_id)
    missed = house.sessions_of(other_id)[0]
    mark(missed, [Mark(guest, ABSENT)], session_version=1, source=MarkSource.THUMB,
         by=workshop.actor(Role.TRAINER), now=datetime(2026, 11, 2, 8, tzinfo=UTC))  # fmt: skip
    today = today_of(cohort_id)
    address = f"/workshop/sessions/{today}/walk-in"
    name = db.session.get_one(Person, guest).name
    answer = trainer.post(address, q=name)
    assert "缝纫初级第 2 期" in answer.text
    assert f'name="missed" value="{missed}"' in answer.text
    assert "没有登记为学员" in trainer.post(address, q="某某某").text
    assert "至少输入姓名的两个字" in trainer.post(address, q="李").text
    sent = {"person": str(guest), "missed": str(missed)}
    assert trainer.post(f"/workshop/sessions/{today}/make-ups", **sent).status_code == 302
    row = db.session.get_one(Attendance, (guest, today))
    assert (row.makes_up_id, row.cohort_id) == (missed, other_id)
    page = trainer.get(f"/workshop/sessions/{today}/attendance").text
    assert "外班来补课的学员" in page
    assert name in page


def test_a_make_up_credits_nobody_of_a_workshop_that_the_trainer_does_not_see(
    trainer: Visitor, workshop: House, cohort_id: int, visit: Visit
) -> None:
    other_id = house.cohort(workshop, number=2, sessions=17, starts_min=840)
    (guest,) = house.enrolled(workshop, other_id)
    missed, today = house.sessions_of(other_id)[0], today_of(cohort_id)
    mark(missed, [Mark(guest, ABSENT)], session_version=1, source=MarkSource.THUMB,
         by=workshop.actor(Role.TRAINER), now=datetime(2026, 11, 2, 8, tzinfo=UTC))  # fmt: skip
    second_site = house.second_site(workshop)
    with transaction() as session:
        session.get_one(Cohort, other_id).site_id = second_site
    address, sent = (
        f"/workshop/sessions/{today}/make-ups",
        {"person": str(guest), "missed": str(missed)},
    )
    assert trainer.post(address, **sent).status_code == 403
    assert db.session.get(Attendance, (guest, today)) is None
    for missed_text in ("²", "9" * 30, "", "999999"):
        assert trainer.post(address, person=str(guest), missed=missed_text).status_code == 302
    assert db.session.get(Attendance, (guest, today)) is None
    assert visit(Role.CLERK).post(address, **sent).status_code == 302
    db.session.rollback()
    assert db.session.get_one(Attendance, (guest, today)).makes_up_id == missed


def test_what_looks_like_a_digit_and_is_no_number_is_left_out(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    sent = {
        "n-²": "0",
        "s-²": "present",
        f"n-{person_id}": "²",
        f"s-{person_id}": "present",
        "version": "1",
    }
    assert trainer.post(f"/workshop/sessions/{today}/attendance", **sent).status_code == 302
    assert statuses(today) == {person_id: "present"}
    seen = f"²:1 {person_id}:² {person_id}:{'9' * 40} 1 :"
    answer = trainer.post(
        f"/workshop/sessions/{today}/sheet", rows="1缺", seen=seen, version="1", do="save"
    )
    assert answer.status_code in (302, 409)
    assert seen_numbers("7:2 ²:1 9:0") == {7: 2, 9: 0}


def test_a_card_of_somebody_else_leads_to_what_can_be_done(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    (hers,) = house.enrolled(workshop, cohort_id)
    (guest,) = house.enrolled(workshop, house.cohort(workshop, number=2, starts_min=840))
    today = today_of(cohort_id)
    clerk = workshop.actor(Role.CLERK)
    codes = [code_of(issue_card(one, by=clerk, now=workshop.now)) for one in (hers, guest)]
    address = f"/workshop/sessions/{today}/arrivals"
    body = as_json(trainer, address, code=codes[0]).json
    assert body["rows"][str(hers)]["status"] == "present"
    body = as_json(trainer, address, code=codes[1]).json
    assert body["code"] == "of_another_cohort"
    assert body["link"].endswith(f"walk-in?person={guest}")
    assert codes[1] not in body["link"]
    assert trainer.post(address, code=codes[1]).location.endswith(f"walk-in?person={guest}")


def test_numbers_typed_back_are_shown_before_they_are_saved(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    people = house.enrolled(workshop, cohort_id, 6)
    today = today_of(cohort_id)
    address = f"/workshop/sessions/{today}/sheet"
    answer = trainer.post(address, rows="1-3 4迟到10 9", do="save", version="1")
    assert answer.status_code == 422
    assert "签到表上没有这个序号" in answer.text
    assert "1-3 4迟到10 9</textarea>" in answer.text
    shown = trainer.post(address, rows="1-3 4迟到10 5假", do="read", version="1")
    assert shown.status_code == 200
    assert "迟到 10 分钟" in shown.text
    assert statuses(today) == {}
    done = trainer.post(
        address, rows="1-3 4迟到10 5假", do="save", rest="absent", version="1", seen=""
    )
    assert done.status_code == 302
    assert list(statuses(today).values()) == ["present"] * 3 + ["late", "excused", "absent"]
    rows = db.session.scalars(sa.select(AttendanceMark)).all()
    assert {row.source for row in rows} == {MarkSource.SHEET}
    assert len(people) == len(rows)


def test_leave_that_is_typed_back_keeps_the_reason_that_the_paper_does_not_show(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    today = today_of(cohort_id)
    mark(today, [Mark(person_id, EXCUSED, reason="复查")], session_version=1, source=MarkSource.THUMB,
         by=workshop.actor(Role.COORDINATOR), now=workshop.now)  # fmt: skip
    sent = {"rows": "1假", "do": "save", "version": "1", "seen": f"{person_id}:1"}
    assert trainer.post(f"/workshop/sessions/{today}/sheet", **sent).status_code == 302
    assert db.session.get_one(Attendance, (person_id, today)).reason == "复查"


def test_a_sheet_says_who_changed_a_row_since_it_was_read(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    first, second = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    mark(today, [Mark(first, ABSENT)], session_version=1, source=MarkSource.THUMB,
         by=workshop.actor(Role.COORDINATOR), now=workshop.now)  # fmt: skip
    sent = {"rows": "1 2", "do": "save", "version": "1", "seen": f"{first}:0 {second}:0"}
    answer = trainer.post(f"/workshop/sessions/{today}/sheet", **sent)
    assert answer.status_code == 409
    assert "coordinator" in answer.text
    assert statuses(today) == {first: "absent", second: "present"}


def test_the_office_corrects_after_the_lock_and_the_history_says_so(
    trainer: Visitor, workshop: House, cohort_id: int, visit: Visit
) -> None:
    (person_id,) = house.enrolled(workshop, cohort_id)
    first = house.sessions_of(cohort_id)[0]  # 2 November: locked by the 24th
    mark(first, [Mark(person_id, ABSENT)], session_version=1, source=MarkSource.THUMB,
         by=workshop.actor(Role.TRAINER), now=datetime(2026, 11, 2, 2, tzinfo=UTC))  # fmt: skip
    address = f"/workshop/sessions/{first}/attendance/{person_id}/correction"
    assert trainer.get(address).status_code == 403
    clerk = visit(Role.CLERK)
    page = f"/workshop/sessions/{first}/attendance"
    assert address in clerk.get(page).text
    assert 'type="radio"' not in clerk.get(page).text
    sent = {f"s-{person_id}": "late", f"l-{person_id}": "5", f"n-{person_id}": "1"}
    answer = clerk.post(address, **sent)
    assert answer.status_code == 422
    assert 'value="late" checked' in answer.text
    assert clerk.post(address, **sent, **{f"r-{person_id}": "签到表有签名"}).status_code == 302
    assert statuses(first) == {person_id: "late"}
    text = trainer.get(f"{page}/history").text
    for words in ("缺勤", "迟到 5 分钟", "锁定后", "签到表有签名", "clerk-all"):
        assert words in text, words
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    assert "签到表有签名" in coordinator.get(f"/workshop/learners/{person_id}/marks").text


def test_a_learner_checks_in_on_her_own_phone_and_the_trainer_confirms(
    trainer: Visitor, workshop: House, cohort_id: int, app: Flask
) -> None:
    first, second = house.enrolled(workshop, cohort_id, 2)
    today = today_of(cohort_id)
    code_page = f"/workshop/sessions/{today}/code"
    trainer.post(code_page, do="open")
    person = db.session.get_one(Person, first)
    code = room_code.current(check_ins.key(), today, workshop.now, check_ins.step_s())
    assert f"{code[:3]} {code[3:]}" in trainer.get(code_page).text
    phone = Visitor(app.test_client(), workshop.now)
    typed = {"code": code, "name": person.name, "last4": "9999"}
    answer = phone.post("/check-in", **typed)
    assert answer.status_code == 409
    for value in typed.values():
        assert f'value="{value}"' in answer.text
    answer = phone.post("/check-in", **(typed | {"last4": str(person.phone)[-4:]}))
    assert "等老师确认" in answer.text
    assert phone.get("/check-in/state").json == {"state": "waiting"}
    other = db.session.get_one(Person, second)
    again = phone.post("/check-in", code=code, name=other.name, last4=str(other.phone)[-4:])
    assert "已经为别人签过到" in again.text
    piece = trainer.get(f"/workshop/sessions/{today}/check-ins").text
    assert person.name in piece
    assert other.name not in piece
    assert trainer.post(f"/workshop/sessions/{today}/check-ins", all="1").status_code == 302
    assert statuses(today) == {first: "present"}
    assert phone.get("/check-in/state").json == {"state": "confirmed"}
    assert db.session.get_one(CheckIn, (first, today)).state is CheckInState.CONFIRMED
    trainer.post(code_page, do="close")
    assert "还没有开放" in trainer.get(code_page).text


def test_today_lists_what_is_on_and_past_sessions_with_somebody_unmarked(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    people = house.enrolled(workshop, cohort_id, 2)
    sessions = house.sessions_of(cohort_id)
    for n, session_id in enumerate(sessions[:16]):
        now = datetime(2026, 11, 2, 2, tzinfo=UTC) + timedelta(days=n // 5 * 7 + n % 5)
        marked = people if n != 15 else people[:1]
        mark(session_id, [Mark(one, P) for one in marked], session_version=1, source=MarkSource.THUMB,
             by=workshop.actor(Role.TRAINER), now=now)  # fmt: skip
    page = trainer.get("/workshop/today").text
    assert f"/workshop/sessions/{sessions[16]}/attendance" in page
    gaps = page.split("还有人未登记的课次")[1]
    assert f"/workshop/sessions/{sessions[15]}/attendance" in gaps
    assert f"/workshop/sessions/{sessions[14]}/attendance" not in gaps
    home = trainer.get("/").text
    assert "今日课次" in home
    assert "考勤未登记完的课次" in home


def test_learners_at_risk_are_listed_with_reasons_and_a_phone(
    trainer: Visitor, workshop: House, cohort_id: int
) -> None:
    fine, absent = house.enrolled(workshop, cohort_id, 2)
    for n, session_id in enumerate(house.sessions_of(cohort_id)[:3]):
        mark(session_id, [Mark(fine, P), Mark(absent, ABSENT)], session_version=1,
             source=MarkSource.THUMB, by=workshop.actor(Role.TRAINER),
             now=datetime(2026, 11, 2 + n, 2, tzinfo=UTC))  # fmt: skip
    page = trainer.get("/workshop/at-risk").text
    names = {one: db.session.get_one(Person, one).name for one in (fine, absent)}
    # Thirteen more sessions are over and unmarked, for both of them.
    assert names[absent] in page
    assert "连续缺勤 3 次" in page
    assert "有 13 次课没有考勤记录" in page
    answer = trainer.post("/workshop/at-risk/calls", person=str(absent))
    assert str(db.session.get_one(Person, absent).phone) in answer.text
    assert trainer.post("/workshop/at-risk/calls", person="999999").status_code == 404


def test_pages_take_the_same_queries_for_five_learners_and_for_thirty(
    trainer: Visitor, workshop: House, cohort_id: int, app: Flask
) -> None:
    today = today_of(cohort_id)
    addresses = (
        f"/workshop/sessions/{today}/attendance", f"/workshop/sessions/{today}/sheet", "/workshop/today",
        "/workshop/at-risk", f"/workshop/sessions/{today}/attendance/history",
        f"/workshop/sessions/{today}/check-ins", "/",
    )  # fmt: skip
    counts = []
    for more in (5, 25):
        people = house.enrolled(workshop, cohort_id, more)
        trainer.post(addresses[0], **fields(*((one, "present", {}) for one in people)))
        counts.append([queries_of(app, trainer, address) for address in addresses])
    assert counts[0] == counts[1]
    assert max(counts[0]) < 30


def test_saving_thirty_marks_takes_the_same_statements_as_five(
    trainer: Visitor, workshop: House, cohort_id: int, app: Flask
) -> None:
    address = f"/workshop/sessions/{today_of(cohort_id)}/attendance"
    counts = []
    for more in (5, 25):
        people = house.enrolled(workshop, cohort_id, more)
        sent = fields(*((one, "absent", {}) for one in people))
        as_json(trainer, address, **fields())
        with counted(app) as statements:
            answer = as_json(trainer, address, **sent)
        assert answer.status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1]
