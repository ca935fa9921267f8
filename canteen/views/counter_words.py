"""What the counter's script says: every sentence of the screen that JavaScript writes.

Words of the canteen itself (sittings, refusals, diets …) come from `canteen.words`; here stand
only those of the screen. Placeholders are `{name}`, filled in by the script.
"""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

# What staff can do next, by reason of refusal: keys of `options` below.
NEXT_BY_REFUSAL: Mapping[str, tuple[str, ...]] = {
    "diet_block": ("acknowledge",),
    "outside_sitting": ("paper",),
    "closed_day": ("paper",),
    "price_needed": ("price",),
    "unknown_card": ("find",),
    "card_replaced": ("find",),
    "card_revoked": ("find",),
    "not_eligible": ("guest",),
    "moved_away": ("guest",),
    "care_home": ("guest",),
    "hospital": ("guest",),
    "suspended": ("guest",),
}


def counter_words() -> dict[str, Any]:
    """All sentences as plain text in the language of the screen."""
    return {
        "states": {
            "ready": _("Please scan a card"),
            "served": _("Enjoy the meal"),
            "already": _("Already registered"),
            "refused": _("Not registered"),
            "ask": _("Who collects it?"),
            "waiting": _("Noted, waiting for the network"),
            "sending": _("One moment"),
            "fault": _("Please scan again"),
            "voided": _("Voided"),
        },
        "faults": {
            "empty": _("Nothing was read. Hold the card's square in front of the scanner."),
            "too_short": _(
                "Only {count} of 17 digits arrived. Nothing was "
                "registered; please scan the card again."
            ),
            "too_long": _(
                "This is too long for a card. Nothing was "
                "registered; please scan one card only."
            ),
            "two_cards": _(
                "Two cards were read as one. Neither was registered; "
                "please scan them one after the other."
            ),
            "id_number": _(
                "This is an ID number, not a service card. Nothing was "
                "kept; find the person by name instead."
            ),
            "other_code": _(
                "This is not a service card but another code. Nothing was "
                "registered; please scan the square on the service card."
            ),
            "not_ours": _(
                "These 17 digits do not fit together: the card may be dirty or "
                "mistyped. Please scan again, or find the person by name."
            ),
        },
        "options": _options(),
        "copay": _("To pay {amount}"),
        "already_at": _("{sitting} was registered at {time}, {site}."),
        "already_here": _("{sitting} was registered at {time}, here."),
        "card_tail": _("Card ending in {tail}"),
        "asks": _("Take-away: who is collecting the meal?"),
        "asks_who": _("Collected for her: by whom?"),
        "pause_ended": _("The pause is ended; meals are ordered again from tomorrow."),
        "waiting_message": _(
            "The scan is safe on this screen and is sent "
            "as soon as the network is back."
        ),
        "band_offline": _(
            "No connection: {count} not sent yet. They are sent by "
            "themselves; please keep this page open."
        ),
        "band_busy": _(
            "The server is busy: {count} waiting. They are sent by "
            "themselves; please keep this page open."
        ),
        "band_signed_out": _(
            "Sign-in has ended: {count} not sent yet. Sign in again in a "
            "new window; this page then goes on by itself."
        ),
        "queued": _("{count} in the queue"),
        "to_choose": _("{count} still to choose"),
        "rejected": _(
            "The server could not read this scan. Nothing "
            "was registered; please scan again."
        ),
        "same_card": _("The same card was read twice at once; it counts once."),
        "take_away_now": _("Take-away is on: each scan asks who collects."),
        "undo": _("Undo"),
        "correct": _("Correct"),
        "choose": _("Choose"),
        "undone": _("Undone. It can be registered again."),
        "no_recent": _("The last ten meals will stand here."),
        "found_none": _("Nobody found. Try fewer letters, the initials, or the last four digits."),
        "found_many": _("More than 20 people. Type more of the name."),
        "searching": _("Searching…"),
        "failed": _("That did not go through. Nothing was changed; please try again."),
        "locked_name": _("locked"),
        "pin_ok": _("Unlocked."),
        "camera": {
            "on": _("Camera is on. Hold the card's square in front of it."),
            "off": _("Camera is off."),
            "denied": _(
                "The browser was not allowed to use the camera. Allow it in "
                "the browser's settings, or use the scanner."
            ),
            "missing": _("No camera was found. Use the scanner or type the number."),
            "insecure": _(
                "The camera needs a secure address (https). Use "
                "the scanner or type the number."
            ),
            "taken": _("Another program is using the camera. Close it and try again."),
            "broken": _("The camera stopped. Switch it on again, or use the scanner."),
        },
        "sound_on": _("Sound on"),
        "sound_off": _("Sound off"),
    }  # fmt: skip


def _options() -> dict[str, str]:
    return {
        "acknowledge": _("Checked, dish is safe for her"),
        "paper": _("Enter from paper"),
        "price": _("Type the price"),
        "find": _("Find by name"),
        "guest": _("Serve as guest"),
        "second": _("Second portion, full price"),
        "spouse": _("Also {name}'s meal"),
        "end_pause": _("End the pause"),
        "self": _("Herself / himself"),
        "other": _("Collected for her / him"),
        "spouse_collects": _("Spouse"),
        "family": _("Family"),
        "neighbour": _("Neighbour"),
        "carer": _("Carer"),
    }
