"""The canteen's words on the screen: what each value of `values.py` is called, and its sentences.

English is the message id, the Chinese of terms.md stands in the catalogue. Pages, forms and the
counter take their labels from here and write none of their own.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from canteen.actions.late import REGISTERED_LATE, UPLOADED
from canteen.values import (
    Collector,
    DayType,
    DietKind,
    Dimension,
    EligibilityState,
    ExceptionKind,
    Fact,
    FundLayer,
    LimitPeriod,
    LimitScope,
    LimitUnit,
    NoCardReason,
    Note,
    Operator,
    OtherKind,
    PriceKind,
    Refusal,
    Sitting,
    TariffKind,
    TariffState,
    WayOfEating,
    WayOfRecording,
)
from core.show import day, money

SITTING: Mapping[Sitting, Any] = {
    Sitting.BREAKFAST: _l("Breakfast"),
    Sitting.LUNCH: _l("Lunch"),
    Sitting.DINNER: _l("Dinner"),
}

WAY: Mapping[WayOfEating, Any] = {
    WayOfEating.DINE_IN: _l("Dine in"),
    WayOfEating.TAKE_AWAY: _l("Take away"),
    WayOfEating.COLLECTED: _l("Collected for her"),
    WayOfEating.DELIVERED: _l("Delivered"),
}

RECORDING: Mapping[WayOfRecording, Any] = {
    WayOfRecording.SCAN: _l("Card scanned"),
    WayOfRecording.BY_NAME: _l("Found by name"),
    WayOfRecording.DOCUMENT: _l("By document"),
    WayOfRecording.PAPER: _l("Entered from paper"),
    WayOfRecording.SYNCED: _l("Uploaded later"),
}

COLLECTOR: Mapping[Collector, Any] = {
    Collector.SELF: _l("Herself"),
    Collector.SPOUSE: _l("Spouse"),
    Collector.FAMILY: _l("Family"),
    Collector.NEIGHBOUR: _l("Neighbour"),
    Collector.CARER: _l("Carer"),
}

NO_CARD: Mapping[NoCardReason, Any] = {
    NoCardReason.FORGOTTEN: _l("Card forgotten"),
    NoCardReason.DAMAGED: _l("Card damaged"),
    NoCardReason.LOST: _l("Card lost"),
    NoCardReason.NOT_ISSUED: _l("No card issued yet"),
}

DIET: Mapping[DietKind, Any] = {
    DietKind.ALLERGY: _l("Allergy"),
    DietKind.HALAL: _l("Halal, separate utensils"),
    DietKind.DIABETIC: _l("Diabetic diet"),
    DietKind.LOW_SALT: _l("Low salt"),
    DietKind.LOW_PURINE: _l("Low purine"),
    DietKind.SOFT: _l("Soft food"),
    DietKind.MINCED: _l("Minced food"),
    DietKind.LIQUID: _l("Liquid food"),
    DietKind.TASTE: _l("Taste"),
}

DIMENSION: Mapping[Dimension, Any] = {
    Dimension.ECONOMIC: _l("Economic situation"),
    Dimension.ABILITY: _l("Level of ability"),
    Dimension.LIVING: _l("Living situation"),
    Dimension.PRIVILEGE: _l("Other entitlement"),
    Dimension.AGE: _l("Age"),
    Dimension.GENERAL: _l("General"),
}

LAYER: Mapping[FundLayer, Any] = {
    FundLayer.PROVINCE: _l("Province"),
    FundLayer.CITY: _l("City"),
    FundLayer.DISTRICT: _l("District"),
    FundLayer.STREET: _l("Subdistrict"),
    FundLayer.COMMUNITY: _l("Community"),
    FundLayer.DONATION: _l("Donations"),
    FundLayer.OPERATOR: _l("Operator's discount"),
}

OTHER_KIND: Mapping[OtherKind, Any] = {
    OtherKind.COMPANION: _l("Companion"),
    OtherKind.GUEST: _l("Guest"),
    OtherKind.VOLUNTEER: _l("Volunteer's meal"),
    OtherKind.STAFF: _l("Staff meal"),
    OtherKind.SECOND: _l("Second portion"),
}

REFUSAL: Mapping[Refusal, Any] = {
    Refusal.UNKNOWN_CARD: _l("This card is not known"),
    Refusal.CARD_REPLACED: _l("This card was replaced"),
    Refusal.CARD_REVOKED: _l("This card was ended"),
    Refusal.MOVED_AWAY: _l("Moved away"),
    Refusal.CARE_HOME: _l("Lives in a care home"),
    Refusal.HOSPITAL: _l("In hospital for long"),
    Refusal.DECEASED: _l("The card's owner is no longer registered"),
    Refusal.SUSPENDED: _l("Suspended"),
    Refusal.NOT_ELIGIBLE: _l("No valid eligibility"),
    Refusal.CLOSED_DAY: _l("Closed today"),
    Refusal.OUTSIDE_SITTING: _l("Not a mealtime"),
    Refusal.CLOCK_SUSPECT: _l("The device's clock is wrong"),
    Refusal.NO_PRICE: _l("No price is set"),
    Refusal.PRICE_NEEDED: _l("The price must be typed"),
    Refusal.DIET_BLOCK: _l("Check the diet first"),
}

REFUSAL_NEXT: Mapping[Refusal, Any] = {
    Refusal.UNKNOWN_CARD: _l(
        "Nothing was registered. Scan once more; if it stays unknown, find her by name."
    ),
    Refusal.CARD_REPLACED: _l("Nothing was registered. Ask for the new card, or find her by name."),
    Refusal.CARD_REVOKED: _l(
        "Nothing was registered. Find her by name, and have a new card issued."
    ),
    Refusal.MOVED_AWAY: _l(
        "Nothing was registered. If she lives here again, the office changes her record; "
        "serve her as a guest meanwhile."
    ),
    Refusal.CARE_HOME: _l(
        "Nothing was registered. If she is back home, the office changes her record; "
        "serve her as a guest meanwhile."
    ),
    Refusal.HOSPITAL: _l(
        "Nothing was registered. If she is back home, the office changes her record; "
        "serve her as a guest meanwhile."
    ),
    Refusal.DECEASED: _l("Nothing was registered. Keep the card and tell the office quietly."),
    Refusal.SUSPENDED: _l(
        "Nothing was registered. The office knows the reason; serve her as a guest if she "
        "wants to eat."
    ),
    Refusal.NOT_ELIGIBLE: _l(
        "Nothing was registered. Serve her as a guest, and let the office check her eligibility."
    ),
    Refusal.CLOSED_DAY: _l(
        "Nothing was registered. If meals are served all the same, register with a reason."
    ),
    Refusal.OUTSIDE_SITTING: _l(
        "Nothing was registered. If she ate at mealtime, register it late with a reason."
    ),
    Refusal.CLOCK_SUSPECT: _l(
        "Nothing was registered. Set the device's date and time, then scan again."
    ),
    Refusal.NO_PRICE: _l(
        "Nothing was registered. The manager or the office sets a price for this sitting; "
        "write the meal on paper meanwhile."
    ),
    Refusal.PRICE_NEEDED: _l("Nothing was registered yet. Type the price of what she took."),
    Refusal.DIET_BLOCK: _l("Nothing was registered yet. Look at the plate, then confirm."),
}

EXCEPTION: Mapping[ExceptionKind, Any] = {
    ExceptionKind.SECOND_SERVING: _l("Served twice in one sitting"),
    ExceptionKind.AGAINST_RULE: _l("Served against a rule"),
    ExceptionKind.UNKNOWN_CARD: _l("Served to an unknown card"),
    ExceptionKind.CLOCK_SUSPECT: _l("The device's clock was wrong"),
    ExceptionKind.BAD_ITEM: _l("An upload that could not be read"),
}

# Why a late fact was booked, where nobody wrote a reason.
LATE: Mapping[str, Any] = {
    UPLOADED: _l("Uploaded after the month was submitted"),
    REGISTERED_LATE: _l("Registered after the month was submitted"),
}

NOTE: Mapping[Note, Any] = {
    Note.ELIGIBILITY_REVIEW: _l("Eligibility to be reviewed"),
    Note.PAUSED: _l("Her meals are paused; end the pause?"),
    Note.GRACE: _l("Just outside the mealtime"),
    Note.LATE_ENTRY: _l("Entered late"),
    Note.DIET: _l("Mind the diet"),
    Note.PRACTICE: _l("Practice: it does not count"),
    Note.LIMIT_REACHED: _l("The subsidy's limit is reached"),
}

ELIGIBILITY_STATE: Mapping[EligibilityState, Any] = {
    EligibilityState.PROPOSED: _l("Waiting for approval"),
    EligibilityState.APPROVED: _l("Approved"),
    EligibilityState.REFUSED: _l("Not approved"),
    EligibilityState.ENDED: _l("Ended"),
}

TARIFF_STATE: Mapping[TariffState, Any] = {
    TariffState.DRAFT: _l("Draft"),
    TariffState.IN_FORCE: _l("In force"),
    TariffState.WITHDRAWN: _l("Withdrawn before its first day"),
}

TARIFF_KIND: Mapping[TariffKind, Any] = {
    TariffKind.PRICE: _l("Price"),
    TariffKind.SUBSIDY: _l("Subsidy"),
}

PRICE_KIND: Mapping[PriceKind, Any] = {
    PriceKind.FIXED: _l("Fixed price"),
    PriceKind.SET_MEAL: _l("Set meal"),
    PriceKind.ACTUAL: _l("Actual price, typed"),
}

DAY_TYPE: Mapping[DayType, Any] = {
    DayType.WEEKDAY: _l("Working day"),
    DayType.WEEKEND: _l("Weekend"),
    DayType.HOLIDAY: _l("Public holiday"),
}

FACT: Mapping[Fact, Any] = {
    Fact.CATEGORY: _l("Category of diner"),
    Fact.AGE: _l("Age"),
    Fact.SITTING: _l("Sitting"),
    Fact.DAY_TYPE: _l("Kind of day"),
    Fact.WEEKDAY: _l("Weekday (1 to 7)"),
    Fact.REGISTRATION: _l("Place of registration"),
    Fact.RESIDENCE: _l("Place of residence"),
    Fact.SITE: _l("Site"),
    Fact.WAY: _l("Way of eating"),
    Fact.SALE: _l("Kind of sale"),
    Fact.SET_MEAL: _l("Set meal"),
}

OPERATOR: Mapping[Operator, Any] = {
    Operator.IN: _l("is one of"),
    Operator.NOT_IN: _l("is none of"),
    Operator.AT_LEAST: _l("is at least"),
    Operator.BELOW: _l("is below"),
    Operator.UNDER: _l("lies within"),
    Operator.NOT_UNDER: _l("lies outside"),
}

PERIOD: Mapping[LimitPeriod, Any] = {
    LimitPeriod.DAY: _l("each day"),
    LimitPeriod.WEEK: _l("each week"),
    LimitPeriod.MONTH: _l("each month"),
}

LIMIT_UNIT: Mapping[LimitUnit, Any] = {
    LimitUnit.MEALS: _l("meals"),
    LimitUnit.FEN: _l("yuan"),
}

LIMIT_SCOPE: Mapping[LimitScope, Any] = {
    LimitScope.SERIES: _l("this row's meals"),
    LimitScope.ALL: _l("all subsidised meals"),
}

UNDO_REASON = _l("This scan was not meant")


def yuan(fen: int | None) -> str:
    """1200 → ¥12.00."""
    return money(fen)


def note_text(note: Mapping[str, Any]) -> str:
    """A note of an answer for the staff's side."""
    text = str(NOTE[Note(note["code"])])
    if "expired_on" in note:
        return _(
            "%(note)s: ran out on %(day)s",
            note=text,
            day=day(date.fromisoformat(note["expired_on"])),
        )
    return text
