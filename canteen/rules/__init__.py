"""Pure decisions of the canteen on plain values: no database, no Flask, no clock."""

from canteen.rules.admission import Admitted, Case, Held, Paper, admit, held_categories
from canteen.rules.meals import is_undo, meal_of
from canteen.rules.sittings import DEFAULT_WINDOWS, day_type, overlapping, place, upcoming
from canteen.rules.tariff import PastNeeded, age_on, check_row, price_meal

__all__ = [
    "DEFAULT_WINDOWS",
    "Admitted",
    "Case",
    "Held",
    "Paper",
    "PastNeeded",
    "admit",
    "age_on",
    "check_row",
    "day_type",
    "held_categories",
    "is_undo",
    "meal_of",
    "overlapping",
    "place",
    "price_meal",
    "upcoming",
]
