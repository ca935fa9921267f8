"""What the codes of the audit log are called on the screen: "user.password_reset" is 账号 · 重置密码.

An action's code is its noun and its verb. A programme adds its own words with `describe`; what
nobody described is shown as its code.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

_nouns: dict[str, Any] = {
    "area": _l("Area"), "attachment": _l("Attached paper"), "audit": _l("Audit log"),
    "backup": _l("Backup"), "calendar": _l("Calendar"), "card": _l("Service card"),
    "cards": _l("Service card"), "day": _l("Special day"), "device": _l("Device"),
    "clock": _l("Clock of the server"), "file": _l("File"), "import": _l("Import"),
    "job": _l("Job"), "person": _l("Resident"),
    "report": _l("Report"), "report_columns": _l("Form for the bureau"), "site": _l("Site"),
    "user": _l("Account"), "year": _l("Year"),
}  # fmt: skip
_verbs: dict[str, Any] = {
    "added": _l("added"), "changed": _l("changed"), "ended": _l("ended"), "opened": _l("opened again"),
    "renamed": _l("renamed"), "removed": _l("removed"), "filled": _l("filled in"),
    "looked_at": _l("looked at"), "viewed": _l("looked at"), "verified": _l("verified"), "made": _l("made"),
    "restored": _l("put back"), "revoked": _l("revoked"), "replaced": _l("replaced"), "issued": _l("issued"),
    "printed": _l("printed"), "handed_out": _l("handed out"), "codes_listed": _l("list of codes made"),
    "enrolled": _l("enrolled"), "link_renewed": _l("new link"), "confirmed": _l("confirmed"),
    "discarded": _l("discarded"), "started": _l("started"), "file_fetched": _l("file fetched"),
    "contacts_changed": _l("contacts changed"), "household_left": _l("left the household"),
    "household_linked": _l("linked to a household"), "revealed": _l("revealed"), "merged": _l("merged"),
    "standing_changed": _l("standing changed"), "photo_added": _l("photo added"),
    "photo_replaced": _l("photo replaced"), "photo_removed": _l("photo removed"),
    "consent_signed": _l("consent signed"), "consent_corrected": _l("consent corrected"),
    "consent_withdrawn": _l("consent withdrawn"), "phone_verified": _l("phone verified"),
    "address_verified": _l("address verified"), "erased": _l("erased"),
    "password_changed": _l("password changed"), "password_reset": _l("password reset"),
    "pin_set": _l("PIN set"), "codes_guessed": _l("card codes guessed"), "reopened": _l("opened again"),
    "roles_changed": _l("roles changed"), "begun": _l("draft begun"), "texts_changed": _l("texts changed"),
    "explained": _l("finding explained"), "full_ids_asked": _l("whole ID numbers asked for"),
    "full_ids_dropped": _l("whole ID numbers no longer asked for"), "reviewed": _l("reviewed"),
    "review_withdrawn": _l("review withdrawn"), "issue_ordered": _l("issue ordered"), "issue_done": _l("issue done"),
    "signed": _l("signed and stamped"), "submitted": _l("submitted"), "closed": _l("accepted and closed"),
    "returned": _l("returned by the authority"), "previewed": _l("preview looked at"),
    "figure_opened": _l("figure opened"),
    "figure_exported": _l("rows of a figure exported"), "reset": _l("default put back"),
    "undone": _l("last change taken back"), "moved": _l("moved"), "checked": _l("checked"),
}  # fmt: skip


def describe(nouns: Mapping[str, Any], verbs: Mapping[str, Any]) -> None:
    """Add the words of a programme; what is there already stays."""
    for known, more in ((_nouns, nouns), (_verbs, verbs)):
        for code, word in more.items():
            known.setdefault(code, word)


def action_word(code: str) -> str:
    """An action in words."""
    noun, _, verb = code.partition(".")
    return f"{_nouns.get(noun, noun)} · {_verbs.get(verb, verb)}"


def subject_word(subject: str) -> str:
    """What an entry is about in words: "user:8" is 账号 8."""
    noun, _, key = subject.partition(":")
    return f"{_nouns.get(noun, noun)} {key}".strip()


def codes_for(text: str) -> tuple[list[str], list[str]]:
    """Nouns and verbs whose words contain a text, for the search."""
    text = text.lower()
    return (
        [code for code, word in _nouns.items() if text in str(word).lower()],
        [code for code, word in _verbs.items() if text in str(word).lower()],
    )
