"""The form of a site's sitting windows: one line a sitting, from a date on."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Form, FormField, IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from canteen.values import Sitting, Window
from core.forms import CheckboxField, ClockField, day_field, weekday_choices

WEEKDAYS = range(1, 8)


class WindowForm(Form):
    """One sitting. Times and grace count only when it is served."""

    is_served = BooleanField(_l("served"))
    starts = ClockField(_l("From"))
    ends = ClockField(_l("To"))
    grace_before = IntegerField(_l("Grace before"), [Optional(), NumberRange(0, 240)])
    grace_after = IntegerField(_l("Grace after"), [Optional(), NumberRange(0, 240)])

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if not self.is_served.data:
            return good
        if self.starts.data is None or self.ends.data is None or self.ends.data <= self.starts.data:
            if not self.starts.errors and not self.ends.errors:
                self.ends.errors = [_l("Give the beginning and, after it, the end.")]
            return False
        return good

    def value(self, sitting: Sitting) -> Window | None:
        """The window, None when the sitting is not served."""
        if not self.is_served.data or self.starts.data is None or self.ends.data is None:
            return None
        return Window(
            sitting, self.starts.data, self.ends.data,
            self.grace_before.data or 0, self.grace_after.data or 0,
        )  # fmt: skip


class SittingsForm(FlaskForm):
    """All sittings of a site."""

    breakfast = FormField(WindowForm)
    lunch = FormField(WindowForm)
    dinner = FormField(WindowForm)
    weekdays = CheckboxField(_l("Days of the week"), coerce=int)
    from_on = day_field(_l("Valid from"))

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.weekdays.choices = weekday_choices()

    def validate_weekdays(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Tick at least one day."))

    @classmethod
    def of(cls, windows: Sequence[Window], weekdays: int, from_on: date) -> "SittingsForm":
        """The form filled with what holds now."""
        by_sitting = {window.sitting: window for window in windows}
        data: dict[str, Any] = {
            "from_on": from_on, "weekdays": [day for day in WEEKDAYS if weekdays >> (day - 1) & 1],
        }  # fmt: skip
        for sitting in Sitting:
            window = by_sitting.get(sitting)
            data[sitting.value] = {
                "is_served": window is not None,
                "starts": window.starts_min if window else None,
                "ends": window.ends_min if window else None,
                "grace_before": window.grace_before_min if window else 30,
                "grace_after": window.grace_after_min if window else 20,
            }
        return cls(data=data)

    @property
    def windows(self) -> list[Window]:
        found = [self[sitting.value].form.value(sitting) for sitting in Sitting]
        return [window for window in found if window is not None]

    @property
    def weekday_mask(self) -> int:
        return sum(1 << (day - 1) for day in self.weekdays.data or [])
