"""The sheet on paper: printed, signed, and typed back by its row numbers."""

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.edge import sentence
from core.errors import RuleError, text_of
from core.forms import posted_id
from core.jobs import enqueue
from workshop.actions import attendance as actions
from workshop.forms.attendance import seen_numbers
from workshop.lists import attendance as attendance_lists
from workshop.lists.sheet import SheetRow, numbered
from workshop.models import Session
from workshop.papers.sign_in_sheets import JOB
from workshop.rules.sheet import Bad, Fault, Reading, read
from workshop.values import AttendanceStatus, Mark, MarkSource
from workshop.views import bp
from workshop.views.attendance import conflict_words, named
from workshop.views.visible import MAY_TEACH, visible_session
from workshop.words.marks import mark_words, session_words

FAULTS = {
    Fault.UNREADABLE: _l("can't be read"),
    Fault.NO_SUCH_ROW: _l("no such number on this sheet"),
    Fault.TWICE: _l("said twice, and differently; neither is taken"),
    Fault.NO_MINUTES: _l("the minutes are missing"),
    Fault.BACKWARDS: _l("runs backwards"),
}


@dataclass(frozen=True, slots=True)
class Preview:
    """One row as it would be saved. is_changed: it says something else than what stands."""

    row: SheetRow
    said: str
    is_changed: bool


@bp.post("/sessions/<int:session_id>/sheet/prints")
@requires(*MAY_TEACH)
def print_sheet(session_id: int) -> Response:
    """Order the sheet; a job draws it."""
    visible_session(session_id)
    job = enqueue(JOB, by=current_actor(), now=clock.now(), session_id=session_id)
    return redirect(url_for("jobs.show", job_id=job.id))


@bp.get("/sessions/<int:session_id>/sheet")
@requires(*MAY_TEACH)
def type_sheet(session_id: int) -> str:
    """Print it, or type back what was signed."""
    return _page(visible_session(session_id))


@bp.post("/sessions/<int:session_id>/sheet")
@requires(*MAY_TEACH)
def save_sheet(session_id: int) -> Response | str | tuple[str, int]:
    """Show what was read; `do=save` saves it, after it was seen."""
    meeting = visible_session(session_id)
    rows = numbered(meeting)
    typed = request.form.get("rows", "")
    reading = read(typed, (row.number for row in rows))
    if request.form.get("do") != "save" or reading.bad or not reading.lines:
        status = 422 if reading.bad or not reading.lines else 200
        return _page(meeting, rows, typed, reading), status
    try:
        outcome = actions.mark(
            session_id, _marks(reading, rows, _seen()), source=MarkSource.SHEET,
            session_version=request.form.get("version", 0, type=posted_id), by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        text = text_of(error)
        page = _page(meeting, rows, typed, reading, told=[sentence(error)])
        return page, text.status if text else 409
    if outcome.conflicts or outcome.refused:
        sheet = attendance_lists.sheet(meeting, current_actor(), clock.now())
        told = [conflict_words(one, sheet) for one in outcome.conflicts]
        names = {row.person_id: row.name for row in rows}
        told += [named(names.get(one, ""), sentence(error)) for one, error in outcome.refused]
        return _page(meeting, None, typed, reading, told=told, saved=len(outcome.saved)), 409
    flash(_("%(count)s marks are saved.", count=len(outcome.saved)), "success")
    return redirect(url_for("workshop.attendance", session_id=session_id))


def _rest_absent() -> bool:
    return request.form.get("rest") == "absent"


def _seen() -> dict[int, int]:
    """The mark numbers that stood when the preview was made."""
    return seen_numbers(request.form.get("seen", ""))


def _marks(reading: Reading, rows: list[SheetRow], seen: dict[int, int]) -> list[Mark]:
    by_number = {row.number: row for row in rows}
    marks = [
        Mark(by_number[line.row].person_id, line.status, line.late_min, line.early_min,
             by_number[line.row].standing.reason if line.status is AttendanceStatus.EXCUSED else None,
             seen.get(by_number[line.row].person_id, by_number[line.row].mark))
        for line in reading.lines
    ]  # fmt: skip
    if _rest_absent():
        named = {one.person_id for one in marks}
        marks += [
            Mark(row.person_id, AttendanceStatus.ABSENT, number=seen.get(row.person_id, row.mark))
            for row in rows if row.person_id not in named and row.standing.status is None
        ]  # fmt: skip
    return marks


def _page(
    meeting: Session, rows: list[SheetRow] | None = None, typed: str = "",
    reading: Reading | None = None, *, told: list[str] | None = None, saved: int = 0,
) -> str:  # fmt: skip
    rows = numbered(meeting) if rows is None else rows
    by_id = {row.person_id: row for row in rows}
    preview = [
        Preview(by_id[one.person_id], mark_words(one.status, one.late_min, one.early_min, one.reason),
                _differs(one, by_id[one.person_id]))
        for one in (_marks(reading, rows, {}) if reading else [])
    ]  # fmt: skip
    values: dict[str, Any] = {
        "bad": [(bad.text, _fault_words(bad)) for bad in reading.bad] if reading else [],
        "seen": " ".join(f"{row.person_id}:{row.mark}" for row in rows),
        "left": [row for row in rows if row.standing.status is None
                 and row.person_id not in {one.row.person_id for one in preview}],
    }  # fmt: skip
    return render_template(
        "workshop/type_sheet.html", meeting=meeting, rows=rows, typed=typed, reading=reading, preview=preview,
        told=told or [], saved=saved, rest_absent=_rest_absent(), shown=session_words(meeting),
        state=attendance_lists.state_of(meeting, clock.now()), **values,
    )  # fmt: skip


def _differs(one: Mark, row: SheetRow) -> bool:
    standing = row.standing
    return (one.status, one.late_min, one.early_min) != (
        standing.status, standing.late_min, standing.early_min,
    )  # fmt: skip


def _fault_words(bad: Bad) -> str:
    words = str(FAULTS[bad.fault])
    if bad.text == str(bad.row):
        return words
    return named(str(bad.row), words) if bad.row is not None else words
