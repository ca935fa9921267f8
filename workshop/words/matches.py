"""Sentences for what matching says: each code of values/matching.py with its values, in words."""

import re
from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.show import money
from workshop import words
from workshop.values import Fit, Reach, Said

_DAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))
_REACH = {
    Reach.SAME_GRID: _l("Same grid"),
    Reach.SAME_COMMUNITY: _l("Same community"),
    Reach.SAME_STREET: _l("Same subdistrict"),
    Reach.ANYWHERE: _l("Outside the subdistrict"),
}


def clock(minutes: int | None) -> str:
    """540 → 9:00."""
    return "—" if minutes is None else f"{minutes // 60}:{minutes % 60:02d}"


def weekdays(mask: int) -> str:
    """The days of a bit mask: 周一至周五, 周一、周三."""
    days = [n for n in range(7) if mask >> n & 1]
    if not days:
        return "—"
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return _("%(first)s to %(last)s", first=_DAYS[days[0]], last=_DAYS[days[-1]])
    return _(", ").join(str(_DAYS[n]) for n in days)


def _level(level: Any) -> str:
    # Without what stands in brackets behind it: the sentence has brackets of its own.
    return re.split(r"[(（]", str(words.SKILL_LEVEL[level]))[0].strip()


# ruff: noqa: E501  a sentence a line reads better than one folded in four
_PHRASES: dict[Fit, Callable[..., str]] = {
    Fit.HAS_SKILL: lambda name, has: _("Has the skill %(name)s (%(level)s)", name=name, level=_level(has)),
    Fit.LEARNS_SKILL: lambda name: _("Is learning %(name)s here", name=name),
    Fit.WANTS_SKILL: lambda name: _("Would like to learn %(name)s", name=name),
    Fit.NO_SKILL_ASKED: lambda: _("No skill asked for"),
    Fit.TIME_FITS: lambda days, a, b: _("Time fits: %(days)s %(from_)s–%(until)s", days=weekdays(days), from_=clock(a), until=clock(b)),
    Fit.TIME_FLEXIBLE: lambda: _("Flexible hours"),
    Fit.MOTHER_FIRST: lambda count: _("Has children under 12 (%(count)s): mothers' post", count=count),
    Fit.CARE_KEPT_FREE: lambda a, b: _("%(from_)s–%(until)s is kept free for children", from_=clock(a), until=clock(b)),
    Fit.NEAR: lambda reach: str(_REACH[reach]),
    Fit.AT_HOME: lambda: _("Can be done at home"),
    Fit.WAGE_FITS: lambda low, least: _("Wage from %(wage)s, at least what she asks", wage=money(low)),
    Fit.WANTS_HOME_WORK: lambda: _("Would like to work at home"),
    Fit.NEEDS_UNKNOWN: lambda: _("Nobody has asked her yet when and where she can work"),
    Fit.HOURS_UNKNOWN: lambda: _("Nobody has asked her yet when she can work"),
    Fit.WISHES_UNKNOWN: lambda: _("Nobody has asked her yet whether she looks for work"),
    Fit.TIME_UNKNOWN: lambda: _("The hours of the job are not known"),
    Fit.PLACE_UNKNOWN: lambda: _("The distance is not known"),
    Fit.WAGE_UNKNOWN: lambda least: _("The wage is not known; she asks for %(wage)s", wage=money(least)),
    Fit.WAGE_MAY_FIT: lambda low, best, least: _("Wage %(low)s–%(best)s, she asks for %(wage)s", low=money(low), best=money(best), wage=money(least)),
    Fit.SHIFTS_CHANGE: lambda: _("Shifts change: ask her"),
    Fit.WANTS_VENTURE: lambda: _("Would rather start a business of her own"),
    Fit.SKILL_TOO_LOW: lambda name, has, asked: _("%(name)s: %(has)s, asked for is %(asked)s", name=name, has=_level(has), asked=_level(asked)),
    Fit.SKILL_MISSING: lambda name: _("Does not have the skill %(name)s", name=name),
    Fit.DAYS_SHORT: lambda days: _("Cannot come on %(days)s", days=weekdays(days)),
    Fit.TIME_OUTSIDE: lambda a, b, free_from, free_until: _("Work is %(from_)s–%(until)s, she is free %(free_from)s–%(free_until)s", from_=clock(a), until=clock(b), free_from=clock(free_from), free_until=clock(free_until)),
    Fit.HOURS_TOO_MANY: lambda asked, can: _("%(asked)s hours a week, she can %(can)s at most", asked=asked, can=can),
    Fit.TOO_FAR: lambda near, reach: _("%(near)s, farther than she wants (%(reach)s)", near=_REACH[near], reach=words.REACH[reach]),
    Fit.WAGE_TOO_LOW: lambda best, least: _("Wage up to %(wage)s, she asks for %(least)s", wage=money(best), least=money(least)),
    Fit.NO_HOME_WORK_WISHED: lambda: _("Did not ask for work at home"),
    Fit.NOT_MOTHER: lambda: _("Mothers' post, no children under 12"),
    Fit.NO_DAY: lambda days: _("Free on none of the days (%(days)s)", days=weekdays(days)),
    Fit.NO_HOUR: lambda a, b, free_from, free_until: _("Work is %(from_)s–%(until)s, she is free %(free_from)s–%(free_until)s only", from_=clock(a), until=clock(b), free_from=clock(free_from), free_until=clock(free_until)),
    Fit.CANNOT_LEAVE_HOME: lambda: _("Cannot leave the house for long"),
    Fit.WANTS_NO_WORK: lambda: _("Does not look for work now"),
    Fit.IN_WORK: lambda where: _("In work at %(where)s", where=where),
}  # fmt: skip


def phrase(said: Said) -> str:
    """One thing that matching says, in words."""
    return _PHRASES[said.code](*said.values)
