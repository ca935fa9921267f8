"""The verbs of an import: upload, decide, confirm all or nothing, discard, forget after a day."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.jobs import sweep
from core.people.actions import add_person, change_person, set_contacts
from core.people.actions.persons import contacts_of
from core.people.import_models import BatchState, ImportBatch
from core.people.imports.areas import Areas
from core.people.imports.batches import Content
from core.people.imports.importer import Entry, Importer, importer_named
from core.people.imports.plan import SEX, Plan, PlanRow, State, key_of
from core.people.models import Person
from core.people.roster.cells import clean_text
from core.people.roster.load import Limits
from core.people.roster.read import read_roster
from core.people.values import Contact, Details

MAX_MEND = 200

describe(
    {
        "import_gone": Text(
            _l(
                "This import was confirmed, discarded or is older than a day. Upload the file again."
            ),
            410,
        ),
        "import_rows_wrong": Text(
            _l(
                "%(count)s rows are still wrong. Nothing was imported; mend them, leave them out, "
                "or take them without an ID number."
            ),
            422,
        ),
        "import_moved_on": Text(
            _l(
                "The registry has changed since this preview was made. Nothing was imported; look "
                "at the preview again and confirm once more."
            ),
        ),
        "import_row_unknown": Text(_l("This import has no such row. Nothing was changed."), 404),
    }
)


@dataclass(frozen=True)
class Outcome:
    """What a confirmed import did."""

    new: int
    changed: int
    same: int
    left_out: int
    stopped: int


def limits() -> Limits:
    """What reading one file may take, from the settings."""
    config = current_app.config
    return Limits(
        unpacked_bytes=config["IMPORT_MAX_UNPACKED_MB"] << 20,
        memory_bytes=config["IMPORT_MEMORY_MB"] << 20,
        cpu_s=max(1, int(config["IMPORT_TIMEOUT_S"])),
        timeout_s=float(config["IMPORT_TIMEOUT_S"]),
    )


def read_file(content: bytes, importer: Importer, *, sheet: str = "") -> Content:
    """Read an uploaded file. Raises RuleError (roster_…). Writes nothing."""
    roster = read_roster(
        content, importer.vocabulary(), communities=Areas().names, sheet=sheet, limits=limits()
    )
    return Content(roster)


def start_import(
    content: bytes,
    file_name: str,
    importer_name: str,
    *,
    by: Actor,
    now: datetime,
    site_id: int | None = None,
    default_area_id: int | None = None,
) -> ImportBatch:
    """Keep a roster for its preview. Raises RuleError (roster_…, importer_unknown)."""
    importer = importer_named(importer_name)
    kept = read_file(content, importer)
    kept.default_area_id = default_area_id
    keep_for = timedelta(hours=current_app.config["IMPORT_KEEP_HOURS"])
    with transaction() as session:
        forget_expired(session, now)
        batch = ImportBatch(
            importer=importer.name, site_id=site_id, file_name=PurePath(file_name).name[:128],
            content=kept.pack(), row_count=len(kept.roster.rows), created_by_id=by.user_id,
            created_at=now, expires_at=now + keep_for,
        )  # fmt: skip
        session.add(batch)
        session.flush()
        audit.record(session, "import.started", subject=f"import:{batch.id}", by=by, now=now,
                     after={"file": batch.file_name, "rows": batch.row_count})  # fmt: skip
    return batch


def open_batch(batch_id: uuid.UUID, now: datetime, *, lock: bool = False) -> ImportBatch:
    """The batch while it is open. Raises RuleError "import_gone"."""
    batch = db.session.get(ImportBatch, batch_id, with_for_update=lock or None)
    if (
        batch is None
        or batch.state != BatchState.OPEN
        or batch.expires_at <= now
        or batch.content is None
    ):
        raise RuleError("import_gone")
    return batch


def decide_row(
    batch_id: uuid.UUID,
    key: str,
    *,
    by: Actor,
    now: datetime,
    mend: Mapping[str, str] | None = None,
    leave_out: str | None = None,
    no_id_reason: str | None = None,
) -> None:
    """Mend cells of a row, leave it out, or take it without an ID number; None leaves a part as it is.

    An empty text takes a decision back. Raises RuleError import_gone, import_row_unknown.
    """
    with transaction():
        batch = open_batch(batch_id, now, lock=True)
        content = Content.unpack(batch.content or b"")
        known = {key_of(raw): raw for raw in content.roster.rows}
        if key not in known:
            raise RuleError("import_row_unknown")
        decision = content.decisions.setdefault(key, {})
        if mend is not None:
            cells = {**decision.get("mend", {}), **{k: v[:MAX_MEND] for k, v in mend.items()}}
            decision["mend"] = {k: v for k, v in cells.items() if _differs(known[key], k, v)}
        if leave_out is not None:
            decision["leave_out"] = clean_text(leave_out)[:MAX_MEND]
        if no_id_reason is not None:
            decision["no_id_reason"] = clean_text(no_id_reason)[:128]
        if not any(decision.values()):
            del content.decisions[key]
        _keep(batch, content)


def decide_missing(
    batch_id: uuid.UUID, person_id: int, reason: str, *, by: Actor, now: datetime
) -> None:
    """Stop the enrolment of somebody whom the roster does not name; an empty reason keeps her."""
    with transaction():
        batch = open_batch(batch_id, now, lock=True)
        content = Content.unpack(batch.content or b"")
        content.stops.pop(str(person_id), None)
        if reason.strip():
            content.stops[str(person_id)] = clean_text(reason)[:128]
        _keep(batch, content)


def confirm_import(
    batch_id: uuid.UUID, *, by: Actor, now: datetime, seen: str | None = None
) -> Outcome:
    """Check everything again and write it all, or nothing.

    seen: the digest of the preview somebody looked at. Raises RuleError import_gone,
    import_moved_on, import_rows_wrong, and whatever a verb refuses.
    """
    today = service_day(now)
    with transaction() as session:
        batch = open_batch(batch_id, now, lock=True)
        importer = importer_named(batch.importer)
        content = Content.unpack(batch.content or b"")
        plan = content.plan(importer, today, batch.site_id)
        if seen is not None and seen != plan.digest:
            raise RuleError("import_moved_on")
        outcome = carry_out(
            session,
            plan,
            importer,
            site_id=batch.site_id,
            file_name=batch.file_name,
            by=by,
            now=now,
        )
        batch.state, batch.ended_at, batch.content = BatchState.CONFIRMED, now, None
        batch.result = (
            f"new={outcome.new} changed={outcome.changed} same={outcome.same} "
            f"left_out={outcome.left_out} stopped={outcome.stopped}"
        )
        audit.record(session, "import.confirmed", subject=f"import:{batch.id}", by=by, now=now,
                     after={"file": batch.file_name, **vars(outcome)})  # fmt: skip
    return outcome


def carry_out(
    session: Session, plan: Plan, importer: Importer, *, site_id: int | None, file_name: str,
    by: Actor, now: datetime,
) -> Outcome:  # fmt: skip
    """Do what a plan says inside the transaction at hand. Raises RuleError "import_rows_wrong"."""
    counts = plan.counts
    if counts[State.WRONG]:
        raise RuleError("import_rows_wrong", count=counts[State.WRONG])
    entries = []
    for one in plan.rows:
        if one.state is State.LEFT_OUT:
            continue
        source = f"{file_name} {one.raw.sheet} {one.raw.row}"[:200]
        person_id = _write_person(session, one, source=source, by=by, now=now)
        entries.append(Entry(person_id, one.row, one.area_id, source))
    if importer.apply is not None:
        importer.apply(session, entries, site_id=site_id, by=by, now=now)
    stopped = [m for m in plan.missing if m.stop_reason]
    for missing in stopped:
        if importer.stop is not None:
            importer.stop(session, missing.person_id, reason=missing.stop_reason, by=by, now=now)
    return Outcome(counts[State.NEW], counts[State.CHANGED], counts[State.SAME],
                   counts[State.LEFT_OUT], len(stopped))  # fmt: skip


def _write_person(session: Session, one: PlanRow, *, source: str, by: Actor, now: datetime) -> int:
    row = one.row
    contact = (
        Contact(row.contact_name, row.contact_relation or "", row.contact_phone)
        if row.contact_name
        else None
    )
    if one.person_id is None:
        person = add_person(
            Details(
                row.name, SEX[row.sex].value if row.sex else None, row.birth_on, row.id_number,
                one.decision.no_id_reason or None, row.phone, row.address, one.area_id,
                note=row.note,
            ),
            by=by, now=now, contacts=[contact] if contact else [], source=source,
        )  # fmt: skip
        return person.id
    person_id = one.person_id
    new = {change.field: change.new for change in one.changes if not change.kept}
    person = session.get_one(Person, person_id)
    if new.keys() & {"sex", "birth", "id_number", "phone", "address", "area", "note"}:
        note = "；".join(part for part in (person.note, new.get("note")) if part)
        change_person(
            person_id,
            Details(
                person.name,
                SEX[row.sex].value if "sex" in new and row.sex else person.sex,
                row.birth_on if new.keys() & {"birth", "id_number"} else person.birth_on,
                new.get("id_number", person.id_number),
                person.no_id_reason,
                new.get("phone", person.phone),
                new.get("address", person.address),
                one.area_id if "area" in new else person.residence_area_id,
                person.registration_area_id,
                person.address_as,
                note or None,
            ),
            by=by, now=now, source=source,
        )  # fmt: skip
    if contact and new.keys() & {"contact_name", "contact_phone"}:
        others = [
            Contact(c.name, c.relation, c.phone)
            for c in session.scalars(contacts_of(person_id)) if c.name != contact.name
        ]  # fmt: skip
        set_contacts(person_id, [contact, *others], by=by, now=now)
    return person_id


def discard_import(batch_id: uuid.UUID, *, by: Actor, now: datetime) -> None:
    """Throw the uploaded roster away."""
    with transaction() as session:
        batch = open_batch(batch_id, now, lock=True)
        batch.state, batch.ended_at, batch.content = BatchState.DISCARDED, now, None
        audit.record(session, "import.discarded", subject=f"import:{batch.id}", by=by, now=now)


def forget_expired(session: Session, now: datetime) -> int:
    """Erase what expired batches held; returns how many."""
    result = session.execute(
        sa.update(ImportBatch)
        .where(ImportBatch.expires_at <= now, ImportBatch.content.is_not(None))
        .values(content=None, state=BatchState.DISCARDED, ended_at=now)
        .returning(ImportBatch.id)
    )
    return len(result.all())


@sweep(every_s=600)
def forget_expired_imports(now: datetime) -> int:
    """Forget expired batches; returns how many."""
    with transaction() as session:
        return forget_expired(session, now)


def _keep(batch: ImportBatch, content: Content) -> None:
    batch.content, batch.version = content.pack(), batch.version + 1


def _differs(raw: object, name: str, value: str) -> bool:
    cells = getattr(raw, "cells", {})
    return value != (cells[name].text if name in cells else "")
