"""The sealed log: it verifies, and whatever is bent is named, on both engines."""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from unittest import mock

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from core import audit
from core.access import Actor, Role
from core.audit import AuditEntry, AuditSeal, AuditValues
from core.audit_job import JOB
from core.db import db, transaction
from core.jobs import Job, JobState, Run, cancel, enqueue, work_off
from tests.conftest import SignIn, both_engines, csrf_of


def write(count: int, by: Actor, now: datetime, start: int = 0) -> None:
    for number in range(start, start + count):
        with transaction() as session:
            audit.record(session, "site.changed", subject=f"site:{number}", by=by, now=now,
                         before={"phone": "1"}, after={"phone": "2"})  # fmt: skip


def bend(statement: sa.Executable) -> None:
    """Change rows behind the app's back, as whoever has the database's password could."""
    with transaction() as session:
        session.execute(statement)


def entry_of(link: int) -> AuditSeal:
    return db.session.scalars(sa.select(AuditSeal).where(AuditSeal.number == link)).one()


@pytest.fixture
def head(tmp_path: Path) -> Path:
    return tmp_path / "audit.head"


@pytest.fixture
def sealed(in_app: Flask, clerk: Actor, noon: datetime, head: Path) -> int:
    """Six records in two goes of the sealer."""
    write(4, clerk, noon)
    first = audit.seal(noon, head)
    write(2, clerk, noon, start=4)
    return first + audit.seal(noon, head)


@both_engines
def test_an_untouched_log_holds(sealed: int, head: Path, engine_name: str) -> None:
    verdict = audit.verify(head)
    assert (sealed, verdict.checked, verdict.fault) == (6, 6, None)
    assert head.read_text().splitlines()[-1].endswith(verdict.head)


@both_engines
def test_sealing_again_adds_nothing(
    sealed: int, noon: datetime, head: Path, engine_name: str
) -> None:
    assert audit.seal(noon, head) == 0


def test_a_line_of_the_noted_heads_that_a_full_disk_cut_off_accuses_nobody(
    sealed: int, head: Path
) -> None:
    whole = head.read_text()
    for length in range(len(whole) - 70, len(whole)):
        head.write_text(whole[:length])
        assert audit.verify(head).fault is None


@both_engines
def test_a_row_edited_by_hand_is_named(sealed: int, head: Path, engine_name: str) -> None:
    third = entry_of(3)
    bend(sa.update(AuditEntry).where(AuditEntry.id == third.record_id).values(actor_name="别人"))
    verdict = audit.verify(head)
    assert verdict.checked == 2
    assert verdict.fault == f"audit_entry {third.record_id} (link 3): the record was changed"


@both_engines
def test_a_deleted_row_is_named(sealed: int, head: Path, engine_name: str) -> None:
    second = entry_of(2)
    bend(sa.delete(AuditEntry).where(AuditEntry.id == second.record_id))
    assert str(second.record_id) in str(audit.verify(head).fault)


@both_engines
@pytest.mark.parametrize("how", ["swapped", "garbage"])
def test_changed_values_are_named(sealed: int, head: Path, engine_name: str, how: str) -> None:
    fourth, fifth = entry_of(4).record_id, entry_of(5).record_id
    stored = sa.type_coerce(AuditValues.content, sa.Text)
    foreign = db.session.scalar(sa.select(stored).where(AuditValues.entry_id == fifth))
    content = sa.type_coerce(foreign if how == "swapped" else "garbage", sa.Text)
    bend(
        sa.update(AuditValues.__table__)
        .where(AuditValues.__table__.c.entry_id == fourth)
        .values(content=content)
    )  # type: ignore[arg-type]
    assert (
        audit.verify(head).fault
        == f"audit_entry {fourth}: its before and after values were changed"
    )


@both_engines
def test_erased_values_break_no_link(sealed: int, head: Path, engine_name: str) -> None:
    bend(sa.delete(AuditValues).where(AuditValues.entry_id == entry_of(1).record_id))
    assert audit.verify(head).fault is None


@both_engines
def test_a_tail_cut_off_is_noticed_by_the_head_noted_outside(
    sealed: int, head: Path, engine_name: str
) -> None:
    last = [entry_of(link).record_id for link in (5, 6)]
    bend(sa.delete(AuditSeal).where(AuditSeal.number > 4))
    bend(sa.delete(AuditEntry).where(AuditEntry.id.in_(last)))
    assert audit.verify().fault is None  # the chain by itself cannot know
    assert "ends at link 4, but link 6 was noted" in str(audit.verify(head).fault)


@both_engines
def test_a_chain_sealed_anew_over_changed_records_is_noticed(
    sealed: int, noon: datetime, clerk: Actor, head: Path, engine_name: str
) -> None:
    second = entry_of(2).record_id
    bend(sa.update(AuditEntry).where(AuditEntry.id == second).values(reason="nachgetragen"))
    bend(sa.delete(AuditSeal))
    audit.seal(noon, head)
    write(1, clerk, noon, start=9)
    audit.seal(noon, head)  # a later, matching line must not hide the earlier one
    assert "(link 4): differs from the head noted outside" in str(audit.verify(head).fault)


@both_engines
def test_two_sealers_at_once_make_one_chain(
    app: Flask, clerk: Actor, noon: datetime, head: Path, engine_name: str
) -> None:
    with app.app_context():
        write(30, clerk, noon)
    counts: list[int] = []

    def run() -> None:
        with app.app_context():
            counts.append(audit.seal(noon, head))
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert sum(counts) == 30
        assert audit.verify(head).checked == 30
        assert audit.verify(head).fault is None


def test_the_page_searches_by_words_and_masks_a_residents_values(
    app: Flask, sign_in: SignIn, clerk: Actor, noon: datetime
) -> None:
    client = sign_in(Role.REVIEWER)
    values = {
        "name": "王秀华",
        "id_number": "130499193608235198",
        "phone": "13759838675",
        "note": "听不见,请敲门",
    }
    with app.app_context(), transaction() as session:
        audit.record(
            session,
            "person.changed",
            subject="person:7",
            by=clerk,
            now=noon,
            person_id=7,
            after=values,
        )
    found = client.get("/office/audit?person=7").text
    assert "经办人甲" in found
    assert "经办人甲" not in client.get("/office/audit?person=8").text
    assert "经办人甲" not in client.get("/office/audit?until=2020-01-01").text
    with app.app_context():
        entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.person_id == 7)).one()
    page = client.get(f"/office/audit/{entry.id}").text
    assert "王*华" in page
    assert not [value for value in values.values() if value in page]


def test_an_auditors_look_is_itself_recorded(
    app: Flask, sign_in: SignIn, clerk: Actor, noon: datetime
) -> None:
    client = sign_in(Role.AUDITOR)
    with app.app_context():
        write(1, clerk, noon)
        entry = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "site.changed")
        ).one()
        entry_id = entry.id
    client.get(f"/office/audit/{entry_id}")
    with app.app_context():
        look = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "audit.looked_at")
        ).one()
        assert look.subject == f"audit:{entry_id}"


def verified(client: FlaskClient, app: Flask) -> str:
    """Order a verification on the page, let the worker do it, and read the job's page."""
    answer = client.post("/office/audit/verification", data={"csrf_token": csrf_of(client)})
    assert answer.status_code == 302
    assert "<progress" in client.get(answer.location).text
    with app.app_context():
        work_off()
    return client.get(answer.location).text


@both_engines
def test_a_verification_is_a_job_and_its_page_says_that_the_log_holds(
    app: Flask, sign_in: SignIn, clerk: Actor, noon: datetime, engine_name: str
) -> None:
    client = sign_in(Role.ADMIN)
    with app.app_context():
        write(3, clerk, noon)
    page = verified(client, app)
    assert "notice-ok" in page and "日志完整：" in page
    with app.app_context():
        state = audit.seal_state()
        # All but what the verification itself has written.
        assert f"{state.links} 条记录" in page and state.waiting > 0
        assert (
            db.session.scalar(
                sa.select(AuditEntry.actor_name).where(AuditEntry.action == "audit.verified")
            )
            == "admin-all"
        )


def chain_without(number: int) -> None:
    bend(sa.delete(AuditSeal).where(AuditSeal.number == number))


def changed(number: int, **values: str) -> None:
    bend(sa.update(AuditEntry).where(AuditEntry.id == entry_of(number).record_id).values(**values))


BENT: dict[str, tuple[Callable[[], object], str]] = {
    "link": (lambda: chain_without(3), "缺少第 3 环"),
    "gone": (
        lambda: bend(sa.delete(AuditEntry).where(AuditEntry.id == entry_of(3).record_id)),
        "已被删除",
    ),
    "changed": (lambda: changed(3, subject="site:0"), "被事后改动"),
    "chain": (
        lambda: bend(sa.update(AuditSeal).where(AuditSeal.number == 3).values(head="0" * 64)),
        "链本身被改动",
    ),
    "tail": (lambda: bend(sa.delete(AuditSeal).where(AuditSeal.number > 3)), "末尾被截去"),
    "values": (
        lambda: bend(
            sa.update(AuditValues.__table__)
            .where(AuditValues.__table__.c.entry_id == entry_of(3).record_id)
            .values(content=sa.type_coerce("garbage", sa.Text))
        ),
        "前后值被改动",
    ),
}


@pytest.mark.parametrize("how", list(BENT))
def test_the_page_of_a_verification_says_in_words_what_is_bent(
    app: Flask, sign_in: SignIn, clerk: Actor, noon: datetime, how: str
) -> None:
    client = sign_in(Role.ADMIN)
    bend_it, words = BENT[how]
    with app.app_context():
        write(3, clerk, noon)
        audit.seal(noon, audit.head_file_of(app.instance_path))
        bend_it()
        if how == "tail":
            # What is sealed anew must not look like the end that was cut off.
            bend(sa.delete(AuditEntry).where(AuditEntry.id.not_in(sa.select(AuditSeal.record_id))))
    page = verified(client, app)
    assert "notice-bad" in page and words in page
    assert "不要改动任何内容" in page


def test_a_long_log_is_verified_in_steps_and_may_be_cancelled(
    app: Flask, clerk: Actor, noon: datetime, head: Path
) -> None:
    with app.app_context():
        with transaction() as session:
            for number in range(1200):
                audit.record(session, "site.changed", subject=f"site:{number}", by=clerk, now=noon,
                             after={"number": number})  # fmt: skip
        audit.seal(noon, head)
        steps: list[tuple[int, int]] = []
        verdict = audit.verify(head, lambda done, total: steps.append((done, total)))
        assert (verdict.checked, verdict.fault) == (1200, None)
        assert [done for done, _ in steps] == [500, 1000, 1200, 1700, 2200, 2400]
        assert {total for _, total in steps} == {2400}

        job = enqueue(JOB, by=clerk, now=noon)
        told: list[int] = []

        def cancel_in_the_middle(run: Run, done: int, total: int) -> None:
            told.append(done)
            if len(told) == 2:
                cancel(job.id, by=clerk, now=noon)
            before(run, done, total)

        before = Run.progress
        with mock.patch.object(Run, "progress", cancel_in_the_middle):
            work_off()
        assert told == [500, 1000]
        db.session.expire_all()
        assert db.session.get_one(Job, job.id).state is JobState.CANCELLED


def test_the_list_costs_the_same_queries_whatever_its_length(
    app: Flask, sign_in: SignIn, clerk: Actor, noon: datetime
) -> None:
    client = sign_in(Role.ADMIN)
    counts = []
    for more in (2, 30):
        with app.app_context():
            write(more, clerk, noon, start=more * 100)
            statements: list[str] = []
            engine = db.engine

            def note(_c, _cur, statement, *_):  # type: ignore[no-untyped-def]
                statements.append(statement)  # noqa: B023

            sa.event.listen(engine, "before_cursor_execute", note)
        client.get("/office/audit")
        sa.event.remove(engine, "before_cursor_execute", note)
        counts.append(len(statements))
    assert counts[0] == counts[1]
