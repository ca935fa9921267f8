"""What the tables are made of, and the shapes that several of them share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from core.reports.counting import Ledger
from core.reports.values import PEOPLE, ROWS, Line, Measure, Table, Unit
from workshop.reports.span import Span

# One column of a table: the end of its figures' keys, unit, measure, and what its rows must be besides.
Cell = tuple[str, Unit, Measure, Mapping[str, Any]]
EACH: tuple[Cell, ...] = (("visits", Unit.VISITS, ROWS, {}), ("people", Unit.PEOPLE, PEOPLE, {}))


@dataclass(frozen=True)
class Wanted:
    """What is counted, and where. waiting: by cohort, why its rate of placement is not due yet."""

    span: Span
    ledger: Ledger
    waiting: Mapping[str, str] = field(default_factory=dict)

    def present(
        self, dataset: str, column: str, where: Mapping[str, Any] | None = None
    ) -> set[Any]:
        """The values of a column among the rows that fit."""
        return self.ledger.present(dataset, column, where)

    def within(self, dataset: str, months: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """Rows that count in these months. What was declared wrong in one of them counts in none."""
        where = {"month": months}
        if any(column.key == "voided" for column in self.ledger.datasets[dataset].columns):
            where["voided"] = tuple(sorted({"", *self.present(dataset, "voided")} - set(months)))
        return where

    def voided(self, dataset: str, months: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """Rows of earlier, submitted months that were declared wrong in one of these."""
        return {
            "voided": months,
            "month": tuple(sorted(self.present(dataset, "month") - set(months))),
        }

    def words(self, dataset: str, column: str) -> Mapping[str, str]:
        return self.ledger.datasets[dataset].words[column]

    def cells(
        self,
        prefix: str,
        label: str,
        dataset: str,
        columns: Sequence[Cell],
        where: Mapping[str, Any],
    ) -> tuple[str, ...]:
        """Figures of one line."""
        return tuple(
            self.ledger.add(f"{prefix}.{key}", label, unit, dataset, measure, {**where, **more})
            for key, unit, measure, more in columns
        )

    def by(
        self, key: str, section: str, caption: str, unit: str, head: Sequence[str], *,
        dataset: str, column: str, columns: Sequence[Cell] = EACH,
        where: Mapping[str, Any] | None = None, labels: Mapping[str, str] | None = None,
        has_total: bool = True, note: str = "", is_public: bool = False,
    ) -> Table | None:  # fmt: skip
        """Rows split by one column, only values that occur, with a total; None where there is no row.

        Without a total the lines must not be added, and the note says why.
        """
        where = where or {}
        present = self.present(dataset, column, where)
        labels = self.words(dataset, column) if labels is None else labels
        if not present:
            return None
        lines = [
            Line(label, self.cells(f"{key}.{code or 'none'}", label, dataset, columns, {**where, column: code}))
            for code, label in labels.items()
            if code in present
        ]  # fmt: skip
        if has_total:
            total = self.cells(f"{key}.total", _("Total"), dataset, columns, where)
            lines.append(Line(_("Total"), total, is_total=True))
        return Table(key, section, caption, unit, tuple(head), tuple(lines), adds_up=has_total,
                     note=note, is_public=is_public)  # fmt: skip
