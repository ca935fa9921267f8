"""What a counter is told, in words: the stored answer with the person and the sentences added.

The stored answer holds codes and amounts only. Name, diet and sentences are added here for each
request, in the language of the screen; the diner's own words are always Chinese.
"""

from typing import Any, Protocol

from flask_babel import gettext as _

from canteen import words
from canteen.actions import Registered, Seen
from canteen.diner_words import address, diner_sentence
from canteen.values import DietKind, Note, Outcome, Refusal


class Addressing(Protocol):
    """A site, as far as it knows how its diners are addressed."""

    @property
    def address_style(self) -> str: ...


def present(registered: Registered, site: Addressing) -> dict[str, Any]:
    """An answer for the staff's side of a counter, JSON-ready.

    Adds to the stored answer: `person` (name, address_as, photo, household) or None, `words` (the
    diner's side), `needs` and `notes` with their text, and for a refusal `title` and `message`.
    """
    answer = dict(registered.answer)
    seen = registered.seen
    who = address(seen, site.address_style) if seen else None
    answer["person"] = _person(seen, who) if seen else None
    answer["words"] = diner_sentence(answer, who)
    answer["needs"] = [
        {"kind": need.kind.value, "text": _need_text(need.kind, need.detail),
         "blocks": need.kind.blocks}
        for need in (seen.needs if seen else ())
    ]  # fmt: skip
    answer["notes"] = [
        {**note, "text": words.note_text(note)}
        for note in answer.get("notes", ())
        if note["code"] != Note.DIET.value  # said by `needs`, with what it is
    ]
    if answer["outcome"] == Outcome.REFUSED.value:
        reason = Refusal(answer["reason"])
        answer["title"] = str(words.REFUSAL[reason])
        answer["message"] = str(words.REFUSAL_NEXT[reason])
    return answer


def _need_text(kind: DietKind, detail: str | None) -> str:
    return f"{words.DIET[kind]}{_(': ')}{detail}" if detail else str(words.DIET[kind])


def _person(seen: Seen, who: str | None) -> dict[str, Any]:
    return {
        "name": seen.name,
        "address_as": who,
        "photo": None,
        "household": seen.household_id is not None,
    }
