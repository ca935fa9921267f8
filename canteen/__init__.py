"""The senior canteens, as the house knows them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_babel import lazy_gettext as _l

from canteen.form_sources import FORM_COLUMNS, SOURCES
from canteen.importer import DINERS
from core.access import OFFICE, SYSTEM, Actor, Role
from core.programme import HomeCard, NavItem, Panel, Programme
from core.reports.paper import Paper
from core.reports.proof import EvidencePage
from core.reports.register import Annexes
from core.reports.registry import ReportKind, RowPage
from core.reports.values import Built, Finding, Period
from core.sites.models import SiteKind


def _init_app(app: Flask) -> None:
    # Imported here because the blueprint needs models, which need the house to stand first.
    from canteen import wiring

    wiring.init_app(app)


def _people_at(site_id: int) -> sa.Select[tuple[int]]:
    from canteen.models import Diner

    return sa.select(Diner.person_id).where(Diner.home_site_id == site_id, Diner.ended_on.is_(None))


def _home(actor: Actor, now: datetime) -> list[HomeCard]:
    from canteen.home import home

    return home(actor, now)


def _person_panels(person_id: int, actor: Actor, now: datetime) -> list[Panel]:
    from canteen.panels import person_panels

    return person_panels(person_id, actor, now)


def _build_report(period: Period, scope: str, now: datetime) -> Built:
    from canteen.reports.build import build

    return build(period, scope, now)


def _check_report(built: Built, now: datetime) -> tuple[Finding, ...]:
    from canteen.reports.checks import check

    return check(built, now)


def _report_workbook(built: Built, paper: Paper) -> bytes:
    from canteen.reports.workbook import workbook

    return workbook(built, paper)


def _form_lines(built: Built) -> list[Mapping[str, Any]]:
    from canteen.reports.form import form_lines

    return form_lines(built)


def _changes(period: Period, scope: str, issued_at: datetime, counted: Callable[[], Built]) -> int:
    from canteen.reports.since import changes

    return changes(period, scope, issued_at, counted)


def _report_evidence(
    built: Built, rows: Sequence[tuple[Any, ...]], by: Actor, now: datetime
) -> tuple[EvidencePage, ...]:
    from canteen.reports.evidence import evidence_pages

    return evidence_pages(built, rows, by, now)


def _report_annexes(built: Built, paper: Paper) -> Annexes:
    from canteen.reports.annexes import annexes

    return annexes(built, paper)


# The datasets whose rows are events, each with a page of its own.
_OF_MEALS = ("meals", "others", "adjustments", "events", "exceptions", "due")
REPORT = ReportKind(
    name="canteen", title=_l("Service report of the senior canteens"), site_kind=SiteKind.CANTEEN,
    everywhere=_l("All canteens"),
    build=_build_report, check=_check_report, template="canteen/report.html",
    workbook=_report_workbook, changes=_changes, annexes=_report_annexes,
    row_pages=dict.fromkeys(_OF_MEALS, RowPage("canteen.meal")), sampled="meals", evidence=_report_evidence,
    sources=SOURCES, form_lines=_form_lines, form_columns=FORM_COLUMNS,
)  # fmt: skip


def _set_up(now: datetime) -> None:
    from canteen.actions import ensure_categories

    ensure_categories(by=SYSTEM, now=now)


def _demo(day: date) -> None:
    from canteen.demo import tell

    tell(day)


def _enrol_for_practice(person_id: int, by: Actor, now: datetime) -> None:
    from canteen.actions import enrol_diner
    from core.clock import service_day
    from core.db import db
    from core.sites.models import Site

    site_id = db.session.scalar(
        sa.select(Site.id)
        .where(Site.kind == SiteKind.CANTEEN, Site.is_active)
        .order_by(Site.id)
        .limit(1)
    )
    if site_id is not None:
        enrol_diner(person_id, home_site_id=site_id, on=service_day(now), by=by, now=now)


_AT_SITES = frozenset({*OFFICE, Role.MANAGER})
NAV = (
    NavItem(
        "canteen.today", _l("Meals of the day"), "today", frozenset({Role.COUNTER, Role.MANAGER})
    ),
    NavItem("canteen.counter", _l("Counter"), "counter", frozenset({Role.COUNTER, Role.MANAGER})),
    NavItem("canteen.diners", _l("Diners"), "diners", _AT_SITES, also=("/canteen/eligibilities",)),
    NavItem("canteen.meals", _l("Meals"), "meals", _AT_SITES, also=("/canteen/today",)),
    NavItem("canteen.exceptions", _l("To be clarified"), "exceptions", _AT_SITES),
)
# Set up once and looked at rarely: the rail has room for five or six places.
SET_UP = (
    NavItem(
        "canteen.tariffs",
        _l("Tariffs"),
        "tariff",
        frozenset(OFFICE),
        _l("Prices, subsidies, what would it cost"),
    ),
    NavItem(
        "canteen.categories",
        _l("Categories"),
        "family",
        frozenset(OFFICE),
        _l("Kinds of diners and their dimensions"),
    ),
    NavItem(
        "canteen.sittings",
        _l("Sitting times"),
        "clock",
        frozenset(OFFICE),
        _l("When each site serves breakfast, lunch and dinner"),
    ),
)

PROGRAMME = Programme(
    name="canteen", init_app=_init_app, sites=SiteKind.CANTEEN, nav=NAV, office=SET_UP, home=_home,
    person_panels=_person_panels, importers=(DINERS,), reports=(REPORT,), people_at=_people_at,
    enrol_for_practice=_enrol_for_practice, set_up=_set_up, demo=_demo,
)  # fmt: skip
