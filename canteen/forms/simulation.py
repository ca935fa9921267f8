"""What is asked before a past month is priced again: which month, which canteen, which drafts."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError

from canteen.forms.fields import CheckboxField, FilterForm, half_width, select
from canteen.forms.filters import site_choices
from canteen.models import Tariff
from core.clock import Month
from core.sites.models import Site


class SimulationForm(FilterForm):
    """A past month under drafted rows; `wanted` is the month, or None when what was typed is none."""

    month = StringField(_l("Month"), [Length(max=16)])
    site = select(_l("Canteen"), str)
    drafts = CheckboxField(_l("Drafts to try"), coerce=int)

    def __init__(
        self, sites: Sequence[Site], drafts: Sequence[Tariff], running: Month, **more: Any
    ) -> None:
        super().__init__(**more)
        self.running = running
        self.wanted: Month | None = None
        self.site.choices = site_choices(sites)
        self.drafts.choices = [
            SelectChoice(str(row.id), f"{row.name} · {row.document_no}") for row in drafts
        ]
        if not self.month.raw_data:
            self.month.data = str(running.previous())
        self.read()

    def validate_month(self, field: StringField) -> None:
        """A month that has ended or is running."""
        text = half_width(field.data or "").replace("年", "-").replace("月", "").replace("/", "-")
        year, _dash, month = text.partition("-")
        try:
            wanted = Month.parse(f"{year}-{month.zfill(2)}")
        except ValueError:
            raise ValidationError(_l("Type a month such as 2026-10.")) from None
        if wanted > self.running:
            raise ValidationError(_l("This month has not begun; nothing was eaten in it."))
        self.wanted = wanted
