"""What the events of one person's sitting come to."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from canteen.values import Event, EventKind, Folded

UNDO_WITHIN = timedelta(minutes=1)


def meal_of(events: Iterable[Event]) -> Folded:
    """The only definition of a meal.

    events: all of one (person, day, sitting), in any order. Among the served ones that no event
    voids, the one with the smallest (corrected time, id) is the meal; the others are parked.
    The answer depends on the set of events alone, so any order of arrival gives the same.
    """
    known = {event.id: event for event in events}
    voided = {event.voids_id for event in known.values() if event.kind is EventKind.VOIDED}
    standing = sorted(
        (event for event in known.values() if event.kind is EventKind.SERVED and event.id not in voided),
        key=lambda event: (event.occurred_at, event.id),
    )  # fmt: skip
    return Folded(standing[0], tuple(standing[1:])) if standing else Folded(None)


def is_undo(received_at: datetime, now: datetime) -> bool:
    """Whether voiding now is a mere undo (撤销), which asks for neither PIN nor reason."""
    return timedelta(0) <= now - received_at <= UNDO_WITHIN
