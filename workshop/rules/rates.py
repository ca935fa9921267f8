"""Placement rate and retention: counted by person, leavers in the denominator, no number before its time.

Every figure keeps the ids behind it, so that a report can open its rows. Days are service days;
a woman has one life of work, made of spells (her placements), whoever employed her.

Definitions, in the words of a report's footnotes:

- exited: all who trained and are out: completed, not completed, withdrawn. Each woman once a group;
  on the day her training ended (`exit_day`), whenever it was decided how.
- placed: of these, who has a verified placement begun between her first day of training and
  `window_months` months after her exit, and not left before she exited.
- retained after N days: in work on the N-th day after the start of the first such placement, with
  gaps of at most `gap_days` days between jobs. The lower bound takes only those of whom it is
  known; the upper bound those too of whom nothing is known (unreachable, refused, not asked, or in
  a job that is not verified).
- a figure is mature on the first day on which nothing can be added to it any more; before, it is
  None with that day.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from workshop.rules.hours import ratio
from workshop.values import EnrolmentState, FollowUpOutcome


@dataclass(frozen=True, slots=True)
class Exit:
    """A woman's end of one training: her first day in it, her last, and whether she completed it."""

    person_id: int
    group: int  # the cohort
    joined_on: date
    on: date
    is_completed: bool


_LEAVES = (EnrolmentState.WITHDRAWN, EnrolmentState.TRANSFERRED)


def exit_day(
    state: EnrolmentState, *, joined_on: date, left_on: date | None, ends_on: date
) -> date:
    """The day a woman's training ended: her own last one when she left, else that of the cohort.

    Not the day on which somebody decided that she had completed it. Never before she joined.
    """
    on = left_on if state in _LEAVES and left_on is not None else ends_on
    return max(on, joined_on)


@dataclass(frozen=True, slots=True)
class Spell:
    """One job: its days (left_on is her last; None: still there as far as anybody knows)."""

    person_id: int
    id: str
    started_on: date
    left_on: date | None = None
    is_verified: bool = True


@dataclass(frozen=True, slots=True)
class Look:
    """What one follow-up found: so many days after the start of the spell, on a day."""

    spell_id: str
    after_days: int
    outcome: FollowUpOutcome
    on: date


@dataclass(frozen=True, slots=True)
class Rate:
    """Part of a whole, by the ids of women. None as value until it is mature, or of nobody.

    matures_on: from that day on it is a number; None with is_mature False: while some still train.
    """

    part: tuple[int, ...]
    whole: tuple[int, ...]
    is_mature: bool
    matures_on: date | None = None

    @property
    def numerator(self) -> int:
        return len(self.part)

    @property
    def denominator(self) -> int:
        return len(self.whole)

    @property
    def value(self) -> Decimal | None:
        return ratio(len(self.part), len(self.whole)) if self.is_mature else None


@dataclass(frozen=True, slots=True)
class PlacementRate:
    """The two versions, side by side: of all who exited, and of those who completed."""

    of_all: Rate
    of_completers: Rate


class Kept(StrEnum):
    """What is known of a woman on the N-th day."""

    RETAINED = "retained"
    NOT_RETAINED = "not_retained"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Retention:
    """Retention after so many days: at least, and at most."""

    after_days: int
    lower: Rate
    upper: Rate
    unknown: tuple[int, ...]


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last one of a shorter month."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(number, day.day))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def first_placement(exited: Exit, spells: Iterable[Spell], window_months: int) -> Spell | None:
    """The verified placement by which she counts as placed after this exit; None when there is none."""
    until = months_after(exited.on, window_months)
    fitting = [
        spell
        for spell in spells
        if spell.is_verified
        and exited.joined_on <= spell.started_on <= until
        and (spell.left_on is None or spell.left_on >= exited.on)
    ]
    return min(fitting, key=lambda spell: (spell.started_on, spell.id)) if fitting else None


def _window_over(exits: Iterable[Exit], window_months: int) -> date | None:
    """The first day after the last window of a group; None for nobody."""
    ends = [months_after(one.on, window_months) for one in exits]
    return max(ends) + timedelta(days=1) if ends else None


def _once(exits: Iterable[Exit]) -> list[Exit]:
    """Each woman once: by her first exit of the group, the completed one when there are two of a day."""
    first: dict[int, Exit] = {}
    for one in sorted(exits, key=lambda each: (each.on, not each.is_completed, each.group)):
        first.setdefault(one.person_id, one)
    return sorted(first.values(), key=lambda each: each.person_id)


def placement_rate(
    exits: Iterable[Exit], spells: Mapping[int, Sequence[Spell]], *, still_training: int,
    window_months: int, today: date,
) -> PlacementRate:  # fmt: skip
    """How many of a group are placed. spells: by person. still_training: how many are not out yet.

    Both versions mature together, when the window of the last to exit is over.
    """
    group = _once(exits)
    over_on = _window_over(group, window_months)
    is_mature = not still_training and (over_on is None or today >= over_on)
    matures_on = None if still_training or is_mature else over_on
    placed = {
        one.person_id
        for one in group
        if first_placement(one, spells.get(one.person_id, ()), window_months)
    }

    def rate(of: Collection[Exit]) -> Rate:
        whole = tuple(one.person_id for one in of)
        return Rate(tuple(n for n in whole if n in placed), whole, is_mature, matures_on)

    return PlacementRate(rate(group), rate([one for one in group if one.is_completed]))


def anchors_of(
    exits: Iterable[Exit], spells: Mapping[int, Sequence[Spell]], window_months: int
) -> list[Spell]:
    """The placements at which retention of a group begins: one of each woman who was placed."""
    found = [
        first_placement(one, spells.get(one.person_id, ()), window_months) for one in _once(exits)
    ]
    return [spell for spell in found if spell is not None]


def first_spells(
    spells: Mapping[int, Sequence[Spell]], first_on: date, last_on: date
) -> list[Spell]:
    """The first verified placement of each woman among those begun in a span: a month's group."""
    found = []
    for person_id in sorted(spells):
        begun = [
            spell
            for spell in spells[person_id]
            if spell.is_verified and first_on <= spell.started_on <= last_on
        ]
        if begun:
            found.append(min(begun, key=lambda spell: (spell.started_on, spell.id)))
    return found


def covered_until(anchor: Spell, spells: Iterable[Spell], gap_days: int) -> date:
    """The last day of work that began with this job, gaps of at most gap_days closed; date.max: goes on."""
    until = anchor.left_on or date.max
    for spell in sorted(spells, key=lambda each: each.started_on):
        if until == date.max:
            break
        if spell.started_on >= anchor.started_on and spell.started_on <= until + timedelta(
            days=gap_days
        ):
            until = max(until, spell.left_on or date.max)
    return until


def kept(
    anchor: Spell, spells: Sequence[Spell], looks: Sequence[Look], *,
    after_days: int, gap_days: int, today: date,
) -> Kept:  # fmt: skip
    """What is known of a woman so many days after a job of hers began, that day being over.

    spells, looks: all of hers. A follow-up's word for work, said on or after the day, or a last day of
    work that lies there, proves it; a job that nobody has asked about since proves nothing.
    """
    day = anchor.started_on + timedelta(days=after_days)
    by_id = {spell.id for spell in spells if spell.is_verified} | {anchor.id}
    word = next(
        (look for look in looks if look.spell_id == anchor.id and look.after_days == after_days),
        None,
    )
    says_work = word is not None and word.outcome.is_in_work and word.on >= day
    verified = covered_until(anchor, [one for one in spells if one.is_verified], gap_days)
    if verified >= day:
        is_proved = (
            verified != date.max
            or says_work
            or any(
                look.outcome.is_in_work and look.on >= day and look.spell_id in by_id
                for look in looks
            )
        )
        return Kept.RETAINED if is_proved else Kept.UNKNOWN
    anyway = covered_until(anchor, spells, gap_days)
    if anyway >= day:
        return Kept.UNKNOWN
    gap_ends = anyway + timedelta(days=gap_days)
    if says_work:
        # She told of another employer that nobody entered: since when is known only inside a gap.
        return Kept.RETAINED if gap_ends >= day else Kept.UNKNOWN
    return Kept.UNKNOWN if gap_ends >= max(day, today) else Kept.NOT_RETAINED


def retention(
    anchors: Iterable[Spell], spells: Mapping[int, Sequence[Spell]],
    looks: Mapping[int, Sequence[Look]], *, after_days: int, gap_days: int, today: date,
    group_closes_on: date | None, is_open: bool = False,
) -> Retention:  # fmt: skip
    """How many of a group were still in work after so many days, at least and at most.

    group_closes_on: from that day on nobody joins the group any more; is_open: nobody knows when.
    The day itself must be over for everybody: on it the follow-up is only just due.
    """
    group = sorted(anchors, key=lambda spell: spell.person_id)
    days = [spell.started_on + timedelta(days=after_days + 1) for spell in group]
    matures_on = max([*days, *([group_closes_on] if group_closes_on else [])], default=None)
    is_mature = not is_open and (matures_on is None or today >= matures_on)
    said = {
        spell.person_id: kept(
            spell, spells.get(spell.person_id, ()), looks.get(spell.person_id, ()),
            after_days=after_days, gap_days=gap_days, today=today,
        )
        for spell in group
    }  # fmt: skip
    whole = tuple(said)
    known = tuple(n for n in whole if said[n] is Kept.RETAINED)
    most = tuple(n for n in whole if said[n] is not Kept.NOT_RETAINED)
    later = None if is_open or is_mature else matures_on
    return Retention(
        after_days, Rate(known, whole, is_mature, later), Rate(most, whole, is_mature, later),
        tuple(n for n in whole if said[n] is Kept.UNKNOWN),
    )  # fmt: skip
