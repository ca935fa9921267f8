"""Forms of cohorts: opened, changed, their policy; and the filters of their list."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from core.accounts.models import User
from core.forms import (
    FilterForm,
    any_or,
    choices_of,
    day_field,
    ends_before_start,
    select_field,
    stripped,
    text_field,
)
from core.sites.models import Site
from workshop import words
from workshop.actions.cohorts import CohortFacts
from workshop.forms.courses import PolicyForm, number_field
from workshop.lists.cohorts import CohortList
from workshop.models import Course
from workshop.values import CohortState

COHORT_LISTS = {
    CohortList.CURRENT: _l("Not over"),
    **{CohortList(state.value): words.COHORT_STATE[state] for state in CohortState},
    CohortList.ALL: _l("All cohorts"),
}


def trainer_choices(trainers: Sequence[User]) -> list[SelectChoice]:
    """Accounts that teach, with nobody before them."""
    return any_or(
        [SelectChoice(str(user.id), user.display_name) for user in trainers], _l("not yet known")
    )


class CohortFilter(FilterForm):
    show = SelectField(_l("State"), coerce=CohortList, choices=choices_of(COHORT_LISTS),
                       default=CohortList.CURRENT)  # fmt: skip
    site = select_field(_l("Workshop"), str, choices=[])
    course = select_field(_l("Course"), int, choices=[])

    def __init__(self, sites: Sequence[Site], courses: Sequence[Course], **more: Any) -> None:
        super().__init__(**more)
        sites_of = [SelectChoice(site.slug, site.name) for site in sites]
        self.site.choices = any_or(sites_of, _l("All workshops")) if len(sites) != 1 else sites_of
        self.course.choices = any_or(
            [SelectChoice(str(row.id), row.name) for row in courses], _l("All courses")
        )
        if not self.show.raw_data:
            self.show.data = CohortList.CURRENT
        self.validate()


class CohortForm(FlaskForm):
    """What may be said of a cohort at any time."""

    name = text_field(_l("Cohort"), 96)
    starts_on = day_field(_l("First day"))
    ends_on = day_field(
        _l("Last day"), description=_l("It moves along when later sessions are planned.")
    )
    capacity = number_field(_l("Seats"), 1, 1000)
    trainer_id = select_field(_l("Trainer"), int)
    is_subsidised = BooleanField(_l("Paid for by training subsidies"), default=True)
    note = TextAreaField(_l("Note"), [Length(max=256)], filters=[stripped])

    def __init__(self, trainers: Sequence[User], **more: Any) -> None:
        super().__init__(**more)
        self.trainer_id.choices = trainer_choices(trainers)

    def validate_ends_on(self, field: Any) -> None:
        if ends_before_start(self.starts_on.data, field.data):
            raise ValidationError(_l("The last day lies before the first. Check both dates."))

    def facts(self) -> CohortFacts:
        assert self.starts_on.data and self.ends_on.data
        return CohortFacts(
            self.starts_on.data, self.ends_on.data, self.capacity.data or 0, self.trainer_id.data,
            self.name.data or "", bool(self.is_subsidised.data), self.note.data or "",
        )  # fmt: skip


class OpenCohortForm(CohortForm):
    """A new cohort. Course and workshop are asked for only once."""

    name = text_field(
        _l("Cohort"), 96, required=False,
        description=_l("Leave it empty for the course's name with the number of the run."),
    )  # fmt: skip
    course_id = SelectField(_l("Course"), [InputRequired()], coerce=int)
    site_id = SelectField(_l("Workshop"), [InputRequired()], coerce=int)
    number = IntegerField(
        _l("Number of the run"), [Optional(), NumberRange(1, 9999)],
        description=_l("Leave it empty for the next one."),
    )  # fmt: skip
    state = RadioField(
        _l("Begins as"), coerce=CohortState,
        choices=choices_of(words.COHORT_STATE, [CohortState.PLANNED, CohortState.OPEN]),
        default=CohortState.PLANNED,
    )  # fmt: skip

    def __init__(
        self,
        courses: Sequence[Course],
        sites: Sequence[Site],
        trainers: Sequence[User],
        **more: Any,
    ) -> None:
        super().__init__(trainers, **more)
        self.course_id.choices = [SelectChoice(str(row.id), row.name) for row in courses]
        self.site_id.choices = [SelectChoice(str(site.id), site.name) for site in sites]


class CohortPolicyForm(PolicyForm):
    """The policy of one cohort, changed for a reason."""

    reason = text_field(_l("Reason"), 128)
