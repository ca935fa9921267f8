"""The outcome of a simulated month as a workbook: the sums, and every diner with what changes."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
from flask_babel import gettext as _

from canteen import words
from canteen.lists.simulation import Amounts, PersonChange, Simulation
from canteen.models import Tariff
from canteen.values import FundLayer
from core import clock, show
from core.export import SAFE


def workbook(outcome: Simulation, taken: Sequence[Tariff], *, by: str, now: datetime) -> io.BytesIO:
    """Two sheets; amounts are numbers in yuan, names are text whatever they begin with."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {**SAFE, "constant_memory": False})
    book.set_properties({"author": by, "created": clock.local(now).replace(tzinfo=None)})
    formats = {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True}),
        "yuan": book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"}),
    }
    _sums(book.add_worksheet(_("Sums")), formats, outcome, taken, by, now)
    _people(book.add_worksheet(_("Diners")), formats, outcome)
    book.close()
    file.seek(0)
    return file


def _sums(
    sheet: Any,
    formats: dict[str, Any],
    outcome: Simulation,
    taken: Sequence[Tariff],
    by: str,
    now: datetime,
) -> None:  # fmt: skip
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 3, 16)
    head = (_("Amount"), _("As paid"), _("Under the draft"), _("Difference"))
    for column, text in enumerate(head):
        sheet.write_string(0, column, text, formats["head"])
    row = 1
    for label, was, would_be in amount_lines(outcome.was, outcome.would_be):
        sheet.write_string(row, 0, str(label))
        for column, fen in enumerate((was, would_be, would_be - was), 1):
            sheet.write_number(row, column, fen / 100, formats["yuan"])
        row += 1
    for label, text in (
        (_("Month"), str(outcome.month)),
        (_("Drafts"), "、".join(f"{each.name} {each.document_no}" for each in taken)),
        (_("Visits"), str(outcome.meals)),
        (_("Meals without a price in the trial"), str(outcome.unpriced)),
        (_("Made by"), by),
        (_("Made at"), f"{show.full_day(clock.service_day(now))} {show.clock_time(now)}"),
    ):
        row += 1
        sheet.write_string(row, 0, label, formats["head"])
        sheet.write_string(row, 1, text)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def amount_lines(was: Amounts, would_be: Amounts) -> list[tuple[Any, int, int]]:
    """Label, amount paid and amount under the trial, in fen: price, layers that occur, sums."""
    layers = [
        (words.LAYER[layer], was.layers[layer], would_be.layers[layer])
        for layer in FundLayer
        if was.layers[layer] or would_be.layers[layer]
    ]
    return [
        (_("Meal price"), was.price_fen, would_be.price_fen), *layers,
        (_("Subsidy"), was.subsidy_fen, would_be.subsidy_fen),
        (_("Co-pay"), was.copay_fen, would_be.copay_fen),
    ]  # fmt: skip


def _people(sheet: Any, formats: dict[str, Any], outcome: Simulation) -> None:
    head = (
        _("Name"), _("Visits"), _("Subsidy as paid"), _("Subsidy under the draft"),
        _("Co-pay as paid"), _("Co-pay under the draft"), _("Gains"),
    )  # fmt: skip
    for column, text in enumerate(head):
        sheet.write_string(0, column, text, formats["head"])
    for row, each in enumerate(sorted(outcome.people, key=_most_first), 1):
        sheet.write_string(row, 0, each.name)
        sheet.write_number(row, 1, each.meals)
        amounts = (
            each.was.subsidy_fen, each.would_be.subsidy_fen, each.was.copay_fen,
            each.would_be.copay_fen, each.gain_fen,
        )  # fmt: skip
        for column, fen in enumerate(amounts, 2):
            sheet.write_number(row, column, fen / 100, formats["yuan"])
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 6, 14)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(1, len(outcome.people)), len(head) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)


def _most_first(each: PersonChange) -> tuple[int, int]:
    return -each.gain_fen, each.person_id
