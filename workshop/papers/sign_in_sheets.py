"""The printed sign-in sheet: numbered rows to sign, drawn in the worker."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from core import audit, clock
from core.db import db, transaction
from core.errors import RuleError, Text, describe
from core.jobs import File, Run, task
from core.reports.pdf import PdfUnavailable, to_pdf, visible
from core.show import full_day
from workshop import words
from workshop.lists.sheet import SheetRow, numbered
from workshop.models import Cohort, Session
from workshop.values import AttendanceStatus
from workshop.words.marks import class_hours, time_words

describe({
    "sheet_empty": Text(_l("Nobody stands on this sheet with a number, so there is nothing to print."), 422),
    "sheet_no_pdf": Text(_l(
        "This computer can't make PDFs: Pango is missing. Install it as “flask doctor” says and print again."
    ), 503),
})  # fmt: skip

JOB = "workshop.sheet"
ROWS_A_COLUMN = 16
BLANK_ROWS = 2  # for whoever comes without standing on it


@task(JOB, title=_l("Print the sign-in sheet"), page="workshop.today")
def print_sheet(run: Run, session_id: int) -> File:
    """One session's sheet as a PDF. Raises RuleError sheet_empty, sheet_no_pdf."""
    if not current_app.config["PDF"]:
        raise RuleError("sheet_no_pdf")
    meeting = db.session.scalars(
        sa.select(Session).where(Session.id == session_id).options(
            joinedload(Session.cohort).joinedload(Cohort.site), joinedload(Session.room),
            joinedload(Session.trainer), joinedload(Session.substitute),
        )
    ).one()  # fmt: skip
    rows = numbered(meeting)
    if not rows:
        raise RuleError("sheet_empty")
    now = clock.now()
    with force_locale("zh_Hans"):
        try:
            content = to_pdf(sheet_html(meeting, rows, now))
        except PdfUnavailable:
            raise RuleError("sheet_no_pdf") from None
    with transaction() as session:
        audit.record(session, "class_session.sheet_printed", subject=f"class_session:{session_id}",
                     by=run.by, now=now, after={"rows": len(rows)})  # fmt: skip
    name = f"签到表-{meeting.cohort.name}-{meeting.on:%Y%m%d}.pdf"
    return File(name, "application/pdf", content)


def sheet_html(meeting: Session, rows: list[SheetRow], now: datetime) -> str:
    """The sheet as HTML for paper: two columns of rows a page, blank ones at the end."""
    lines: list[dict[str, Any]] = [
        {
            "number": row.number, "name": visible(row.name),
            # The whole class signs this sheet: why she is on leave is nobody's business.
            "note": str(words.ATTENDANCE[AttendanceStatus.EXCUSED])
            if row.standing.status is AttendanceStatus.EXCUSED else "",
        }
        for row in rows
    ]  # fmt: skip
    lines += [{"number": "", "name": "", "note": ""}] * BLANK_ROWS
    columns = [lines[at : at + ROWS_A_COLUMN] for at in range(0, len(lines), ROWS_A_COLUMN)]
    pages = [columns[at : at + 2] for at in range(0, len(columns), 2)]
    trainer = meeting.substitute or meeting.trainer
    template = current_app.jinja_env.get_template("workshop/sheet_paper.html")
    return str(template.render(
        meeting=meeting, pages=pages, on=full_day(meeting.on), learners=len(rows),
        time=time_words(meeting.starts_min, meeting.ends_min), office=current_app.config["OFFICE_NAME"],
        hours=class_hours(meeting.taught_min, meeting.cohort.class_hour_min),
        trainer=trainer.display_name if trainer else "", printed=full_day(clock.service_day(now)),
    ))  # fmt: skip
