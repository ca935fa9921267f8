"""What a column of the bureau's form may hold, and which columns a canteen's form has at first."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.privacy import mask_id_number, mask_phone
from core.reports.form import Source
from core.reports.values import Kind

_NUMBER, _FEN = Kind.NUMBER, Kind.FEN

SOURCES: Mapping[str, Source] = {
    "number": Source(_l("No."), _NUMBER), "name": Source(_l("Name")),
    "id_number": Source(_l("ID number"), mask=mask_id_number, needs_grant=True),
    "sex": Source(_l("Sex")), "age": Source(_l("Age"), _NUMBER),
    "category": Source(_l("Priced category")), "registration": Source(_l("Registration")),
    "residence": Source(_l("Community of residence")), "phone": Source(_l("Phone"), mask=mask_phone),
    "sites": Source(_l("Canteen")), "days": Source(_l("Days with meals"), _NUMBER),
    "breakfast": Source(_l("Breakfasts"), _NUMBER, is_summed=True),
    "lunch": Source(_l("Lunches"), _NUMBER, is_summed=True),
    "dinner": Source(_l("Dinners"), _NUMBER, is_summed=True),
    "visits": Source(_l("Meals in all"), _NUMBER, is_summed=True),
    "dine_in": Source(_l("Dine in"), _NUMBER, is_summed=True),
    "taken": Source(_l("Taken away"), _NUMBER, is_summed=True),
    "delivered": Source(_l("Delivered"), _NUMBER, is_summed=True),
    "price_fen": Source(_l("Meal price"), _FEN, is_summed=True),
    "province_fen": Source(_l("Subsidy of the province"), _FEN, is_summed=True),
    "city_fen": Source(_l("Subsidy of the city"), _FEN, is_summed=True),
    "district_fen": Source(_l("Subsidy of the district"), _FEN, is_summed=True),
    "street_fen": Source(_l("Subsidy of the subdistrict"), _FEN, is_summed=True),
    "community_fen": Source(_l("Subsidy of the community"), _FEN, is_summed=True),
    "donation_fen": Source(_l("Subsidy from donations"), _FEN, is_summed=True),
    "operator_fen": Source(_l("Operator's discount"), _FEN, is_summed=True),
    "subsidy_fen": Source(_l("Subsidy in all"), _FEN, is_summed=True),
    "copay_fen": Source(_l("Co-pay"), _FEN, is_summed=True),
    "period": Source(_l("Reporting period")), "note": Source(_l("Note")),
    "blank": Source(_l("Empty, to be filled in by hand")),
}  # fmt: skip

FORM_COLUMNS = (
    "number", "name", "id_number", "age", "category", "residence", "breakfast", "lunch", "dinner",
    "dine_in", "taken", "delivered", "price_fen", "subsidy_fen", "copay_fen", "note",
)  # fmt: skip
