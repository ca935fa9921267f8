"""Every verb that changes people; one transaction each, with its audit entry."""

from core.people.actions.adding import add_person
from core.people.actions.consents import record_consent, withdraw_consent
from core.people.actions.households import leave_household, link_household
from core.people.actions.merging import likely_doubles, merge_person
from core.people.actions.persons import (
    change_person,
    note_look,
    note_reveal,
    set_contacts,
    verify_value,
)
from core.people.actions.photos import put_photo, remove_photo
from core.people.actions.standings import change_standing

__all__ = [
    "add_person",
    "change_person",
    "change_standing",
    "leave_household",
    "likely_doubles",
    "link_household",
    "merge_person",
    "note_look",
    "note_reveal",
    "put_photo",
    "record_consent",
    "remove_photo",
    "set_contacts",
    "verify_value",
    "withdraw_consent",
]
