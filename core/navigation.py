"""The places in the rail: those of the programmes first, then those of the house."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _l

from core.access import EVERYBODY, OFFICE, Actor, Role
from core.db import db
from core.programme import NavItem, Programme, programmes
from core.sites.models import Site

HOME = NavItem("home.index", _l("Today's work"), "home", frozenset(EVERYBODY))
HOUSE: tuple[NavItem, ...] = (
    NavItem("reports.index", _l("Reports"), "report", frozenset({*OFFICE, Role.AUDITOR})),
    NavItem(
        "people.index", _l("Residents"), "people", frozenset({*OFFICE, Role.MANAGER, Role.AUDITOR})
    ),
    NavItem(
        "office.index",
        _l("Office"),
        "settings",
        frozenset({*OFFICE, Role.AUDITOR}),
        also=("/cards",),
    ),
)


def programmes_of(actor: Actor | None) -> list[Programme]:
    """The programmes in which this actor has places.

    A role of both, such as a manager's, leads only to those of whose kind one of her sites is.
    """
    if actor is None:
        return []
    theirs = [each for each in programmes() if any(actor.has(*item.roles) for item in each.nav)]
    # Not `site_ids`: a view narrows them to the roles that it asks for.
    held = {site_id for _role, site_id in actor.grants}
    if len(theirs) < 2 or not held or None in held:
        return theirs
    kinds = db.session.scalars(sa.select(Site.kind).where(Site.id.in_(held))).all()
    return [each for each in theirs if each.sites is None or each.sites in kinds]


def navigation(actor: Actor, theirs: Iterable[Programme]) -> list[NavItem]:
    """Where this actor may go, in the order of the rail. theirs: see `programmes_of`."""
    items = [HOME, *(item for programme in theirs for item in programme.nav), *HOUSE]
    return [item for item in items if actor.has(*item.roles)]


def place_of(path: str, items: Sequence[NavItem]) -> NavItem | None:
    """In which of these places a page lies: its own, else the one to which it belongs."""
    for item in items:
        if _is_within(path, [url_for(item.endpoint)]):
            return item
    return next((item for item in items if _is_within(path, _what_lies_in(item))), None)


def _what_lies_in(item: NavItem) -> list[str]:
    if item.endpoint != "office.index":
        return [*item.also]
    set_up = (each for programme in programmes() for each in programme.office)
    brought = [place for each in set_up for place in (url_for(each.endpoint), *each.also)]
    return [*item.also, *brought]


def _is_within(path: str, places: Iterable[str]) -> bool:
    """Whether a page is one of these or lies below it, as /office/users below /office."""
    return any(path == place or (place != "/" and path.startswith(f"{place}/")) for place in places)


def colour_of(theirs: Sequence[Programme], blueprint: str | None) -> str:
    """The programme whose colour a page wears: its own, else the only one of who looks at it, else
    the first."""
    names = [programme.name for programme in programmes()]
    if blueprint in names:
        return str(blueprint)
    return theirs[0].name if len(theirs) == 1 else names[0] if names else ""
