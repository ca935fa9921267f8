"""A woman's way into one job: referred, moved on, started, verified, left.

Each move writes its row of placement_move, which is its own entry in the audit chain; what it sets
besides (wage, evidence, reason of leaving) goes to the log. A second job is a new placement.
"""

from workshop.actions.placements.beginning import Terms, refer, start_own, subject_of
from workshop.actions.placements.moving import (
    change_terms,
    leave,
    locked_placement,
    mark_told,
    move,
    note_export,
)
from workshop.actions.placements.verifying import verify

__all__ = [
    "Terms",
    "change_terms",
    "leave",
    "locked_placement",
    "mark_told",
    "move",
    "note_export",
    "refer",
    "start_own",
    "subject_of",
    "verify",
]
