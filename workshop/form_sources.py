"""What a column of the bureau's form may hold, and which columns a workshop's form has at first."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from core.privacy import mask_id_number, mask_phone
from core.reports.form import Source
from core.reports.values import Kind

_NUMBER, _HOURS, _DAY = Kind.NUMBER, Kind.HOURS, Kind.DAY

SOURCES: Mapping[str, Source] = {
    "number": Source(_l("No."), _NUMBER), "name": Source(_l("Name")),
    "id_number": Source(_l("ID number"), mask=mask_id_number, needs_grant=True),
    "sex": Source(_l("Sex")), "age": Source(_l("Age"), _NUMBER),
    "residence": Source(_l("Community of residence")), "phone": Source(_l("Phone"), mask=mask_phone),
    "cohort": Source(_l("Cohort")), "workshop": Source(_l("Workshop")),
    "credited": Source(_l("Hours credited"), _HOURS, is_summed=True),
    "planned": Source(_l("Hours planned"), _HOURS, is_summed=True),
    "hours": Source(_l("Class hours (credited/planned)")),
    "visits": Source(_l("Attendances in the period"), _NUMBER, is_summed=True),
    "state": Source(_l("Outcome of the training")), "certificate": Source(_l("Certificate No.")),
    "subsidised": Source(_l("Counted for the subsidy")),
    "form": Source(_l("Form of work")), "employer": Source(_l("Employer")),
    "started_on": Source(_l("Started on"), _DAY), "verified": Source(_l("Work verified")),
    "period": Source(_l("Reporting period")), "blank": Source(_l("Empty, to be filled in by hand")),
}  # fmt: skip

FORM_COLUMNS = (
    "number", "name", "id_number", "age", "residence", "cohort", "hours", "state", "certificate",
    "form", "employer", "started_on", "verified",
)  # fmt: skip
