"""Whether the counters worked as counters do: cards one by one, at mealtimes, each person at one place."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import TypeVar

from flask_babel import gettext as _

from canteen import words
from canteen.actions.rulebook import RuleBook, current_rulebook
from canteen.reports.checks.ground import Attempt, Ground, page_of
from canteen.values import (
    Collector,
    EventKind,
    Refusal,
    WayOfEating,
    WayOfRecording,
)
from core import clock, show
from core.paths import path_to
from core.reports.checks import Row, finding, setting
from core.reports.values import Finding

Key = TypeVar("Key", bound=Hashable)
_BY_CARD = frozenset({WayOfRecording.SCAN, WayOfRecording.SYNCED})


def two_places(ground: Ground) -> Finding | None:
    """The same person served at one site and served or refused at another within minutes.

    Entries from paper bear the moment of typing and say nothing about where she was.
    """
    within = timedelta(minutes=setting("CHECK_TWO_PLACES_MIN"))
    by_person: dict[int, list[Attempt]] = defaultdict(list)
    for each in ground.attempts:
        is_there = each.recording is not WayOfRecording.PAPER
        if each.person_id and is_there and each.reason != Refusal.CLOCK_SUSPECT.value:
            by_person[each.person_id].append(each)
    pairs = [
        (one, two)
        for attempts in by_person.values()
        for one, two in pairwise(attempts)
        if one.site_id != two.site_id and two.occurred_at - one.occurred_at <= within
        and _served_here(ground, one, two)
    ]  # fmt: skip
    pairs.sort(key=lambda pair: (pair[0].occurred_at, pair[0].event_id))
    return finding(
        "two_places", _("The same person at two sites within minutes"),
        _("Look at both records. Perhaps somebody else used the card; then move the meal to who ate it."),
        [_of_pair(ground, *pair) for pair in pairs],
    )  # fmt: skip


def _served_here(ground: Ground, *pair: Attempt) -> list[Attempt]:
    return [each for each in pair if each.event_id in ground.served]


def _of_pair(ground: Ground, one: Attempt, two: Attempt) -> Row:
    minutes = int((two.occurred_at - one.occurred_at).total_seconds() // 60)
    said = _(
        "%(name)s · %(day)s · %(first)s, then %(second)s (%(minutes)s minutes)",
        name=ground.names[one.person_id or 0], day=show.full_day(one.day), first=_at(ground, one),
        second=_at(ground, two), minutes=minutes,
    )  # fmt: skip
    return said, page_of(_served_here(ground, one, two)[0].event_id)


def _at(ground: Ground, attempt: Attempt) -> str:
    is_served = attempt.kind is EventKind.SERVED
    result = _("registered") if is_served else _("not registered")
    return " ".join(
        (show.clock_time(attempt.occurred_at), ground.site_name(attempt.site_id), result)
    )


def bursts(ground: Ground) -> Finding | None:
    """Cards in the order of the register, one right after another at one counter.

    Whoever scans a stack of cards has them in the order in which they were entered, printed or
    filed: by name or by number, forwards or backwards. People come in no such order.
    """
    by_name = {person_id: rank for rank, person_id in enumerate(ground.names)}
    orders: tuple[Callable[[Attempt], int], ...] = (
        lambda each: by_name[each.person_id or 0],
        lambda each: each.person_id or 0,
    )
    found: dict[str, list[Attempt]] = {}
    for scans in _by_counter(ground).values():
        runs = [run for order in orders for sign in (1, -1) for run in _runs(scans, order, sign)]
        taken: set[str] = set()
        for run in sorted(runs, key=len, reverse=True):
            ids = {each.event_id for each in run}
            if taken.isdisjoint(ids):
                taken |= ids
                found[run[0].event_id] = run
    rows = [
        _of_run(ground, run) for run in sorted(found.values(), key=lambda run: run[0].occurred_at)
    ]
    return finding(
        "bursts", _("Cards in the order of the register, one right after another"),
        _("Ask the counter whether a stack of cards was scanned without its people. Void what nobody ate."),
        rows,
    )  # fmt: skip


def _by_counter(ground: Ground) -> Mapping[tuple[int, int | None, int | None], list[Attempt]]:
    found: dict[tuple[int, int | None, int | None], list[Attempt]] = defaultdict(list)
    for each in ground.served.values():
        if each.recording in _BY_CARD:
            found[each.site_id, each.device_id, each.user_id].append(each)
    return found


def _runs(
    scans: Sequence[Attempt], order: Callable[[Attempt], int], sign: int
) -> Iterator[list[Attempt]]:
    """The longest stretches in which the order only rises (sign 1) or falls (−1), without a pause."""
    least, gap = setting("CHECK_BURST_CARDS"), timedelta(seconds=setting("CHECK_BURST_GAP_S"))
    run: list[Attempt] = []
    for each in scans:
        if run and not (
            sign * order(each) > sign * order(run[-1])
            and each.occurred_at - run[-1].occurred_at <= gap
        ):
            if len(run) >= least:
                yield run
            run = []
        run.append(each)
    if len(run) >= least:
        yield run


def _of_run(ground: Ground, run: Sequence[Attempt]) -> Row:
    first, last = run[0], run[-1]
    said = _(
        "%(site)s · %(who)s · %(day)s %(from)s–%(until)s: %(count)s cards, from %(first)s to %(last)s",
        site=ground.site_name(first.site_id), who=ground.recorded_by(first),
        day=show.full_day(first.day), count=len(run), first=ground.names[first.person_id or 0],
        last=ground.names[last.person_id or 0],
        **{"from": _second(first.occurred_at), "until": _second(last.occurred_at)},
    )  # fmt: skip
    day, site = first.day.isoformat(), ground.wanted.sites[first.site_id].slug
    return said, path_to("canteen.meals", from_on=day, until_on=day, site=site)


def _second(moment: datetime) -> str:
    return clock.local(moment).strftime("%H:%M:%S")


def by_hand(ground: Ground) -> Finding | None:
    """Sites at which an unusual share was registered without a card: by name, document or paper."""
    rows: list[Row] = []
    least, percent = setting("CHECK_MANUAL_MEALS"), setting("CHECK_MANUAL_PERCENT")
    for site_id, served in _grouped(ground.served.values(), lambda each: each.site_id).items():
        manual = [each for each in served if each.recording not in _BY_CARD]
        if _is_unusual(len(manual), len(served), least=least, percent=percent):
            kinds = _(", ").join(
                f"{words.RECORDING[kind]} {len(found)}"
                for kind, found in sorted(_grouped(manual, lambda each: each.recording).items())
            )
            said = _("%(where)s: %(part)s of %(whole)s meals (%(percent)s%%): %(kinds)s",
                     where=ground.site_name(site_id), part=len(manual), whole=len(served),
                     percent=_percent(len(manual), len(served)), kinds=kinds)  # fmt: skip
            slug = ground.wanted.sites[site_id].slug
            most = max(
                _grouped(manual, lambda each: each.recording).items(), key=lambda pair: len(pair[1])
            )
            rows.append((said, ground.list_of(site=slug, recording=most[0].value)))
    return finding(
        "by_hand", _("Many meals registered without a card"),
        _("Find out why: cards not issued, a device out of order, a power cut. Issue the cards that "
          "are missing, and write the reason."),
        rows,
    )  # fmt: skip


def collected(ground: Ground) -> Finding | None:
    """An unusual share of meals collected by somebody else (代取), by site and by who recorded it.

    Who the collector was is not recorded, only her relation: one collector for many shows in the
    account or device that handed the meals over.
    """
    served = list(ground.served.values())
    groups = [
        *((ground.site_name(site_id), rows)
          for site_id, rows in _grouped(served, lambda each: each.site_id).items()),
        *((ground.recorded_by(rows[0]), rows) for rows in _by_recorder(served)),
    ]  # fmt: skip
    rows: list[Row] = []
    least, percent = setting("CHECK_COLLECTED_MEALS"), setting("CHECK_COLLECTED_PERCENT")
    for where, meals in groups:
        part = [each for each in meals if _is_collected(each)]
        if _is_unusual(len(part), len(meals), least=least, percent=percent):
            said = _("%(where)s: %(part)s of %(whole)s meals (%(percent)s%%)", where=where,
                     part=len(part), whole=len(meals), percent=_percent(len(part), len(meals)))  # fmt: skip
            rows.append((said, ground.list_of(way=WayOfEating.COLLECTED.value)))
    return finding(
        "collected", _("Many meals collected by somebody else"),
        _("Ask who collects for whom, and see some of the diners. Void what did not reach them."), rows,
    )  # fmt: skip


def _is_collected(attempt: Attempt) -> bool:
    return attempt.collected_by is not Collector.SELF and attempt.way is not WayOfEating.DELIVERED


def _by_recorder(served: Iterable[Attempt]) -> Iterable[list[Attempt]]:
    def recorder(each: Attempt) -> tuple[int, int]:
        # The account where somebody was signed in, else the device.
        return (each.user_id, 0) if each.user_id else (0, each.device_id or 0)

    found = _grouped(served, recorder)
    return (found[key] for key in sorted(found) if key != (0, 0))


def _grouped(served: Iterable[Attempt], key: Callable[[Attempt], Key]) -> dict[Key, list[Attempt]]:
    found: dict[Key, list[Attempt]] = defaultdict(list)
    for each in served:
        found[key(each)].append(each)
    return found


def _is_unusual(part: int, whole: int, *, least: int, percent: int) -> bool:
    return part >= least and part * 100 > percent * whole


def _percent(part: int, whole: int) -> int:
    return round(part * 100 / whole)


def outside_mealtime(ground: Ground) -> Finding | None:
    """Accounts or devices that registered meals far outside the mealtime; paper aside."""
    book, least = current_rulebook(), setting("CHECK_OUTSIDE_MEALS")
    far = [each for each in ground.served.values() if _is_far_outside(book, each)]
    rows: list[Row] = []
    for meals in _by_recorder(far):
        if len(meals) >= least:
            first = meals[0]
            said = _(
                "%(who)s: %(count)s meals, the first on %(day)s at %(time)s (%(sitting)s, %(site)s)",
                who=ground.recorded_by(first), count=len(meals), day=show.full_day(first.day),
                time=show.clock_time(first.occurred_at), site=ground.site_name(first.site_id),
                sitting=words.SITTING[first.sitting] if first.sitting else "",
            )  # fmt: skip
            rows.append((said, page_of(first.event_id)))
    return finding(
        "outside", _("Meals registered far outside the mealtime"),
        _("Ask who used this account or device at that time, and whether these people ate."), rows,
    )  # fmt: skip


def _is_far_outside(book: RuleBook, meal: Attempt) -> bool:
    """Further from its window than the setting, or on a day that has none. Grace does not count."""
    if meal.recording is WayOfRecording.PAPER:
        return False
    midnight = clock.moment_of(meal.day, time.min)
    minute = (meal.occurred_at - midnight).total_seconds() / 60
    away = (
        max(window.starts_min - minute, minute - window.ends_min)
        for window in book.windows_on(meal.site_id, meal.day)
        if window.sitting is meal.sitting
    )
    return min(away, default=float("inf")) > setting("CHECK_OUTSIDE_MIN")
