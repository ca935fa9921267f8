"""The import itself: made ready without a lock, written inside the import's transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from core.access import Actor
from core.bulk import Rows, write_rows
from core.clock import service_day
from core.db import db
from core.errors import RuleError
from core.people.imports.importer import Entry
from workshop.actions.hardship import certify_hardship, hardship_rows
from workshop.actions.learners import (
    change_learner,
    end_learner,
    learner_rows,
    locked_learner,
    needs_rows,
    register_learner,
)
from workshop.importer.book import Book, site_of, workshops
from workshop.importer.meant import Reader
from workshop.importer.todo import Todo, certified_by, facts_of, todo_of
from workshop.models import Learner
from workshop.values import Basis

AS_ROSTER_SAYS = "名册所载"


def prepare(
    entries: Sequence[Entry], *, site_id: int | None, by: Actor, now: datetime
) -> Callable[[Session, Sequence[int]], None]:
    """Make registrations ready; what is there already stays as it is."""
    today = service_day(now)
    book = Book([entry.person_id for entry in entries if entry.person_id is not None], today)
    grounds, home = book.grounds, book.site(site_id)
    todos = [todo_of(Reader(e.row, book).meant(), book, book.of(e.person_id)) for e in entries]
    ready = [
        _rows_of(entry, todo, book, home, by, now)
        for entry, todo in zip(entries, todos, strict=True)
    ]
    tags = [
        [(tag.id, tag.until_on) for n in todo.certify if (tag := book.of(entry.person_id).held[n])]
        for entry, todo in zip(entries, todos, strict=True)
    ]

    asked = [
        e.person_id for e, todo in zip(entries, todos, strict=True) if e.person_id and todo.needs
    ]
    told = book.asked(asked)

    def write(session: Session, numbers: Sequence[int]) -> None:
        # The plan has compared the people again; a workshop or a table may have changed all the same,
        # and so may what an assessment takes over from the one before.
        now_known = Book(asked, today)
        if (now_known.grounds, now_known.asked(asked)) != (grounds, told):
            raise RuleError("import_moved_on")
        for number, entry, todo, held in zip(numbers, entries, todos, tags, strict=True):
            if todo.is_again and home is not None:
                facts = facts_of(
                    todo.meant, locked_learner(session, number), home, now_known.coordinators(home)
                )
                register_learner(number, on=today, by=by, now=now, **vars(facts))
            elif todo.fills:
                learner = locked_learner(session, number)
                facts = facts_of(todo.meant, learner, learner.home_site_id, ())
                change_learner(number, by=by, now=now, **vars(facts))
            for tag_id, until_on in held:
                certify_hardship(
                    number, tag_id, certified_by=todo.meant.certified_by or AS_ROSTER_SAYS,
                    evidence=_evidence(entry), until_on=until_on, by=by, now=now,
                )  # fmt: skip
        write_rows(session, zip(numbers, ready, strict=True))

    return write


def _evidence(entry: Entry) -> str:
    return f"名册:{entry.source}"


def _rows_of(
    entry: Entry, todo: Todo, book: Book, home: int | None, by: Actor, now: datetime
) -> Rows:
    rows, meant = Rows(), todo.meant
    if todo.is_new:
        assert home is not None, "the plan refuses rows without a workshop"
        learner_rows(rows, on=book.today, by=by, now=now, **vars(facts_of(meant, None, home, ())))
    for category_id in todo.hardship:
        certified = category_id in certified_by(meant, book)
        hardship_rows(
            rows, category_id, basis=Basis.CERTIFIED if certified else Basis.SELF_DECLARED,
            from_on=book.today, evidence=_evidence(entry),
            certified_by=(meant.certified_by or AS_ROSTER_SAYS) if certified else None, by=by,
            now=now,
        )  # fmt: skip
    if todo.needs is not None:
        needs_rows(rows, todo.needs, asked_on=book.today, asked_by=_evidence(entry), by=by, now=now)
    return rows


def members(site_id: int | None) -> set[int]:
    """Ids of all who are registered now at the workshop of the file; nobody where that is unclear."""
    home = site_of(site_id, workshops())
    here = sa.select(Learner.person_id).where(
        Learner.ended_on.is_(None), Learner.home_site_id == home
    )
    return set(db.session.scalars(here)) if home else set()


def stop(session: Session, person_id: int, *, reason: str, by: Actor, now: datetime) -> None:
    """End the registration of somebody whom the roster no longer names; today is her last day."""
    end_learner(person_id, on=service_day(now), reason=reason, by=by, now=now)
