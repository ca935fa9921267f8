"""Forms about one diner: enrolment, papers, diet, suspension, pause."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from canteen import words
from canteen.forms.fields import choices_of
from canteen.models import MealCategory
from canteen.values import DietKind, Dimension, WayOfEating
from core.forms import day_field, ends_before_start
from core.sites.models import Site


class _DatedForm(FlaskForm):
    def validate_until_on(self, field: Any) -> None:
        if ends_before_start(self["from_on"].data, field.data):
            raise ValidationError(_l("The last day lies before the first. Check both dates."))


class DinerForm(FlaskForm):
    """Where somebody eats and how. `enrolled_on` is asked for only once."""

    home_site_id = SelectField(_l("Home site"), [InputRequired()], coerce=int)
    usual_way = SelectField(_l("Usual way of eating"), coerce=WayOfEating)
    note = TextAreaField(_l("Note"), [Length(max=500)])

    def __init__(self, sites: list[Site], **more: Any) -> None:
        super().__init__(**more)
        self.home_site_id.choices = [SelectChoice(str(site.id), site.name) for site in sites]
        self.usual_way.choices = choices_of(words.WAY)


class EnrolForm(DinerForm):
    enrolled_on = day_field(_l("Enrolled from"))


class EligibilityForm(_DatedForm):
    """In which category, from when to when, on what evidence."""

    category_id = SelectField(_l("Category"), [InputRequired()], coerce=int)
    from_on = day_field(_l("Valid from"))
    until_on = day_field(
        _l("Valid until"), required=False,
        description=_l("The last day. Leave it empty when the paper has no end."),
    )  # fmt: skip
    evidence = TextAreaField(
        _l("Evidence"), [InputRequired(), Length(max=500)],
        description=_l("Which paper was seen: its kind, number and issuer, and where the copy is kept."),
    )  # fmt: skip

    def __init__(self, categories: list[MealCategory], **more: Any) -> None:
        super().__init__(**more)
        self.category_id.choices = [
            SelectChoice(str(row.id), row.name, optgroup=str(words.DIMENSION[row.dimension]))
            for row in categories
            if row.dimension is not Dimension.AGE
        ]


class RenewalForm(FlaskForm):
    until_on = day_field(
        _l("Valid until"), required=False,
        description=_l("The last day. Leave it empty when the paper has no end."),
    )  # fmt: skip
    evidence = TextAreaField(
        _l("Evidence"), [InputRequired(), Length(max=500)],
        description=_l("Which new paper was seen: its kind, number and issuer."),
    )  # fmt: skip


class ReasonForm(FlaskForm):
    """A reason alone: refuse, void."""

    reason = StringField(_l("Reason"), [InputRequired(), Length(max=128)])


class EndForm(ReasonForm):
    """From which day on something ends, and why."""

    on = day_field(_l("Last day"))


class LastDayForm(FlaskForm):
    on = day_field(_l("Last day"))


class DietNeedForm(FlaskForm):
    kind = SelectField(_l("Diet need"), coerce=DietKind)
    detail = StringField(
        _l("What exactly"), [Length(max=64)],
        description=_l("For an allergy: the food, for example peanuts. Only staff see it."),
    )  # fmt: skip
    from_on = day_field(_l("Since"))

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.kind.choices = choices_of(words.DIET)

    def validate_detail(self, field: Any) -> None:
        if self.kind.data in (DietKind.ALLERGY, DietKind.TASTE) and not (field.data or "").strip():
            raise ValidationError(_l("Write which food is meant."))


class SuspensionForm(_DatedForm):
    from_on = day_field(_l("First day"))
    until_on = day_field(_l("Last day"), required=False,
                         description=_l("Leave it empty when the end is not yet known."))  # fmt: skip
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=128)])


class PauseForm(_DatedForm):
    from_on = day_field(_l("First day"))
    until_on = day_field(_l("Last day"), required=False,
                         description=_l("Leave it empty when the end is not yet known."))  # fmt: skip
    reason = StringField(_l("Reason"), [Length(max=128)],
                         description=_l("For example: visiting her daughter, in hospital."))  # fmt: skip
