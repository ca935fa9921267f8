"""What an import would do, row by row: read only, made anew for each look and for the confirmation."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from core.db import db
from core.people import hashes
from core.people.id_number import IdFault
from core.people.imports.areas import Areas
from core.people.imports.importer import Candidate, Change, Checked, Importer
from core.people.imports.meaning import Decision, Meaning
from core.people.models import EmergencyContact, Person, PersonIdentity, Sex, StandingKind
from core.people.roster.values import (
    Finding,
    Level,
    RawRow,
    Roster,
    RosterRow,
    SheetRead,
    Skipped,
)

ID_CODES = frozenset({*(fault.value for fault in IdFault), "id_missing"})
SEX = {"男": Sex.MALE, "女": Sex.FEMALE}
SEX_WORD = {Sex.MALE: "男", Sex.FEMALE: "女", None: ""}
_CHUNK = 400


class State(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"
    WRONG = "wrong"
    LEFT_OUT = "left_out"


@dataclass(frozen=True)
class PlanRow:
    """One row with what it means and what it would do."""

    key: str
    raw: RawRow
    row: RosterRow
    decision: Decision
    state: State
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...] = ()
    person_id: int | None = None
    area_id: int | None = None
    area_path: str = ""

    @property
    def wrong(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level is Level.WRONG)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.level is Level.WARNING)

    @property
    def lacks_id(self) -> bool:
        """Whether only the ID number is wrong, so that she could be taken without it."""
        return bool(self.wrong) and all(f.code in ID_CODES for f in self.wrong)


@dataclass(frozen=True)
class Missing:
    """Somebody enrolled in a community of this roster whom the roster does not name."""

    person_id: int
    name: str
    area_path: str
    stop_reason: str = ""


@dataclass(frozen=True)
class Plan:
    """The whole import as it would be done now, and the records that it was compared with."""

    rows: tuple[PlanRow, ...]
    missing: tuple[Missing, ...]
    sheets: tuple[SheetRead, ...]
    skipped: tuple[Skipped, ...]
    known: "KnownPeople"

    @property
    def counts(self) -> Counter[State]:
        return Counter(row.state for row in self.rows)

    @property
    def warning_count(self) -> int:
        return sum(bool(row.warnings) for row in self.rows if row.state is not State.LEFT_OUT)

    @property
    def digest(self) -> str:
        """Differs as soon as the import would do anything else than what was shown."""
        shown: list[Any] = [
            [r.key, r.state, r.person_id, r.area_id, [f.code for f in r.findings],
             [[c.field, c.old, c.new, c.kept] for c in r.changes]]
            for r in self.rows
        ]  # fmt: skip
        shown.append([[m.person_id, m.stop_reason] for m in self.missing])
        return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:24]


def make_plan(
    roster: Roster,
    meaning: Meaning,
    importer: Importer,
    today: date,
    *,
    stops: Mapping[str, str] | None = None,
    site_id: int | None = None,
    default_area_id: int | None = None,
) -> Plan:
    """Compare a roster with the registry. Reads with a constant number of queries per 400 rows."""
    areas, people = Areas(), KnownPeople(meaning.typed.values())
    rows = []
    for n, (key, raw, decision) in enumerate(
        zip(meaning.keys, meaning.raws, meaning.decisions, strict=True)
    ):
        if n not in meaning.typed:
            row = RosterRow(
                raw.sheet, raw.row, raw.cells["name"].text if "name" in raw.cells else ""
            )
            rows.append(PlanRow(key, raw, row, decision, State.LEFT_OUT, ()))
            continue
        rows.append(_compare(key, raw, meaning.typed[n], decision, people, areas, default_area_id))
    rows = _same_person_twice(rows)
    rows = list(_with_programme(rows, importer, today, site_id))
    members = importer.members(site_id) if importer.members else set()
    missing = _missing(rows, members, areas, stops or {})
    return Plan(tuple(rows), missing, roster.sheets, roster.skipped, people)


class KnownPeople:
    """Registered people whom the rows may be about, read at once."""

    def __init__(self, rows: Iterable[RosterRow]) -> None:
        rows = list(rows)
        numbers = {hashes.id_hash(r.id_number) for r in rows if r.id_number and not r.wrong_id}
        owners: dict[str, int] = {}
        for chunk in _chunks(sorted(numbers)):
            pairs = db.session.execute(
                sa.select(PersonIdentity.id_hash, PersonIdentity.person_id).where(
                    PersonIdentity.id_hash.in_(chunk)
                )
            )
            owners |= {row.id_hash: row.person_id for row in pairs}
        self._by_id_hash = owners
        self.people: dict[int, Person] = {}
        self._load(set(owners.values()))
        alike: dict[str, list[int]] = {}
        for chunk in _chunks(sorted({r.name for r in rows if r.name})):
            # Names first: whoever is loaded already is not decrypted a second time.
            for person_id, name in db.session.execute(
                sa.select(Person.id, Person.name).where(
                    Person.name.in_(chunk), Person.merged_into_id.is_(None),
                    Person.is_practice.is_(False),
                ).order_by(Person.id)
            ):  # fmt: skip
                alike.setdefault(name, []).append(person_id)
        self._load({person_id for ids in alike.values() for person_id in ids} - self.people.keys())
        self._by_name = {name: [self.people[n] for n in ids] for name, ids in alike.items()}
        self.contacts: dict[int, list[EmergencyContact]] = {}
        for chunk in _chunks(sorted(self.people)):
            for contact in db.session.scalars(
                sa.select(EmergencyContact).where(EmergencyContact.person_id.in_(chunk))
                .order_by(EmergencyContact.position, EmergencyContact.id)
            ):  # fmt: skip
                self.contacts.setdefault(contact.person_id, []).append(contact)

    def _load(self, ids: Iterable[int]) -> None:
        for chunk in _chunks(sorted(ids)):
            self.people |= {
                p.id: p for p in db.session.scalars(sa.select(Person).where(Person.id.in_(chunk)))
            }

    def find(self, row: RosterRow, with_number: bool) -> Person | None:
        """By ID number; without one, the only record of this name and birth date or phone."""
        if with_number and row.id_number:
            person_id = self._by_id_hash.get(hashes.id_hash(row.id_number))
            if person_id is not None:
                return self.people.get(person_id)
        like = self.alike(row)
        if with_number:
            like = [p for p in like if p.id_number is None]
        return like[0] if len(like) == 1 else None

    def alike(self, row: RosterRow) -> list[Person]:
        """Records of the same name with the same birth date or phone."""
        phone = hashes.phone_hash(row.phone) if row.phone else None
        return [
            p for p in self._by_name.get(row.name, [])
            if (row.birth_on and p.birth_on == row.birth_on) or (phone and p.phone_hash == phone)
        ]  # fmt: skip


def _compare(
    key: str, raw: RawRow, row: RosterRow, decision: Decision, people: KnownPeople, areas: Areas,
    default_area_id: int | None,
) -> PlanRow:  # fmt: skip
    findings = list(row.findings)
    with_number = bool(row.id_number) and not row.wrong_id
    if decision.no_id_reason:
        findings = [f for f in findings if f.code not in (*ID_CODES, "id_twice")]
        row, with_number = replace(row, id_number=None, wrong_id=False), False
    person = people.find(row, with_number)
    area = areas.find(row, default_area_id)
    if area.fault and not (area.fault == "area_missing" and person is not None):
        name = "grid" if area.fault == "grid_unknown" else "community"
        findings.append(
            Finding(area.fault, Level.WRONG, name, raw.cell_name(name), {"text": area.text})
        )
    changes: tuple[Change, ...] = ()
    if person is None:
        findings += _doubles(row, people)
    else:
        findings += _contradictions(row, person)
        changes = _changes(row, person, area.area_id, areas, people.contacts.get(person.id, []))
    wrong = any(f.level is Level.WRONG for f in findings)
    state = State.WRONG if wrong else State.NEW if person is None else State.SAME
    if state is State.SAME and any(not change.kept for change in changes):
        state = State.CHANGED
    return PlanRow(key, raw, row, decision, state, tuple(findings), changes,
                   person.id if person else None, area.area_id, areas.path(area.area_id))  # fmt: skip


def _doubles(row: RosterRow, people: KnownPeople) -> list[Finding]:
    like = people.alike(row)
    if not like:
        return []
    return [Finding("likely_double", Level.WARNING, "name", "", {"count": str(len(like))})]


def _contradictions(row: RosterRow, person: Person) -> list[Finding]:
    found = []
    if row.name and person.name != row.name:
        found.append(
            Finding(
                "name_differs", Level.WRONG, "name", "", {"known": person.name, "text": row.name}
            )
        )
    if person.merged_into_id is not None:
        found.append(Finding("record_is_merged", Level.WRONG, "name"))
    if person.standing == StandingKind.DECEASED:
        found.append(Finding("known_as_deceased", Level.WRONG, "name"))
    elif person.standing != StandingKind.REGISTERED:
        found.append(
            Finding(
                "standing_differs", Level.WARNING, "name", "", {"standing": person.standing.value}
            )
        )
    return found


def _changes(
    row: RosterRow, person: Person, area_id: int | None, areas: Areas,
    contacts: Sequence[EmergencyContact],
) -> tuple[Change, ...]:  # fmt: skip
    """What differs. An empty cell, or a column the roster does not have, changes nothing."""
    pairs: list[tuple[str, str | None, str | None, bool]] = [
        ("sex", SEX_WORD[person.sex], row.sex, False),
        ("birth", str(person.birth_on or ""), str(row.birth_on or ""), False),
        ("id_number", person.id_number, None if row.wrong_id else row.id_number, False),
        ("phone", person.phone, row.phone, person.phone_verified_at is not None),
        ("address", person.address, row.address, person.address_verified_at is not None),
        ("area", areas.path(person.residence_area_id), areas.path(area_id), False),
    ]
    if person.id_number and row.birth_on != person.birth_on:
        pairs = [p for p in pairs if p[0] != "birth"]
    if row.contact_name and row.contact_name not in {c.name for c in contacts}:
        pairs.append(
            ("contact_name", contacts[0].name if contacts else "", row.contact_name, False)
        )
    elif row.contact_phone and row.contact_phone not in {c.phone for c in contacts}:
        pairs.append(
            ("contact_phone", contacts[0].phone if contacts else "", row.contact_phone, False)
        )
    if row.note and row.note not in (person.note or ""):
        pairs.append(("note", person.note, row.note, False))
    return tuple(
        Change(name, old or "", new, verified) for name, old, new, verified in pairs
        if new and new != (old or "")
    )  # fmt: skip


def _same_person_twice(rows: list[PlanRow]) -> list[PlanRow]:
    """Two rows that turn out to be one registered person: the second is wrong."""
    seen: dict[int, PlanRow] = {}
    result = []
    for row in rows:
        first = seen.get(row.person_id or 0)
        if first is not None and not any(f.code == "id_twice" for f in row.findings):
            details = {"sheet": first.raw.sheet, "row": str(first.raw.row), "name": first.row.name}
            finding = Finding("person_twice", Level.WRONG, "name", "", details)
            row = replace(row, state=State.WRONG, findings=(*row.findings, finding))
        elif row.person_id is not None:
            seen[row.person_id] = row
        result.append(row)
    return result


def _with_programme(
    rows: list[PlanRow], importer: Importer, today: date, site_id: int | None
) -> Iterator[PlanRow]:
    asked = [row for row in rows if row.state is not State.LEFT_OUT]
    checks = importer.check(
        [Candidate(r.person_id, r.row, r.area_id) for r in asked], today, site_id
    )
    by_key: dict[str, Checked] = {r.key: c for r, c in zip(asked, checks, strict=True)}
    for row in rows:
        checked = by_key.get(row.key)
        if checked is None:
            yield row
            continue
        findings = (*row.findings, *checked.findings)
        changes = (*row.changes, *checked.changes)
        state = row.state
        if any(f.level is Level.WRONG for f in checked.findings):
            state = State.WRONG
        elif state is State.SAME and any(not c.kept for c in checked.changes):
            state = State.CHANGED
        yield replace(row, findings=findings, changes=changes, state=state)


def _missing(
    rows: Sequence[PlanRow], members: set[int], areas: Areas, stops: Mapping[str, str]
) -> tuple[Missing, ...]:
    """Members who live in a community that the roster covers and whom no row names."""
    covered = {areas.community_of(row.area_id) for row in rows} - {None}
    members -= {row.person_id for row in rows if row.person_id is not None}
    if not covered or not members:
        return ()
    inside = [area_id for area_id in areas.by_id if areas.community_of(area_id) in covered]
    found = db.session.execute(
        sa.select(Person.id, Person.name, Person.residence_area_id)
        .where(Person.residence_area_id.in_(inside), Person.merged_into_id.is_(None),
               Person.standing == StandingKind.REGISTERED, Person.is_practice.is_(False))
        .order_by(Person.pinyin, Person.id)
    )  # fmt: skip
    return tuple(
        Missing(p.id, p.name, areas.path(p.residence_area_id), stops.get(str(p.id), ""))
        for p in found if p.id in members
    )  # fmt: skip


def _chunks(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
