"""Attaching, looking, removing, erasing: who may, what is logged, what is left."""

import hashlib
import threading
import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from core.access import SYSTEM, Actor, Role
from core.audit import AuditEntry, values_of
from core.db import db
from core.errors import RuleError
from core.evidence import actions, subjects
from core.evidence.models import Attachment, AttachmentContent
from core.people import actions as people
from core.people.values import Details
from tests.conftest import NOON, both_engines
from tests.core.evidence.papers import pdf, photo

CLERK = Actor("经办人甲", roles=frozenset({Role.CLERK}), site_ids=None)
TRAINER = Actor("老师乙", roles=frozenset({Role.TRAINER}), site_ids=frozenset({7}))
CASE = "case:1"


@pytest.fixture(autouse=True)
def _cases() -> Iterator[None]:
    """A kind of subject that no programme knows: case 1 is the clerk's, all others do not exist."""

    def clerks_own(key: str, by: Actor) -> bool | None:
        return by.has(Role.CLERK) if key == "1" else None

    subjects.register_subject("case", clerks_own, clerks_own, lambda key: f"/cases/{key}")
    yield
    del subjects._kinds["case"]


def attached(
    content: bytes | None = None, *, title: str = "处置结果", person_id: int | None = None
):
    return actions.attach(
        CASE, content or pdf(pages=2), title=title, person_id=person_id, by=CLERK, now=NOON
    )


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == action)))


def refused(call, *args, **values) -> str:
    with pytest.raises(RuleError) as caught:
        call(*args, **values)
    return caught.value.code


@both_engines
def test_a_paper_is_kept_encrypted_with_its_facts_and_an_entry(in_app: Flask) -> None:
    content = pdf(pages=2)
    row = attached(content)
    assert (row.media_type, row.pages, row.size_bytes) == ("application/pdf", 2, len(content))
    assert row.sha256 == hashlib.sha256(content).hexdigest()
    assert (row.uploaded_by_name, row.uploaded_at, row.title) == ("经办人甲", NOON, "处置结果")
    stored = db.session.scalar(sa.select(sa.type_coerce(AttachmentContent.content, sa.LargeBinary)))
    title = db.session.scalar(sa.select(sa.type_coerce(Attachment.title, sa.Text)))
    assert b"%PDF" not in bytes(stored or b"")
    assert "处置结果" not in (title or "")
    [entry] = entries("attachment.added")
    after = values_of([entry])[entry.id]["after"]
    assert (entry.subject, after["subject"], after["sha256"]) == (
        f"attachment:{row.id}", CASE, row.sha256,
    )  # fmt: skip


@both_engines
def test_each_look_stands_in_the_log(in_app: Flask) -> None:
    row = attached()
    for _ in range(2):
        look = actions.content_of(row.id, by=CLERK, now=NOON)
        assert hashlib.sha256(look.content).hexdigest() == row.sha256
    assert [(e.subject, e.actor_name) for e in entries("attachment.viewed")] == [
        (f"attachment:{row.id}", "经办人甲")
    ] * 2


def test_the_guard_of_the_subject_is_asked_for_every_verb(in_app: Flask) -> None:
    row = attached()
    who = {"by": TRAINER, "now": NOON}
    assert refused(actions.content_of, row.id, **who) == "evidence_not_yours"
    assert refused(actions.remove, row.id, reason="错了", **who) == "evidence_not_yours"
    add = {"title": "", "person_id": None}
    assert refused(actions.attach, CASE, pdf(), **add, **who) == "evidence_not_yours"
    assert refused(actions.attach, "case:2", pdf(), **add, **who) == "evidence_no_subject"
    for nothing in ("case", "case:", "spell:1", "", "case:" + "1" * 200):
        assert refused(actions.attach, nothing, pdf(), **add, **who) == "evidence_no_subject"
    assert entries("attachment.viewed") == []
    assert len(actions.list_of(CASE)) == 1


@both_engines
def test_a_removed_paper_leaves_its_row_and_no_content(in_app: Flask) -> None:
    row = attached()
    assert refused(actions.remove, row.id, reason=" ", by=CLERK, now=NOON) == "reason_needed"
    actions.remove(row.id, reason="传错了人", by=CLERK, now=NOON)
    [left] = actions.list_of(CASE)
    assert (left.removed_reason, left.removed_at) == ("传错了人", NOON)
    assert db.session.scalars(sa.select(AttachmentContent)).all() == []
    assert refused(actions.content_of, row.id, by=CLERK, now=NOON) == "evidence_gone"
    assert refused(actions.remove, row.id, reason="再次", by=CLERK, now=NOON) == "evidence_gone"
    assert [e.reason for e in entries("attachment.removed")] == ["传错了人"]
    assert refused(actions.content_of, uuid.uuid4(), by=CLERK, now=NOON) == "evidence_no_attachment"


@both_engines
def test_the_same_file_twice_is_one_paper_until_it_is_removed(in_app: Flask) -> None:
    first = attached(photo())
    assert attached(photo()).id == first.id
    actions.remove(first.id, reason="模糊", by=CLERK, now=NOON)
    assert attached(photo()).id != first.id
    assert len(entries("attachment.added")) == 2


@both_engines
def test_the_same_file_sent_five_times_at_once_is_one_paper(in_app: Flask) -> None:
    found: list[object] = []
    ready = threading.Barrier(5)

    def send() -> None:
        with in_app.app_context():
            ready.wait()
            try:
                found.append(attached().id)
            except Exception as error:
                found.append(error)

    threads = [threading.Thread(target=send) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(str, found))) == 1, found
    assert len(actions.list_of(CASE)) == 1


def test_a_file_that_is_not_taken_leaves_nothing(in_app: Flask) -> None:
    assert refused(attached, b"nothing") == "evidence_wrong_type"
    assert actions.list_of(CASE) == []
    assert entries("attachment.added") == []


@both_engines
def test_papers_of_a_person_are_erased_with_her_and_with_her_doubles(in_app: Flask) -> None:
    ids = [
        people.add_person(Details(name=name, no_id_reason="未带"), by=CLERK, now=NOON).id
        for name in ("王秀华", "王秀花", "李楠")
    ]
    kept, double, other = (attached(pdf(pages=n + 1), person_id=ids[n]) for n in range(3))
    actions.remove(double.id, reason="看不清", by=CLERK, now=NOON)
    people.merge_person(ids[1], ids[0], reason="同一人", by=CLERK, now=NOON)
    other_id, kept_id = other.id, kept.id
    assert actions.erase_person(ids[0], by=SYSTEM, now=NOON) == 2
    assert [row.id for row in actions.list_of(CASE)] == [other_id]
    assert [row.attachment_id for row in db.session.scalars(sa.select(AttachmentContent))] == [
        other_id
    ]
    assert f"attachment:{kept_id}" in {entry.subject for entry in entries("attachment.erased")}
    assert actions.erase_person(ids[0], by=SYSTEM, now=NOON) == 0
