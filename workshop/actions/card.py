"""A learner's card, scanned by the trainer: she is here."""

from dataclasses import dataclass
from datetime import datetime

from core.access import Actor
from core.errors import RuleError
from core.people.card_code import read
from core.people.cards.actions import find_by_code
from core.people.models import CardState
from workshop.actions.attendance import arrived
from workshop.values import MarkSource


@dataclass(frozen=True, slots=True)
class Arrival:
    """Whose card it was, and whether she was marked as here before."""

    person_id: int
    was_here: bool


def scan_card(session_id: int, code: str, *, by: Actor, now: datetime) -> Arrival:
    """Mark the owner of a card as present. code: as scanned or typed.

    Raises RuleError card_unreadable, card_unknown_here, card_stopped_here, and of_another_cohort with her
    person_id among the details; also what `attendance.mark` raises.
    """
    if read(code).code is None:
        raise RuleError("card_unreadable")
    card = find_by_code(code)
    if card is None:
        raise RuleError("card_unknown_here")
    if card.state is not CardState.ACTIVE:
        raise RuleError("card_stopped_here")
    person_id = card.person_id
    outcome = arrived(session_id, [person_id], source=MarkSource.CARD, by=by, now=now)
    for _refused_id, error in outcome.refused:
        raise RuleError(error.code, **error.details, person_id=person_id)
    return Arrival(person_id, person_id in outcome.unchanged)
