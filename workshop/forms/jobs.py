"""Forms and filters of employers and vacancies."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from core.forms import (
    CheckboxField,
    ClockField,
    FilterForm,
    YuanField,
    any_or,
    choices_of,
    day_field,
    select_field,
    stripped,
    text_field,
    weekday_choices,
)
from core.sites.models import Area, AreaLevel
from workshop import words
from workshop.actions.employers import EmployerFacts, VacancyFacts
from workshop.lists.jobs import EmployerState
from workshop.models import Employer, Skill, Vacancy
from workshop.rules.moves import FORMS
from workshop.values import Channel, Shift, SkillLevel, VacancyState

EMPLOYER_STATES = {
    EmployerState.ACTIVE: _l("In the list"),
    EmployerState.RETIRED: _l("Taken out"),
}
_INDENT = {AreaLevel.COMMUNITY: "\u3000", AreaLevel.GRID: "\u3000\u3000"}


def area_choices(areas: Sequence[Area], label: Any) -> list[SelectChoice]:
    """Areas by their number, indented by level, with an empty choice first."""
    choices = [SelectChoice(str(row.id), _INDENT.get(row.level, "") + row.name) for row in areas]
    return any_or(choices, label)


class EmployerForm(FlaskForm):
    """What is known of an employer."""

    name = text_field(_l("Name of the employer"), 96)
    credit_code = text_field(
        _l("Social credit code"), 18, required=False,
        description=_l("18 characters, as on the business licence. A household business may have none."),
    )  # fmt: skip
    contact = text_field(_l("Contact person"), 32, required=False)
    phone = text_field(_l("Telephone"), 32, required=False)
    area_id = select_field(_l("Area"), int, description=_l("Distances to her home are told by it."))
    address = text_field(_l("Address"), 128, required=False)
    note = text_field(_l("Note"), 256, required=False)

    def __init__(self, areas: Sequence[Area], **more: Any) -> None:
        super().__init__(**more)
        self.area_id.choices = area_choices(areas, _l("not known"))

    def facts(self) -> EmployerFacts:
        return EmployerFacts(
            self.name.data or "", self.credit_code.data or None, self.contact.data or "",
            self.phone.data or None, self.area_id.data, self.address.data or "",
            self.note.data or "",
        )  # fmt: skip


class VacancyForm(FlaskForm):
    """What a vacancy offers."""

    title = text_field(_l("Title of the job"), 64)
    openings = IntegerField(
        _l("Openings"), [InputRequired(), NumberRange(1, 10_000)], filters=[stripped]
    )
    form = SelectField(_l("Form of work"))
    skill_id = select_field(_l("Skill"), int)
    level = select_field(_l("Level at least"), SkillLevel)
    shift = SelectField(_l("Shift"), coerce=Shift, choices=choices_of(words.SHIFT))
    weekdays = CheckboxField(_l("Working days"), choices=weekday_choices())
    starts_min = ClockField(
        _l("Work begins"), description=_l("For example 9:00; empty when not fixed.")
    )
    ends_min = ClockField(
        _l("Work ends"), description=_l("Before the beginning: it goes over midnight.")
    )
    hours_week = IntegerField(_l("Hours a week"), [Optional(), NumberRange(1, 84)])
    is_mothers_post = BooleanField(
        _l("Mothers' post"),
        description=_l("Mothers of children under 12 come first; the hours below are kept free for children."),
    )  # fmt: skip
    care_from_min = ClockField(_l("Kept free for children from"))
    care_until_min = ClockField(_l("Kept free until"))
    wage_from_fen = YuanField(_l("Wage a month from"))
    wage_until_fen = YuanField(_l("Wage a month up to"))
    area_id = select_field(_l("Place of work"), int)
    closes_on = day_field(
        _l("Recruiting until"), required=False,
        description=_l("The last day; empty while it goes on."),
    )  # fmt: skip
    note = text_field(_l("Note"), 256, required=False)

    def __init__(
        self, areas: Sequence[Area], skills: Sequence[Skill], row: Vacancy | None = None,
        **more: Any,
    ) -> None:  # fmt: skip
        data = {"weekdays": list("12345"), "openings": 1, "shift": Shift.DAY}
        if row is not None:
            data = {name: getattr(row, name) for name in _PLAIN}
            data["weekdays"] = [str(n + 1) for n in range(7) if row.weekdays >> n & 1]
            data["form"] = row.form.value
        super().__init__(data=data, **more)
        self.form.choices = [
            SelectChoice(form.value, words.FORM[form]) for form in FORMS[Channel.REFERRAL]
        ]
        self.skill_id.choices = any_or(
            [SelectChoice(str(row.id), row.name) for row in skills], _l("no skill asked for")
        )
        self.level.choices = any_or(choices_of(words.SKILL_LEVEL), _l("Any level"))
        self.area_id.choices = area_choices(areas, _l("where the employer is"))

    def facts(self) -> VacancyFacts:
        from workshop.values import Form

        values = {name: self[name].data for name in _PLAIN}
        mask = sum(1 << (int(n) - 1) for n in set(self.weekdays.data or []))
        return VacancyFacts(
            **{**values, "title": self.title.data or "", "note": self.note.data or ""},
            weekdays=mask, form=Form(self.form.data),
        )  # fmt: skip


_PLAIN = (
    "title", "openings", "skill_id", "level", "shift", "starts_min", "ends_min", "hours_week",
    "is_mothers_post", "care_from_min", "care_until_min", "wage_from_fen", "wage_until_fen",
    "area_id", "closes_on", "note",
)  # fmt: skip


class ReferForm(FlaskForm):
    """The day of a referral: work may have begun before somebody comes to enter it."""

    on = day_field(_l("Referred on"))


class EmployerFilter(FilterForm):
    q = StringField(_l("Search"), [Length(max=64)], description=_l("Part of the name"))
    state = SelectField(_l("State"), coerce=EmployerState, choices=choices_of(EMPLOYER_STATES),
                        default=EmployerState.ACTIVE)  # fmt: skip

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        if not self.state.raw_data:
            self.state.data = EmployerState.ACTIVE


class VacancyFilter(FilterForm):
    q = StringField(_l("Search"), [Length(max=64)], description=_l("Title or employer"))
    state = select_field(
        _l("State"), str,
        choices=[*choices_of(words.VACANCY_STATE), SelectChoice("all", _l("All states"))],
        default="open",
    )  # fmt: skip
    skill = select_field(_l("Skill"), int, choices=[])
    mothers = BooleanField(_l("Mothers' posts only"))

    def __init__(self, skills: Sequence[Skill], **more: Any) -> None:
        super().__init__(**more)
        self.skill.choices = any_or(
            [SelectChoice(str(row.id), row.name) for row in skills], _l("All skills")
        )
        if not self.state.raw_data:
            self.state.data = "open"
        self.validate()

    @property
    def wanted_state(self) -> VacancyState | None:
        name = self.value_of("state") or "open"
        return None if name == "all" else VacancyState(name)


def employer_data(row: Employer) -> dict[str, Any]:
    """The facts of an employer as a form shows them."""
    names = ("name", "credit_code", "contact", "phone", "area_id", "address", "note")
    return {name: getattr(row, name) for name in names}
