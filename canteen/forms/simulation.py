"""What is asked before a past month is priced again: which month, which canteen, which drafts."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields import SelectChoice

from canteen.forms.fields import FilterForm, select
from canteen.forms.filters import site_choices
from canteen.models import Tariff
from core.clock import Month
from core.forms import CheckboxField
from core.reports.values import Period
from core.reports.words import period_words
from core.sites.models import Site

MONTHS_BACK = 24


class SimulationForm(FilterForm):
    """A past month under drafted rows."""

    month = SelectField(_l("Month"), coerce=Month.parse)
    site = select(_l("Canteen"), str)
    drafts = CheckboxField(_l("Drafts to try"), coerce=int)

    def __init__(
        self, sites: Sequence[Site], drafts: Sequence[Tariff], running: Month, **more: Any
    ) -> None:
        super().__init__(**more)
        months = [running]
        while len(months) <= MONTHS_BACK:
            months.append(months[-1].previous())
        self.month.choices = [
            SelectChoice(str(month), period_words(Period(month))) for month in months
        ]
        self.site.choices = site_choices(sites)
        self.drafts.choices = [
            SelectChoice(str(row.id), f"{row.name} · {row.document_no}") for row in drafts
        ]
        if not self.month.raw_data:
            self.month.data = running.previous()
        self.read()
