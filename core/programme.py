"""The one hook by which a programme joins the house: the core knows programmes only as this."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from flask import Flask, current_app

if TYPE_CHECKING:
    from core.access import Actor, Role
    from core.reports.registry import ReportKind
    from core.sites.models import SiteKind


@dataclass(frozen=True)
class NavItem:
    """One place in the rail: where it leads, what it is called, its icon, and whose it is.

    also: what else lies there, as the beginnings of paths, where no place of the rail is nearer.
    """

    endpoint: str
    label: Any
    icon: str
    roles: frozenset["Role"]
    what: Any = (
        ""  # what is done there; shown where the place stands on a page instead of in the rail
    )
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class HomeCard:
    """One block of today's work on the home page."""

    title: Any
    figure: str
    note: Any
    endpoint: str
    args: Mapping[str, Any] = field(default_factory=dict)
    state: str = "plain"  # plain | ok | warn | bad


@dataclass(frozen=True)
class Panel:
    """A block on the page of one person: a template of the programme with its values."""

    title: Any
    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Programme:
    """What a programme brings along; everything but its name and blueprint may be empty."""

    name: str
    init_app: Callable[[Flask], None]
    sites: "SiteKind | None" = None  # the kind of sites at which it is done
    nav: tuple[NavItem, ...] = ()
    office: tuple[NavItem, ...] = ()  # places that are set up once, on the page of the office
    home: Callable[["Actor", datetime], list[HomeCard]] | None = None
    person_panels: Callable[[int, "Actor", datetime], list[Panel]] | None = None
    importers: tuple[Any, ...] = ()
    reports: tuple["ReportKind", ...] = ()
    sweeps: tuple[Callable[[datetime], int], ...] = ()
    set_up: Callable[[datetime], None] | None = None  # what an empty database needs to begin with
    demo: Callable[[date], None] | None = None
    erase: Callable[[int], None] | None = None
    # The ids of people enrolled at a site now, as a query.
    people_at: Callable[[int], sa.Select[tuple[int]]] | None = None
    # Enrols a practice person (id, by, now), inside the transaction at hand.
    enrol_for_practice: Callable[[int, "Actor", datetime], None] | None = None


def programmes() -> tuple[Programme, ...]:
    """The programmes of the current app."""
    found: tuple[Programme, ...] = current_app.extensions["zhuhe_programmes"]
    return found


def people_at(site_id: int) -> sa.CompoundSelect[tuple[int]]:
    """The ids of everybody whom a programme has enrolled at this site, as a query."""
    nobody = sa.select(sa.null().label("person_id")).where(sa.false())
    queries = [each.people_at(site_id) for each in programmes() if each.people_at]
    return sa.union_all(nobody, *queries)
