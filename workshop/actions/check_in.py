"""A learner's own check-in: opened by the trainer, sent with the room code, and confirmed by the trainer.

Nothing here makes anybody present by herself: a check-in waits, and only the trainer's word makes a
mark of it. Wrong codes and names are counted, so that neither can be found by trying.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session as Writing
from sqlalchemy.orm import joinedload

from core import audit, guessing
from core.access import Actor
from core.clock import service_day
from core.db import db, transaction
from core.errors import RuleError
from core.people.hashes import digits_of, phone_last4_hash
from core.people.models import Person
from core.people.names import fold_name
from core.privacy import secret
from workshop.actions.attendance import arrived, is_locked
from workshop.models import Attendance, CheckIn, Cohort, Enrolment, Session
from workshop.roster import on_the_sheet
from workshop.rules import room_code
from workshop.rules.opening import opens_at
from workshop.values import CheckInState, MarkSource, Saved, SessionState

HERSELF = Actor("本人签到")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a learner's phone is told: for which class, and whether the trainer has confirmed it."""

    session_id: int
    cohort: str
    state: CheckInState


def key() -> bytes:
    """The secret behind all room codes of this instance."""
    return secret("room-code")


def step_s() -> int:
    """How long a room code is shown, seconds."""
    return max(5, int(current_app.config["ROOM_CODE_SECONDS"]))


def open_check_in(session_id: int, *, by: Actor, now: datetime) -> Session:
    """Show a room code from now until the session ends.

    Raises RuleError no_such_session, session_cancelled, session_not_started (minutes, at), class_over.
    """
    with transaction() as session:
        meeting = _locked(session, session_id)
        if meeting.state is SessionState.CANCELLED:
            raise RuleError("session_cancelled", reason=meeting.change_reason or "")
        early = int(current_app.config["CHECK_IN_EARLY_MINUTES"])
        if now < opens_at(meeting.starts_at, early):
            at = f"{meeting.starts_min // 60:02d}:{meeting.starts_min % 60:02d}"
            raise RuleError("session_not_started", minutes=early, at=at)
        if now >= meeting.ends_at:
            raise RuleError("check_in_over")
        if not is_open(meeting, now):
            meeting.check_in_from, meeting.check_in_until = now, meeting.ends_at
            audit.record(session, "class_session.check_in_opened",
                         subject=f"class_session:{session_id}", by=by, now=now)  # fmt: skip
        return meeting


def close_check_in(session_id: int, *, by: Actor, now: datetime) -> None:
    """Show no code any more; those who wait still wait. Closing twice changes nothing."""
    with transaction() as session:
        meeting = _locked(session, session_id)
        if not is_open(meeting, now):
            return
        if meeting.check_in_from == now:
            meeting.check_in_from = meeting.check_in_until = None
        else:
            meeting.check_in_until = now
        audit.record(session, "class_session.check_in_closed",
                     subject=f"class_session:{session_id}", by=by, now=now)  # fmt: skip


def is_open(meeting: Session, now: datetime) -> bool:
    """Whether its room code is taken."""
    return (
        meeting.state is SessionState.PLANNED
        and meeting.check_in_from is not None
        and meeting.check_in_until is not None
        and meeting.check_in_from <= now < min(meeting.check_in_until, meeting.ends_at)
    )


def _locked(session: Writing, session_id: int) -> Session:
    row = session.scalar(
        sa.select(Session).where(Session.id == session_id).with_for_update(key_share=True)
    )
    if row is None:
        raise RuleError("no_such_session")
    return row


def check_in(
    code: str, name: str, last4: str, *, phone_hash: str, address: str, now: datetime
) -> Answer:
    """She is in the room and says so; the trainer will confirm it. Sent twice, it is one check-in.

    phone_hash: keyed hash of her browser. address: of her network, for counting wrong tries.
    Raises RuleError code_not_six_digits, check_in_name_missing, check_in_digits_missing,
    too_many_tries (retry_after_s), code_unknown, code_expired, code_of_last_room (cohort),
    class_over (cohort), not_in_class, check_in_refused, phone_used.
    """
    digits = room_code.read_code(code)
    # Full-width digits, as a Chinese input method types them, are digits too.
    folded, last4 = fold_name(name), digits_of(unicodedata.normalize("NFKC", last4))
    if digits is None:
        raise RuleError("code_not_six_digits")
    if not folded:
        raise RuleError("check_in_name_missing")
    if len(last4) != 4:
        raise RuleError("check_in_digits_missing")
    _check_tries(phone_hash, address, now)
    try:
        meeting, person_id = _find(digits, folded, last4, now)
    except RuleError:
        _count_try(phone_hash, address, now)
        raise
    return _send(meeting, person_id, phone_hash, now)


def _find(digits: str, name: str, last4: str, now: datetime) -> tuple[Session, int]:
    shown = db.session.scalars(
        sa.select(Session)
        .where(Session.on == service_day(now), Session.check_in_from.is_not(None))
        .options(joinedload(Session.cohort))
        .order_by(Session.check_in_from.desc())
    ).all()
    good = [
        one for one in shown
        if is_open(one, now) and room_code.is_good(key(), one.id, digits, now, step_s())
    ]  # fmt: skip
    if not good:
        raise _why_not(shown, digits, name, last4, now)
    for meeting in good:
        if (person_id := _learner_of(meeting, name, last4)) is not None:
            return meeting, person_id
    raise RuleError("not_in_class", cohort=good[0].cohort.name)


def _why_not(
    shown: Sequence[Session], digits: str, name: str, last4: str, now: datetime
) -> RuleError:
    for one in shown:
        began, until = one.check_in_from, one.check_in_until
        if began is None or until is None:
            continue
        until = min(until, one.ends_at, now)
        if not room_code.was_shown(key(), one.id, digits, began, until, step_s()):
            continue
        if is_open(one, now):
            return RuleError("code_expired")
        is_hers = _learner_of(one, name, last4) is not None
        code = "class_over" if is_hers else "code_of_last_room"
        return RuleError(code, cohort=one.cohort.name)
    return RuleError("code_unknown")


def _learner_of(meeting: Session, name: str, last4: str) -> int | None:
    """Who of this class has this name and these last digits; None for nobody, or more than one."""
    rows = db.session.execute(
        sa.select(Person.id, Person.name)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .where(on_the_sheet(meeting.cohort_id, meeting.on))
        .where(Person.phone_last4_hash == phone_last4_hash(last4))
    )
    found = [row.id for row in rows if fold_name(row.name) == name]
    return found[0] if len(found) == 1 else None


def _send(meeting: Session, person_id: int, phone_hash: str, now: datetime) -> Answer:
    cohort = meeting.cohort.name
    with transaction() as session:
        _locked(session, meeting.id)  # one phone that sends for two at once is counted
        row = session.get(CheckIn, (person_id, meeting.id))
        if row is not None:
            if row.state is CheckInState.REFUSED:
                raise RuleError("check_in_refused")
            return Answer(meeting.id, cohort, row.state)
        mark = session.get(Attendance, (person_id, meeting.id))
        if mark is not None and mark.status.is_there:
            return Answer(meeting.id, cohort, CheckInState.CONFIRMED)
        others = session.scalar(
            sa.select(sa.func.count()).select_from(CheckIn)
            .where(CheckIn.session_id == meeting.id, CheckIn.phone_hash == phone_hash)
        ) or 0  # fmt: skip
        if others >= int(current_app.config["CHECK_INS_PER_PHONE"]):
            raise RuleError("phone_used")
        session.add(CheckIn(
            person_id=person_id, session_id=meeting.id, cohort_id=meeting.cohort_id, at=now,
            state=CheckInState.WAITING, phone_hash=phone_hash,
        ))  # fmt: skip
        audit.record(session, "check_in.sent", subject=f"class_session:{meeting.id}",
                     person_id=person_id, by=HERSELF, now=now)  # fmt: skip
        return Answer(meeting.id, cohort, CheckInState.WAITING)


def _keys(phone_hash: str, address: str) -> tuple[tuple[str, int], ...]:
    most = int(current_app.config["CHECK_IN_TRIES_PER_MINUTE"])
    return (
        (guessing.key_of("room-codes", f"address:{address}"), most),
        (guessing.key_of("room-codes", f"phone:{phone_hash}"), max(3, most // 3)),
    )


def _check_tries(phone_hash: str, address: str, now: datetime) -> None:
    for name, most in _keys(phone_hash, address):
        if guessing.counted(db.session(), name, now) >= most:
            raise RuleError("too_many_tries", retry_after_s=guessing.WINDOW_S)


def _count_try(phone_hash: str, address: str, now: datetime) -> None:
    with transaction() as session:
        for name, _most in _keys(phone_hash, address):
            guessing.count(session, name, now)


def settle(
    session_id: int, person_ids: Iterable[int] | None, *, confirmed: bool, by: Actor, now: datetime
) -> Saved:
    """The trainer's word on those who wait: they are here, or they are not. person_ids None: all of them.

    Whoever cannot be marked stays waiting and is named. Raises RuleError as `attendance.mark` does.
    """
    with transaction() as session:
        meeting = _locked(session, session_id)
        if is_locked(meeting, now):
            raise RuleError("session_locked", days=int(current_app.config["ATTENDANCE_LOCK_DAYS"]))
        statement = sa.select(CheckIn).where(
            CheckIn.session_id == session_id, CheckIn.state == CheckInState.WAITING
        )
        if person_ids is not None:
            statement = statement.where(CheckIn.person_id.in_(list(person_ids)))
        rows = session.scalars(statement.order_by(CheckIn.at)).all()
        if not confirmed:
            done = tuple(row.person_id for row in rows)
            outcome = Saved(unchanged=done)
            for row in rows:
                audit.record(session, "check_in.refused", subject=f"class_session:{session_id}",
                             person_id=row.person_id, by=by, now=now)  # fmt: skip
        elif rows:
            phones = {row.person_id: row.phone_hash for row in rows}
            outcome = arrived(session_id, phones, source=MarkSource.CHECK_IN, by=by, now=now,
                              phones=phones)  # fmt: skip
            done = outcome.saved + outcome.unchanged
        else:
            return Saved()
        session.execute(
            sa.update(CheckIn.__table__)  # type: ignore[arg-type]
            .where(CheckIn.session_id == session_id, CheckIn.person_id.in_(done))
            .values(
                state=CheckInState.CONFIRMED if confirmed else CheckInState.REFUSED,
                settled_at=now, settled_by_name=by.name[:64],
            )
        )  # fmt: skip
        return outcome


def state_of(phone_hash: str, now: datetime) -> Answer | None:
    """How the latest check-in of today from this phone stands; None when there is none."""
    row = db.session.execute(
        sa.select(CheckIn.session_id, Cohort.name, CheckIn.state)
        .join(Session, Session.id == CheckIn.session_id)
        .join(Cohort, Cohort.id == Session.cohort_id)
        .where(CheckIn.phone_hash == phone_hash, Session.on == service_day(now))
        .order_by(CheckIn.at.desc()).limit(1)
    ).first()  # fmt: skip
    return None if row is None else Answer(*row)
