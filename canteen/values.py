"""Value types of the canteen: the words of its rules. No database, no Flask, no decisions.

The meaning of each word, and what staff see for it, stands in `words.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Sitting(StrEnum):
    """One of the three meals of a day."""

    BREAKFAST = "breakfast"
    LUNCH = "lunch"
    DINNER = "dinner"

    @property
    def position(self) -> int:
        """0, 1, 2 in the order of the day."""
        return list(Sitting).index(self)

    @property
    def bit(self) -> int:
        """1, 2, 4: a day's sittings summed in one glyph, and the weekly pattern of a window."""
        return 1 << self.position


class WayOfEating(StrEnum):
    DINE_IN = "dine_in"
    TAKE_AWAY = "take_away"
    COLLECTED = "collected"
    DELIVERED = "delivered"


class WayOfRecording(StrEnum):
    SCAN = "scan"
    BY_NAME = "by_name"
    DOCUMENT = "document"
    PAPER = "paper"
    SYNCED = "synced"


class Collector(StrEnum):
    """Who took the meal. Only SELF counts as seen."""

    SELF = "self"
    SPOUSE = "spouse"
    FAMILY = "family"
    NEIGHBOUR = "neighbour"
    CARER = "carer"


class NoCardReason(StrEnum):
    """Why she was found by name instead of by card."""

    FORGOTTEN = "forgotten"
    DAMAGED = "damaged"
    LOST = "lost"
    NOT_ISSUED = "not_issued"


class DietKind(StrEnum):
    ALLERGY = "allergy"
    HALAL = "halal"
    DIABETIC = "diabetic"
    LOW_SALT = "low_salt"
    LOW_PURINE = "low_purine"
    SOFT = "soft"
    MINCED = "minced"
    LIQUID = "liquid"
    TASTE = "taste"

    @property
    def blocks(self) -> bool:
        """Whether somebody must acknowledge it before the meal is handed over."""
        return self in (DietKind.ALLERGY, DietKind.HALAL)


class Dimension(StrEnum):
    """What a category says something about. Categories of AGE come from the birth date alone."""

    ECONOMIC = "economic"
    ABILITY = "ability"
    LIVING = "living"
    PRIVILEGE = "privilege"
    AGE = "age"
    GENERAL = "general"


class FundLayer(StrEnum):
    """Who pays a part of the subsidy; also the columns `<layer>_fen` of a meal."""

    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    DONATION = "donation"
    OPERATOR = "operator"


class OtherKind(StrEnum):
    """Meals outside the subsidy: visits only, never people."""

    COMPANION = "companion"
    GUEST = "guest"
    VOLUNTEER = "volunteer"
    STAFF = "staff"
    SECOND = "second"


class EventKind(StrEnum):
    SERVED = "served"
    REFUSED = "refused"
    VOIDED = "voided"


class Outcome(StrEnum):
    """What the counter is told."""

    SERVED = "served"
    ALREADY_SERVED = "already_served"
    REFUSED = "refused"


class Refusal(StrEnum):
    """Why a meal is not registered as an ordinary one."""

    UNKNOWN_CARD = "unknown_card"
    CARD_REPLACED = "card_replaced"
    CARD_REVOKED = "card_revoked"
    MOVED_AWAY = "moved_away"
    CARE_HOME = "care_home"
    HOSPITAL = "hospital"
    DECEASED = "deceased"
    SUSPENDED = "suspended"
    NOT_ELIGIBLE = "not_eligible"
    CLOSED_DAY = "closed_day"
    OUTSIDE_SITTING = "outside_sitting"
    CLOCK_SUSPECT = "clock_suspect"
    NO_PRICE = "no_price"
    PRICE_NEEDED = "price_needed"
    DIET_BLOCK = "diet_block"

    @property
    def is_stopped_card(self) -> bool:
        """The diner's side says one and the same sentence for all of these."""
        return self in _STOPPED


_STOPPED = frozenset({
    Refusal.CARD_REPLACED, Refusal.CARD_REVOKED, Refusal.MOVED_AWAY, Refusal.CARE_HOME,
    Refusal.HOSPITAL, Refusal.DECEASED, Refusal.SUSPENDED, Refusal.NOT_ELIGIBLE,
})  # fmt: skip


class ExceptionKind(StrEnum):
    """What a human must look at. At most one of each kind for one event."""

    SECOND_SERVING = "second_serving"
    AGAINST_RULE = "against_rule"
    UNKNOWN_CARD = "unknown_card"
    CLOCK_SUSPECT = "clock_suspect"
    BAD_ITEM = "bad_item"


class Note(StrEnum):
    """What the staff's side adds to a served meal."""

    ELIGIBILITY_REVIEW = "eligibility_review"
    PAUSED = "paused"
    GRACE = "grace"
    LATE_ENTRY = "late_entry"
    DIET = "diet"
    PRACTICE = "practice"
    LIMIT_REACHED = "limit_reached"


class EligibilityState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    ENDED = "ended"


class TariffState(StrEnum):
    DRAFT = "draft"
    IN_FORCE = "in_force"
    WITHDRAWN = "withdrawn"


class TariffKind(StrEnum):
    PRICE = "price"
    SUBSIDY = "subsidy"


class PriceKind(StrEnum):
    FIXED = "fixed"
    SET_MEAL = "set_meal"
    ACTUAL = "actual"


class DayType(StrEnum):
    WEEKDAY = "weekday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


class Fact(StrEnum):
    """What a condition of a tariff row may look at."""

    CATEGORY = "category"
    AGE = "age"
    SITTING = "sitting"
    DAY_TYPE = "day_type"
    WEEKDAY = "weekday"
    REGISTRATION = "registration"
    RESIDENCE = "residence"
    SITE = "site"
    WAY = "way"
    SALE = "sale"
    SET_MEAL = "set_meal"


class Operator(StrEnum):
    """How a condition compares. UNDER is about area paths: "01.03" lies under "01"."""

    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    BELOW = "below"
    UNDER = "under"
    NOT_UNDER = "not_under"


class LimitPeriod(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class LimitUnit(StrEnum):
    MEALS = "meals"
    FEN = "fen"


class LimitScope(StrEnum):
    """Which stored meals a limit counts: those of this row and its earlier versions, or all."""

    SERIES = "series"
    ALL = "all"


GENERAL = "general"  # code of the category 普通, in which everybody eats who is in no other
DINER = "diner"  # value of Fact.SALE for the meal of an enrolled diner; else an OtherKind


@dataclass(frozen=True, slots=True)
class Window:
    """When one sitting is served on a day: minutes after midnight, [starts, ends), with its grace."""

    sitting: Sitting
    starts_min: int
    ends_min: int
    grace_before_min: int = 30
    grace_after_min: int = 20


@dataclass(frozen=True, slots=True)
class Placed:
    """The sitting a moment belongs to; `in_grace` when it lies before or after the window itself."""

    day: date
    sitting: Sitting
    in_grace: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of diner. Those with an age bound are held by birth date, never by paper."""

    id: int
    code: str
    name: str
    dimension: Dimension
    position: int = 0
    age_from: int | None = None
    age_below: int | None = None

    def fits_age(self, age: int | None) -> bool:
        """Whether it is a category of age that somebody of this age is in. False for others."""
        if self.dimension is not Dimension.AGE or age is None:
            return False
        return (self.age_from or 0) <= age and (self.age_below is None or age < self.age_below)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a tariff row: fact, operator, values."""

    fact: Fact
    operator: Operator
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LayerRule:
    """How much one layer pays: a fixed sum, or a share of the price in 1/10000, at most `cap_fen`."""

    layer: FundLayer
    fixed_fen: int | None = None
    share_bp: int | None = None
    cap_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many subsidised meals, or so many fen of subsidy, in a period."""

    period: LimitPeriod
    unit: LimitUnit
    maximum: int
    scope: LimitScope = LimitScope.SERIES


@dataclass(frozen=True, slots=True)
class TariffRow:
    """One row of the tariff. A lower `priority` goes first; dates are inclusive; `id` is its number."""

    id: int
    kind: TariffKind
    name: str
    document_no: str
    from_on: date
    until_on: date | None = None
    priority: int = 100
    series: str = ""
    price_kind: PriceKind | None = None
    price_fen: int | None = None
    conditions: tuple[Condition, ...] = ()
    layers: tuple[LayerRule, ...] = ()
    limits: tuple[Limit, ...] = ()
    # The conditions once more, those on the category apart: it is tried in turn, the rest once.
    on_category: tuple[Condition, ...] = field(init=False, repr=False, compare=False)
    on_facts: tuple[Condition, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name, wanted in (("on_category", True), ("on_facts", False)):
            conditions = (c for c in self.conditions if (c.fact is Fact.CATEGORY) is wanted)
            object.__setattr__(self, name, tuple(conditions))

    def is_valid_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class PastMeal:
    """A stored subsidised meal that a limit counts."""

    day: date
    tariff_id: int | None
    subsidy_fen: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the explanation of an amount: a code, and plain values for its sentence."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        return {"code": self.code, **self.values}


@dataclass(frozen=True, slots=True)
class Priced:
    """What a meal costs and who pays. price_fen = Σ layers + copay_fen, each ≥ 0."""

    price_fen: int
    copay_fen: int
    layers: Mapping[FundLayer, int]
    price_tariff_id: int | None
    tariff_id: int | None
    category: Category | None
    steps: tuple[Step, ...] = ()
    limit_reached: bool = False

    @property
    def subsidy_fen(self) -> int:
        return self.price_fen - self.copay_fen


@dataclass(frozen=True, slots=True)
class Event:
    """As much of a meal event as decides what is owed."""

    id: UUID
    kind: EventKind
    occurred_at: datetime
    voids_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Folded:
    """What the events of one (person, day, sitting) come to: the meal's event, and those parked."""

    meal: Event | None
    parked: tuple[Event, ...] = ()
