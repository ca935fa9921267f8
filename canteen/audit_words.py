"""The canteen's words for the audit log."""

from flask_babel import lazy_gettext as _l

from core import audit_words

audit_words.describe(
    {
        "canteen_exception": _l("Matter to be clarified"), "diet_need": _l("Diet need"), "diner": _l("Diner"),
        "eligibility": _l("Eligibility"), "meal": _l("Meal"), "meals": _l("Meals"), "meal_event": _l("Meal"),
        "meal_category": _l("Category"), "sitting_windows": _l("Sitting times"), "tariff": _l("Tariff"),
    },
    {
        "settled": _l("settled"), "pause_ended": _l("pause ended"), "paused": _l("paused"),
        "suspended": _l("suspended"), "suspension_ended": _l("suspension ended"), "moved": _l("moved to another diner"),
        "saved": _l("saved"), "seeded": _l("default table made"), "exported": _l("exported"), "set": _l("set"),
        "proposed": _l("proposed"), "approved": _l("approved"), "refused": _l("refused"), "renewed": _l("renewed"),
        "drafted": _l("drafted"), "put_in_force": _l("put in force"), "deleted": _l("deleted"), "voided": _l("voided"),
    },
)  # fmt: skip
