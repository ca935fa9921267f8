"""The list of learners as a workbook: the rows of the same statement. ID numbers and phones are never in it."""

import io
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from core import export
from core.db import db
from core.people.models import Person
from workshop import words
from workshop.forms.learner_filter import LEARNER_STATES
from workshop.lists import learners as listing
from workshop.lists.learners import LearnerQuery, LearnerRow
from workshop.phrases import learners as learner_phrases

STEP = 500


def workbook(
    query: LearnerQuery, filters: Sequence[export.About], *, home_of: Callable[[Person], str], by: str,
    now: datetime,
) -> tuple[io.BytesIO, int]:  # fmt: skip
    """The file, and how many rows it has. Hardship is in it only when the query shows it."""
    return export.workbook(
        _("Learners"), _columns(query, home_of), _rows(query),
        lambda count: [(_("As of"), "text", str(query.on)), (_("Rows"), "number", count), *filters],
        by=by, now=now, span=str(query.on), frozen=1,
    )  # fmt: skip


def _rows(query: LearnerQuery) -> Iterator[LearnerRow]:
    """The rows in steps, so that a whole street never stands in memory at once."""
    statement, offset = listing.learners(query), 0
    while True:
        found = list(db.session.scalars(statement.limit(STEP).offset(offset)))
        yield from listing.rows_of(found, query)
        if len(found) < STEP:
            return
        offset += STEP


def _columns(
    query: LearnerQuery, home_of: Callable[[Person], str]
) -> list[export.Column[LearnerRow]]:
    def of_needs(read: Callable[[Any], Any]) -> Callable[[LearnerRow], Any]:
        return lambda row: read(row.needs) if row.needs else None

    columns: list[export.Column[LearnerRow]] = [
        export.Column(_("Name"), 10, "text", lambda row: row.learner.person.name),
        export.Column(_("Age"), 6, "number", lambda row: row.age),
        export.Column(_("Community"), 14, "text", lambda row: home_of(row.learner.person)),
        export.Column(_("Workshop"), 18, "text", lambda row: row.learner.home_site.name),
        export.Column(_("State"), 14, "text", _states),
        export.Column(_("Cohorts"), 22, "text", lambda row: _("; ").join(row.cohorts)),
        export.Column(_("Employer"), 18, "text", lambda row: row.work),
        export.Column(_("Skills wanted"), 18, "text", lambda row: _(", ").join(row.skills)),
        export.Column(_("Wish"), 16, "text", of_needs(learner_phrases.wishes_of)),
        export.Column(_("When she can come"), 24, "text", of_needs(learner_phrases.hours_of)),
        export.Column(_("Children under 12"), 8, "number",
                      of_needs(lambda needs: needs.children_under_12)),
        export.Column(_("Without work since"), 12, "day", lambda row: row.learner.unemployed_since),
        export.Column(_("Registered on"), 12, "day", lambda row: row.learner.registered_on),
        export.Column(_("Retirement age reached on"), 12, "day", lambda row: row.retires_on),
        export.Column(_("Coordinator"), 12, "text", _coordinator),
    ]  # fmt: skip
    if query.shows_hardship:
        columns.insert(7, export.Column(_("Hardship"), 24, "text", _hardship))
    return columns


def _states(row: LearnerRow) -> str:
    return str(_(", ").join(str(LEARNER_STATES[state]) for state in row.states))


def _coordinator(row: LearnerRow) -> str:
    coordinator = row.learner.coordinator
    return coordinator.display_name if coordinator else ""


def _hardship(row: LearnerRow) -> str:
    told = [
        tag.category.name + _(" (%(what)s)", what=words.BASIS[tag.basis]) for tag in row.hardship
    ]
    return str(_(", ").join(told))
