"""The words of cards: on the card itself, and for states and reasons on screen."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.people.cards.sheets import Wording
from core.people.models import CardState

STATE = {
    CardState.ACTIVE: ("ok", _l("Card in use")),
    CardState.REPLACED: ("off", _l("Card replaced")),
    CardState.REVOKED: ("bad", _l("Card stopped")),
}
# Why a card is replaced, in the order of how often it happens.
REPLACE_REASON = {
    "lost": _l("Lost"),
    "damaged": _l("Damaged"),
    "unreadable": _l("Worn, can't be scanned"),
    "name_changed": _l("Name was wrong"),
}
REVOKE_REASON = {
    "lost": _l("Lost"),
    "not_wanted": _l("Not wanted any more"),
    "issued_by_mistake": _l("Issued by mistake"),
}
_END_REASON = {
    **REPLACE_REASON,
    **REVOKE_REASON,
    "merged": _l("Two records were merged"),
    "standing:moved_away": _l("Moved away"),
    "standing:care_home": _l("Moved into a home"),
    "standing:deceased": _l("Died"),
}


def end_reason(stored: str | None) -> Any:
    """Why a card ended, in words; what somebody typed stays as typed."""
    return _END_REASON.get(stored or "", stored or "")


def wording(practice: bool = False) -> Wording:
    """What all cards of this office say, in the language of the request or of the house."""
    office, phone = current_app.config["OFFICE_NAME"], current_app.config["OFFICE_PHONE"].strip()
    return Wording(
        office=office,
        title=_("Practice card") if practice else _("Service card"),
        phone=_("Phone %(number)s", number=phone) if phone else "",
        how_title=_("How to use the card"),
        how=(
            _("1. At meals and classes, hold the square pattern to the scanner."),
            _("2. One person, one card; please do not lend it."),
            _("3. Forgot it? Give your name, that works as well."),
        ),
        lost_title=_("If the card is lost"),
        lost=(
            _("Call %(number)s at once, or tell the counter.", number=phone)
            if phone
            else _("Tell the counter or the office at once."),
            _("The old card stops at once; a new one is free."),
        ),
        found=_("Found this card? Please bring it to %(office)s.", office=office),
        sheet=_("Sheet {number} of {total}"),
    )
