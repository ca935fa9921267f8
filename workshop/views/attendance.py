"""A class on the trainer's phone: the sheet, saving it, one step back, cards, and who waits."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from flask import abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import current_actor, requires
from core.db import db
from core.edge import sentence, wants_json
from core.errors import RuleError, text_of
from core.forms import posted_id
from core.people.actions import note_reveal
from core.people.models import Person
from workshop.actions import attendance as actions
from workshop.actions import check_in as check_ins_actions
from workshop.actions.card import scan_card
from workshop.forms.attendance import Typed, changed_rows, shown, typed_rows
from workshop.lists import attendance as listing
from workshop.lists.attendance import Sheet
from workshop.models import Session
from workshop.values import AttendanceStatus, Conflict, MarkSource, Saved
from workshop.views import bp
from workshop.views.visible import MAY_TEACH, visible_session
from workshop.words.marks import session_words, standing_words

Answer = Response | str | tuple[str, int] | tuple[Response, int]
CHOICES = (
    AttendanceStatus.PRESENT, AttendanceStatus.LATE, AttendanceStatus.EXCUSED,
    AttendanceStatus.ABSENT,
)  # fmt: skip
CHIPS = (5, 10, 15, 20, 30)


@bp.get("/sessions/<int:session_id>/attendance")
@requires(*MAY_TEACH)
def attendance(session_id: int) -> Answer:
    """The sheet of one session."""
    return _page(visible_session(session_id))


@bp.post("/sessions/<int:session_id>/attendance")
@requires(*MAY_TEACH)
def save_attendance(session_id: int) -> Answer:
    """Save what was entered; `do=all` makes whoever is left present."""
    meeting = visible_session(session_id)
    rows = typed_rows(request.form)
    version = request.form.get("accept_version", type=posted_id) or request.form.get(
        "version", type=posted_id
    )
    try:
        outcome = actions.mark(
            session_id, changed_rows(request.form, rows), session_version=version or 0,
            source=MarkSource.THUMB, all_present=request.form.get("do") == "all",
            by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        return _refused(meeting, error, rows)
    return _answer(meeting, outcome, rows)


@bp.post("/sessions/<int:session_id>/attendance/undo")
@requires(*MAY_TEACH)
def undo_attendance(session_id: int) -> Answer:
    """Take back what this trainer saved last."""
    meeting = visible_session(session_id)
    try:
        outcome = actions.undo(session_id, by=current_actor(), now=clock.now())
    except RuleError as error:
        return _refused(meeting, error, {})
    done = _("%(count)s marks were taken back.", count=len(outcome.saved))
    return _answer(meeting, outcome, {}, done)


@bp.post("/sessions/<int:session_id>/arrivals")
@requires(*MAY_TEACH)
def create_arrival(session_id: int) -> Answer:
    """A card was scanned: its owner is here."""
    meeting = visible_session(session_id)
    try:
        arrival = scan_card(
            session_id, request.form.get("code", ""), by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        guest = error.details.pop("person_id", None)
        if error.code == "of_another_cohort" and guest and not wants_json():
            return redirect(url_for("workshop.walk_in", session_id=session_id, person=guest))
        more = (
            {"link": url_for("workshop.walk_in", session_id=session_id, person=guest)}
            if guest
            else {}
        )
        return _refused(meeting, error, {}, more)
    name = db.session.scalar(sa.select(Person.name).where(Person.id == arrival.person_id)) or ""
    done = (
        _("%(name)s was marked as here already.", name=name) if arrival.was_here
        else _("%(name)s is here.", name=name)
    )  # fmt: skip
    return _answer(meeting, Saved((arrival.person_id,)), {}, done)


@bp.get("/sessions/<int:session_id>/check-ins")
@requires(*MAY_TEACH)
def check_ins(session_id: int) -> str:
    """Who waits for the trainer's word; a piece of the sheet, asked for again and again."""
    meeting = visible_session(session_id)
    return render_template(
        "workshop/_waiting.html", waiting=listing.waiting(session_id), meeting=meeting
    )  # fmt: skip


@bp.post("/sessions/<int:session_id>/check-ins")
@requires(*MAY_TEACH)
def settle_check_ins(session_id: int) -> Answer:
    """Confirm all who wait, one of them, or say that one is not here."""
    meeting = visible_session(session_id)
    name = "refuse" if "refuse" in request.form else "confirm"
    one = request.form.get(name, type=posted_id)
    if one is None and name in request.form:
        abort(400)  # settling nobody in particular settles all
    try:
        outcome = check_ins_actions.settle(
            session_id, None if one is None else [one], confirmed=name == "confirm",
            by=current_actor(), now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        return _refused(meeting, error, {})
    done = (
        _("The check-in was not confirmed.") if "refuse" in request.form
        else _("%(count)s check-ins are confirmed.", count=len(outcome.saved + outcome.unchanged))
    )  # fmt: skip
    return _answer(meeting, outcome, {}, done)


@bp.post("/sessions/<int:session_id>/calls")
@requires(*MAY_TEACH)
def create_call(session_id: int) -> Answer:
    """Show the telephone of somebody on the sheet, to call her; the look is logged."""
    meeting = visible_session(session_id)
    person_id = request.form.get("person", 0, type=posted_id)
    found = listing.sheet(meeting, current_actor(), clock.now()).by_id()
    if person_id not in found:
        abort(404)
    back = url_for("workshop.attendance", session_id=session_id, _anchor=f"p-{person_id}")
    return call_page(person_id, back)


def call_page(person_id: int, back: str) -> Answer:
    """The number of somebody whom the actor may call, logged as any look behind a mask."""
    note_reveal(person_id, _("to call about attendance"), by=current_actor(), now=clock.now())
    person = db.session.get_one(Person, person_id)
    if wants_json():
        return jsonify(name=person.name, phone=person.phone or "")
    return render_template("workshop/call.html", person=person, back=back)


def _answer(
    meeting: Session, outcome: Saved, rows: Mapping[int, Typed], done: str | None = None
) -> Answer:
    """What was saved, and what was not and why; a page keeps what could not be saved as it was typed."""
    sheet = listing.sheet(meeting, current_actor(), clock.now(), is_whole=not wants_json())
    count = len(outcome.saved)
    done = done or (
        _("%(count)s marks are saved.", count=count) if count else _("Everything was saved already.")
    )  # fmt: skip
    if wants_json():
        return jsonify(
            message=done, rows=_rows_json(sheet, outcome), unmarked=sheet.unmarked, undo=sheet.can_undo,
            conflicts=[_conflict_json(one, sheet) for one in outcome.conflicts],
            refused=[
                {"person": person_id, "name": _name(sheet, person_id), "message": sentence(error)}
                for person_id, error in outcome.refused
            ],
        )  # fmt: skip
    if count:
        flash(done, "success")
    if outcome.conflicts or outcome.refused:
        open_rows = {one.person_id for one in outcome.conflicts} | {
            one for one, _e in outcome.refused
        }
        kept = {one: row for one, row in rows.items() if one in open_rows}
        return _page(meeting, sheet, typed=kept, outcome=outcome), 409
    if not count:
        flash(done, "info")
    return redirect(url_for("workshop.attendance", session_id=meeting.id))


def _rows_json(sheet: Sheet, outcome: Saved) -> dict[str, Any]:
    found = sheet.by_id()
    return {
        str(one): {
            "status": found[one].standing.status or "", "late": found[one].standing.late_min,
            "early": found[one].standing.early_min, "reason": found[one].standing.reason or "",
            "number": found[one].number, "said": standing_words(found[one].standing),
            "word": shown(found[one].standing),
        }
        for one in (*outcome.saved, *outcome.unchanged) if one in found
    }  # fmt: skip


def _conflict_json(one: Conflict, sheet: Sheet) -> dict[str, Any]:
    row = sheet.by_id().get(one.person_id)
    return {
        "person": one.person_id, "name": _name(sheet, one.person_id), "message": conflict_words(one, sheet),
        "number": row.number if row else 0, "status": one.theirs.status or "", "late": one.theirs.late_min,
        "early": one.theirs.early_min, "reason": one.theirs.reason or "",
        "said": standing_words(one.theirs), "word": shown(one.theirs),
    }  # fmt: skip


def named(name: str, what: str) -> str:
    """What is said about somebody, with her name before it."""
    return _("%(name)s: %(what)s", name=name, what=what) if name else what


def _name(sheet: Sheet, person_id: int) -> str:
    row = sheet.by_id().get(person_id)
    return row.name if row else ""


def conflict_words(one: Conflict, sheet: Sheet) -> str:
    """Both values, and whose the other is."""
    return _(
        "%(name)s: you chose “%(mine)s”, meanwhile %(who)s set “%(theirs)s”.",
        name=_name(sheet, one.person_id), mine=standing_words(one.mine),
        who=one.theirs.by_name or _("somebody"), theirs=standing_words(one.theirs),
    )  # fmt: skip


def _refused(
    meeting: Session,
    error: RuleError,
    rows: Mapping[int, Typed],
    more: Mapping[str, Any] | None = None,
) -> Answer:
    """Nothing was written: say why, and keep all that was typed."""
    text = text_of(error)
    status = text.status if text else 409
    moved = _moved(meeting) if error.code == "session_moved" else None
    if wants_json():
        body = {"code": error.code, "message": sentence(error), "moved": moved, **(more or {})}
        return jsonify(body), status
    return _page(meeting, typed=rows, error=error, moved=moved), status


def _moved(meeting: Session) -> dict[str, Any]:
    """The old time and room as the sender's page showed them, and the new ones."""
    db.session.refresh(meeting)
    return {
        "before": request.form.get("shown", "")[:80], "after": session_words(meeting),
        "version": meeting.version, "same_day": request.form.get("on") == meeting.on.isoformat(),
    }  # fmt: skip


def _page(
    meeting: Session, sheet: Sheet | None = None, *, typed: Mapping[int, Typed] | None = None,
    outcome: Saved | None = None, error: RuleError | None = None, moved: Mapping[str, Any] | None = None,
) -> str:  # fmt: skip
    now = clock.now()
    sheet = sheet or listing.sheet(meeting, current_actor(), now)
    told: Sequence[str] = [
        *([sentence(error)] if error else []),
        *(conflict_words(one, sheet) for one in (outcome.conflicts if outcome else ())),
        *(
            named(_name(sheet, one), sentence(why))
            for one, why in (outcome.refused if outcome else ())
        ),
    ]
    return render_template(
        "workshop/attendance.html", meeting=meeting, cohort=meeting.cohort, sheet=sheet, typed=typed or {},
        told=told, moved=moved, choices=CHOICES, chips=CHIPS, shown=shown, number=_number(meeting),
        version=request.form.get("version", type=posted_id) if moved else meeting.version,
        is_checking_in=check_ins_actions.is_open(meeting, now), early=AttendanceStatus.LEFT_EARLY,
        late_now=_late_now(meeting), lock_days=current_app.config["ATTENDANCE_LOCK_DAYS"],
        locks_on=listing.last_day(meeting), reasons=_reasons(),
    )  # fmt: skip


def _reasons() -> list[str]:
    """What is said most often when somebody cannot come."""
    return [
        _("A child is ill"), _("She is ill"), _("Care of an elder"), _("Something at home"),
        _("At work"),
    ]  # fmt: skip


def _late_now(meeting: Session) -> int:
    """The minutes that somebody who comes now is late, rounded up to five; at least five."""
    minutes = int((clock.now() - meeting.starts_at).total_seconds()) // 60
    return max(5, min(-(-minutes // 5) * 5, meeting.cohort.late_absent_min or 5))


def _number(meeting: Session) -> int:
    """Which session of its cohort this is, cancelled ones left out."""
    before = sa.and_(
        Session.cohort_id == meeting.cohort_id, Session.state == meeting.state,
        sa.or_(
            Session.on < meeting.on,
            sa.and_(Session.on == meeting.on, Session.starts_min <= meeting.starts_min),
        ),
    )  # fmt: skip
    return db.session.scalar(sa.select(sa.func.count()).select_from(Session).where(before)) or 1
