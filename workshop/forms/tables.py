"""Forms of the tables that the office sets up: skills, kinds of hardship, retirement ages."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange

from core.forms import choices_of, day_field, text_field
from core.people.models import Sex
from core.people.words import SEX
from workshop import words
from workshop.values import WorkerKind


class NamedForm(FlaskForm):
    """A skill or a kind of hardship."""

    name = text_field(_l("Designation"), 32)
    position = IntegerField(
        _l("Place in lists"), [InputRequired(), NumberRange(0, 9999)], default=100,
        description=_l("Small numbers stand first."),
    )  # fmt: skip
    is_active = BooleanField(_l("In use"), default=True)


class RetirementForm(FlaskForm):
    """One step: whoever is born from this day on retires at this age."""

    sex = SelectField(_l("Sex"), coerce=Sex)
    worker_kind = SelectField(_l("Counts for retirement as"), coerce=WorkerKind)
    born_from = day_field(_l("Born from"))
    years = IntegerField(_l("Years"), [InputRequired(), NumberRange(40, 80)])
    months = IntegerField(_l("Months"), [InputRequired(), NumberRange(0, 11)], default=0)
    document_no = text_field(_l("Document"), 64)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.sex.choices = choices_of(SEX)
        self.worker_kind.choices = choices_of(words.WORKER_KIND)

    @property
    def age_months(self) -> int:
        """The age that was typed, in months."""
        return (self.years.data or 0) * 12 + (self.months.data or 0)
