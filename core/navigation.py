"""The places in the rail: those of the programmes first, then those of the house."""

from collections.abc import Iterable, Sequence

from flask import url_for
from flask_babel import lazy_gettext as _l

from core.access import EVERYBODY, OFFICE, Actor, Role
from core.programme import NavItem, programmes

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


def navigation(actor: Actor) -> list[NavItem]:
    """Where this actor may go, in the order of the rail."""
    items = [HOME, *(item for programme in programmes() for item in programme.nav), *HOUSE]
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


def colour_of(actor: Actor | None, blueprint: str | None) -> str:
    """The programme whose colour a page wears: its own, else the only one in which this actor has
    places, else the first."""
    known = programmes()
    if any(programme.name == blueprint for programme in known):
        return str(blueprint)
    theirs = [
        programme for programme in known
        if actor and any(actor.has(*item.roles) for item in programme.nav)
    ]  # fmt: skip
    chosen = theirs if len(theirs) == 1 else known
    return chosen[0].name if chosen else ""
