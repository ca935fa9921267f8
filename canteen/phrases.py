"""Phrases put together for pages: what a condition, a layer, a limit says; why somebody was refused."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext as _

from canteen import words
from canteen.models import MealCategory, Tariff
from canteen.values import (
    DINER,
    Condition,
    DayType,
    Fact,
    LayerRule,
    Limit,
    LimitScope,
    LimitUnit,
    Operator,
    OtherKind,
    Outcome,
    Refusal,
    Sitting,
    WayOfEating,
)
from core import show
from core.sites.models import Area, Site


def reason(code: str | None) -> str:
    """Why an attempt at a counter ended without a meal."""
    if code == Outcome.ALREADY_SERVED:
        return str(_("Already served"))
    refusal = next((member for member in Refusal if member.value == code), None)
    return str(words.REFUSAL[refusal]) if refusal else code or ""


class TariffNames:
    """Names of what conditions point at by code: categories, sites, areas."""

    def __init__(
        self, categories: Sequence[MealCategory], sites: Sequence[Site], areas: Sequence[Area]
    ) -> None:
        self._by_fact: Mapping[Fact, Mapping[str, str]] = {
            Fact.CATEGORY: {row.code: row.name for row in categories},
            Fact.SITE: {row.slug: row.name for row in sites},
            Fact.REGISTRATION: {row.code: row.name for row in areas},
            Fact.RESIDENCE: {row.code: row.name for row in areas},
            Fact.SITTING: {member.value: str(words.SITTING[member]) for member in Sitting},
            Fact.DAY_TYPE: {member.value: str(words.DAY_TYPE[member]) for member in DayType},
            Fact.WAY: {member.value: str(words.WAY[member]) for member in WayOfEating},
            Fact.SALE: {
                DINER: str(_("Diners")),
                **{member.value: str(words.OTHER_KIND[member]) for member in OtherKind},
            },
            Fact.WEEKDAY: dict(zip("1234567", _weekdays(), strict=True)),
        }

    def condition(self, condition: Condition) -> str:
        """One condition as a phrase: 年龄:80 岁及以上."""
        names = self._by_fact.get(condition.fact, {})
        values = _(", ").join(names.get(value, value) for value in condition.values)
        return _("%(fact)s: %(rule)s", fact=words.FACT[condition.fact],
                 rule=_rule(condition, values))  # fmt: skip


def _weekdays() -> list[str]:
    return [
        str(_("Monday")), str(_("Tuesday")), str(_("Wednesday")), str(_("Thursday")), str(_("Friday")),
        str(_("Saturday")), str(_("Sunday")),
    ]  # fmt: skip


def _rule(condition: Condition, values: str) -> str:
    if condition.operator is Operator.AT_LEAST:
        return _("%(age)s and older", age=values)
    if condition.operator is Operator.BELOW:
        return _("under %(age)s", age=values)
    if condition.operator in (Operator.NOT_IN, Operator.NOT_UNDER):
        return _("everything but %(values)s", values=values)
    return values


def layer(rule: LayerRule) -> str:
    """What one source pays: 区级 ¥4.00, or 街道 餐费的 40%,最高 ¥5.00."""
    source = words.LAYER[rule.layer]
    if rule.fixed_fen is not None:
        return _("%(source)s %(amount)s", source=source, amount=show.money(rule.fixed_fen))
    percent = f"{(rule.share_bp or 0) / 100:g}"
    if rule.cap_fen is None:
        return _("%(source)s %(percent)s%% of the price", source=source, percent=percent)
    return _("%(source)s %(percent)s%% of the price, at most %(cap)s",
             source=source, percent=percent, cap=show.money(rule.cap_fen))  # fmt: skip


def limit(rule: Limit) -> str:
    """At most so much in a period: 每日最多 2 餐."""
    most = (
        show.money(rule.maximum)
        if rule.unit is LimitUnit.FEN
        else _("%(count)s meals", count=rule.maximum)
    )
    period = words.PERIOD[rule.period]
    if rule.scope is LimitScope.ALL:
        return _("%(period)s at most %(most)s of all subsidised meals", period=period, most=most)
    return _("%(period)s at most %(most)s by this row", period=period, most=most)


def span(from_on: date, until_on: date | None) -> str:
    """2026年1月1日 起, or both days."""
    if until_on is None:
        return _("from %(day)s on", day=show.full_day(from_on))
    return _("%(first)s to %(last)s", first=show.full_day(from_on), last=show.full_day(until_on))


def amount(row: Tariff) -> str:
    """The price of a price row, or what a subsidy row pays, in one line."""
    if not row.layers:
        return show.money(row.price_fen) if row.price_fen is not None else str(_("as typed"))
    return _(", ").join(layer(rule) for rule in row.value.layers)


def clock_of(minutes: int) -> str:
    """690 → 11:30."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def days_of(mask: int) -> str:
    """A bit mask of weekdays in words; every day in one."""
    if mask == 127:
        return str(_("every day"))
    return _(", ").join(name for bit, name in enumerate(_weekdays()) if mask >> bit & 1)
