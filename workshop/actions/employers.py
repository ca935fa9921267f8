"""Employers and their vacancies: added, changed, retired, opened, closed.

Who is told when a vacancy closes is decided in openings.py, which ends its open referrals.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from core import audit
from core.access import Actor
from core.clock import service_day
from core.db import transaction
from core.errors import RuleError
from core.sites.models import Site, SiteKind
from workshop.actions.openings import close_referrals, is_employer_active, locked_vacancy
from workshop.models import Employer, Skill, Vacancy
from workshop.rules.matching import DAY_MIN
from workshop.values import CLOSED_REASON, Form, Shift, SkillLevel, VacancyState


@dataclass(frozen=True)
class EmployerFacts:
    """What is known of an employer. credit_code: the unified social credit code, checked."""

    name: str
    credit_code: str | None = None
    contact: str = ""
    phone: str | None = None
    area_id: int | None = None
    address: str = ""
    note: str = ""


@dataclass(frozen=True)
class VacancyFacts:
    """What a vacancy offers. Times are minutes after midnight, wages fen a month."""

    title: str
    openings: int
    form: Form = Form.EMPLOYED
    skill_id: int | None = None
    level: SkillLevel | None = None
    shift: Shift = Shift.DAY
    weekdays: int = 31
    starts_min: int | None = None
    ends_min: int | None = None
    hours_week: int | None = None
    is_mothers_post: bool = False
    care_from_min: int | None = None
    care_until_min: int | None = None
    wage_from_fen: int | None = None
    wage_until_fen: int | None = None
    area_id: int | None = None
    closes_on: date | None = None
    note: str = ""


def _checked(facts: EmployerFacts) -> dict[str, Any]:
    values = asdict(facts)
    for name in ("name", "contact", "address", "note"):
        values[name] = values[name].strip()
    if not values["name"]:
        raise RuleError("employer_needs_name")
    code = (values["credit_code"] or "").strip().upper() or None
    if code is not None:
        try:
            code = uscc.validate(code)
        except ValidationError:
            raise RuleError("credit_code_wrong") from None
    values["credit_code"] = code
    values["phone"] = (values["phone"] or "").strip() or None
    return values


def _shown(row: Employer | Vacancy, names: dict[str, Any]) -> dict[str, Any]:
    # The telephone is encrypted in its row and has no business in the log.
    return {name: getattr(row, name) for name in names if name != "phone"}


def employer_of(session: Session, employer_id: int) -> Employer:
    """The employer, locked. Raises RuleError no_such_employer."""
    row = session.get(Employer, employer_id, with_for_update=True)
    if row is None:
        raise RuleError("no_such_employer")
    return row


def add_employer(facts: EmployerFacts, *, by: Actor, now: datetime) -> Employer:
    """Add an employer. Raises RuleError employer_needs_name, credit_code_wrong, employer_known."""
    values = _checked(facts)
    try:
        with transaction() as session:
            row = Employer(**values, created_at=now)
            session.add(row)
            session.flush()
            audit.record(session, "employer.added", subject=f"employer:{row.id}", by=by, now=now,
                         after=_shown(row, values))  # fmt: skip
            return row
    except sa.exc.IntegrityError:
        raise RuleError("employer_known") from None


def change_employer(
    employer_id: int, facts: EmployerFacts, *, by: Actor, now: datetime
) -> Employer:
    """Change what is known of an employer.

    Raises RuleError no_such_employer, employer_needs_name, credit_code_wrong, employer_known.
    """
    values = _checked(facts)
    try:
        with transaction() as session:
            row = employer_of(session, employer_id)
            before = _shown(row, values)
            for name, value in values.items():
                setattr(row, name, value)
            session.flush()
            audit.record(session, "employer.changed", subject=f"employer:{row.id}", by=by, now=now,
                         before=before, after=_shown(row, values))  # fmt: skip
            return row
    except sa.exc.IntegrityError:
        raise RuleError("employer_known") from None


def retire_employer(employer_id: int, *, reason: str, by: Actor, now: datetime) -> Employer:
    """Take an employer out of the lists; jobs held there stay.

    Raises RuleError no_such_employer, reason_needed, employer_has_vacancies, employer_is_ours.
    """
    if not reason.strip():
        raise RuleError("reason_needed")
    with transaction() as session:
        row = employer_of(session, employer_id)
        if row.is_micro_factory:
            raise RuleError("employer_is_ours")
        is_recruiting = sa.select(Vacancy.id).where(
            Vacancy.employer_id == row.id, Vacancy.state == VacancyState.OPEN
        )
        if session.scalar(is_recruiting.limit(1)) is not None:
            raise RuleError("employer_has_vacancies")
        row.is_active = False
        audit.record(session, "employer.ended", subject=f"employer:{row.id}", by=by, now=now,
                     reason=reason.strip()[:128])  # fmt: skip
        return row


def reopen_employer(employer_id: int, *, by: Actor, now: datetime) -> Employer:
    """Bring a retired employer back. Raises RuleError no_such_employer."""
    with transaction() as session:
        row = employer_of(session, employer_id)
        if not row.is_active:
            row.is_active = True
            audit.record(session, "employer.opened", subject=f"employer:{row.id}", by=by, now=now)
        return row


def ensure_micro_factory(*, by: Actor, now: datetime) -> int:
    """Make each workshop the employer that it is, once; returns how many were made."""
    known = sa.select(Employer.site_id).where(Employer.site_id.is_not(None))
    missing = sa.select(Site).where(
        Site.kind == SiteKind.WORKSHOP, Site.is_active, Site.id.not_in(known)
    )
    with transaction() as session:
        sites = list(session.scalars(missing.order_by(Site.id)))
        names = set(session.scalars(sa.select(Employer.name)))
        for site in sites:
            # An employer of this name may have been typed by hand before.
            name = site.name if site.name not in names else f"{site.name}({site.slug})"
            row = Employer(name=name, is_micro_factory=True, site_id=site.id, area_id=site.area_id,
                           address=site.address, created_at=now)  # fmt: skip
            session.add(row)
            session.flush()
            audit.record(session, "employer.added", subject=f"employer:{row.id}", by=by, now=now,
                         after={"name": name, "site_id": site.id})  # fmt: skip
        return len(sites)


def _vacancy_values(session: Session, facts: VacancyFacts) -> dict[str, Any]:
    values = asdict(facts)
    values["title"], values["note"] = facts.title.strip(), facts.note.strip()
    if not values["title"]:
        raise RuleError("vacancy_needs_title")
    if facts.skill_id is not None and session.get(Skill, facts.skill_id) is None:
        raise RuleError("no_such_skill")
    if facts.skill_id is None:
        values["level"] = None
    if (facts.starts_min is None) != (facts.ends_min is None):
        raise RuleError("vacancy_needs_both_times")
    if facts.starts_min is not None and facts.starts_min >= DAY_MIN:
        raise RuleError("vacancy_starts_at_24")
    if facts.ends_min == 0:
        values["ends_min"] = DAY_MIN  # 0:00 is where the day of work ends
    if not facts.is_mothers_post:
        values["care_from_min"] = values["care_until_min"] = None
    care = values["care_from_min"], values["care_until_min"]
    if (care[0] is None) != (care[1] is None) or (care[0] is not None and care[1] <= care[0]):
        raise RuleError("vacancy_care_window")
    low, high = facts.wage_from_fen, facts.wage_until_fen
    if high is not None and (low is None or high < low):
        raise RuleError("vacancy_wages")
    return values


def open_vacancy(
    employer_id: int, facts: VacancyFacts, *, on: date, by: Actor, now: datetime
) -> Vacancy:
    """Open a vacancy at an active employer.

    Raises RuleError no_such_employer, employer_retired, no_such_skill, vacancy_… for facts that
    contradict each other, ends_before_start.
    """
    with transaction() as session:
        employer = employer_of(session, employer_id)
        if not employer.is_active:
            raise RuleError("employer_retired")
        values = _vacancy_values(session, facts)
        if facts.closes_on is not None and facts.closes_on < on:
            raise RuleError("ends_before_start")
        row = Vacancy(employer_id=employer.id, **values, opened_on=on, created_at=now)
        session.add(row)
        session.flush()
        audit.record(session, "vacancy.added", subject=f"vacancy:{row.id}", by=by, now=now,
                     after={"employer_id": employer.id, **_shown(row, values)})  # fmt: skip
        return row


def change_vacancy(vacancy_id: int, facts: VacancyFacts, *, by: Actor, now: datetime) -> Vacancy:
    """Change what a vacancy offers. More openings open a filled one again; exactly as many as are
    taken fill it, and end its open referrals.

    Raises RuleError no_such_vacancy, vacancy_openings_taken, those of open_vacancy.
    """
    with transaction() as session:
        row = locked_vacancy(session, vacancy_id)
        values = _vacancy_values(session, facts)
        if facts.openings < row.openings_used:
            raise RuleError("vacancy_openings_taken", used=row.openings_used)
        if facts.closes_on is not None and facts.closes_on < row.opened_on:
            raise RuleError("ends_before_start")
        before = _shown(row, values)
        if row.state is VacancyState.FILLED and facts.openings > row.openings_used:
            if not is_employer_active(session, row):
                raise RuleError("employer_retired")
            row.state = VacancyState.OPEN
        for name, value in values.items():
            setattr(row, name, value)
        audit.record(session, "vacancy.changed", subject=f"vacancy:{row.id}", by=by, now=now,
                     before=before, after=_shown(row, values))  # fmt: skip
        if row.state is VacancyState.OPEN and row.openings_used == row.openings:
            row.state = VacancyState.FILLED
            close_referrals(session, row, by=by, now=now)
        return row


def close_vacancy(vacancy_id: int, *, reason: str, by: Actor, now: datetime) -> Vacancy:
    """Stop recruiting for a reason: open referrals end as not hired, whoever is hired stays.

    Raises RuleError no_such_vacancy, reason_needed, vacancy_closed.
    """
    if not reason.strip():
        raise RuleError("reason_needed")
    with transaction() as session:
        row = locked_vacancy(session, vacancy_id)
        if row.state is VacancyState.CLOSED:
            raise RuleError("vacancy_closed")
        row.state, row.close_reason = VacancyState.CLOSED, reason.strip()[:128]
        audit.record(session, "vacancy.ended", subject=f"vacancy:{row.id}", by=by, now=now,
                     reason=row.close_reason)  # fmt: skip
        close_referrals(session, row, by=by, now=now, reason=CLOSED_REASON)
        return row


def reopen_vacancy(vacancy_id: int, *, by: Actor, now: datetime) -> Vacancy:
    """Recruit again for a closed vacancy; a day of closing that has passed is taken off.

    Raises RuleError no_such_vacancy, vacancy_not_closed, employer_retired.
    """
    with transaction() as session:
        row = locked_vacancy(session, vacancy_id)
        if row.state is not VacancyState.CLOSED:
            raise RuleError("vacancy_not_closed")
        if not is_employer_active(session, row):
            raise RuleError("employer_retired")
        is_full = row.openings_used == row.openings
        row.state = VacancyState.FILLED if is_full else VacancyState.OPEN
        row.close_reason = None
        if row.closes_on is not None and row.closes_on < service_day(now):
            row.closes_on = None
        audit.record(session, "vacancy.reopened", subject=f"vacancy:{row.id}", by=by, now=now)
        return row
