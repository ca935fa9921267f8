"""Forms of sites, areas and the calendar."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from core.forms import any_or, choices_of, day_field, select_field, stripped, text_field
from core.sites.actions import DayFacts, SiteFacts
from core.sites.models import Area, AreaLevel, CalendarDay, DayKind, Site, SiteKind

KIND = {SiteKind.CANTEEN: _l("Senior canteen"), SiteKind.WORKSHOP: _l("Workshop")}
LEVEL = {
    AreaLevel.STREET: _l("Subdistrict"),
    AreaLevel.COMMUNITY: _l("Community"),
    AreaLevel.GRID: _l("Grid"),
    AreaLevel.OUTSIDE: _l("Outside the subdistrict"),
}
DAY_KIND = {
    DayKind.HOLIDAY: _l("Holiday or closed day"),
    DayKind.WORKDAY: _l("Make-up working day"),
}
ADDRESS_STYLES = ("大娘/大爷", "奶奶/爷爷", "阿姨/叔叔", "大姐/大哥", "女士/先生")
WEEKDAY = {
    1: _l("as on a Monday"), 2: _l("as on a Tuesday"), 3: _l("as on a Wednesday"),
    4: _l("as on a Thursday"), 5: _l("as on a Friday"), 6: _l("as on a Saturday"),
    7: _l("as on a Sunday"),
}  # fmt: skip
CLOSED, USUAL = "closed", "usual"
PLAN = {CLOSED: _l("closed"), USUAL: _l("open, as its own weekday")}


class SiteForm(FlaskForm):
    """What can be changed of a site."""

    name = text_field(_l("Site name"), 64)
    address_style = select_field(_l("How people are addressed"), str)
    phone = text_field(_l("Telephone"), 32, required=False, render_kw={"inputmode": "tel"})
    operator = text_field(_l("Operator"), 64, required=False)
    address = text_field(_l("Address"), 128, required=False)
    area_id = select_field(_l("Area"), int)
    is_active = BooleanField(_l("In use"), default=True)

    def __init__(self, areas: list[Area], **more: Any) -> None:
        super().__init__(**more)
        self.area_id.choices = any_or(area_choices(areas), _l("none"))
        own = more["obj"].address_style if more.get("obj") else None
        styles = dict.fromkeys([*ADDRESS_STYLES, *([own] if own else [])])
        self.address_style.choices = [SelectChoice(style, style) for style in styles]

    def facts(self) -> SiteFacts:
        return SiteFacts(
            name=self.name.data, address_style=self.address_style.data, phone=self.phone.data or "",
            operator=self.operator.data or "", address=self.address.data or "",
            area_id=self.area_id.data, is_active=self.is_active.data,
        )  # fmt: skip


class NewSiteForm(SiteForm):
    """A site that is not there yet."""

    slug = StringField(
        _l("Short name"),
        [InputRequired(), Length(max=32), Regexp("^[a-z0-9]+(-[a-z0-9]+)*$",
         message=_l("Only small letters, digits and single dashes, for example nonglin-2."))],
        filters=[stripped], render_kw={"autocapitalize": "none", "autocomplete": "off"},
    )  # fmt: skip
    kind = RadioField(_l("Kind"), [InputRequired()], choices=choices_of(KIND), coerce=SiteKind)


def area_choices(areas: list[Area]) -> list[SelectChoice]:
    """Areas as a tree in one column; `areas` sorted by code."""
    return [
        SelectChoice(str(area.id), "\N{IDEOGRAPHIC SPACE}" * area.code.count(".") + area.name)
        for area in areas
    ]


class AreaNameForm(FlaskForm):
    """What a node is called."""

    name = text_field(_l("Area name"), 64)


class NewAreaForm(AreaNameForm):
    """A new node and what it belongs to."""

    parent_id = select_field(_l("Belongs to"), int)

    def __init__(self, parents: list[Area], has_outside: bool, **more: Any) -> None:
        super().__init__(**more)
        top = [SelectChoice("", _l("nothing: a new subdistrict"))]
        if not has_outside:
            top.append(SelectChoice("0", _l("nothing: the one area outside the subdistrict")))
        self.parent_id.choices = [*area_choices(parents), *top]


class DayForm(FlaskForm):
    """One day of the calendar."""

    on = day_field(_l("Date"))
    kind = RadioField(_l("Kind"), [InputRequired()], choices=choices_of(DAY_KIND), coerce=DayKind)
    name = text_field(_l("Occasion"), 32)
    plan = select_field(_l("On this day the site is"), str)
    site_id = select_field(_l("Where"), int)

    def __init__(self, sites: list[Site], **more: Any) -> None:
        super().__init__(**more)
        self.plan.choices = [
            *(SelectChoice(key, word) for key, word in PLAN.items()),
            *(SelectChoice(str(number), word) for number, word in WEEKDAY.items()),
        ]
        self.site_id.choices = any_or(
            [SelectChoice(str(site.id), site.name) for site in sites], _l("everywhere")
        )

    def validate(self, extra_validators: Any = None) -> bool:
        good: bool = super().validate(extra_validators)
        if good and self.kind.data == DayKind.WORKDAY and self.plan.data == CLOSED:
            self.plan.errors = [
                _l("A working day is open. For a day without meals choose “Holiday or closed day”.")
            ]
            return False
        return good

    def facts(self) -> DayFacts:
        plan = self.plan.data
        return DayFacts(
            on=self.on.data, kind=self.kind.data, name=self.name.data, is_open=plan != CLOSED,
            as_weekday=int(plan) if plan.isdigit() else None, site_id=self.site_id.data,
        )  # fmt: skip


def plan_of(day: CalendarDay | DayFacts) -> str:
    """The choice of DayForm that a row stands for."""
    if day.as_weekday:
        return str(day.as_weekday)
    return USUAL if day.is_open or day.kind == DayKind.WORKDAY else CLOSED


def plan_word(day: CalendarDay | DayFacts) -> Any:
    """The same in words."""
    plan = plan_of(day)
    return WEEKDAY[int(plan)] if plan.isdigit() else PLAN[plan]


class FillForm(FlaskForm):
    """Which year to fill in, and what the holidays mean here."""

    year = IntegerField(_l("Year"), [InputRequired(), NumberRange(2020, 2099)])
    plan = RadioField(
        _l("On public holidays the sites are"),
        choices=[SelectChoice(key, word) for key, word in PLAN.items()],
        default=CLOSED,
    )
