"""Every verb that changes rows of the canteen; one transaction each."""

from canteen.actions.corrections import move_meal, park_bad_item, settle_exception, void_meal
from canteen.actions.diners import (
    add_diet_need,
    change_diner,
    end_diet_need,
    end_diner,
    end_pause,
    end_suspension,
    enrol_diner,
    pause_diner,
    suspend_diner,
)
from canteen.actions.eligibility import (
    approve_eligibility,
    end_eligibility,
    propose_eligibility,
    refuse_eligibility,
    renew_eligibility,
)
from canteen.actions.rebuilt import Difference, differences
from canteen.actions.register import register_batch, register_meal
from canteen.actions.scan import ByCard, ByCode, ByPerson, Need, Registered, Scan, Seen
from canteen.actions.settings import ensure_categories, save_category, set_sitting_windows
from canteen.actions.tariffs import (
    TariffDraft,
    change_draft,
    delete_draft,
    draft_tariff,
    end_tariff,
    put_tariff_in_force,
)

__all__ = [
    "ByCard",
    "ByCode",
    "ByPerson",
    "Difference",
    "Need",
    "Registered",
    "Scan",
    "Seen",
    "TariffDraft",
    "add_diet_need",
    "approve_eligibility",
    "change_diner",
    "change_draft",
    "delete_draft",
    "differences",
    "draft_tariff",
    "end_diet_need",
    "end_diner",
    "end_eligibility",
    "end_pause",
    "end_suspension",
    "end_tariff",
    "enrol_diner",
    "ensure_categories",
    "move_meal",
    "park_bad_item",
    "pause_diner",
    "propose_eligibility",
    "put_tariff_in_force",
    "refuse_eligibility",
    "register_batch",
    "register_meal",
    "renew_eligibility",
    "save_category",
    "set_sitting_windows",
    "settle_exception",
    "suspend_diner",
    "void_meal",
]
