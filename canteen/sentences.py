"""Sentences for the canteen's coded errors: what happened, that nothing is lost, what to do."""

from flask_babel import lazy_gettext as _l

from canteen.values import Refusal
from canteen.words import REFUSAL_NEXT
from core.errors import Text, describe

describe(
    {
        "id_reused": Text(
            _l(
                "This entry's number was used for another entry already. Nothing was written; scan "
                "again."
            ),
            422,
        ),
        "late_reason_needed": Text(
            _l("An entry from paper needs its reason. Nothing was written."),
            422,
        ),
        "paper_in_future": Text(
            _l(
                "This day is still to come, so nobody can have eaten. Nothing was registered; check "
                "the date."
            ),
            422,
        ),
        "price_out_of_range": Text(
            _l(
                "This price is outside what the tariff allows. Nothing was written; check the amount."
            ),
            422,
        ),
        "no_such_event": Text(
            _l("This entry is not there, or it is no meal. Nothing was changed."),
            404,
        ),
        "already_voided": Text(_l("This entry was voided already. Nothing more is needed.")),
        "not_movable": Text(
            _l("Only a diner's own meal can be moved to somebody else. Nothing was changed."),
        ),
        "already_served": Text(_l("She has a meal in this sitting already. Nothing was changed.")),
        "no_such_exception": Text(_l("This matter is not on the list. Load the page again."), 404),
        "already_settled": Text(
            _l("Somebody settled this already. Load the page again to see the finding."),
        ),
        "not_a_diner": Text(_l("She is not enrolled for meals. Enrol her first.")),
        "already_enrolled": Text(_l("She is enrolled for meals already.")),
        "no_such_person": Text(_l("This person is not in the registry. Nothing was changed."), 404),
        "no_such_site": Text(_l("There is no canteen of this name. Nothing was changed."), 404),
        "no_such_entry": Text(_l("This entry is not there any more. Load the page again."), 404),
        "ends_before_start": Text(
            _l("The end lies before the beginning. Nothing was saved; check the dates."),
            422,
        ),
        "no_such_category": Text(_l("This category is not in use. Choose another one."), 422),
        "category_by_age": Text(
            _l("Categories of age follow from the birth date and need no paper."),
            422,
        ),
        "category_incomplete": Text(_l("A category needs a short code and a name."), 422),
        "category_age_bounds": Text(
            _l(
                "A category of age needs its lowest age, and no other has one; the upper bound lies "
                "above it."
            ),
            422,
        ),
        "category_taken": Text(
            _l("There is a category with this code or name already. Choose another."),
            422,
        ),
        "category_needed": Text(
            _l("The code and dimension of a category stay, and the general category stays in use."),
        ),
        "eligibility_overlaps": Text(
            _l(
                "She has an eligibility in this category for some of these days already. End or renew "
                "that one."
            ),
        ),
        "eligibility_was_ended": Text(
            _l(
                "An eligibility in this category began on this very day and was ended. Nothing was "
                "saved; choose a later first day."
            ),
        ),
        "not_proposed": Text(
            _l("This eligibility does not wait for approval any more. Load the page again."),
        ),
        "not_approved": Text(
            _l(
                "Only an approved eligibility with an end can be changed like this. Load the page "
                "again."
            ),
        ),
        "renewal_not_later": Text(_l("The new end must lie after the present one."), 422),
        "no_such_tariff": Text(
            _l("This row of the tariff is not there any more. Load the page again."),
            404,
        ),
        "tariff_in_force": Text(
            _l(
                "A row in force is not edited: meals were priced by it. Make a new version instead."
            ),
        ),
        "tariff_not_in_force": Text(_l("This row is not in force. Load the page again.")),
        "tariff_incomplete": Text(
            _l("A row of the tariff needs a name, its document number and a short code."),
            422,
        ),
        "tariff_without_price": Text(_l("A price row needs its price."), 422),
        "price_row_with_layers": Text(
            _l("A price row has no layers and no limits; write a subsidy row for them."),
            422,
        ),
        "tariff_without_layers": Text(_l("A subsidy row needs at least one layer that pays."), 422),
        "tariff_repeats_itself": Text(_l("A condition or a layer stands in this row twice."), 422),
        "layer_fixed_or_share": Text(
            _l("A layer pays either a fixed amount or a share of the price."),
            422,
        ),
        "bad_condition": Text(
            _l("One of the conditions does not fit what it compares. Check its values."),
            422,
        ),
        "series_of_other_kind": Text(
            _l("This short code belongs to rows of another kind. Choose another one."),
            422,
        ),
        "bad_window": Text(_l("A mealtime begins before it ends and lies within one day."), 422),
        "window_twice": Text(_l("Each sitting has one mealtime a day."), 422),
        "windows_overlap": Text(_l("Two mealtimes overlap. Nothing was saved."), 422),
    }
)

# Moving a meal may end in any refusal of the counter.
describe({refusal.value: Text(REFUSAL_NEXT[refusal]) for refusal in Refusal})
