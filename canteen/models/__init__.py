"""Rows of the canteen. Diners and their papers, the tariff, and the two tables that make the truth."""

from canteen.models.adjustments import MealAdjustment
from canteen.models.diners import (
    DietNeed,
    Diner,
    Eligibility,
    MealCategory,
    Pause,
    SittingWindow,
    Suspension,
)
from canteen.models.meals import CanteenException, Meal, MealEvent, OtherSale
from canteen.models.tariffs import Tariff, TariffCondition, TariffLayer, TariffLimit

__all__ = [
    "CanteenException",
    "DietNeed",
    "Diner",
    "Eligibility",
    "Meal",
    "MealAdjustment",
    "MealCategory",
    "MealEvent",
    "OtherSale",
    "Pause",
    "SittingWindow",
    "Suspension",
    "Tariff",
    "TariffCondition",
    "TariffLayer",
    "TariffLimit",
]
