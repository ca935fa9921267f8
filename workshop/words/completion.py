"""Why somebody completes a cohort or not, in words: for the page, and kept with the decision."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from workshop.values import Ground, Judged, Proposal

PROPOSAL: Mapping[Proposal, Any] = {
    Proposal.COMPLETED: _l("completes"),
    Proposal.INCOMPLETE: _l("does not complete"),
    Proposal.OPEN: _l("not known yet"),
}


def class_hours(minutes: int, class_hour_min: int) -> str:
    """Minutes as class hours with one decimal at most: 1620 of 45 minutes are 36."""
    hours = (Decimal(minutes) / class_hour_min).quantize(Decimal("0.1"))
    return f"{hours.normalize():f}" if hours else "0"


def grounds(judged: Judged, class_hour_min: int) -> list[tuple[Ground, str]]:
    """What the proposal rests on, a phrase for each ground."""

    def hours(minutes: int) -> str:
        return class_hours(minutes, class_hour_min)

    credited = _(
        "%(credited)s of %(planned)s class hours credited, %(needed)s needed",
        credited=hours(judged.credited_min), planned=hours(judged.planned_min),
        needed=hours(judged.needed_min),
    )  # fmt: skip
    if judged.carried_min:
        credited += _(" (%(carried)s brought along)", carried=hours(judged.carried_min))
    leave = _("leave %(leave)s class hours, at most %(most)s",
              leave=hours(judged.excused_min), most=hours(judged.leave_most_min))  # fmt: skip
    result = _("assessment %(mark)s, pass mark %(pass_mark)s",
               mark=judged.mark, pass_mark=judged.pass_mark)  # fmt: skip
    words: dict[Ground, str] = {
        Ground.HOURS_REACHED: credited, Ground.HOURS_SHORT: credited, Ground.HOURS_OPEN: credited,
        Ground.LEAVE_WITHIN: leave, Ground.LEAVE_OVER: leave,
        Ground.SESSIONS_TO_COME: _("%(hours)s class hours still to come", hours=hours(judged.remaining_min)),
        Ground.UNMARKED: _("%(hours)s class hours unmarked", hours=hours(judged.unmarked_min)),
        Ground.PASSED: result, Ground.FAILED: result,
        Ground.NOT_ASSESSED: _("no assessment result yet"),
        Ground.NO_ASSESSMENT_NEEDED: _("no assessment needed"),
    }  # fmt: skip
    return [(each, words[each]) for each in judged.grounds]


def explanation(judged: Judged, class_hour_min: int, own_reason: str | None) -> str:
    """The whole of it in one line, as it stands with the decision for ever."""
    parts = [words for _ground, words in grounds(judged, class_hour_min)]
    text = _("; ").join(parts)
    if own_reason:
        text = _("%(grounds)s. Decided otherwise: %(reason)s", grounds=text, reason=own_reason)
    return text
