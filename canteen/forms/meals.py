"""Forms about meals that were registered: void, move to somebody else, settle an exception."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import UUID, InputRequired, Length, ValidationError

from core.db import new_id

OTHER = "other"


class _OnceForm(FlaskForm):
    """Carries the id of the event to be made, so that sending twice acts once."""

    event_id = HiddenField(validators=[UUID()])

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        if not self.event_id.data:
            self.event_id.data = str(new_id())


class VoidForm(_OnceForm):
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=128)])


class MoveForm(_OnceForm):
    """Whose meal it really was (换人更正)."""

    person_id = RadioField(
        _l("Whose meal was it?"), [InputRequired(_l("Choose the person."))], coerce=int
    )
    reason = StringField(_l("Reason"), [InputRequired(), Length(max=128)])

    def __init__(self, people: list[SelectChoice], **more: Any) -> None:
        super().__init__(**more)
        self.person_id.choices = people


class FindingForm(FlaskForm):
    """What was found out about an exception: one of the usual findings, or own words."""

    choice = RadioField(_l("Finding"), [InputRequired(_l("Choose what was found out."))])
    words = StringField(_l("More in your own words"), [Length(max=200)])

    def __init__(self, findings: list[str], **more: Any) -> None:
        super().__init__(**more)
        self.choice.choices = [
            *(SelectChoice(str(number), text) for number, text in enumerate(findings)),
            SelectChoice(OTHER, _l("Something else")),
        ]
        self._findings = findings

    def validate_words(self, field: Any) -> None:
        if self.choice.data == OTHER and not (field.data or "").strip():
            raise ValidationError(_l("Write what was found out."))

    @property
    def finding(self) -> str:
        """The sentence that is kept."""
        said = (self.words.data or "").strip()
        if self.choice.data == OTHER:
            return said
        chosen = self._findings[int(self.choice.data)]
        return f"{chosen} {said}".strip()
