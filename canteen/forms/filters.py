"""What the lists of the canteen can be filtered by; every filter stands in the address."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from canteen import words
from canteen.forms.fields import FilterForm, any_or, choices_of, select
from canteen.lists.diners import DinerOrder, DinerState
from canteen.lists.eligibilities import PaperList
from canteen.lists.exceptions import ExceptionState
from canteen.lists.meals import MealOutcome
from canteen.models import MealCategory
from canteen.values import ExceptionKind, Sitting, WayOfEating, WayOfRecording
from core.forms import IdField, day_field, ends_before_start
from core.sites.models import Area, AreaLevel, Site

DINER_STATES = {
    DinerState.ENROLLED: _l("Enrolled"),
    DinerState.REVIEW: _l("Eligibility to review"),
    DinerState.EXPIRING: _l("Expiring soon"),
    DinerState.NONE: _l("No valid eligibility"),
    DinerState.SUSPENDED: _l("Suspended"),
    DinerState.PAUSED: _l("Paused"),
    DinerState.ENDED: _l("Enrolment ended"),
}
DINER_ORDERS = {
    DinerOrder.NAME: _l("By name"),
    DinerOrder.EXPIRY: _l("By end of eligibility"),
    DinerOrder.NEWEST: _l("Newest enrolment first"),
}
PAPER_LISTS = {
    PaperList.PROPOSED: _l("Waiting for approval"),
    PaperList.REVIEW: _l("Run out, to review"),
    PaperList.EXPIRING: _l("Expiring soon"),
}
MEAL_OUTCOMES = {
    MealOutcome.SERVED: _l("Registered"),
    MealOutcome.MEAL: _l("Subsidised meals"),
    MealOutcome.OTHER: _l("Meals outside the subsidy"),
    MealOutcome.PARKED: _l("To be clarified"),
    MealOutcome.VOIDED: _l("Voided"),
    MealOutcome.REFUSED: _l("Not registered"),
    MealOutcome.ALL: _l("Everything"),
}
EXCEPTION_STATES = {
    ExceptionState.OPEN: _l("Not settled"),
    ExceptionState.SETTLED: _l("Settled"),
}


def site_choices(sites: Sequence[Site]) -> list[SelectChoice]:
    """Sites by slug, all of them first when there is more than one."""
    choices = [SelectChoice(site.slug, site.name) for site in sites]
    return any_or(choices, _l("All canteens")) if len(sites) != 1 else choices


def area_choices(areas: Sequence[Area]) -> list[SelectChoice]:
    """Streets and communities by code path; the grids of a community below it."""
    indent = {AreaLevel.COMMUNITY: "\u3000", AreaLevel.GRID: "\u3000\u3000"}
    choices = [SelectChoice(row.code, indent.get(row.level, "") + row.name) for row in areas]
    return any_or(choices, _l("All areas"))


def category_choices(categories: Sequence[MealCategory]) -> list[SelectChoice]:
    return any_or([SelectChoice(row.code, row.name) for row in categories], _l("All categories"))


class DinerFilter(FilterForm):
    q = StringField(
        _l("Search"),
        [Length(max=64)],
        description=_l("Name, pinyin, or last digits of phone or ID"),
    )
    site = select(_l("Canteen"), str)
    category = select(_l("Category"), str)
    area = select(_l("Lives in"), str)
    state = SelectField(_l("State"), coerce=DinerState, choices=choices_of(DINER_STATES),
                        default=DinerState.ENROLLED)  # fmt: skip
    within = IntegerField(_l("Days ahead"), [Optional(), NumberRange(1, 366)])
    person = IdField(_l("Person"), [Optional()])
    order = SelectField(_l("Sorted by"), coerce=DinerOrder, choices=choices_of(DINER_ORDERS),
                        default=DinerOrder.NAME)  # fmt: skip

    def __init__(
        self,
        sites: Sequence[Site],
        categories: Sequence[MealCategory],
        areas: Sequence[Area],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.site.choices = site_choices(sites)
        self.category.choices = category_choices(categories)
        self.area.choices = area_choices(areas)
        self.read()


class PaperFilter(FilterForm):
    show = SelectField(_l("List"), coerce=PaperList, choices=choices_of(PAPER_LISTS),
                       default=PaperList.PROPOSED)  # fmt: skip
    site = select(_l("Canteen"), str)
    within = IntegerField(_l("Days ahead"), [Optional(), NumberRange(1, 366)])

    def __init__(self, sites: Sequence[Site], **more: Any) -> None:
        super().__init__(**more)
        self.site.choices = site_choices(sites)
        self.read()


class MealFilter(FilterForm):
    q = StringField(
        _l("Search"),
        [Length(max=64)],
        description=_l("Name, pinyin, or last digits of phone or ID"),
    )
    from_on = day_field(_l("From"), required=False)
    until_on = day_field(_l("To"), required=False)
    site = select(_l("Canteen"), str)
    sitting = select(
        _l("Sitting"), Sitting, choices=any_or(choices_of(words.SITTING), _l("All sittings"))
    )
    outcome = SelectField(_l("Result"), coerce=MealOutcome, choices=choices_of(MEAL_OUTCOMES),
                          default=MealOutcome.SERVED)  # fmt: skip
    way = select(
        _l("Way of eating"), WayOfEating, choices=any_or(choices_of(words.WAY), _l("All ways"))
    )
    recording = select(
        _l("Way of recording"),
        WayOfRecording,
        choices=any_or(choices_of(words.RECORDING), _l("All ways")),
    )
    category = select(_l("Priced category"), str)
    person = IdField(_l("Person"), [Optional()])

    def __init__(
        self,
        sites: Sequence[Site],
        categories: Sequence[MealCategory],
        span: tuple[date, date],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.site.choices = site_choices(sites)
        self.category.choices = category_choices(categories)
        self.read()
        if self.from_on.data is None and not self.from_on.raw_data:
            self.from_on.data = span[0]
        if self.until_on.data is None and not self.until_on.raw_data:
            self.until_on.data = span[1]

    def validate_until_on(self, field: Any) -> None:
        if ends_before_start(self.from_on.data, field.data):
            raise ValidationError(_l("The last day lies before the first. Check both dates."))

    @property
    def has_more(self) -> bool:
        """Whether one of the less usual filters is in use."""
        return any(self.value_of(name) for name in ("way", "recording", "category"))


class TodayFilter(FilterForm):
    site = select(_l("Canteen"), str)
    sitting = select(
        _l("Sitting"), Sitting, choices=any_or(choices_of(words.SITTING), _l("All sittings"))
    )

    def __init__(self, sites: Sequence[Site], **more: Any) -> None:
        super().__init__(**more)
        self.site.choices = site_choices(sites)
        self.read()


class ExceptionFilter(FilterForm):
    state = SelectField(_l("State"), coerce=ExceptionState, choices=choices_of(EXCEPTION_STATES),
                        default=ExceptionState.OPEN)  # fmt: skip
    site = select(_l("Canteen"), str)
    kind = select(
        _l("Kind"), ExceptionKind, choices=any_or(choices_of(words.EXCEPTION), _l("All kinds"))
    )

    def __init__(self, sites: Sequence[Site], **more: Any) -> None:
        super().__init__(**more)
        self.site.choices = site_choices(sites)
        self.read()
