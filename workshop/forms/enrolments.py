"""Forms about places in cohorts: the filter of the list, a move, a transfer, results, decisions."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from core.forms import FilterForm, IdField, any_or, choices_of, day_field, select_field, text_field
from workshop import words
from workshop.models import Cohort
from workshop.values import EnrolmentState


class PlaceFilter(FilterForm):
    q = StringField(_l("Search"), [Length(max=64)],
                    description=_l("Name, pinyin, or last digits of phone or ID"))  # fmt: skip
    state = select_field(_l("State"), EnrolmentState, choices=any_or(
        choices_of(words.ENROLMENT_STATE), _l("All states")
    ))  # fmt: skip
    person = IdField(_l("Person"), [Optional()])


class MoveForm(FlaskForm):
    """One move: to which state, on which day, and why where a reason is needed."""

    to = SelectField(
        _l("Next step"), coerce=EnrolmentState, choices=choices_of(words.ENROLMENT_STATE)
    )
    on = day_field(_l("Day"))
    reason = text_field(_l("Reason"), 128, required=False)


class OfferForm(FlaskForm):
    """She does not want the seat that was offered."""

    reason = text_field(_l("Reason"), 128)


class SeveralForm(FlaskForm):
    """What is done with the learners chosen."""

    on = day_field(_l("Day"))
    or_wait = BooleanField(_l("Put whoever finds no seat on the waitlist"))


class TransferForm(FlaskForm):
    to_cohort_id = SelectField(_l("To which class"), [InputRequired()], coerce=int)
    on = day_field(_l("Day of the transfer"),
                   description=_l("Her last day here and her first day there."))  # fmt: skip
    reason = text_field(_l("Reason"), 128)

    def __init__(self, cohorts: list[Cohort], **more: Any) -> None:
        super().__init__(**more)
        self.to_cohort_id.choices = [
            SelectChoice(str(row.id), f"{row.name} ({row.seats_used}/{row.capacity})")
            for row in cohorts
        ]


class SubsidyForm(FlaskForm):
    is_subsidised = BooleanField(_l("Counts for subsidy"))
    reason = text_field(_l("Reason"), 128, id="subsidy-reason")
