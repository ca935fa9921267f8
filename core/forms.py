"""Pieces of forms that the rooms of the house share: text, days, choices, reasons, refusals."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from core.errors import RuleError

DAY_FORMATS = ["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日"]
Kind = TypeVar("Kind", bound=StrEnum)


def stripped(text: Any) -> Any:
    """What was typed without the blanks around it, the full-width one included."""
    return text.strip() if isinstance(text, str) else text


def text_field(label: Any, most: int, *, required: bool = True, **more: Any) -> StringField:
    """A line of text of at most so many characters."""
    first = DataRequired() if required else Optional()  # blanks alone are no text
    return StringField(label, [first, Length(max=most)], filters=[stripped], **more)


def day_field(label: Any, *, required: bool = True, **more: Any) -> DateField:
    """A date, picked or typed in one of the usual forms."""
    return DateField(
        label, [InputRequired() if required else Optional()], format=DAY_FORMATS, **more
    )


def select_field(label: Any, kind: Callable[[str], Any], **more: Any) -> SelectField:
    """A choice whose `data` is a value of `kind`, or None for the empty choice."""

    def coerce(value: Any) -> Any:
        return None if value in (None, "") else kind(value)

    return SelectField(label, coerce=coerce, **more)


def choices_of(words: Mapping[Kind, Any], only: Iterable[Kind] | None = None) -> list[SelectChoice]:
    """The members of an enum with their words, as choices of a field."""
    return [SelectChoice(member.value, words[member]) for member in (only or words)]


def any_or(choices: Iterable[SelectChoice], label: Any) -> list[SelectChoice]:
    """Choices with an empty one before them: no filter, or nothing chosen."""
    return [SelectChoice("", label), *choices]


class FilterForm(FlaskForm):
    """Filters of a list, read from the address. What cannot be read is shown and does not filter."""

    class Meta:
        csrf = False

    def __init__(self, **more: Any) -> None:
        super().__init__(formdata=request.args, **more)
        self.validate()

    def value_of(self, name: str) -> Any:
        """What a field filters by; None when it is empty or wrong."""
        part = self[name]
        return None if part.errors or part.data in ("", None) else part.data


class ReasonForm(FlaskForm):
    """Why something is ended or opened again."""

    reason = text_field(_l("Reason"), 200)


def blame(form: FlaskForm, error: RuleError, fields: Mapping[str, str], default: str) -> None:
    """Put the sentence of a refusal beside the field that it speaks of."""
    from core.edge import sentence

    part = form[fields.get(error.code, default)]
    part.errors = [*part.errors, sentence(error)]
