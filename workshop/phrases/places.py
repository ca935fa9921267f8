"""Sentences about places in cohorts: hours, the three figures, and what a step is called and asks."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from workshop.rules.hours import Figures
from workshop.values import EnrolmentState, RateName
from workshop.words import RATE
from workshop.words.completion import class_hours

E = EnrolmentState
# What the button is called that leads into a state.
STEP: Mapping[EnrolmentState, Any] = {
    E.ADMITTED: _l("Admit"), E.WAITLISTED: _l("Put on the waitlist"), E.DECLINED: _l("Do not admit"),
    E.GAVE_UP: _l("She gives up the place"), E.TRAINING: _l("Start training"),
    E.NO_SHOW: _l("She did not show up"), E.WITHDRAWN: _l("She leaves the class"),
}  # fmt: skip


def hours(minutes: int, class_hour_min: int) -> str:
    """Minutes as class hours."""
    return class_hours(minutes, class_hour_min)


def hours_share(figures: Figures | None, class_hour_min: int) -> str:
    """36 / 40: what counts of all that is planned; a dash for whoever has not begun."""
    if figures is None:
        return "—"
    part, whole = figures.share(RateName.PLANNED)
    return f"{class_hours(part, class_hour_min)} / {class_hours(whole, class_hour_min)}"


def credited(figures: Figures | None, class_hour_min: int) -> str:
    """What she brings along when she is transferred."""
    return class_hours(figures.all_credited_min if figures else 0, class_hour_min)


def three_figures(figures: Figures | None, class_hour_min: int) -> list[tuple[Any, str]]:
    """The three figures, always together: label, and share with percent."""
    if figures is None:
        return []
    found = []
    for name in RateName:
        part, whole = figures.share(name)
        rate = figures.rate(name)
        text = f"{class_hours(part, class_hour_min)} / {class_hours(whole, class_hour_min)}"
        if rate is not None:
            text += f" ({rate * 100:.1f}%)"
        found.append((RATE[name], text))
    return found


def asks(to: EnrolmentState, name: str, is_undone: bool) -> str:
    """What a step asks before it is taken."""
    if to is E.TRAINING and is_undone:
        return str(_("Take the decision back? %(name)s is in training again.", name=name))
    return {
        E.ADMITTED: _("Admit %(name)s? She gets a seat and the next row of the sheet.", name=name),
        E.WAITLISTED: _("Put %(name)s on the waitlist? A seat that becomes free is offered in the order of the line.",
                        name=name),
        E.DECLINED: _("Decline the application of %(name)s?", name=name),
        E.GAVE_UP: _("Does %(name)s give up her place? Her seat goes to the next in line.", name=name),
        E.TRAINING: _("Start the training of %(name)s? Sessions count for her from this day on.", name=name),
        E.NO_SHOW: _("Did %(name)s not show up? Her seat goes to the next in line.", name=name),
        E.WITHDRAWN: _("Does %(name)s leave the class? Her hours stay on record, her seat goes to the next in line.",
                       name=name),
    }[to]  # fmt: skip


def done(to: EnrolmentState, name: str) -> str:
    """What is said once a step is taken."""
    return {
        E.ADMITTED: _("%(name)s is admitted.", name=name),
        E.WAITLISTED: _("%(name)s is on the waitlist.", name=name),
        E.DECLINED: _("%(name)s is not admitted.", name=name),
        E.GAVE_UP: _("%(name)s gave up the place.", name=name),
        E.TRAINING: _("%(name)s is in training.", name=name),
        E.NO_SHOW: _("%(name)s did not show up.", name=name),
        E.WITHDRAWN: _("%(name)s left the class.", name=name),
    }[to]  # fmt: skip
