"""Carrying an import out: made ready without a lock, compared again under it, written in one go.

A counter waits while SQLite's one writer writes. So encryption, readings of names and entries of the
log are made before the lock is taken; inside it the registry is read again, and what differs from
what was prepared refuses the whole import.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from core.access import Actor
from core.clock import service_day
from core.errors import RuleError, Text, describe, text_of
from core.people.actions.adding import NewPerson, prepare_person, write_people
from core.people.actions.persons import replace_contacts, rewrite_person
from core.people.imports.batches import Content
from core.people.imports.importer import Entry, Importer, Write
from core.people.imports.meaning import Meaning
from core.people.imports.plan import SEX, Plan, PlanRow, State
from core.people.models import EmergencyContact, Person
from core.people.values import Contact, Details

OF_PERSON = frozenset({"sex", "birth", "id_number", "phone", "address", "area", "note"})
OF_CONTACT = frozenset({"contact_name", "contact_phone"})
_CHUNK = 400

describe(
    {
        "import_rows_wrong": Text(
            _l(
                "%(count)s rows are still wrong. Nothing was imported; mend them, leave them out, "
                "or take them without an ID number."
            ),
            422,
        ),
        "import_stop_refused": Text(
            _l(
                "%(name)s cannot be stopped: %(why)s Nothing was imported; keep her, or mend that first."
            )
        ),
        "import_moved_on": Text(
            _l(
                "The registry has changed since this preview was made. Nothing was imported; look "
                "at the preview again and confirm once more."
            ),
        ),
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


@dataclass(frozen=True)
class Ready:
    """An import that waits only for the lock: the plan, the new people by row, what enrols them."""

    content: Content
    importer: Importer
    today: date
    site_id: int | None
    file_name: str
    meaning: Meaning
    plan: Plan
    new: Mapping[str, NewPerson]
    enrol: Write | None

    @property
    def kept(self) -> list[PlanRow]:
        return [row for row in self.plan.rows if row.state is not State.LEFT_OUT]

    def source(self, row: PlanRow) -> str:
        """Where the values of a row come from, for the log."""
        return f"{self.file_name} {row.raw.sheet} {row.raw.row}"[:200]


def prepare(
    content: Content, importer: Importer, *, site_id: int | None, file_name: str, by: Actor,
    now: datetime, seen: str | None = None,
) -> Ready:  # fmt: skip
    """Make an import ready; reads the registry, locks nothing, writes nothing.

    seen: the digest of the preview somebody looked at. Raises RuleError import_moved_on,
    import_rows_wrong, and whatever a verb refuses.
    """
    today = service_day(now)
    meaning = content.meaning(importer, today)
    plan = content.plan(importer, today, site_id, meaning)
    if seen is not None and seen != plan.digest:
        raise RuleError("import_moved_on")
    if wrong := plan.counts[State.WRONG]:
        raise RuleError("import_rows_wrong", count=wrong)
    ready = Ready(content, importer, today, site_id, file_name, meaning, plan, {}, None)
    new = {
        row.key: prepare_person(
            _details_of_new(row), by=by, now=now, source=ready.source(row),
            contacts=[contact] if (contact := _contact(row)) else [],
        )
        for row in ready.kept if row.person_id is None
    }  # fmt: skip
    enrol = None
    if importer.prepare is not None:
        entries = [
            Entry(row.person_id, row.row, row.area_id, ready.source(row)) for row in ready.kept
        ]
        enrol = importer.prepare(entries, site_id=site_id, by=by, now=now)
    return Ready(content, importer, today, site_id, file_name, meaning, plan, new, enrol)


def carry_out(session: Session, ready: Ready, *, by: Actor, now: datetime) -> Outcome:
    """Do what was made ready, in the transaction at hand; all of it or nothing.

    Raises RuleError "import_moved_on" when the registry is no longer the one it was made for.
    """
    _lock(session, ready.kept)
    plan = ready.content.plan(ready.importer, ready.today, ready.site_id, ready.meaning)
    if plan.digest != ready.plan.digest or not ready.meaning.holds(ready.importer):
        raise RuleError("import_moved_on")
    for row in ready.kept:
        if row.person_id is not None and _changed(row):
            person, contacts = plan.known.people[row.person_id], plan.known.contacts
            _rewrite(session, row, person, contacts.get(row.person_id, []),
                     source=ready.source(row), by=by, now=now)  # fmt: skip
    numbers = dict(zip(ready.new, write_people(session, list(ready.new.values())), strict=True))
    if ready.enrol is not None:
        ready.enrol(session, [row.person_id or numbers[row.key] for row in ready.kept])
    stopped = [missing for missing in plan.missing if missing.stop_reason]
    for missing in stopped:
        if ready.importer.stop is not None:
            try:
                ready.importer.stop(session, missing.person_id, reason=missing.stop_reason, by=by, now=now)  # fmt: skip
            except RuleError as error:
                why = text_of(error)
                raise RuleError(
                    "import_stop_refused", name=missing.name,
                    why=str(why.sentence) % error.details if why else error.code,
                ) from error  # fmt: skip
    counts = plan.counts
    return Outcome(counts[State.NEW], counts[State.CHANGED], counts[State.SAME],
                   counts[State.LEFT_OUT], len(stopped))  # fmt: skip


def _details_of_new(row: PlanRow) -> Details:
    meant = row.row
    return Details(
        meant.name, SEX[meant.sex].value if meant.sex else None, meant.birth_on, meant.id_number,
        row.decision.no_id_reason or None, meant.phone, meant.address, row.area_id, note=meant.note,
    )  # fmt: skip


def _contact(row: PlanRow) -> Contact | None:
    meant = row.row
    if not meant.contact_name:
        return None
    return Contact(meant.contact_name, meant.contact_relation or "", meant.contact_phone)


def _changed(row: PlanRow) -> set[str]:
    """The fields of the registry, not of a programme, that a row changes."""
    return {change.field for change in row.changes if not change.kept} & (OF_PERSON | OF_CONTACT)


def _lock(session: Session, rows: Iterable[PlanRow]) -> None:
    """Lock the people whom the rows change before they are compared; SQLite's one writer has no need."""
    if session.get_bind().dialect.name == "sqlite":
        return
    ids = sorted(row.person_id for row in rows if row.person_id is not None and _changed(row))
    for start in range(0, len(ids), _CHUNK):
        part = sa.select(Person.id).where(Person.id.in_(ids[start : start + _CHUNK]))
        session.execute(part.order_by(Person.id).with_for_update())


def _rewrite(
    session: Session, row: PlanRow, person: Person, contacts: Sequence[EmergencyContact], *,
    source: str, by: Actor, now: datetime,
) -> None:  # fmt: skip
    """Write what a row changes of somebody who is registered already."""
    meant = row.row
    new = {change.field: change.new for change in row.changes if not change.kept}
    if new.keys() & OF_PERSON:
        note = "；".join(part for part in (person.note, new.get("note")) if part)
        details = Details(
            person.name,
            SEX[meant.sex].value if "sex" in new and meant.sex else person.sex,
            meant.birth_on if new.keys() & {"birth", "id_number"} else person.birth_on,
            new.get("id_number", person.id_number),
            person.no_id_reason,
            new.get("phone", person.phone),
            new.get("address", person.address),
            row.area_id if "area" in new else person.residence_area_id,
            person.registration_area_id,
            person.address_as,
            note or None,
        )
        rewrite_person(session, person, details, by=by, now=now, source=source)
    contact = _contact(row)
    if contact and new.keys() & OF_CONTACT:
        others = [Contact(c.name, c.relation, c.phone) for c in contacts if c.name != contact.name]
        replace_contacts(session, person.id, contacts, [contact, *others], by=by, now=now)
