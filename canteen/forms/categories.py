"""The form of one category of diners."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from canteen import words
from canteen.forms.fields import choices_of
from canteen.values import Dimension


class CategoryForm(FlaskForm):
    name = StringField(_l("Designation"), [InputRequired(), Length(max=32)])
    code = StringField(
        _l("Code"),
        [InputRequired(), Length(max=32), Regexp("^[a-z0-9_]+$", message=_l("Small letters, digits and _ only."))],
        description=_l("Short name for tariffs and programs, for example low_income. It does not change later."),
    )  # fmt: skip
    dimension = SelectField(_l("Dimension"), coerce=Dimension)
    age_from = IntegerField(_l("Age from"), [Optional(), NumberRange(1, 130)])
    age_below = IntegerField(_l("Age below"), [Optional(), NumberRange(2, 131)])
    position = IntegerField(
        _l("Place in lists"), [InputRequired(), NumberRange(0, 9999)], default=100,
        description=_l("A smaller number stands further up."),
    )  # fmt: skip
    is_active = BooleanField(_l("In use"), default=True)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.dimension.choices = choices_of(words.DIMENSION)

    def validate_age_from(self, field: Any) -> None:
        if self.dimension.data is Dimension.AGE and field.data is None:
            raise ValidationError(_l("A category of age needs the age from which it counts."))
        if self.dimension.data is not Dimension.AGE and field.data is not None:
            raise ValidationError(_l("Only a category of age has an age."))

    def validate_age_below(self, field: Any) -> None:
        if field.data is None:
            return
        if self.dimension.data is not Dimension.AGE:
            raise ValidationError(_l("Only a category of age has an age."))
        if self.age_from.data is not None and field.data <= self.age_from.data:
            raise ValidationError(_l("The upper age must be above the lower one."))
