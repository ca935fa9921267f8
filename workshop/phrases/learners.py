"""Sentences that pages and files build from values: hours, wishes, ages."""

from flask_babel import gettext as _

from workshop.forms.learner_filter import WISHES
from workshop.lists.learners import Wish
from workshop.models import NeedsAssessment

_DAYS = 7


def clock_of(minutes: int) -> str:
    """540 → 09:00."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def days_of(weekdays: int) -> str:
    """A bit mask as words: 周一至周五, 周一、周三."""
    if weekdays == 127:
        return str(_("every day"))
    names = (
        _("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"),
    )  # fmt: skip
    days = [n for n in range(_DAYS) if weekdays & 1 << n]
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return str(_("%(first)s to %(last)s", first=names[days[0]], last=names[days[-1]]))
    return str(_(", ").join(str(names[n]) for n in days))


def hours_of(needs: NeedsAssessment) -> str:
    """When she can come."""
    if not needs.weekdays:
        return str(_("not asked yet"))
    return str(_("%(days)s, %(first)s to %(last)s", days=days_of(needs.weekdays),
                 first=clock_of(needs.free_from_min), last=clock_of(needs.free_until_min)))  # fmt: skip


def times_of(needs: NeedsAssessment) -> str:
    """Between which hours she is free, on the days that she named."""
    return f"{clock_of(needs.free_from_min)}–{clock_of(needs.free_until_min)}"


def wishes_of(needs: NeedsAssessment) -> str:
    """What she would like to come of it."""
    wanted = {
        Wish.WORK: needs.wants_work, Wish.HOME_WORK: needs.wants_home_work,
        Wish.VENTURE: needs.wants_venture,
    }  # fmt: skip
    return str(_(", ").join(str(WISHES[wish]) for wish, is_wanted in wanted.items() if is_wanted))


def age_of(months: int) -> str:
    """660 → 55 years; 607 → 50 years and 7 months."""
    years, rest = divmod(months, 12)
    if not rest:
        return str(_("%(years)s years", years=years))
    return str(_("%(years)s years and %(months)s months", years=years, months=rest))
