"""Hardship never reaches a trainer: every page that she may open is fetched and searched.

A new page joins by itself, as soon as it stands in tests/access_table.py. An address with a part
that has no sample below fails the first test: give it one of a thing that the trainer may see.
"""

import io
import uuid
import zipfile
from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import SYSTEM, Role
from core.accounts.models import User
from core.db import db, transaction
from core.evidence.actions import attach
from core.evidence.models import Attachment
from core.people.models import Person
from tests.canteen.pages import Visit, Visitor
from tests.core.evidence.papers import pdf
from tests.test_access_matrix import LINES
from tests.workshop import house
from tests.workshop.house import House
from workshop.actions.hardship import add_hardship, end_hardship
from workshop.actions.learners import record_needs
from workshop.actions.tables import ensure_tables
from workshop.evidence.hardship import subject_of
from workshop.models import Cohort, HardshipCategory, HardshipTag, Session
from workshop.values import Basis, EnrolmentState, Needs

TODAY = date(2026, 11, 24)
# What must not be found: the kinds themselves, who certified, the evidence, the end.
CANARIES = ("零就业家庭", "单亲", "民政所金丝雀", "证号金丝雀", "结束金丝雀", "困难")
ALL_STATES = (
    EnrolmentState.TRAINING, EnrolmentState.COMPLETED, EnrolmentState.ADMITTED,
    EnrolmentState.WAITLISTED, EnrolmentState.APPLIED, EnrolmentState.WITHDRAWN,
)  # fmt: skip


@pytest.fixture
def trainer(workshop: House, visit: Visit) -> Visitor:
    """A trainer whose cohort is full of women in hardship, in every state, with papers attached."""
    visitor = visit(Role.TRAINER, workshop.site_id)
    cohort_id = house.cohort(workshop, first=date(2026, 11, 16))
    trainer_id = db.session.scalars(
        sa.select(User.id).where(User.name == f"trainer-{workshop.site_id}")
    ).one()
    with transaction() as session:
        session.execute(sa.update(Cohort).values(trainer_id=trainer_id))
        session.execute(sa.update(Session).values(trainer_id=trainer_id))
    ensure_tables(by=SYSTEM, now=workshop.now)
    kinds = dict(
        db.session.execute(sa.select(HardshipCategory.code, HardshipCategory.id)).tuples().all()
    )
    who = {"by": SYSTEM, "now": workshop.now}
    for state in ALL_STATES:
        [person_id] = house.enrolled(workshop, cohort_id, state=state)
        given = {
            "certified_by": "民政所金丝雀",
            "evidence": "证号金丝雀",
            "from_on": date(2026, 1, 1),
        }
        tag = add_hardship(
            person_id, kinds["zero_employment"], basis=Basis.CERTIFIED, **given, **who
        )
        attach(subject_of(tag), pdf(), title="零就业家庭认定表", person_id=person_id, **who)
        own = add_hardship(
            person_id, kinds["single_parent"], basis=Basis.SELF_DECLARED,
            from_on=date(2026, 1, 1), **who,
        )  # fmt: skip
        end_hardship(person_id, own.id, on=TODAY, reason="结束金丝雀", **who)
        record_needs(person_id, Needs((workshop.skill_id,)), asked_on=TODAY, **who)
    return visitor


def samples() -> dict[str, list[object]]:
    """What stands for each part of an address: things of the trainer's own, and of the register."""
    cohort = db.session.scalars(sa.select(Cohort)).one()
    person_id = db.session.scalars(sa.select(HardshipTag.person_id)).first()
    sessions = db.session.scalars(sa.select(Session).order_by(Session.on)).all()
    of_today = [row.id for row in sessions if row.on == TODAY]
    return {
        "cohort_id": [cohort.id], "session_id": [sessions[0].id, *of_today, sessions[-1].id],
        "person_id": [person_id], "attachment_id": list(db.session.scalars(sa.select(Attachment.id))),
        "job_id": [uuid.UUID(int=1)], "token": ["nothing"], "secret": ["nothing"],

    }  # fmt: skip


def pages(app: Flask, role: Role = Role.TRAINER) -> Iterator[tuple[str, str]]:
    """Endpoint and address of every page that a role may open; a trainer's must all have samples."""
    given = samples()
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        line = LINES.get(rule.endpoint)
        if line is None or rule.endpoint == "static" or "GET" not in (rule.methods or ()):
            continue
        if not line.public and role not in line.roles:
            continue
        missing = set(rule.arguments) - given.keys()
        if missing and role is not Role.TRAINER:
            continue
        assert not missing, f"{rule.endpoint}: give a sample for {missing}"
        count = max((len(given[name]) for name in rule.arguments), default=1)
        for n in range(count):
            values = {name: given[name][n % len(given[name])] for name in rule.arguments}
            yield rule.endpoint, app.url_map.bind("localhost").build(rule.endpoint, values)


def texts(data: bytes) -> str:
    """What an answer says, a workbook's parts included."""
    if data[:2] != b"PK":
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())


def test_no_page_of_a_trainer_tells_of_hardship(
    app: Flask, workshop: House, trainer: Visitor
) -> None:
    told, opened, broken = [], set(), []
    for endpoint, address in pages(app):
        answer = trainer.get(address)
        if answer.status_code >= 500:
            broken.append((address, answer.status_code))
        if answer.status_code == 200:
            opened.add(endpoint)
        found = [word for word in CANARIES if word in texts(answer.data)]
        if found:
            told.append((address, found))
    assert told == []
    assert broken == []
    # The search means something: the pages were really open to her, with women on them.
    own = {"workshop.cohort", "workshop.enrolments", "workshop.attendance", "workshop.today"}
    assert own & set(app.view_functions) <= opened
    roster = trainer.get(f"/workshop/cohorts/{samples()['cohort_id'][0]}/enrolments").text
    names = db.session.scalars(sa.select(Person.name))
    assert any(name in roster for name in names)


def test_what_is_public_tells_nothing_of_hardship_either(
    app: Flask, workshop: House, trainer: Visitor
) -> None:
    stranger = Visitor(app.test_client(), trainer.now)
    for endpoint, address in pages(app):
        if LINES[endpoint].public:
            page = texts(stranger.get(address).data)
            assert [word for word in CANARIES if word in page] == [], address


def test_a_manager_is_told_nothing_of_hardship_where_she_sees_learners(
    app: Flask, workshop: House, trainer: Visitor, visit: Visit
) -> None:
    manager, opened = visit(Role.MANAGER, workshop.site_id), 0
    for _endpoint, address in pages(app, Role.MANAGER):
        answer = manager.get(address)
        opened += answer.status_code == 200
        # The history on the page of a person names what was done, never the hardship or why it ended.
        found = [word for word in CANARIES[:-1] if word in texts(answer.data)]
        assert found == [], address
    assert opened > 40


def test_papers_of_hardship_are_closed_to_a_trainer_and_open_to_a_coordinator(
    workshop: House, trainer: Visitor, visit: Visit
) -> None:
    tag = db.session.scalars(
        sa.select(HardshipTag).where(HardshipTag.basis == Basis.CERTIFIED)
    ).first()
    assert tag is not None
    paper = db.session.scalars(
        sa.select(Attachment.id).where(Attachment.subject == subject_of(tag))
    ).one()
    coordinator = visit(Role.COORDINATOR, workshop.site_id)
    page = f"/evidence/attachments/{paper}"
    assert trainer.get(page).status_code == 403
    assert coordinator.get(page).status_code == 200
    assert "零就业家庭认定表" in coordinator.get(f"/workshop/learners/{tag.person_id}").text
    files = {"title": "低保证", "file": (io.BytesIO(pdf()), "a.pdf")}
    address = f"/evidence/{subject_of(tag)}/attachments"
    assert trainer.post(address, **files).status_code == 403
    removal = f"/evidence/attachments/{paper}/removal"
    assert coordinator.post(removal, reason="误传").status_code == 403
    assert visit(Role.CLERK).post(removal, reason="误传").status_code == 302


@pytest.mark.parametrize("role", [Role.MANAGER, Role.COUNTER, Role.COURIER, Role.TRAINER])
def test_nobody_but_office_and_coordinators_reads_a_paper_of_hardship(
    workshop: House, trainer: Visitor, visit: Visit, role: Role
) -> None:
    paper = db.session.scalars(sa.select(Attachment.id)).first()
    visitor = trainer if role is Role.TRAINER else visit(role, workshop.site_id)
    assert visitor.get(f"/evidence/attachments/{paper}").status_code == 403
