"""The places in the rail: those of the programmes first, then those of the house."""

from flask_babel import lazy_gettext as _l

from core.access import EVERYBODY, OFFICE, Actor, Role
from core.programme import NavItem, programmes

HOME = NavItem("home.index", _l("Today's work"), "home", frozenset(EVERYBODY))
HOUSE: tuple[NavItem, ...] = (
    NavItem("reports.index", _l("Reports"), "report", frozenset({*OFFICE, Role.AUDITOR})),
    NavItem(
        "people.index", _l("Residents"), "people", frozenset({*OFFICE, Role.MANAGER, Role.AUDITOR})
    ),
    NavItem("office.index", _l("Office"), "settings", frozenset({*OFFICE, Role.AUDITOR})),
)


def navigation(actor: Actor) -> list[NavItem]:
    """Where this actor may go, in the order of the rail."""
    items = [HOME, *(item for programme in programmes() for item in programme.nav), *HOUSE]
    return [item for item in items if actor.has(*item.roles)]
