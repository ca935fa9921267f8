"""What must agree in every report: each table that adds up, with its total."""

from collections.abc import Iterable, Iterator

from flask_babel import gettext as _

from core.reports.counting import Ledger
from core.reports.values import Identity, Table, Unit

# People are counted once each, and shares are no parts of a share.
_NEVER_ADDED = (Unit.PEOPLE, Unit.SHARE)


def sums_of(ledger: Ledger, tables: Iterable[Table]) -> tuple[Identity, ...]:
    """For each column of the tables that add up: their lines make their total."""
    return tuple(each for table in tables if table.adds_up for each in _sums(ledger, table))


def _sums(ledger: Ledger, table: Table) -> Iterator[Identity]:
    totals = [line for line in table.lines if line.is_total]
    for number, key in enumerate(totals[0].cells if totals else ()):
        if key is None or ledger.figures[key].unit in _NEVER_ADDED:
            continue
        parts = (line.cells[number] for line in table.lines if not line.is_total)
        yield Identity(
            f"{table.key}.{number}",
            _("%(table)s, %(column)s: the lines make the total", table=table.caption,
              column=table.head[number + 1]),
            ledger.figures[key].value,
            sum(ledger.figures[part].value for part in parts if part is not None),
            ledger.figures[key].unit,
        )  # fmt: skip
