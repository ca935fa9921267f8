"""The shape of the page on which the columns of the bureau's form are set."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, ValidationError

from core.forms import any_or, stripped
from core.reports.columns.actions import HEADING_MOST
from core.reports.form import MOST_COLUMNS, FormColumn, Source
from core.reports.queries import LANGUAGE

EMPTY_LINES = 3


class ColumnForm(Form):
    """One column: an empty line, or one that is ticked to be taken out, counts for nothing."""

    position = StringField(_l("No."), filters=[stripped])
    heading = StringField(_l("Heading"), [Length(max=HEADING_MOST)], filters=[stripped])
    source = SelectField(_l("What stands in it"), validate_choice=False)
    is_dropped = BooleanField(_l("Take out"))

    def validate_position(self, field: Any) -> None:
        if field.data and self.place is None:
            raise ValidationError(_l("Type a number; 3.5 stands between 3 and 4."))

    def validate_source(self, field: Any) -> None:
        if self.heading.data and not field.data and not self.is_dropped.data:
            raise ValidationError(_l("Choose what stands in this column."))

    @property
    def place(self) -> Decimal | None:
        """Where it shall stand; None at the end, and for what is no number."""
        try:
            place = Decimal(self.position.data or "")
        except InvalidOperation:
            return None
        return place if place.is_finite() and abs(place) < 10_000 else None

    @property
    def is_used(self) -> bool:
        return bool(self.source.data) and not self.is_dropped.data


class _Lines(FieldList):
    """Lines by their number. WTForms reads any digit as one, `²` too, and as many as are sent."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Any:
        plain = [name for name in formdata if name.isascii() and len(name) < 64]
        return super()._extract_indices(prefix, plain)


class ColumnsForm(FlaskForm):
    """All columns. seen: the digest of the stored ones that the page was made from."""

    seen = HiddenField()
    columns = _Lines(FormField(ColumnForm), max_entries=MOST_COLUMNS + EMPTY_LINES)

    def __init__(
        self,
        sources: Mapping[str, Source],
        columns: Sequence[FormColumn] = (),
        seen: str = "",
        **more: Any,
    ) -> None:
        lines: list[dict[str, str]] = [
            {"position": str(number), "heading": each.heading, "source": each.source}
            for number, each in enumerate(columns, 1)
        ]
        lines += [{} for _ in range(EMPTY_LINES)]
        super().__init__(data={"columns": lines, "seen": seen}, **more)
        self.sources = sources
        for entry in self.columns:
            choices = [SelectChoice(key, source.label) for key, source in sources.items()]
            chosen = entry.form.source.data
            if chosen and chosen not in sources:  # a source that an older version had
                choices.append(SelectChoice(chosen, chosen))
            entry.form.source.choices = any_or(choices, "—")

    def value(self) -> list[FormColumn]:
        """The columns in the order that was typed; a heading left empty takes the source's name."""
        last = Decimal(10_000)
        used = [
            (line.place if line.place is not None else last, number, line)
            for number, line in enumerate(entry.form for entry in self.columns)
            if line.is_used
        ]
        return [
            FormColumn(line.heading.data or self._label(line.source.data), line.source.data)
            for _place, _number, line in sorted(used, key=lambda each: each[:2])
        ]

    def _label(self, key: str) -> str:
        source = self.sources.get(key)
        with force_locale(LANGUAGE):
            return str(source.label) if source else key
