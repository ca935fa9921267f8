"""The verbs of cards, on both engines."""

import csv
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from core import audit, clock, jobs
from core.access import Actor
from core.db import db, transaction
from core.errors import RuleError
from core.people.actions import add_person, change_standing
from core.people.card_code import grouped
from core.people.cards import actions
from core.people.cards.printing import JOB, Scope, choose
from core.people.models import Card, CardCode, CardState, Person, StandingKind
from core.people.values import Details
from core.sites.models import Area, AreaLevel
from tests.conftest import NOON, both_engines


@pytest.fixture
def add(clerk: Actor) -> Callable[..., int]:
    """Puts somebody on the register and returns the id."""

    def one(name: str = "王秀英", **more: object) -> int:
        practice = bool(more.pop("is_practice", False))
        details = Details(name=name, no_id_reason="测试", **more)  # type: ignore[arg-type]
        return add_person(details, by=clerk, now=NOON, is_practice=practice).id

    return one


def cards_of(person_id: int) -> list[tuple[int, str]]:
    db.session.expire_all()
    rows = db.session.scalars(
        sa.select(Card).where(Card.person_id == person_id).order_by(Card.serial)
    )
    return [(card.serial, card.state.value) for card in rows]


@both_engines
def test_an_issued_card_is_found_by_its_code_and_the_database_holds_only_a_hash(
    in_app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    person_id = add()
    card = actions.issue_card(person_id, by=clerk, now=NOON)
    code = actions.code_of(card)
    for typed in (
        code,
        grouped(code),
        code.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ):
        found = actions.find_by_code(typed)
        assert found is not None
        assert (found.person_id, found.serial) == (person_id, 1)
    assert actions.find_by_code(code[:-1]) is None
    assert actions.find_by_code(code + code) is None
    for table in db.metadata.sorted_tables:
        rows = db.session.execute(sa.select(table)).all()
        assert code not in repr(rows)


@both_engines
def test_a_second_card_is_refused_while_one_is_in_use(
    in_app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    person_id = add()
    actions.issue_card(person_id, by=clerk, now=NOON)
    with pytest.raises(RuleError, match="card_exists"):
        actions.issue_card(person_id, by=clerk, now=NOON)
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.add(Card(person_id=person_id, serial=2, issued_at=NOON))


@both_engines
def test_replacing_ends_the_old_card_in_the_same_transaction(
    in_app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    person_id = add()
    old = actions.code_of(actions.issue_card(person_id, by=clerk, now=NOON))
    later = NOON + timedelta(hours=1)
    new = actions.code_of(actions.replace_card(person_id, reason="lost", by=clerk, now=later))
    assert cards_of(person_id) == [(1, "replaced"), (2, "active")]
    ended = actions.find_by_code(old)
    assert ended is not None
    assert (ended.state, ended.ended_at, ended.end_reason) == (CardState.REPLACED, later, "lost")
    found = actions.find_by_code(new)
    assert found is not None
    assert found.state is CardState.ACTIVE
    log = db.session.scalars(sa.select(audit.AuditEntry).order_by(audit.AuditEntry.id)).all()
    assert [(entry.action, entry.subject) for entry in log if entry.action.startswith("card.")] == [
        ("card.issued", f"card:{person_id}/1"),
        ("card.replaced", f"card:{person_id}/1"),
        ("card.issued", f"card:{person_id}/2"),
    ]


@both_engines
def test_a_replacement_that_fails_leaves_the_old_card_good(
    in_app: Flask, clerk: Actor, add: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    person_id = add()
    actions.issue_card(person_id, by=clerk, now=NOON)

    def fail(*_: object, **__: object) -> Card:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(actions, "_new_card", fail)
    with pytest.raises(RuntimeError, match="on purpose"):
        actions.replace_card(person_id, reason="lost", by=clerk, now=NOON)
    assert cards_of(person_id) == [(1, "active")]


@both_engines
def test_two_clerks_at_once_make_one_card(
    app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    with app.app_context():
        person_id = add()
    start, outcomes = threading.Barrier(4), []

    def issue() -> None:
        with app.app_context():
            start.wait()
            try:
                outcomes.append(actions.issue_card(person_id, by=clerk, now=NOON).serial)
            except RuleError as error:
                outcomes.append(error.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=issue) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["1", "card_exists", "card_exists", "card_exists"]
    with app.app_context():
        assert cards_of(person_id) == [(1, "active")]


def until_somebody_waits() -> None:
    """Return when another connection to this database waits for a lock; SQLite's queue shows nothing."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            if connection.execute(sa.text(waiting)).first():
                return


@both_engines
def test_a_card_given_while_the_missing_ones_are_issued_is_not_given_twice(
    app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    outcomes: list[object] = []
    with app.app_context():
        both = [add("王秀英"), add("李秀兰")]

    def issue() -> None:
        with app.app_context():
            try:
                outcomes.extend(
                    card.person_id for card in actions.issue_missing(both, by=clerk, now=NOON)
                )
            except sa.exc.IntegrityError as error:
                outcomes.append(error)
            finally:
                db.session.remove()

    printing = threading.Thread(target=issue)
    with app.app_context():
        with transaction():
            actions.issue_card(both[0], by=clerk, now=NOON)
            printing.start()
            until_somebody_waits()
        printing.join()
        assert outcomes == [both[1]]
        assert cards_of(both[0]) == [(1, "active")]


@both_engines
def test_a_stopped_card_stays_stopped_and_the_next_has_another_number(
    in_app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    person_id = add()
    first = actions.code_of(actions.issue_card(person_id, by=clerk, now=NOON))
    actions.revoke_card(person_id, reason="not_wanted", by=clerk, now=NOON)
    with pytest.raises(RuleError, match="card_none"):
        actions.revoke_card(person_id, reason="lost", by=clerk, now=NOON)
    with pytest.raises(RuleError, match="card_none"):
        actions.replace_card(person_id, reason="lost", by=clerk, now=NOON)
    again = actions.issue_card(person_id, by=clerk, now=NOON)
    assert again.serial == 2
    assert actions.code_of(again) != first
    with pytest.raises(RuleError, match="card_reason_missing"):
        actions.revoke_card(person_id, reason=" ", by=clerk, now=NOON)


@both_engines
def test_nobody_gone_gets_a_card(in_app: Flask, clerk: Actor, add: Callable[..., int]) -> None:
    person_id = add()
    change_standing(person_id, StandingKind.DECEASED, by=clerk, now=NOON)
    with pytest.raises(RuleError, match="card_not_for_stopped"):
        actions.issue_card(person_id, by=clerk, now=NOON)
    with pytest.raises(RuleError, match="card_person_unknown"):
        actions.issue_card(999_999, by=clerk, now=NOON)
    assert actions.issue_missing([person_id, 999_999], by=clerk, now=NOON) == []


@both_engines
def test_a_number_that_is_taken_is_passed_over(
    in_app: Flask, clerk: Actor, add: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add(), add("李桂兰")
    taken = actions.code_of(actions.issue_card(first, by=clerk, now=NOON))
    real = actions.make_code

    def collide(key: bytes, person_id: int, serial: int) -> str:
        return taken if (person_id, serial) == (second, 1) else real(key, person_id, serial)

    monkeypatch.setattr(actions, "make_code", collide)
    assert actions.issue_card(second, by=clerk, now=NOON).serial == 2


@both_engines
def test_missing_cards_are_issued_once(
    in_app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    people = [add(f"王{n}") for n in "一二三四五"]
    actions.issue_card(people[0], by=clerk, now=NOON)
    issued = actions.issue_missing(people, by=clerk, now=NOON)
    assert sorted(card.person_id for card in issued) == people[1:]
    assert actions.issue_missing(people, by=clerk, now=NOON) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CardCode)) == 5


@both_engines
def test_each_scope_chooses_its_people_in_the_order_of_areas_and_names(
    in_app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    with transaction() as session:
        street = Area(code="01", name="渚河路街道", level=AreaLevel.STREET)
        session.add(street)
        session.flush()
        session.add_all([
            Area(code="01.01", name="农林一", level=AreaLevel.COMMUNITY, parent_id=street.id),
            Area(code="01.02", name="水电", level=AreaLevel.COMMUNITY, parent_id=street.id),
        ])  # fmt: skip
        session.flush()
        first, second = session.scalars(
            sa.select(Area.id).where(Area.parent_id == street.id).order_by(Area.code)
        )
    zhao = add("赵大", residence_area_id=first)
    bai = add("白二", residence_area_id=first)
    an = add("安三", residence_area_id=second)
    nowhere = add("艾四")
    practice = add("练习甲", is_practice=True)
    actions.issue_card(an, by=clerk, now=NOON)
    actions.mark_printed(actions.issue_missing([bai], by=clerk, now=NOON), now=NOON)
    assert choose(Scope.EVERYBODY).person_ids == [bai, zhao, an, nowhere]
    assert choose(Scope.EVERYBODY).without_card == 2
    assert choose(Scope.EVERYBODY).printed_before == 1
    assert choose(Scope.MISSING).person_ids == [zhao, nowhere]
    assert choose(Scope.UNPRINTED).person_ids == [zhao, an, nowhere]
    assert choose(Scope.AREA, area_id=first).person_ids == [bai, zhao]
    assert choose(Scope.AREA, area_id=street.id).person_ids == [bai, zhao, an]
    assert choose(Scope.AREA).person_ids == []
    assert choose(Scope.PRACTICE).person_ids == [practice]
    assert choose(Scope.PEOPLE, person_ids=[an, zhao, practice]).person_ids == [zhao, an]


@both_engines
def test_the_printing_job_issues_prints_and_marks(
    in_app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    people = [add("王秀英"), add("𠮷田花")]
    job = jobs.enqueue(JOB, by=clerk, now=NOON, person_ids=people, backs=True)
    with clock.at(NOON):
        assert jobs.work_off() == 1
    db.session.expire_all()
    job = db.session.get_one(jobs.Job, job.id)
    assert job.state is jobs.JobState.DONE, job.note_details
    assert job.note_code == "cards_need_pen"
    assert job.note_details == {"names": "𠮷田花"}
    assert "王秀英" not in str(job.args)
    printed = db.session.scalars(sa.select(Card.printed_at)).all()
    assert printed == [NOON, NOON]
    assert actions.mark_handed_out(people, by=clerk, now=NOON) == 2
    assert actions.mark_handed_out(people, by=clerk, now=NOON) == 0


def test_without_pdf_the_cards_are_issued_and_the_job_says_what_to_do(
    make_app: Callable[..., Flask], clerk: Actor, add: Callable[..., int]
) -> None:
    with make_app(PDF=False).app_context():
        people = [add()]
        job = jobs.enqueue(JOB, by=clerk, now=NOON, person_ids=people, backs=True)
        jobs.work_off()
        db.session.expire_all()
        assert db.session.get_one(jobs.Job, job.id).note_code == "cards_no_pdf"
        assert cards_of(people[0]) == [(1, "active")]
        assert db.session.scalars(sa.select(Card.printed_at)).all() == [None]


def test_the_commands_print_and_list(app: Flask, add: Callable[..., int], tmp_path: Path) -> None:
    with app.app_context():
        people = [add("王秀英"), add("李桂兰")]
    out, runner = tmp_path / "cards.pdf", app.test_cli_runner()
    result = runner.invoke(args=["cards", "issue", "--missing", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "2 cards, 2 of them new" in result.output
    assert out.read_bytes().startswith(b"%PDF-")
    assert (
        "nothing was printed"
        in runner.invoke(args=["cards", "issue", "--missing", "--out", "x"]).output
    )
    result = runner.invoke(args=["cards", "list", "--codes"])
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert [row["name"] for row in rows] == ["李桂兰", "王秀英"]
    with app.app_context():
        for row in rows:
            found = actions.find_by_code(row["code"])
            assert found is not None
            assert found.person_id == int(row["person_id"])
            assert found.person_id in people
        assert db.session.scalar(
            sa.select(sa.func.count()).where(audit.AuditEntry.action == "cards.codes_listed")
        ) == 1  # fmt: skip
    assert runner.invoke(args=["cards", "list", "--site", "nowhere"]).exit_code == 1
    assert "code" not in runner.invoke(args=["cards", "list"]).output


def test_a_person_found_by_card_is_the_person(
    in_app: Flask, clerk: Actor, add: Callable[..., int]
) -> None:
    from core.people.search import matching

    person_id = add()
    code = actions.code_of(actions.issue_card(person_id, by=clerk, now=NOON))
    assert db.session.scalars(sa.select(Person.id).where(matching(code))).all() == [person_id]


def test_a_file_that_cannot_be_written_is_named_before_a_card_is_issued(
    in_app: Flask, add: Callable[..., int], tmp_path: Path
) -> None:
    person_id, runner = add(), in_app.test_cli_runner()
    nowhere = tmp_path / "nowhere" / "cards.pdf"
    result = runner.invoke(args=["cards", "issue", "--missing", "--out", str(nowhere)])
    assert (result.exit_code, "There is no folder" in result.output) == (1, True)
    assert cards_of(person_id) == []
    result = runner.invoke(args=["cards", "issue", "--missing", "--out", "/dev/full"])
    assert (result.exit_code, "No space left" in result.output) == (1, True)
