"""How well a woman and a vacancy fit each other: points, reasons in coded words, what stands in the way.

Nothing here hides anybody: who does not fit is listed after the others with the reason, and a
coordinator decides. Times are minutes after midnight, weekdays a bit mask (1 Monday … 64 Sunday),
wages fen a month, areas code paths ("01.03.05").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workshop.values import Fit, Form, Mobility, Reach, Said, Shift, SkillLevel

DAY_MIN = 1440
WEEK = 127
OUTSIDE = "99"  # one node for everywhere outside the subdistrict
# What each thing is worth; together 100. A skill weighs most: without it no employer takes her.
SKILL, TIME, PLACE, WAGE, WISH = 40, 25, 20, 10, 5


@dataclass(frozen=True, slots=True)
class Need:
    """What she said last of when and how she can work. weekdays 0: her hours were not asked yet."""

    weekdays: int = 31
    free_from_min: int = 480
    free_until_min: int = 1080
    children_under_12: int = 0
    mobility: Mobility = Mobility.BICYCLE
    reach: Reach = Reach.SAME_STREET
    wants_work: bool = True
    wants_home_work: bool = False
    wants_venture: bool = False
    least_wage_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Seeker:
    """A woman who may be referred. need None: nobody has asked her yet. in_work_at: where she works now."""

    person_id: int
    need: Need | None = None
    skills: Mapping[int, SkillLevel] = field(default_factory=dict)
    learns: frozenset[int] = frozenset()
    wants: frozenset[int] = frozenset()
    area: str | None = None
    is_in_hardship: bool = False
    unemployed_since: date | None = None
    in_work_at: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A vacancy as the rules see it; area is the employer's where the vacancy has none of its own."""

    vacancy_id: int
    form: Form = Form.EMPLOYED
    skill_id: int | None = None
    skill_name: str = ""
    level: SkillLevel | None = None
    shift: Shift = Shift.DAY
    weekdays: int = 31
    starts_min: int | None = None
    ends_min: int | None = None
    hours_week: int | None = None
    is_mothers_post: bool = False
    care_from_min: int | None = None
    care_until_min: int | None = None
    wage_from_fen: int | None = None
    wage_until_fen: int | None = None
    area: str | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """What speaks for it, what is to be asked, what does not fit, and what stands in the way."""

    score: int
    reasons: tuple[Said, ...]
    questions: tuple[Said, ...]
    misfits: tuple[Said, ...]
    blockers: tuple[Said, ...]
    is_mother_first: bool = False


class _Sheet:
    """Collects points and what is said."""

    def __init__(self) -> None:
        self.score = 0
        self.said: dict[str, list[Said]] = {"reason": [], "ask": [], "miss": [], "block": []}

    def say(self, kind: str, code: Fit, *values: Any, points: int = 0) -> None:
        self.said[kind].append(Said(code, values))
        self.score += points


def match(seeker: Seeker, post: Post) -> Match:
    """How well these two fit. score: 0 to 100, larger is better."""
    sheet = _Sheet()
    _skill(sheet, seeker, post)
    if seeker.need is None:
        sheet.say("ask", Fit.NEEDS_UNKNOWN)
        _place(sheet, seeker, post, Reach.ANYWHERE)
    else:
        _time(sheet, seeker.need, post)
        _place(sheet, seeker, post, seeker.need.reach)
        _wage(sheet, seeker.need, post)
        _wishes(sheet, seeker.need, post)
    if seeker.in_work_at is not None:
        sheet.say("block", Fit.IN_WORK, seeker.in_work_at)
    is_mother = seeker.need is not None and seeker.need.children_under_12 > 0
    return Match(
        sheet.score, tuple(sheet.said["reason"]), tuple(sheet.said["ask"]),
        tuple(sheet.said["miss"]), tuple(sheet.said["block"]), post.is_mothers_post and is_mother,
    )  # fmt: skip


def _skill(sheet: _Sheet, seeker: Seeker, post: Post) -> None:
    if post.skill_id is None:
        sheet.say("reason", Fit.NO_SKILL_ASKED, points=SKILL // 2)
        return
    name, has = post.skill_name, seeker.skills.get(post.skill_id)
    asked = post.level or SkillLevel.BASIC
    if has is not None and has.rank >= asked.rank:
        sheet.say("reason", Fit.HAS_SKILL, name, has, points=SKILL)
    elif has is not None:
        sheet.say("miss", Fit.SKILL_TOO_LOW, name, has, asked, points=SKILL // 2)
        if post.skill_id in seeker.learns:
            sheet.say("reason", Fit.LEARNS_SKILL, name, points=SKILL // 8)
    elif post.skill_id in seeker.learns:
        sheet.say("reason", Fit.LEARNS_SKILL, name, points=SKILL // 2)
    else:
        sheet.say("miss", Fit.SKILL_MISSING, name)
        if post.skill_id in seeker.wants:
            sheet.say("reason", Fit.WANTS_SKILL, name, points=SKILL // 4)


def working_hours(post: Post) -> list[tuple[int, int]]:
    """The hours of a day on which she is really needed: those kept free for children are taken out."""
    if post.starts_min is None or post.ends_min is None:
        return []
    start, end = post.starts_min, post.ends_min
    parts = [(start, end)] if start < end else [(start, DAY_MIN), (0, end)]  # a night over midnight
    if post.care_from_min is None or post.care_until_min is None:
        return [part for part in parts if part[0] < part[1]]
    cut = [
        piece
        for a, b in parts
        for piece in ((a, min(b, post.care_from_min)), (max(a, post.care_until_min), b))
    ]
    return [(a, b) for a, b in cut if a < b]


def _time(sheet: _Sheet, need: Need, post: Post) -> None:
    if post.is_mothers_post:
        if need.children_under_12:
            sheet.say("reason", Fit.MOTHER_FIRST, need.children_under_12)
        elif need.weekdays:
            sheet.say("miss", Fit.NOT_MOTHER)
    if post.shift is Shift.ROTATING:
        sheet.say("ask", Fit.SHIFTS_CHANGE)
    if post.shift is Shift.FLEXIBLE:
        sheet.say("reason", Fit.TIME_FLEXIBLE, points=TIME)
    if not need.weekdays:
        sheet.say("ask", Fit.HOURS_UNKNOWN)
        return
    if post.shift is Shift.FLEXIBLE:
        _hours_week(sheet, need, post)
        return
    lacking = post.weekdays & ~need.weekdays & WEEK
    if post.weekdays and lacking == post.weekdays:
        sheet.say("block", Fit.NO_DAY, lacking)
        return
    hours = working_hours(post)
    if not hours:
        sheet.say("ask", Fit.TIME_UNKNOWN, points=TIME // 2)
    else:
        _hours(sheet, need, post, hours, lacking)
    if lacking:
        sheet.say("miss", Fit.DAYS_SHORT, lacking)
    _hours_week(sheet, need, post)


def _hours(
    sheet: _Sheet, need: Need, post: Post, hours: list[tuple[int, int]], lacking: int
) -> None:
    asked = sum(b - a for a, b in hours)
    free = sum(
        max(0, min(b, need.free_until_min) - max(a, need.free_from_min)) for a, b in hours
    )  # fmt: skip
    if not free:
        sheet.say("block", Fit.NO_HOUR, post.starts_min, post.ends_min,
                  need.free_from_min, need.free_until_min)  # fmt: skip
        return
    points = TIME // 2 if lacking else TIME
    if free == asked:
        sheet.say("reason", Fit.TIME_FITS, post.weekdays & need.weekdays, post.starts_min,
                  post.ends_min, points=points)  # fmt: skip
    else:
        sheet.say("miss", Fit.TIME_OUTSIDE, post.starts_min, post.ends_min, need.free_from_min,
                  need.free_until_min, points=points * free // asked // 2)  # fmt: skip
    if post.care_from_min is not None and need.children_under_12:
        sheet.say("reason", Fit.CARE_KEPT_FREE, post.care_from_min, post.care_until_min)


def _hours_week(sheet: _Sheet, need: Need, post: Post) -> None:
    if post.hours_week is None or post.form is Form.HOME_WORK:
        return
    days = (need.weekdays & WEEK).bit_count()
    can = days * (need.free_until_min - need.free_from_min) // 60
    if post.hours_week > can:
        sheet.say("miss", Fit.HOURS_TOO_MANY, post.hours_week, can)


def nearness(one: str | None, other: str | None) -> Reach | None:
    """How far two areas lie apart by their code paths; None when it is not known, as between two
    that lie outside the subdistrict.

    A workplace known by its community only is in no grid, so it is at best in the same community.
    """
    if not one or not other or one == other == OUTSIDE:
        return None
    a, b = one.split("."), other.split(".")
    same = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        same += 1
    return (Reach.ANYWHERE, Reach.SAME_STREET, Reach.SAME_COMMUNITY, Reach.SAME_GRID)[min(same, 3)]


def _place(sheet: _Sheet, seeker: Seeker, post: Post, reach: Reach) -> None:
    if post.form is Form.HOME_WORK:
        sheet.say("reason", Fit.AT_HOME, points=PLACE)
        return
    if seeker.need is not None and seeker.need.mobility is Mobility.AT_HOME:
        sheet.say("block", Fit.CANNOT_LEAVE_HOME)
    near = nearness(seeker.area, post.area)
    if near is None:
        sheet.say("ask", Fit.PLACE_UNKNOWN, points=PLACE // 4)
    elif near.distance > reach.distance:
        sheet.say("miss", Fit.TOO_FAR, near, reach)
    else:
        sheet.say("reason", Fit.NEAR, near, points=(PLACE, 15, 8, 2)[near.distance])


def _wage(sheet: _Sheet, need: Need, post: Post) -> None:
    least, low, high = need.least_wage_fen, post.wage_from_fen, post.wage_until_fen
    best = high if high is not None else low
    if least is None:
        sheet.score += WAGE // 2
    elif best is None:
        sheet.say("ask", Fit.WAGE_UNKNOWN, least, points=WAGE // 2)
    elif best < least:
        sheet.say("miss", Fit.WAGE_TOO_LOW, best, least)
    elif low is None or low < least:
        sheet.say("ask", Fit.WAGE_MAY_FIT, low or 0, best, least, points=WAGE // 2)
    else:
        sheet.say("reason", Fit.WAGE_FITS, low, least, points=WAGE)


def _wishes(sheet: _Sheet, need: Need, post: Post) -> None:
    # A roster without wishes leaves all three empty: nobody has asked her.
    if not (need.wants_work or need.wants_home_work or need.wants_venture):
        sheet.say("ask", Fit.WISHES_UNKNOWN)
        return
    if post.form is Form.HOME_WORK:
        if need.wants_home_work:
            sheet.say("reason", Fit.WANTS_HOME_WORK, points=WISH)
        else:
            sheet.say("miss", Fit.NO_HOME_WORK_WISHED)
    elif not need.wants_work:
        sheet.say("block", Fit.WANTS_NO_WORK)
    else:
        sheet.score += WISH
    if need.wants_venture:
        sheet.say("ask", Fit.WANTS_VENTURE)


_NEVER = date.max


def _order(found: tuple[Seeker, Match]) -> tuple[Any, ...]:
    seeker, fit = found
    return (
        bool(fit.blockers), not fit.is_mother_first, -fit.score, not seeker.is_in_hardship,
        seeker.unemployed_since or _NEVER, seeker.person_id,
    )  # fmt: skip


def candidates(post: Post, seekers: Iterable[Seeker]) -> list[tuple[Seeker, Match]]:
    """The women for a vacancy, best first.

    Whom something stands in the way of comes last. On a mothers' post mothers of children under 12
    come first. Among equal points: women in hardship first, then the longest without work.
    """
    return sorted(((seeker, match(seeker, post)) for seeker in seekers), key=_order)


def vacancies(seeker: Seeker, posts: Iterable[Post]) -> list[tuple[Post, Match]]:
    """The vacancies for a woman, best first; those in whose way something stands come last."""
    found = [(post, match(seeker, post)) for post in posts]
    return sorted(
        found,
        key=lambda pair: (bool(pair[1].blockers), not pair[1].is_mother_first, -pair[1].score,
                          pair[0].vacancy_id),
    )  # fmt: skip
