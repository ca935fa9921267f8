"""Forms of guidance: a meeting, the day of a next step, a venture, its stages and its loans."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import UUID as IsUuid
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from core.clock import Month
from core.db import new_id
from core.forms import (
    CheckboxField,
    FilterForm,
    IdField,
    YuanField,
    any_or,
    choices_of,
    day_field,
    select_field,
    text_field,
)
from core.sites.models import Site
from workshop import words
from workshop.models import GuidanceMeeting, Venture
from workshop.values import LoanState, VentureStage

# What is talked about most, to choose from while typing; anything else may be typed.
USUAL_TOPICS = (
    _l("Choosing a business"), _l("Market and costs"), _l("Business licence"),
    _l("Premises and equipment"), _l("Applying for a loan"), _l("Bookkeeping and tax"),
    _l("Selling online"), _l("Hiring the first people"), _l("Trouble in business"),
)  # fmt: skip
ALL_MONTHS = "all"
MONTHS_BACK = 18


def _id(value: Any) -> UUID:
    """An id as it stands in a form or in a row."""
    return value if isinstance(value, UUID) else UUID(value)


class _OnceForm(FlaskForm):
    """Carries the id of what is to be made, so that sending twice makes one."""

    new_id = HiddenField(validators=[IsUuid()])

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        if not self.new_id.data:
            self.new_id.data = str(new_id())

    @property
    def made_id(self) -> UUID:
        return UUID(self.new_id.data or "")


class MeetingForm(_OnceForm):
    """One meeting, written down on a phone right after it."""

    on = day_field(_l("Day of the meeting"))
    minutes = IntegerField(_l("Length in minutes"), [InputRequired(), NumberRange(1, 720)])
    mentor = text_field(_l("Mentor"), 64)
    topic = text_field(_l("Topic"), 96)
    venture_id = select_field(_l("About which venture"), _id)
    site_id = SelectField(_l("Workshop"), coerce=int)
    notes = TextAreaField(
        _l("What was talked about"), [Length(max=4000)],
        description=_l("Kept encrypted. Trainers never see it, and no list or export holds it."),
    )  # fmt: skip
    done = CheckboxField(_l("Done with this meeting"), coerce=_id)
    next_step = text_field(
        _l("Next step"), 128, required=False,
        description=_l("What somebody has to do next, for example: take the lease to the window."),
    )  # fmt: skip
    next_on = day_field(_l("Until when"), required=False)

    def __init__(
        self,
        sites: Sequence[Site],
        ventures: Sequence[Venture],
        waiting: Sequence[GuidanceMeeting],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.site_id.choices = [SelectChoice(str(site.id), site.name) for site in sites]
        self.venture_id.choices = any_or(
            [SelectChoice(str(each.id), each.name) for each in ventures], _l("No venture yet")
        )
        self.done.choices = [SelectChoice(str(each.id), each.next_step) for each in waiting]

    def validate(self, extra_validators: Any = None) -> bool:
        """A next step and its day go together, and the day does not lie before the meeting."""
        is_valid = super().validate(extra_validators)
        step, day = self.next_step, self.next_on
        if step.data and day.data is None and not day.errors:
            day.errors = [_l("A next step needs its day, or nobody will be reminded.")]
        elif day.data and not step.data:
            step.errors = [_l("Write what is to be done until then.")]
        elif day.data and self.on.data and day.data < self.on.data:
            day.errors = [_l("This day lies before the meeting. Check both dates.")]
        else:
            return is_valid
        return False


class NextDayForm(FlaskForm):
    """Until when a next step is put off."""

    to = day_field(_l("Until when"))


class VoidForm(FlaskForm):
    reason = text_field(_l("Reason"), 128)


class VentureForm(_OnceForm):
    """What a venture is. `on`: since when it is followed, asked for only once."""

    name = text_field(
        _l("Name of the venture"), 64,
        description=_l("As she calls it, for example: Ms Li's alterations shop."),
    )  # fmt: skip
    trade = text_field(_l("Trade"), 64, required=False)
    plan = TextAreaField(
        _l("Plan"), [Length(max=4000)],
        description=_l("Kept encrypted: what she wants to do, with whom, and what it costs."),
    )  # fmt: skip


class NewVentureForm(VentureForm):
    on = day_field(_l("Since"))


class ChangeVentureForm(VentureForm):
    jobs_created = IntegerField(
        _l("Jobs created"), [InputRequired(), NumberRange(0, 9999)],
        description=_l("People who work there now, herself included."),
    )  # fmt: skip


class StageForm(FlaskForm):
    """One move of a venture. Asks what the stage that it leads to needs, and nothing else."""

    on = day_field(_l("Day of the change"))
    licence_on = day_field(_l("Day of the licence"), required=False)
    licence_number = text_field(
        _l("Number of the licence"), 32, required=False,
        description=_l("The unified social credit code on the business licence."),
    )  # fmt: skip
    jobs_created = IntegerField(
        _l("Jobs created"), [Optional(), NumberRange(0, 9999)],
        description=_l("People who work there now, herself included."),
    )  # fmt: skip
    reason = text_field(_l("Reason"), 128, required=False)

    def __init__(
        self, to: VentureStage, *, needs_reason: bool, has_licence: bool, **more: Any
    ) -> None:
        super().__init__(prefix=to.value, **more)
        self.to = to
        if not to.is_licensed or has_licence:
            del self.licence_on
            del self.licence_number
        if to is not VentureStage.OPERATING:
            del self.jobs_created
        if not needs_reason:
            del self.reason
        for name in ("licence_on", "licence_number", "jobs_created", "reason"):
            if name in self:
                part = self[name]
                first = DataRequired() if isinstance(part, StringField) else InputRequired()
                part.validators = [
                    first,
                    *(v for v in part.validators if not isinstance(v, Optional)),
                ]
                part.flags.required = True

    def value_of(self, name: str) -> Any:
        """What was typed into a field; None where the stage does not ask for it."""
        return self[name].data if name in self else None


class LoanForm(_OnceForm):
    """A loan asked for."""

    bank = text_field(_l("Bank"), 64)
    amount = YuanField(_l("Amount asked for"), [InputRequired()])
    on = day_field(_l("Since"))
    note = text_field(_l("Note"), 128, required=False)

    def validate_amount(self, field: Any) -> None:
        if field.data == 0:
            raise ValidationError(_l("Type an amount above zero."))


class LoanMoveForm(FlaskForm):
    """What became of an application. The amount is asked for when the bank says yes."""

    on = day_field(_l("Day of the change"))
    granted = YuanField(_l("Amount granted"), [InputRequired()])
    note = text_field(_l("Note"), 128, required=False)

    def __init__(self, loan_id: UUID, to: LoanState, **more: Any) -> None:
        super().__init__(prefix=f"{to.value}-{loan_id}", **more)
        self.to = to
        if to is not LoanState.APPROVED:
            del self.granted

    @property
    def granted_fen(self) -> int | None:
        return self.granted.data if "granted" in self else None


def site_choices(sites: Sequence[Site]) -> list[SelectChoice]:
    """Workshops by slug, all of them first when there is more than one."""
    choices = [SelectChoice(site.slug, site.name) for site in sites]
    return any_or(choices, _l("All workshops")) if len(sites) != 1 else choices


class GuidanceFilter(FilterForm):
    q = StringField(
        _l("Search"), [Length(max=64)],
        description=_l("Name, pinyin, or last digits of phone or ID"),
    )  # fmt: skip
    month = select_field(_l("Month"), str, choices=[])
    mentor = select_field(_l("Mentor"), str, choices=[])
    site = select_field(_l("Workshop"), str, choices=[])
    person = IdField(_l("Person"), [Optional()])

    def __init__(
        self, sites: Sequence[Site], mentors: Sequence[str], today: Month, **more: Any
    ) -> None:
        self._this_month = today
        super().__init__(**more)
        self.month.choices = _months(today)
        self.mentor.choices = any_or(
            [SelectChoice(each, each) for each in mentors], _l("All mentors")
        )
        self.site.choices = site_choices(sites)
        if not self.month.raw_data:
            self.month.data = str(today)
        self.validate()

    @property
    def chosen_month(self) -> Month | None:
        """The month of the list; None for every month."""
        value = self.value_of("month")
        if value == ALL_MONTHS:
            return None
        return Month.parse(value) if value else self._this_month


def _months(last: Month) -> list[SelectChoice]:
    months = [last]
    while len(months) < MONTHS_BACK:
        months.append(months[-1].previous())
    return [
        *(SelectChoice(str(each), str(each)) for each in months),
        SelectChoice(ALL_MONTHS, _l("All months")),
    ]


class VentureFilter(FilterForm):
    q = StringField(
        _l("Search"), [Length(max=64)],
        description=_l("Name, pinyin, or last digits of phone or ID"),
    )  # fmt: skip
    stage = select_field(_l("Stage"), VentureStage, choices=[])
    loan = select_field(_l("Loan"), LoanState, choices=[])
    site = select_field(_l("Workshop"), str, choices=[])
    person = IdField(_l("Person"), [Optional()])

    def __init__(self, sites: Sequence[Site], **more: Any) -> None:
        super().__init__(**more)
        self.stage.choices = any_or(choices_of(words.VENTURE_STAGE), _l("All that go on"))
        self.loan.choices = any_or(choices_of(words.LOAN_STATE), _l("With or without a loan"))
        self.site.choices = site_choices(sites)
        self.validate()
