"""The form of a tariff row as a clerk thinks of it: who, when, where, how much, from whom, at most.

Each question of the form is one condition of the row. Conditions that the form has no question
for are kept as they are.
"""

import secrets
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from canteen import words
from canteen.actions import TariffDraft
from canteen.forms.fields import FilterForm, PercentField, any_or, choices_of, select
from canteen.models import MealCategory, Tariff
from canteen.values import (
    DINER,
    Condition,
    DayType,
    Fact,
    FundLayer,
    LayerRule,
    Limit,
    LimitPeriod,
    LimitScope,
    LimitUnit,
    Operator,
    OtherKind,
    PriceKind,
    Sitting,
    TariffKind,
    WayOfEating,
)
from core.forms import (
    CheckboxField,
    IdField,
    YuanField,
    day_field,
    ends_before_start,
    half_width,
    weekday_choices,
)
from core.sites.models import Area, AreaLevel, Site

FEWEST_LAYERS, FEWEST_LIMITS, MOST_ROWS = 2, 1, 12
MOST_BUDGET_FEN = 10**11
# Questions answered by ticking: form field → fact.
_TICKED = {
    "categories": Fact.CATEGORY, "sittings": Fact.SITTING, "day_types": Fact.DAY_TYPE,
    "weekdays": Fact.WEEKDAY, "sites": Fact.SITE, "ways": Fact.WAY, "sales": Fact.SALE,
}  # fmt: skip
_PATHS = {"registration": Fact.REGISTRATION, "residence": Fact.RESIDENCE}


class LayerForm(Form):
    """Who pays how much; an empty line counts for nothing."""

    layer = select(_l("Source"), FundLayer)
    fixed = YuanField(_l("Fixed amount"))
    share = PercentField(_l("Or share of the price"))
    cap = YuanField(_l("Cap"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.layer.choices = any_or(choices_of(words.LAYER), "—")

    def validate_layer(self, field: Any) -> None:
        amounts = (self.fixed.data, self.share.data)
        if field.data is None and any(value is not None for value in (*amounts, self.cap.data)):
            raise ValidationError(_l("Choose who pays this."))
        if field.data is not None and amounts.count(None) != 1:
            raise ValidationError(_l("Give either a fixed amount or a share, not both."))

    def value(self) -> LayerRule | None:
        if self.layer.data is None:
            return None
        return LayerRule(self.layer.data, self.fixed.data, self.share.data, self.cap.data)


class LimitForm(Form):
    """At most so many meals, or so much money, in a period; an empty line counts for nothing."""

    period = select(_l("Period"), LimitPeriod)
    maximum = StringField(_l("At most"), [Length(max=12)])
    unit = SelectField(_l("Unit"), coerce=LimitUnit)
    scope = SelectField(_l("Counted"), coerce=LimitScope)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.period.choices = any_or(choices_of(words.PERIOD), "—")
        self.unit.choices = choices_of(words.LIMIT_UNIT)
        self.scope.choices = [
            SelectChoice(LimitScope.ALL.value, _l("all subsidised meals")),
            SelectChoice(LimitScope.SERIES.value, _l("meals by this row alone")),
        ]

    def validate_maximum(self, field: Any) -> None:
        if self.period.data is not None and self.most is None:
            raise ValidationError(_l("Type a whole number of meals, or an amount in yuan."))

    def validate_period(self, field: Any) -> None:
        if field.data is None and (self.maximum.data or "").strip():
            raise ValidationError(_l("Choose for which period."))

    @property
    def most(self) -> int | None:
        """Meals, or fen."""
        text = half_width(self.maximum.data or "")
        try:
            value = Decimal(text) * (100 if self.unit.data is LimitUnit.FEN else 1)
        except ArithmeticError:
            return None
        return (
            int(value) if value.is_finite() and 0 <= value < 10**9 and value == int(value) else None
        )

    def value(self) -> Limit | None:
        if self.period.data is None or self.most is None:
            return None
        return Limit(self.period.data, self.unit.data, self.most, self.scope.data)


class TariffForm(FlaskForm):
    """One row: its document, its days, who it is for, and what it pays or costs."""

    name = StringField(_l("Designation"), [InputRequired(), Length(max=64)])
    document_no = StringField(
        _l("Document number"), [InputRequired(), Length(max=64)],
        description=_l("The paper that decided it, as it will stand in reports."),
    )  # fmt: skip
    from_on = day_field(_l("Valid from"))
    until_on = day_field(_l("Valid until"), required=False,
                         description=_l("The last day. Leave it empty when no end is decided."))  # fmt: skip
    priority = IntegerField(
        _l("Rank"), [InputRequired(), NumberRange(1, 999)], default=100,
        description=_l("A smaller number goes first. Among equal ranks the largest subsidy wins."),
    )  # fmt: skip
    price_kind = RadioField(_l("Kind of price"), coerce=PriceKind, default=PriceKind.FIXED)
    price = YuanField(
        _l("Price"), description=_l("For the actual price: the highest that may be typed.")
    )
    set_meal = StringField(_l("Name of the set meal"), [Length(max=32)])
    categories = CheckboxField(_l("Categories"), coerce=str)
    age_from = IntegerField(_l("Age from"), [Optional(), NumberRange(0, 130)])
    age_below = IntegerField(_l("Age below"), [Optional(), NumberRange(1, 130)])
    sittings = CheckboxField(_l("Sitting"), coerce=Sitting)
    day_types = CheckboxField(_l("Kinds of day"), coerce=DayType)
    weekdays = CheckboxField(_l("Days of the week"), coerce=str)
    sites = CheckboxField(_l("Canteens"), coerce=str)
    ways = CheckboxField(_l("Ways of eating"), coerce=WayOfEating)
    sales = CheckboxField(_l("Who pays this price"), coerce=str)
    registration_rule = RadioField(_l("Household registration"), coerce=str, default="")
    registration = CheckboxField(_l("Areas"), coerce=str)
    residence_rule = RadioField(_l("Residence"), coerce=str, default="")
    residence = CheckboxField(_l("Areas"), coerce=str)
    layers = FieldList(FormField(LayerForm), max_entries=MOST_ROWS)
    limits = FieldList(FormField(LimitForm), max_entries=MOST_ROWS)
    annual_budget = YuanField(_l("Budget a year"), most_fen=MOST_BUDGET_FEN)
    note = TextAreaField(_l("Note"), [Length(max=256)])

    def __init__(
        self,
        kind: TariffKind,
        categories: Sequence[MealCategory],
        sites: Sequence[Site],
        areas: Sequence[Area],
        row: Tariff | None = None,
        **more: Any,
    ) -> None:
        super().__init__(data=_data_of(row) if row else None, **more)
        self.kind = kind
        self.kept = _not_asked_for(row) if row else ()
        self.series = row.series if row else f"{kind.value}-{secrets.token_hex(5)}"
        self.price_kind.choices = choices_of(words.PRICE_KIND)
        self.categories.choices = [SelectChoice(each.code, each.name) for each in categories]
        self.sittings.choices = choices_of(words.SITTING)
        self.day_types.choices = choices_of(words.DAY_TYPE)
        self.weekdays.choices = weekday_choices()
        self.sites.choices = [SelectChoice(site.slug, site.name) for site in sites]
        self.ways.choices = choices_of(words.WAY)
        self.sales.choices = [
            SelectChoice(DINER, _l("Diners")),
            *choices_of(words.OTHER_KIND, only=list(OtherKind)),
        ]
        named = [
            SelectChoice(area.code, area.name) for area in areas if area.level is not AreaLevel.GRID
        ]
        rules = [
            SelectChoice("", _l("anywhere")),
            SelectChoice(Operator.UNDER.value, _l("only in")),
            SelectChoice(Operator.NOT_UNDER.value, _l("everywhere but in")),
        ]
        for name in _PATHS:
            self[name].choices = named
            self[f"{name}_rule"].choices = rules
        self._fill_up()

    def _fill_up(self) -> None:
        if self.kind is TariffKind.SUBSIDY:
            while len(self.layers) < FEWEST_LAYERS:
                self.layers.append_entry()
            while len(self.limits) < FEWEST_LIMITS:
                self.limits.append_entry()

    def add_row(self, name: str) -> bool:
        """One more line of layers or limits; False for any other name."""
        if name not in ("layers", "limits"):
            return False
        if len(self[name]) < MOST_ROWS:
            self[name].append_entry()
        return True

    def validate_until_on(self, field: Any) -> None:
        if ends_before_start(self.from_on.data, field.data):
            raise ValidationError(_l("The last day lies before the first. Check both dates."))

    def validate_price(self, field: Any) -> None:
        if (
            self.kind is TariffKind.PRICE
            and field.data is None
            and self.price_kind.data is not PriceKind.ACTUAL
        ):
            raise ValidationError(_l("Type the price."))

    def validate_set_meal(self, field: Any) -> None:
        is_set = self.kind is TariffKind.PRICE and self.price_kind.data is PriceKind.SET_MEAL
        if is_set and not (field.data or "").strip():
            raise ValidationError(_l("Type the name of the set meal."))

    def validate_age_below(self, field: Any) -> None:
        if field.data is not None and (self.age_from.data or 0) >= field.data:
            raise ValidationError(_l("The upper age must be above the lower one."))

    def validate_layers(self, field: Any) -> None:
        if self.kind is not TariffKind.SUBSIDY:
            return
        chosen = [entry.form.layer.data for entry in field if entry.form.layer.data is not None]
        if not chosen:
            raise ValidationError(_l("Say who pays the subsidy: at least one line."))
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_l("Each source may stand in one line only."))

    def _area_chosen(self, name: str) -> None:
        if self[f"{name}_rule"].data and not self[name].data:
            raise ValidationError(_l("Tick at least one area."))

    def validate_registration(self, _field: Any) -> None:
        self._area_chosen("registration")

    def validate_residence(self, _field: Any) -> None:
        self._area_chosen("residence")

    def draft(self) -> TariffDraft:
        """The typed values as a draft. Only after a successful validation."""
        is_price = self.kind is TariffKind.PRICE
        layers = [entry.form.value() for entry in self.layers]
        limits = [entry.form.value() for entry in self.limits]
        return TariffDraft(
            series=self.series, kind=self.kind, name=(self.name.data or "").strip(),
            document_no=(self.document_no.data or "").strip(),
            from_on=self.from_on.data, until_on=self.until_on.data, priority=self.priority.data,
            price_kind=self.price_kind.data if is_price else None,
            price_fen=self.price.data if is_price else None,
            conditions=(*self._conditions(), *self.kept),
            layers=() if is_price else tuple(row for row in layers if row is not None),
            limits=() if is_price else tuple(row for row in limits if row is not None),
            annual_budget_fen=None if is_price else self.annual_budget.data,
            note=(self.note.data or "").strip(),
        )  # fmt: skip

    def _conditions(self) -> tuple[Condition, ...]:
        is_price = self.kind is TariffKind.PRICE
        found = [
            Condition(fact, Operator.IN, tuple(str(value) for value in self[name].data))
            for name, fact in _TICKED.items()
            if self[name].data and (is_price or fact is not Fact.SALE)
        ]
        if self.age_from.data is not None:
            found.append(Condition(Fact.AGE, Operator.AT_LEAST, (str(self.age_from.data),)))
        if self.age_below.data is not None:
            found.append(Condition(Fact.AGE, Operator.BELOW, (str(self.age_below.data),)))
        for name, fact in _PATHS.items():
            if self[f"{name}_rule"].data:
                found.append(
                    Condition(fact, Operator(self[f"{name}_rule"].data), tuple(self[name].data))
                )
        if is_price and self.price_kind.data is PriceKind.SET_MEAL:
            found.append(
                Condition(Fact.SET_MEAL, Operator.IN, ((self.set_meal.data or "").strip(),))
            )
        return tuple(found)


def _is_asked_for(fact: Fact, operator: Operator) -> bool:
    if fact is Fact.AGE:
        return operator in (Operator.AT_LEAST, Operator.BELOW)
    if fact in _PATHS.values():
        return operator in (Operator.UNDER, Operator.NOT_UNDER)
    return operator is Operator.IN


def _not_asked_for(row: Tariff) -> tuple[Condition, ...]:
    return tuple(
        condition for condition in row.value.conditions
        if not _is_asked_for(condition.fact, condition.operator)
    )  # fmt: skip


def _data_of(row: Tariff) -> dict[str, Any]:
    """A stored row as the values of the form."""
    data: dict[str, Any] = {
        "name": row.name, "document_no": row.document_no, "from_on": row.from_on,
        "until_on": row.until_on, "priority": row.priority,
        "price_kind": row.price_kind or PriceKind.FIXED, "price": row.price_fen,
        "annual_budget": row.annual_budget_fen, "note": row.note,
        "layers": [
            {"layer": each.layer, "fixed": each.fixed_fen, "share": each.share_bp, "cap": each.cap_fen}
            for each in row.layers
        ],
        "limits": [
            {"period": each.period, "unit": each.unit, "scope": each.scope,
             "maximum": f"{Decimal(each.maximum) / 100:f}" if each.unit is LimitUnit.FEN else str(each.maximum)}
            for each in row.limits
        ],
    }  # fmt: skip
    for condition in row.value.conditions:
        data |= _answer_of(condition)
    return data


def _answer_of(condition: Condition) -> dict[str, Any]:
    fact, operator, values = condition.fact, condition.operator, condition.values
    if not _is_asked_for(fact, operator):
        return {}
    if fact is Fact.AGE:
        return {"age_from" if operator is Operator.AT_LEAST else "age_below": int(values[0])}
    if fact is Fact.SET_MEAL:
        return {"set_meal": "、".join(values)}
    for name, path in _PATHS.items():
        if path is fact:
            return {name: list(values), f"{name}_rule": operator.value}
    return {name: list(values) for name, ticked in _TICKED.items() if ticked is fact}


class TrialForm(FilterForm):
    """What would it cost: whom, where, which sitting, which day."""

    q = StringField(
        _l("Diner"), [Length(max=64)], description=_l("Name, pinyin, or last digits of phone or ID")
    )
    person = IdField(_l("Person"), [Optional()])
    site = select(_l("Canteen"), str)
    sitting = SelectField(
        _l("Sitting"), coerce=Sitting, choices=choices_of(words.SITTING), default=Sitting.LUNCH
    )
    day = day_field(_l("Date"), required=False)
    way = SelectField(_l("Way of eating"), coerce=WayOfEating, choices=choices_of(words.WAY),
                      default=WayOfEating.DINE_IN)  # fmt: skip

    def __init__(self, sites: Sequence[Site], today: date, **more: Any) -> None:
        super().__init__(**more)
        self.today = today
        self.site.choices = [SelectChoice(site.slug, site.name) for site in sites]
        self.read()
        if self.day.data is None and not self.day.raw_data:
            self.day.data = today
