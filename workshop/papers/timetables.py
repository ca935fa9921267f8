"""Timetables on paper: a cohort's sessions, and a week of them. Drawn in a job, in Chinese."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from sqlalchemy.orm import joinedload

from core import clock, show
from core.clock import service_day
from core.db import db
from core.errors import RuleError, Text, describe
from core.jobs import File, Run, task
from core.reports import pdf
from core.reports.pdf import PdfUnavailable
from workshop.lists.timetable import Week
from workshop.models import Cohort, Session
from workshop.phrases.schedule import hours_of, times_of
from workshop.values import SessionState

COHORT_JOB, WEEK_JOB = "workshop.timetable", "workshop.week"
PDF = "application/pdf"
LANGUAGE = "zh_Hans"  # what hangs in the room is read by the class

describe({
    "timetable_no_pdf": Text(_l(
        "This computer can't make PDFs: Pango is missing. Print the page itself instead, or install it as "
        "“flask doctor” says."
    ), 503),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One session as printed."""

    number: int
    day: str
    times: str
    cohort: str
    topic: str
    room: str
    teacher: str
    hours: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One timetable. columns: which of a line's texts are shown, with their heads."""

    title: str
    subtitle: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    foot: str
    nothing: str


def _lines(rows: Sequence[Session]) -> tuple[Line, ...]:
    return tuple(
        Line(
            number, show.weekday_date(row.on), times_of(row), row.cohort.name, row.topic,
            row.room.name if row.room else _("to be announced"), _teacher(row),
            hours_of(row.taught_min, row.cohort.class_hour_min),
        )
        for number, row in enumerate(rows, 1)
    )  # fmt: skip


def _teacher(row: Session) -> str:
    if row.substitute is not None:
        return _("%(name)s (stands in)", name=row.substitute.display_name)
    return str(row.trainer.display_name if row.trainer else _("to be announced"))


def _rows(*conditions: sa.ColumnElement[bool]) -> list[Session]:
    statement = (
        sa.select(Session)
        .where(Session.state == SessionState.PLANNED, *conditions)
        .options(joinedload(Session.cohort).joinedload(Cohort.site), joinedload(Session.room),
                 joinedload(Session.trainer), joinedload(Session.substitute))
        .order_by(Session.on, Session.starts_min, Session.id)
    )  # fmt: skip
    return list(db.session.scalars(statement))


def cohort_sheet(cohort: Cohort, now: datetime) -> Sheet:
    """The timetable of a cohort."""
    rows = _rows(Session.cohort_id == cohort.id)
    with force_locale(LANGUAGE):
        foot = _(
            "%(hours)s of %(planned)s planned class hours are scheduled.",
            hours=hours_of(sum(row.taught_min for row in rows), cohort.class_hour_min),
            planned=hours_of(cohort.planned_min, cohort.class_hour_min),
        )
        return Sheet(
            _("Timetable of %(name)s", name=cohort.name),
            _paired(cohort.site.name, _span(cohort.starts_on, cohort.ends_on)),
            (("number", _("No.")), ("day", _("Date")), ("times", _("Time")), ("topic", _("Topic of the lesson")),
             ("room", _("Room")), ("teacher", _("Trainer")), ("hours", _("Class hours"))),
            _lines(rows), foot + _made(now), _("No session."),
        )  # fmt: skip


def week_sheet(week: Week, session_ids: Sequence[int], now: datetime) -> Sheet:
    """The timetable of a week: of these sessions."""
    rows = _rows(Session.id.in_(session_ids))
    with force_locale(LANGUAGE):
        sites = _(", ").join(dict.fromkeys(row.cohort.site.name for row in rows))
        return Sheet(
            _("Timetable of week %(number)s", number=week.number),
            _paired(sites, _span(week.days[0], week.days[-1])),
            (("day", _("Date")), ("times", _("Time")), ("cohort", _("Cohort")), ("topic", _("Topic of the lesson")),
             ("room", _("Room")), ("teacher", _("Trainer"))),
            _lines(rows), _("%(count)s sessions.", count=len(rows)) + _made(now), _("No session."),
        )  # fmt: skip


def _paired(first: str, second: str) -> str:
    return "\u3000".join(part for part in (first, second) if part)


def _span(first: date, last: date) -> str:
    return str(_("%(first)s to %(last)s", first=show.full_day(first), last=show.full_day(last)))


def _made(now: datetime) -> str:
    return str(_("Made on %(day)s; changes are announced in the group of the class.",
                 day=show.full_day(service_day(now))))  # fmt: skip


def html(sheet: Sheet) -> str:
    """The sheet as a page for paper."""
    return _template("timetable.html").render(sheet=sheet)


def draw(sheet: Sheet) -> bytes:
    """The bytes of a PDF. Raises RuleError timetable_no_pdf."""
    if not current_app.config["PDF"]:
        raise RuleError("timetable_no_pdf")
    try:
        return pdf.to_pdf(html(sheet))
    except PdfUnavailable:
        raise RuleError("timetable_no_pdf") from None


@task(COHORT_JOB, title=_l("Print a timetable"), page="workshop.cohorts")
def print_cohort(run: Run, cohort_id: int) -> File:
    """The job behind the page of a cohort."""
    cohort = db.session.get_one(Cohort, cohort_id)
    sheet = cohort_sheet(cohort, clock.now())
    return File(f"{sheet.title}.pdf", PDF, draw(sheet))


@task(WEEK_JOB, title=_l("Print a week's timetable"), page="workshop.calendar")
def print_week(run: Run, week: str, session_ids: list[int]) -> File:
    """The job behind the calendar."""
    sheet = week_sheet(Week.parse(week), session_ids, clock.now())
    return File(f"{week}-课程表.pdf", PDF, draw(sheet))


@cache
def _template(name: str) -> Template:
    # Apart from the app's environment: print templates get plain values and nothing of a request.
    loader = FileSystemLoader(
        Path(__file__).resolve().parents[2] / "templates" / "workshop" / "paper"
    )
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(name)
