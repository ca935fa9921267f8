"""The preview: wrong cells and contradictions of each row, and what it would change."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

import sqlalchemy as sa

from core.db import db
from core.people.imports.importer import Candidate, Change, Checked
from core.people.roster.values import Finding, Level, RosterRow, Vocabulary
from workshop.importer import words as reading
from workshop.importer.book import Book, Known
from workshop.importer.meant import Meant, Reader
from workshop.importer.todo import WORK_IN_NOTE, certified_by, facts_of, todo_of, wanted_by
from workshop.models import HardshipCategory
from workshop.rules.retirement import is_over
from workshop.values import WorkerKind

_SEX = {"女": "female", "男": "male"}


def vocabulary() -> Vocabulary:
    """How rosters spell hardship, the office's own names included, and the columns of a learner."""
    names = tuple(db.session.scalars(
        sa.select(HardshipCategory.name).where(HardshipCategory.is_active)
        .order_by(HardshipCategory.id)
    ))  # fmt: skip
    return Vocabulary(reading.hardship_words(names), columns=reading.COLUMNS)


def check(candidates: Sequence[Candidate], today: date, site_id: int | None) -> list[Checked]:
    """Wrong cells and contradictions of each row, and what it would change for a learner."""
    book = Book([c.person_id for c in candidates if c.person_id is not None], today)
    return [_check(candidate, book, site_id) for candidate in candidates]


def _check(candidate: Candidate, book: Book, site_id: int | None) -> Checked:
    row, known = candidate.row, book.of(candidate.person_id)
    meant = Reader(row, book).meant()
    findings = [*meant.findings, *_contradictions(row, meant, book, known)]
    is_new = known.learner is None or known.learner.ended_on is not None
    if known.is_elsewhere:
        findings.append(Finding("learner_before_merge", Level.WRONG, "name"))
    if is_new and book.site(site_id) is None:
        findings.append(Finding("workshop_unknown", Level.WRONG))
    # Of a new person too: the preview shows what was understood of the cells.
    todo = todo_of(meant, book, known)
    changes = [Change("registration", "", "学员")] if is_new and candidate.person_id else []
    changes += _of_registration(meant, book, known, book.site(site_id))
    certified = certified_by(meant, book)
    for n in todo.hardship:
        basis = "已认定" if n in certified else "自述"
        changes.append(Change("hardship", "", f"{book.category_name(n)}（{basis}）"))
    changes += [
        Change("hardship_certified", "", book.category_name(known.held[n].category_id))
        for n in todo.certify
    ]
    if todo.needs is not None:
        wanted = [name for name in meant.skills if book.skills[name].id not in wanted_by(known)]
        if wanted:
            changes.append(Change("skills_wanted", "", "、".join(wanted)))
        if text := _needs_text(meant):
            changes.append(Change("wish", "", text))
    return Checked(tuple(findings), tuple(changes))


def _of_registration(meant: Meant, book: Book, known: Known, home: int | None) -> Iterator[Change]:
    """What becomes of her registration; what the roster says otherwise than is known is kept."""
    learner = known.learner
    facts = facts_of(meant, learner, home or 0, book.coordinators(home))
    if learner is not None and learner.ended_on is not None:
        if home is not None and home != learner.home_site_id:
            yield Change("home_site", learner.home_site.name, book.sites.get(home, ""))
        if learner.coordinator_id != facts.coordinator_id:
            yield Change("coordinator", learner.coordinator.display_name, "无")
    since = learner.unemployed_since if learner else None
    if meant.unemployed_since not in (None, since):
        is_kept = facts.unemployed_since != meant.unemployed_since
        yield Change("unemployed_since", str(since or ""), str(meant.unemployed_since), is_kept)
    _, _, said = ((learner.note if learner else None) or "").partition(WORK_IN_NOTE)
    said = re.split(r"[；\n]", said)[0]
    if meant.work not in ("", said):
        yield Change("work", said, meant.work, bool(said))


def _needs_text(meant: Meant) -> str:
    names = {"work": "就业", "home_work": "居家加工", "venture": "创业"}
    told = [names[wish] for wish in names if wish in (meant.wishes or ())]
    if meant.children_under_12 is not None:
        told.append(f"12岁以下子女{meant.children_under_12}")
    return "、".join(told)


def _contradictions(row: RosterRow, meant: Meant, book: Book, known: Known) -> Iterator[Finding]:
    learner = known.learner
    kind = learner.worker_kind if learner else WorkerKind.WORKER
    if is_over(_SEX.get(row.sex or ""), kind, row.birth_on, book.steps, book.today):
        yield Finding("over_retirement_age", Level.WARNING, "birth")
    if row.categories is not None:
        gone = [book.category_name(n) for n in known.held]
        text = "、".join(sorted(name for name in gone if name and name not in meant.hardship))
        if text:
            yield Finding("hardship_not_listed", Level.WARNING, "categories", "", {"text": text})
    if learner is not None and learner.ended_on is not None:
        details = {"on": str(learner.ended_on), "reason": learner.end_reason or ""}
        yield Finding("learner_has_ended", Level.WARNING, "name", "", details)
