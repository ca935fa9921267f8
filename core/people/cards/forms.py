"""What is asked before cards are printed, replaced or stopped."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from core.forms import FilterForm, any_or, choices_of, select_field, text_field
from core.people.cards.printing import Scope
from core.people.cards.words import REPLACE_REASON, REVOKE_REASON
from core.sites.models import Area

SCOPE = {
    Scope.MISSING: _l("Who has no card yet"),
    Scope.UNPRINTED: _l("Who has no printed card yet"),
    Scope.AREA: _l("All people of one area"),
    Scope.EVERYBODY: _l("All people"),
    Scope.PRACTICE: _l("Practice cards, which count nowhere"),
}
CHOSEN = {Scope.PEOPLE: _l("The people chosen"), **SCOPE}


class SheetsForm(FilterForm):
    """Whose cards; the same fields in the address and in the order to print."""

    scope = select_field(_l("Whose cards"), Scope)
    area = select_field(_l("Area"), int)

    def __init__(self, areas: Sequence[Area], has_people: bool) -> None:
        # Choices first: the parent validates while it is made.
        self._choices = {
            "scope": choices_of(CHOSEN if has_people else SCOPE),
            "area": any_or(
                [
                    SelectChoice(str(area.id), "　" * area.code.count(".") + area.name)
                    for area in areas
                ],
                _l("Choose an area"),
            ),
        }
        super().__init__()

    def validate(self, extra_validators: Any = None) -> bool:
        """Fill in the choices, then check."""
        for name, choices in self._choices.items():
            self[name].choices = choices
        return bool(super().validate(extra_validators))


class PrintForm(FlaskForm):
    """The order itself; whose cards stands in the address."""

    backs = BooleanField(
        _l("Print the back as well"),
        default=True,
        description=_l(
            "How to use the card, and what to do when it is lost. Print on both sides, turned over the long edge."
        ),
    )


class EndForm(FlaskForm):
    """Why a card ends: one of the usual reasons, or in one's own words."""

    reason = RadioField(_l("Reason"), [InputRequired()])
    other = text_field(_l("In your own words"), 100, required=False)

    def __init__(self, words: Mapping[str, Any]) -> None:
        super().__init__()
        self.reason.choices = [
            *(SelectChoice(code, word) for code, word in words.items()),
            SelectChoice("other", _l("Another reason")),
        ]

    def text(self) -> str:
        """The reason as it is kept."""
        return str(self.other.data or "") if self.reason.data == "other" else str(self.reason.data)


def replacement_form() -> EndForm:
    """Why a card is replaced."""
    return EndForm(REPLACE_REASON)


def revocation_form() -> EndForm:
    """Why a card is stopped."""
    return EndForm(REVOKE_REASON)
