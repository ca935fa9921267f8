"""What the calendar can be filtered by."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields import SelectChoice

from core.forms import FilterForm, any_or, choices_of, select_field
from core.sites.models import Site
from workshop.lists.timetable import GridBy

GRIDS = {GridBy.ROOM: _l("By room"), GridBy.TRAINER: _l("By trainer")}


class CalendarFilter(FilterForm):
    by = SelectField(_l("Lines"), coerce=GridBy, choices=choices_of(GRIDS), default=GridBy.ROOM)
    site = select_field(_l("Workshop"), str, choices=[])

    def __init__(self, sites: Sequence[Site], **more: Any) -> None:
        super().__init__(**more)
        choices = [SelectChoice(site.slug, site.name) for site in sites]
        self.site.choices = any_or(choices, _l("All workshops")) if len(sites) != 1 else choices
        if not self.by.raw_data:
            self.by.data = GridBy.ROOM
        self.validate()
