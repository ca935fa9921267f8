"""Why a meal costs what it costs: the steps of the tariff engine as sentences (为什么是这个金额)."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from canteen.values import FundLayer, LimitPeriod, LimitUnit
from canteen.words import LAYER, PERIOD
from core.show import money


def step_text(step: Mapping[str, Any]) -> str:
    """One line of 「为什么是这个金额」."""
    said = _STEPS.get(step["code"])
    return said(step) if said else str(step["code"])


def _say_price(step: Mapping[str, Any]) -> str:
    return _("Price %(amount)s (%(name)s, %(document)s)",
             amount=money(step["fen"]), name=step["name"], document=step["document_no"])  # fmt: skip


def _say_row(step: Mapping[str, Any]) -> str:
    if step["category_name"]:
        return _("Subsidy: %(name)s (%(document)s), as %(category)s", name=step["name"],
                 document=step["document_no"], category=step["category_name"])  # fmt: skip
    return _("Subsidy: %(name)s (%(document)s)", name=step["name"], document=step["document_no"])


def _say_compared(step: Mapping[str, Any]) -> str:
    others = "、".join(f"{other['name']} {money(other['fen'])}" for other in step["others"])
    if step["why"] == "priority":
        return _(
            "It goes before %(others)s by its priority; subsidies are not added together",
            others=others,
        )
    if step["why"] == "largest":
        return _(
            "It is the largest, compared with %(others)s; subsidies are not added together",
            others=others,
        )
    return _(
        "It has the lowest number, compared with %(others)s; subsidies are not added together",
        others=others,
    )


def _say_layer(step: Mapping[str, Any]) -> str:
    layer, amount = LAYER[FundLayer(step["layer"])], money(step["fen"])
    if step["code"] == "layer_fixed":
        return _("%(layer)s pays %(amount)s", layer=layer, amount=amount)
    share, of = f"{step['share_bp'] / 100:g}%", money(step["of_fen"])
    if step["cap_fen"] is None:
        return _(
            "%(layer)s pays %(amount)s (%(share)s of %(of)s)",
            layer=layer,
            amount=amount,
            share=share,
            of=of,
        )
    return _("%(layer)s pays %(amount)s (%(share)s of %(of)s, at most %(cap)s)",
             layer=layer, amount=amount, share=share, of=of, cap=money(step["cap_fen"]))  # fmt: skip


def _say_limit(step: Mapping[str, Any]) -> str:
    period = PERIOD[LimitPeriod(step["period"])]
    if step["unit"] == LimitUnit.MEALS.value:
        return _(
            "Limit: %(period)s at most %(maximum)s meals with subsidy",
            period=period,
            maximum=step["maximum"],
        )
    return _(
        "Limit: %(period)s at most %(maximum)s of subsidy",
        period=period,
        maximum=money(step["maximum"]),
    )


_STEPS = {
    "price": _say_price,
    "no_subsidy": lambda step: _("No subsidy row fits, so she pays the price"),
    "subsidy_row": _say_row,
    "rows_compared": _say_compared,
    "layer_fixed": _say_layer,
    "layer_share": _say_layer,
    "limit": _say_limit,
    "copay": lambda step: _("She pays %(amount)s", amount=money(step["fen"])),
}
