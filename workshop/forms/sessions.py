"""Forms of sessions: a weekly pattern to plan by, and the changes of one session."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Form, FormField, HiddenField, IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError

from core.accounts.models import User
from core.forms import ClockField, any_or, day_field, select_field, text_field
from workshop.forms.cohorts import trainer_choices
from workshop.models import Room
from workshop.values.schedule import Pattern, Slot

FULL, COUNT = "full", "count"
MOST_LEFT_OUT = 100


def room_choices(rooms: Sequence[Room]) -> list[SelectChoice]:
    """Rooms with their seats, with none before them."""
    named = [SelectChoice(str(row.id), f"{row.name} ({row.seats})") for row in rooms]
    return any_or(named, _l("not yet known"))


class SlotForm(Form):
    """One weekday's lesson. Without a beginning and an end there is none."""

    starts = ClockField(_l("Begins at"), [Optional()])
    ends = ClockField(_l("Ends at"), [Optional()])
    pause = IntegerField(_l("Breaks"), [Optional(), NumberRange(0, 600)])
    room_id = select_field(_l("Room"), int)

    def validate_ends(self, field: Any) -> None:
        if (self.starts.data is None) != (field.data is None) and not self.starts.errors:
            raise ValidationError(_l("Give both, when it begins and when it ends."))
        if (
            self.starts.data is not None
            and field.data is not None
            and field.data <= self.starts.data
        ):
            raise ValidationError(_l("It must end after it begins."))

    def validate_pause(self, field: Any) -> None:
        if self.starts.data is None or self.ends.data is None or field.data is None:
            return
        if 0 < self.ends.data - self.starts.data <= field.data:
            raise ValidationError(_l("The breaks are as long as the lesson."))


class PatternForm(FlaskForm):
    """Lessons of a week: each weekday with times and a room of its own."""

    # One by one and not as a list: a list closes up when a weekday is missing from what was sent.
    day_1 = FormField(SlotForm, _l("Monday"))
    day_2 = FormField(SlotForm, _l("Tuesday"))
    day_3 = FormField(SlotForm, _l("Wednesday"))
    day_4 = FormField(SlotForm, _l("Thursday"))
    day_5 = FormField(SlotForm, _l("Friday"))
    day_6 = FormField(SlotForm, _l("Saturday"))
    day_7 = FormField(SlotForm, _l("Sunday"))
    from_on = day_field(_l("From this day on"))
    until = RadioField(
        _l("How many"),
        choices=[
            SelectChoice(FULL, _l("until the planned class hours are full")),
            SelectChoice(COUNT, _l("so many sessions:")),
        ],
        default=FULL,
    )
    count = IntegerField(_l("Number of sessions"), [Optional(), NumberRange(1, 400)])
    # Days taken out of the preview, and its digest.
    left_out = HiddenField()
    seen = HiddenField()

    def __init__(self, rooms: Sequence[Room], **more: Any) -> None:
        super().__init__(**more)
        for part in self.days:
            part.form.room_id.choices = room_choices(rooms)

    @property
    def days(self) -> list[Any]:
        """The seven weekdays, Monday first."""
        return [self[f"day_{weekday}"] for weekday in range(1, 8)]

    def validate_count(self, field: Any) -> None:
        if self.until.data == COUNT and not field.data:
            raise ValidationError(_l("Say how many sessions."))

    def pattern(self, also_left_out: frozenset[date] = frozenset()) -> Pattern:
        """What was typed, as a value."""
        slots = tuple(
            Slot(
                weekday, part.form.starts.data, part.form.ends.data, part.form.pause.data or 0,
                part.form.room_id.data,
            )
            for weekday, part in enumerate(self.days, 1)
            if part.form.starts.data is not None and part.form.ends.data is not None
        )  # fmt: skip
        assert self.from_on.data is not None
        count = self.count.data if self.until.data == COUNT else None
        return Pattern(slots, self.from_on.data, count, self.left_out_days() | also_left_out)

    def left_out_days(self) -> frozenset[date]:
        return days_of((self.left_out.data or "").split())


def days_of(texts: Sequence[str]) -> frozenset[date]:
    """The days among these texts; what is none is left aside."""
    found = set()
    for text in texts[:MOST_LEFT_OUT]:
        try:
            found.add(date.fromisoformat(text))
        except ValueError:
            continue
    return frozenset(found)


class _VersionForm(FlaskForm):
    """A change of a session as it was shown: of what somebody else changed meanwhile nothing is lost."""

    version = HiddenField()
    reason = text_field(_l("Reason"), 128, description=_l("It stands in the text for the class."))

    def version_shown(self) -> int | None:
        text = self.version.data or ""
        return int(text) if text.isdecimal() and len(text) < 9 else None


class TimeForm(_VersionForm):
    on = day_field(_l("Date"))
    starts = ClockField(_l("Begins at"), [InputRequired()])
    ends = ClockField(_l("Ends at"), [InputRequired()])
    pause = IntegerField(_l("Breaks"), [Optional(), NumberRange(0, 600)])
    room_id = select_field(_l("Room"), int)

    def __init__(self, rooms: Sequence[Room], **more: Any) -> None:
        super().__init__(**more)
        self.room_id.choices = room_choices(rooms)

    def validate_ends(self, field: Any) -> None:
        if (
            self.starts.data is not None
            and field.data is not None
            and field.data <= self.starts.data
        ):
            raise ValidationError(_l("It must end after it begins."))

    def validate_pause(self, field: Any) -> None:
        if self.starts.data is None or self.ends.data is None or field.data is None:
            return
        if 0 < self.ends.data - self.starts.data <= field.data:
            raise ValidationError(_l("The breaks are as long as the lesson."))

    def times(self) -> dict[str, int]:
        """Begin, end and credited minutes, as `reschedule` takes them."""
        starts, ends = self.starts.data or 0, self.ends.data or 0
        taught = ends - starts - (self.pause.data or 0)
        return {"starts_min": starts, "ends_min": ends, "taught_min": taught}


class RoomChangeForm(_VersionForm):
    room_id = select_field(_l("Room"), int)

    def __init__(self, rooms: Sequence[Room], **more: Any) -> None:
        super().__init__(**more)
        self.room_id.choices = room_choices(rooms)


class StaffForm(FlaskForm):
    """Who holds one session."""

    trainer_id = select_field(_l("Trainer"), int)
    substitute_id = select_field(
        _l("Stands in"), int, description=_l("Sees this session alone. A reason is needed.")
    )
    reason = text_field(_l("Reason"), 128, required=False)

    def __init__(self, trainers: Sequence[User], **more: Any) -> None:
        super().__init__(**more)
        self.trainer_id.choices = trainer_choices(trainers)
        self.substitute_id.choices = any_or(
            [SelectChoice(str(user.id), user.display_name) for user in trainers], _l("nobody")
        )


class TopicForm(FlaskForm):
    topic = text_field(_l("Topic of the lesson"), 96, required=False)


class CancelForm(_VersionForm):
    drops_marks = BooleanField(
        _l("I know that the marks of this session stay in the history and count no longer")
    )
