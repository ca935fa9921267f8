"""Forms and filters of placements and follow-ups."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from core.clock import YEARS, Month
from core.forms import (
    FilterForm,
    IdField,
    YuanField,
    any_or,
    choices_of,
    day_field,
    half_width,
    select_field,
    text_field,
)
from core.sites.models import Site
from workshop import words
from workshop.actions.follow_ups import Leaving
from workshop.actions.placements import Terms
from workshop.lists.jobs import FollowUpList, MonthOf
from workshop.models import Employer
from workshop.rules.moves import EVIDENCE, FORMS
from workshop.values import (
    Channel,
    EvidenceKind,
    FollowUpOutcome,
    Form,
    LeavingReason,
    PlacementState,
)

MONTH_OF = {
    MonthOf.VERIFIED: _l("by the day of verifying"),
    MonthOf.STARTED: _l("by the start"),
    MonthOf.LEFT: _l("by the last day"),
}
FOLLOW_UP_LISTS = {
    FollowUpList.DUE: _l("Due"),
    FollowUpList.AHEAD: _l("Coming"),
    FollowUpList.DONE: _l("Done"),
}
_OWN = (Channel.OWN_WORK, Channel.VENTURE, Channel.HOME_WORK)


class _HasTerms(FlaskForm):
    wage_fen = YuanField(_l("Wage a month"))
    hours_week = IntegerField(_l("Hours a week"), [Optional(), NumberRange(1, 84)])

    def terms(self) -> Terms:
        return Terms(self.wage_fen.data, self.hours_week.data)


class MoveForm(FlaskForm):
    """One step on, on a day."""

    to = HiddenField(validators=[InputRequired()])
    on = day_field(_l("On which day"))

    def validate_to(self, field: Any) -> None:
        if field.data not in [state.value for state in PlacementState]:
            raise ValidationError(_l("Choose one of the steps."))


class StartForm(MoveForm, _HasTerms):
    """She starts: the day, wage and hours."""


class StopForm(FlaskForm):
    """It came to nothing: not hired, or she gave it up; and why."""

    to = select_field(_l("What came of it"), PlacementState)
    on = day_field(_l("On which day"))
    reason = text_field(_l("Reason"), 128)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        stops = (PlacementState.NOT_HIRED, PlacementState.GAVE_UP)
        self.to.choices = choices_of(words.PLACEMENT_STATE, stops)


class TermsForm(_HasTerms):
    """First day, wage, hours and form of a job that is not verified yet."""

    started_on = day_field(_l("Started on"))
    form = select_field(_l("Form of work"), Form)

    def __init__(self, channel: Channel, **more: Any) -> None:
        super().__init__(**more)
        self.form.choices = choices_of(words.FORM, FORMS[channel])


class VerifyForm(FlaskForm):
    """By which paper, on which day of this month."""

    evidence_kind = select_field(_l("Verified by"), EvidenceKind)
    on = day_field(_l("Verified on"), description=_l("It counts in this month."))

    def __init__(self, form: Form, **more: Any) -> None:
        super().__init__(**more)
        self.evidence_kind.choices = choices_of(words.EVIDENCE_KIND, EVIDENCE[form])


class LeaveForm(FlaskForm):
    """Her last day, and why she left."""

    on = day_field(_l("Last day at work"))
    reason = select_field(
        _l("Why she left"), LeavingReason, choices=choices_of(words.LEAVING_REASON)
    )
    note = text_field(_l("In her words"), 128, required=False)


class OwnWorkForm(_HasTerms):
    """Work that she found, began or took home by herself."""

    channel = select_field(_l("Way into work"), Channel, choices=choices_of(words.CHANNEL, _OWN))
    form = select_field(
        _l("Form of work"), Form, choices=choices_of(words.FORM),
        description=_l("Voluntary work is no employment and is not entered here."),
    )  # fmt: skip
    employer_id = select_field(_l("Employer in the list"), int)
    employer_name = text_field(
        _l("Or the name of the employer or of her business"), 96, required=False
    )
    job_title = text_field(_l("What she does"), 64)
    started_on = day_field(_l("Started on"))

    def __init__(self, employers: Sequence[Employer], **more: Any) -> None:
        super().__init__(**more)
        self.employer_id.choices = any_or(
            [SelectChoice(str(row.id), row.name) for row in employers], _l("not in the list")
        )


class OutcomeForm(FlaskForm):
    """What a follow-up found; her last day where she has left."""

    outcome = select_field(
        _l("What was found"), FollowUpOutcome, choices=choices_of(words.FOLLOW_UP),
        invalid_choice_message=_l("Choose what the follow-up found."),
    )  # fmt: skip
    on = day_field(_l("On which day"))
    employer_name = text_field(_l("Name of the other employer"), 96, required=False)
    left_on = day_field(_l("Last day at the former work"), required=False)
    leaving_reason = select_field(
        _l("Why she left"), LeavingReason,
        choices=any_or(choices_of(words.LEAVING_REASON), _l("choose a reason")),
    )  # fmt: skip
    wage_fen = YuanField(_l("Wage a month now"))
    note = text_field(_l("In her words"), 500, required=False)

    def validate_leaving_reason(self, field: Any) -> None:
        # A day without a reason, or a reason without a day, would be dropped without a word.
        if (self.left_on.data or field.data) and self.leaving() is None:
            raise ValidationError(_l("Enter her last day in this job and why she left."))

    def leaving(self) -> Leaving | None:
        day, reason = self.left_on.data, self.leaving_reason.data
        if reason is None and self.outcome.data is FollowUpOutcome.OTHER_EMPLOYER:
            reason = LeavingReason.BETTER_WORK
        return Leaving(day, reason) if day and reason else None


class TryForm(FlaskForm):
    """Not reached, or another day."""

    note = text_field(_l("Note"), 500, required=False)
    to = day_field(_l("Another day"), required=False)


class MonthField(StringField):
    """A month such as 2026-11; `data` is a Month."""

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(self.data or "")

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data: Month | None = None
        if valuelist and valuelist[0].strip():
            try:
                month = Month.parse(half_width(valuelist[0]))
            except ValueError:
                raise ValidationError(_l("Type a month such as 2026-11.")) from None
            if month.year not in YEARS:
                raise ValidationError(_l("Type a month such as 2026-11."))
            self.data = month


class PlacementFilter(FilterForm):
    q = StringField(
        _l("Search"), [Length(max=64)],
        description=_l("Name, pinyin, or last digits of phone or ID"),
    )  # fmt: skip
    state = select_field(
        _l("State"),
        PlacementState,
        choices=any_or(choices_of(words.PLACEMENT_STATE), _l("All states")),
    )
    channel = select_field(
        _l("Way into work"),
        Channel,
        choices=any_or(choices_of(words.CHANNEL), _l("All ways into work")),
    )
    month = MonthField(_l("Month"))
    month_of = SelectField(_l("Counted"), coerce=MonthOf, choices=choices_of(MONTH_OF),
                           default=MonthOf.VERIFIED)  # fmt: skip
    site = select_field(_l("Workshop"), str, choices=[])
    person = IdField(_l("Person"), [Optional()])

    def __init__(self, sites: Sequence[Site], **more: Any) -> None:
        super().__init__(**more)
        self.site.choices = any_or(
            [SelectChoice(row.slug, row.name) for row in sites], _l("All workshops")
        )
        if not self.month_of.raw_data:
            self.month_of.data = MonthOf.VERIFIED
        self.validate()


class FollowUpFilter(FilterForm):
    show = SelectField(_l("List"), coerce=FollowUpList, choices=choices_of(FOLLOW_UP_LISTS),
                       default=FollowUpList.DUE)  # fmt: skip
    whose = select_field(
        _l("Whose"),
        str,
        choices=[SelectChoice("", _l("All women")), SelectChoice("mine", _l("Mine"))],
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        if not self.show.raw_data:
            self.show.data = FollowUpList.DUE
        self.validate()
