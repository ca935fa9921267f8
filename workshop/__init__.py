"""The women's micro-factory, as the house knows it."""

from datetime import date, datetime

import sqlalchemy as sa
from flask import Flask
from flask_babel import lazy_gettext as _l

from core.access import OFFICE, SYSTEM, Actor, Role
from core.programme import HomeCard, NavItem, Panel, Programme
from core.sites.models import SiteKind
from workshop.importer import LEARNERS
from workshop.report_kind import REPORT


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from workshop import wiring

    wiring.init_app(app)


def _people_at(site_id: int) -> sa.Select[tuple[int]]:
    from workshop.models import Learner

    return sa.select(Learner.person_id).where(
        Learner.home_site_id == site_id, Learner.ended_on.is_(None)
    )


def _home(actor: Actor, now: datetime) -> list[HomeCard]:
    from workshop.home import home

    return home(actor, now)


def _person_panels(person_id: int, actor: Actor, now: datetime) -> list[Panel]:
    from workshop.panels import person_panels

    return person_panels(person_id, actor, now)


def _sweep_offers(now: datetime) -> int:
    from workshop.actions.enrolments import sweep_offers

    return sweep_offers(now)


def _set_up(now: datetime) -> None:
    from workshop.actions.tables import ensure_tables

    ensure_tables(by=SYSTEM, now=now)
    _sweep_micro_factories(now)


def _sweep_micro_factories(now: datetime) -> int:
    """A workshop that was opened since is an employer, too."""
    from workshop.actions.employers import ensure_micro_factory

    return ensure_micro_factory(by=SYSTEM, now=now)


def _demo(day: date) -> None:
    from workshop.demo import tell

    tell(day)


_FOLLOWERS = frozenset({*OFFICE, Role.MANAGER, Role.COORDINATOR})
_TEACH = frozenset({*OFFICE, Role.COORDINATOR, Role.TRAINER})
_COORDINATOR, _TRAINER = frozenset({Role.COORDINATOR}), frozenset({Role.TRAINER})
_CLASSES = ("/workshop/sessions", "/workshop/at-risk")
NAV = (
    NavItem("workshop.today", _l("Attendance"), "check", _TRAINER, also=_CLASSES),
    NavItem("workshop.follow_ups", _l("Follow-ups"), "phone", _COORDINATOR),
    NavItem("workshop.learners", _l("Learners"), "learners", _FOLLOWERS),
    NavItem("workshop.placements", _l("Placements"), "work", _FOLLOWERS,
            also=("/workshop/follow-ups", "/workshop/vacancies", "/workshop/rates")),
    NavItem("workshop.cohorts", _l("Cohorts"), "cohort", _TEACH,
            also=(*_CLASSES, "/workshop/today", "/workshop/calendar", "/workshop/courses", "/workshop/rooms")),
    NavItem("workshop.calendar", _l("Timetable"), "holidays", _TRAINER),
    NavItem("workshop.employers", _l("Employers"), "sites", _COORDINATOR),
    NavItem("workshop.guidance", _l("Business guidance"), "venture", _COORDINATOR,
            also=("/workshop/ventures",)),
)  # fmt: skip
# Set up once and looked at rarely: the rail has room for five or six places.
SET_UP = (
    NavItem("workshop.certificates", _l("Certificates"), "report", _FOLLOWERS,
            _l("Certificates of completion, and those of other bodies")),
    NavItem("workshop.employers", _l("Employers and vacancies"), "sites", frozenset(OFFICE),
            _l("Who recruits, for what, and whom it fits")),
    NavItem("workshop.guidance", _l("Business guidance"), "venture", frozenset(OFFICE),
            _l("Meetings with mentors, ventures, loans"), also=("/workshop/ventures",)),
    NavItem("workshop.courses", _l("Courses"), "report", frozenset(OFFICE),
            _l("What is taught, its class hours, and what completes it")),
    NavItem("workshop.rooms", _l("Rooms"), "sites", frozenset(OFFICE),
            _l("Where classes are held, with their seats")),
    NavItem("workshop.skills", _l("Skills"), "edit", frozenset(OFFICE),
            _l("What is taught, wanted and asked for")),
    NavItem("workshop.hardship_categories", _l("Kinds of hardship"), "family", frozenset(OFFICE),
            _l("As local rules name them")),
    NavItem("workshop.retirement_ages", _l("Retirement table"), "clock", frozenset(OFFICE),
            _l("Who may learn but is not counted for subsidies")),
)  # fmt: skip

PROGRAMME = Programme(
    name="workshop",
    init_app=_init_app,
    sites=SiteKind.WORKSHOP,
    nav=NAV,
    office=SET_UP,
    home=_home,
    person_panels=_person_panels,
    importers=(LEARNERS,),
    sweeps=(_sweep_offers, _sweep_micro_factories),
    reports=(REPORT,),
    people_at=_people_at,
    set_up=_set_up,
    demo=_demo,
)
