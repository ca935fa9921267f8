"""The words of people: sexes, standings, and what the log calls each change."""

from typing import Any

from flask_babel import lazy_gettext as _l

from core.people.models import Sex, StandingKind

SEX = {Sex.FEMALE: _l("female"), Sex.MALE: _l("male")}

STANDING = {
    StandingKind.REGISTERED: _l("On the register"),
    StandingKind.MOVED_AWAY: _l("Moved away"),
    StandingKind.CARE_HOME: _l("In a care home"),
    StandingKind.HOSPITAL: _l("Long stay in hospital"),
    StandingKind.DECEASED: _l("Deceased"),
}
STANDING_STATE = {
    StandingKind.REGISTERED: "ok",
    StandingKind.MOVED_AWAY: "off",
    StandingKind.CARE_HOME: "off",
    StandingKind.HOSPITAL: "wait",
    StandingKind.DECEASED: "off",
}

_ACTIONS: dict[str, Any] = {
    "person.added": _l("Put on the register"),
    "person.changed": _l("Details changed"),
    "person.contacts_changed": _l("Emergency contacts changed"),
    "person.standing_changed": _l("Standing changed"),
    "person.revealed": _l("Looked behind the masks"),
    "person.viewed": _l("Page looked at"),
    "person.merged": _l("Records merged"),
    "person.household_linked": _l("Household linked"),
    "person.household_left": _l("Household left"),
    "person.phone_verified": _l("Phone verified"),
    "person.address_verified": _l("Address verified"),
    "person.photo_added": _l("Photo added"),
    "person.photo_replaced": _l("Photo replaced"),
    "person.photo_removed": _l("Photo removed"),
    "person.consent_signed": _l("Consent signed"),
    "person.consent_corrected": _l("Consent corrected"),
    "person.consent_withdrawn": _l("Consent withdrawn"),
    "card.issued": _l("Card issued"),
    "card.replaced": _l("Card replaced"),
    "card.revoked": _l("Card stopped"),
    "diner.enrolled": _l("Enrolled for meals"),
    "diner.changed": _l("Enrolment changed"),
    "diner.ended": _l("Enrolment ended"),
    "diner.suspended": _l("Suspended"),
    "diner.suspension_ended": _l("Suspension ended"),
    "diner.paused": _l("Paused"),
    "diner.pause_ended": _l("Pause ended"),
    "diet_need.added": _l("Diet need added"),
    "diet_need.ended": _l("Diet need ended"),
    "eligibility.proposed": _l("Eligibility proposed"),
    "eligibility.approved": _l("Eligibility approved"),
    "eligibility.refused": _l("Eligibility refused"),
    "eligibility.ended": _l("Eligibility ended"),
    "eligibility.renewed": _l("Eligibility renewed"),
}


def action_word(action: str) -> str:
    """What the history calls a change."""
    return str(_ACTIONS.get(action, action))
