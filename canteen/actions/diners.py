"""Enrolment of diners, and what is dated about them: diet needs, suspensions, pauses."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from canteen.models import DietNeed, Diner, Pause, Suspension
from canteen.values import DietKind, WayOfEating
from core import audit
from core.access import Actor
from core.bulk import PERSON, Rows, write_rows
from core.db import new_id, transaction
from core.errors import RuleError
from core.people.models import Person
from core.sites.models import Site, SiteKind


def _diner(session: Session, person_id: int) -> Diner:
    row = session.get(Diner, person_id, with_for_update=True)
    if row is None:
        raise RuleError("not_a_diner")
    return row


def _check_site(session: Session, site_id: int) -> None:
    site = session.get(Site, site_id)
    if site is None or site.kind is not SiteKind.CANTEEN:
        raise RuleError("no_such_site")


def check_dates(from_on: date, until_on: date | None) -> None:
    """Raises RuleError ends_before_start."""
    if until_on is not None and until_on < from_on:
        raise RuleError("ends_before_start")


def needs_reason(reason: str) -> str:
    """The reason without blanks around it. Raises RuleError reason_needed."""
    if not reason.strip():
        raise RuleError("reason_needed")
    return reason.strip()[:128]


_SHOWN = ("home_site_id", "usual_way", "note", "enrolled_on", "ended_on", "end_reason")


def _shown(row: Diner) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SHOWN}


def diner_rows(
    rows: Rows,
    *,
    home_site_id: int,
    on: date,
    by: Actor,
    now: datetime,
    usual_way: WayOfEating = WayOfEating.DINE_IN,
    note: str | None = None,
) -> None:
    """A first enrolment as rows, with its entry in the log."""
    values = {
        "home_site_id": home_site_id, "usual_way": usual_way, "note": note, "enrolled_on": on,
        "ended_on": None, "end_reason": None,
    }  # fmt: skip
    rows.add(Diner, {**values, "created_at": now})
    rows.record("diner.enrolled", subject=f"diner:{PERSON}", by=by, now=now, after=values)


def need_rows(
    rows: Rows,
    kind: DietKind,
    *,
    detail: str | None,
    from_on: date,
    by: Actor,
    now: datetime,
    until_on: date | None = None,
) -> UUID:
    """A diet need as rows, with its entry in the log; returns its id."""
    need_id = new_id()
    rows.add(DietNeed, {"id": need_id, "kind": kind, "detail": detail or None, "from_on": from_on,
                        "until_on": until_on})  # fmt: skip
    rows.record("diet_need.added", subject=f"diner:{PERSON}", by=by, now=now,
                after={"kind": kind, "detail": detail, "from_on": from_on})  # fmt: skip
    return need_id


def enrol_diner(
    person_id: int,
    *,
    home_site_id: int,
    on: date,
    by: Actor,
    now: datetime,
    usual_way: WayOfEating = WayOfEating.DINE_IN,
    note: str | None = None,
) -> Diner:
    """Enrol a person for meals from a day on, or again after an end.

    Raises RuleError no_such_person, no_such_site, already_enrolled.
    """
    with transaction() as session:
        person = session.get(Person, person_id)
        if person is None or person.merged_into_id is not None:
            raise RuleError("no_such_person")
        _check_site(session, home_site_id)
        row = session.get(Diner, person_id, with_for_update=True)
        if row is None:
            rows = Rows()
            diner_rows(rows, home_site_id=home_site_id, usual_way=usual_way, note=note, on=on,
                       by=by, now=now)  # fmt: skip
            write_rows(session, [(person_id, rows)])
            return session.get_one(Diner, person_id)
        if row.ended_on is None:
            raise RuleError("already_enrolled")
        before = _shown(row)
        row.home_site_id, row.usual_way, row.note = home_site_id, usual_way, note
        row.enrolled_on, row.ended_on, row.end_reason = on, None, None
        audit.record(session, "diner.enrolled", subject=f"diner:{person_id}", by=by, now=now,
                     person_id=person_id, before=before, after=_shown(row))  # fmt: skip
        return row


def change_diner(
    person_id: int,
    *,
    home_site_id: int,
    usual_way: WayOfEating,
    note: str | None,
    by: Actor,
    now: datetime,
) -> Diner:
    """Change where and how she usually eats. Raises RuleError not_a_diner, no_such_site."""
    with transaction() as session:
        _check_site(session, home_site_id)
        row = _diner(session, person_id)
        rewrite_diner(session, row, home_site_id=home_site_id, usual_way=usual_way, note=note,
                      by=by, now=now)  # fmt: skip
        return row


def rewrite_diner(
    session: Session, row: Diner, *, home_site_id: int, usual_way: WayOfEating, note: str | None,
    by: Actor, now: datetime,
) -> None:  # fmt: skip
    """The same for a row that is locked already, in the transaction at hand."""
    before = _shown(row)
    row.home_site_id, row.usual_way, row.note = home_site_id, usual_way, note
    audit.record(session, "diner.changed", subject=f"diner:{row.person_id}", by=by, now=now,
                 person_id=row.person_id, before=before, after=_shown(row))  # fmt: skip


def end_diner(person_id: int, *, on: date, reason: str, by: Actor, now: datetime) -> Diner:
    """End the enrolment; `on` is its last day. Raises RuleError not_a_diner, ends_before_start."""
    reason = needs_reason(reason)
    with transaction() as session:
        row = _diner(session, person_id)
        check_dates(row.enrolled_on, on)
        before = _shown(row)
        row.ended_on, row.end_reason = on, reason
        audit.record(session, "diner.ended", subject=f"diner:{person_id}", by=by, now=now,
                     person_id=person_id, reason=reason, before=before, after=_shown(row))  # fmt: skip
        return row


def add_diet_need(
    person_id: int,
    kind: DietKind,
    *,
    detail: str | None,
    from_on: date,
    by: Actor,
    now: datetime,
    until_on: date | None = None,
) -> DietNeed:
    """Record what she must not or cannot eat. Raises RuleError not_a_diner, ends_before_start."""
    check_dates(from_on, until_on)
    with transaction() as session:
        _diner(session, person_id)
        rows = Rows()
        need_id = need_rows(rows, kind, detail=detail, from_on=from_on, until_on=until_on, by=by,
                            now=now)  # fmt: skip
        write_rows(session, [(person_id, rows)])
        return session.get_one(DietNeed, (person_id, need_id))


def end_diet_need(person_id: int, need_id: UUID, *, on: date, by: Actor, now: datetime) -> DietNeed:
    """End a diet need; `on` is its last day. Raises RuleError no_such_entry, ends_before_start."""
    with transaction() as session:
        row = session.get(DietNeed, (person_id, need_id))
        if row is None:
            raise RuleError("no_such_entry")
        check_dates(row.from_on, on)
        row.until_on = on
        audit.record(session, "diet_need.ended", subject=f"diner:{person_id}", by=by, now=now,
                     person_id=person_id, after={"kind": row.kind, "until_on": on})  # fmt: skip
        return row


def suspend_diner(
    person_id: int, *, from_on: date, until_on: date | None, reason: str, by: Actor, now: datetime
) -> Suspension:
    """Refuse her at every counter in these days (暂停资格). Raises RuleError not_a_diner."""
    check_dates(from_on, until_on)
    reason = needs_reason(reason)
    with transaction() as session:
        _diner(session, person_id)
        row = Suspension(person_id=person_id, id=new_id(), from_on=from_on, until_on=until_on,
                         reason=reason, created_at=now, created_by_id=by.user_id)  # fmt: skip
        session.add(row)
        audit.record(session, "diner.suspended", subject=f"diner:{person_id}", by=by, now=now,
                     person_id=person_id, reason=reason,
                     after={"from_on": from_on, "until_on": until_on})  # fmt: skip
        return row


def end_suspension(
    person_id: int, suspension_id: UUID, *, on: date, by: Actor, now: datetime
) -> None:
    """Let her in again; `on` is the last suspended day. Before its first day it is taken back whole."""
    with transaction() as session:
        row = session.get(Suspension, (person_id, suspension_id))
        if row is None:
            raise RuleError("no_such_entry")
        _end_or_drop(session, row, on)
        audit.record(session, "diner.suspension_ended", subject=f"diner:{person_id}", by=by, now=now,
                     person_id=person_id, before={"from_on": row.from_on}, after={"until_on": on})  # fmt: skip


def _end_or_drop(session: Session, row: Suspension | Pause, on: date) -> None:
    if on < row.from_on:
        session.delete(row)
    elif row.until_on is None or on < row.until_on:
        row.until_on = on


def pause_diner(
    person_id: int,
    *,
    from_on: date,
    until_on: date | None,
    by: Actor,
    now: datetime,
    reason: str = "",
) -> Pause:
    """Note days on which she does not come (停餐). The counter stays open to her."""
    check_dates(from_on, until_on)
    with transaction() as session:
        _diner(session, person_id)
        row = Pause(person_id=person_id, id=new_id(), from_on=from_on, until_on=until_on,
                    reason=reason.strip()[:128], created_at=now)  # fmt: skip
        session.add(row)
        audit.record(session, "diner.paused", subject=f"diner:{person_id}", by=by, now=now,
                     person_id=person_id, reason=row.reason or None,
                     after={"from_on": from_on, "until_on": until_on})  # fmt: skip
        return row


def end_pause(person_id: int, pause_id: UUID, *, on: date, by: Actor, now: datetime) -> None:
    """She is back on this day: the pause ends. Ending it again changes nothing."""
    with transaction() as session:
        row = session.get(Pause, (person_id, pause_id))
        if row is None:
            raise RuleError("no_such_entry")
        if row.ended_at is not None:
            return
        row.ended_at = now
        audit.record(session, "diner.pause_ended", subject=f"diner:{person_id}", by=by, now=now,
                     person_id=person_id, after={"back_on": on})  # fmt: skip
