"""Attaching a paper, looking at it, removing it, and erasing those of a person.

Each verb asks the guard of the subject's kind and writes its entry of the log in one transaction.
"""

import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.db import db, new_id, transaction
from core.errors import RuleError, Text, describe
from core.evidence.cleaning import Cleaned, clean
from core.evidence.models import Attachment, AttachmentContent
from core.evidence.subjects import kind_of, require
from core.people.records import records_of

TITLE_MOST = 64

describe({
    "evidence_no_attachment": Text(
        _l("There is nothing at this address. It may have been moved, or the link is incomplete."), 404),
    "evidence_gone": Text(_l("This paper was removed; its content no longer exists."), 410),
})  # fmt: skip


@dataclass(frozen=True)
class Look:
    """A paper and its content."""

    attachment: Attachment
    content: bytes


def attach(
    subject: str, file: bytes, *, title: str, person_id: int | None, by: Actor, now: datetime
) -> Attachment:
    """Keep a paper with its subject. The same file twice is one paper, however often it is sent.

    Raises RuleError evidence_… for a file that is not taken, a subject that does not exist, and an
    actor who may not.
    """
    kind, key = kind_of(subject)
    require(kind.may_attach, key, by)
    # Before the transaction: looking at a hostile file may take seconds.
    return attach_clean(subject, clean(file), title=title, person_id=person_id, by=by, now=now)


def attach_clean(
    subject: str, cleaned: Cleaned, *, title: str, person_id: int | None, by: Actor, now: datetime
) -> Attachment:
    """The same for a file that was looked at already, or that this program drew itself.

    Raises RuleError evidence_… for a subject that does not exist, and an actor who may not.
    """
    kind, key = kind_of(subject)
    require(kind.may_attach, key, by)
    try:
        return _keep(subject, cleaned, title.strip()[:TITLE_MOST], person_id, by, now)
    except sa.exc.IntegrityError:
        # The same file came twice in the same moment: the second one finds the first.
        return _keep(subject, cleaned, title.strip()[:TITLE_MOST], person_id, by, now)


def _keep(
    subject: str, cleaned: Cleaned, title: str, person_id: int | None, by: Actor, now: datetime
) -> Attachment:
    digest = hashlib.sha256(cleaned.content).hexdigest()
    with transaction() as session:
        known = session.scalar(
            sa.select(Attachment).where(
                Attachment.subject == subject, Attachment.sha256 == digest,
                Attachment.removed_at.is_(None),
            )
        )  # fmt: skip
        if known is not None:
            return known
        row = Attachment(
            id=new_id(), subject=subject, person_id=person_id, title=title,
            media_type=cleaned.media_type, size_bytes=len(cleaned.content), pages=cleaned.pages,
            sha256=digest, uploaded_at=now, uploaded_by_id=by.user_id, uploaded_by_name=by.name,
        )  # fmt: skip
        session.add(row)
        session.flush()
        session.add(AttachmentContent(attachment_id=row.id, content=cleaned.content))
        _record(session, "added", row, by, now, after={
            "subject": subject, "title": title, "media_type": row.media_type, "pages": row.pages,
            "size_bytes": row.size_bytes, "sha256": digest,
        })  # fmt: skip
        return row


def _record(
    session: Session, verb: str, row: Attachment, by: Actor, now: datetime, *,
    reason: str | None = None, after: dict[str, object] | None = None,
) -> None:  # fmt: skip
    audit.record(session, f"attachment.{verb}", subject=f"attachment:{row.id}", by=by, now=now,
                 person_id=row.person_id, reason=reason, after=after)  # fmt: skip


def list_of(subject: str) -> list[Attachment]:
    """The papers of a subject, oldest first, those removed included."""
    return lists_of([subject])[subject]


def lists_of(subjects: Collection[str]) -> dict[str, list[Attachment]]:
    """The same for several subjects, in one query."""
    found: dict[str, list[Attachment]] = {subject: [] for subject in subjects}
    statement = (
        sa.select(Attachment)
        .where(Attachment.subject.in_(list(found)))
        .order_by(Attachment.uploaded_at, Attachment.id)
    )
    for row in db.session.scalars(statement) if found else ():
        found[row.subject].append(row)
    return found


def content_of(attachment_id: uuid.UUID, *, by: Actor, now: datetime) -> Look:
    """A paper with its content; the look is logged.

    Raises RuleError evidence_no_attachment, evidence_no_subject, evidence_not_yours, evidence_gone.
    """
    with transaction() as session:
        row = session.get(Attachment, attachment_id)
        if row is None:
            raise RuleError("evidence_no_attachment")
        kind, key = kind_of(row.subject)
        require(kind.may_see, key, by)
        found = session.get(AttachmentContent, attachment_id)
        if found is None:
            raise RuleError("evidence_gone")
        _record(session, "viewed", row, by, now)
        return Look(row, found.content)


def remove(attachment_id: uuid.UUID, *, reason: str, by: Actor, now: datetime) -> Attachment:
    """Drop the content for a reason; the row stays and says that there was one.

    Raises RuleError evidence_no_attachment, evidence_no_subject, evidence_not_yours, evidence_gone,
    reason_needed.
    """
    reason = reason.strip()[:128]
    with transaction() as session:
        row = session.get(Attachment, attachment_id, with_for_update=True)
        if row is None:
            raise RuleError("evidence_no_attachment")
        kind, key = kind_of(row.subject)
        require(kind.may_remove, key, by)
        if row.removed_at is not None:
            raise RuleError("evidence_gone")
        if len(reason) < 2:
            raise RuleError("reason_needed")
        session.execute(
            sa.delete(AttachmentContent).where(AttachmentContent.attachment_id == row.id)
        )
        row.removed_at, row.removed_reason = now, reason
        _record(session, "removed", row, by, now, reason=reason, after={
            "subject": row.subject, "title": row.title, "sha256": row.sha256,
        })  # fmt: skip
        return row


def erase_person(person_id: int, *, by: Actor, now: datetime) -> int:
    """Erase the papers about a person, and about records merged into hers; returns how many.

    Joins the transaction of whoever erases her. Rows and contents go; the log keeps that there was
    a paper, and its values are erased with hers (`AuditValues.person_id`).
    """
    with transaction() as session:
        hers = sa.select(Attachment).where(Attachment.person_id.in_(records_of(person_id)))
        rows = list(session.scalars(hers))
        session.execute(
            sa.delete(AttachmentContent).where(
                AttachmentContent.attachment_id.in_([row.id for row in rows])
            )
        )
        for row in rows:
            _record(session, "erased", row, by, now)
            session.delete(row)
        return len(rows)
