"""What the checks of every programme's report share: how a finding is made, and one about months."""

from collections.abc import Sequence

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from core.db import db
from core.paths import path_to
from core.reports.models import IssuedReport
from core.reports.values import ALL, Built, Finding

Row = tuple[str, str | None]


def setting(name: str) -> int:
    """A setting that is a whole number."""
    return int(current_app.config[name])


def finding(
    code: str, title: str, advice: str, rows: Sequence[Row], *, stops: bool = False
) -> Finding | None:
    """The finding of these rows; None when there are none."""
    return Finding(code, title, advice, tuple(rows), stops) if rows else None


def months_missing(built: Built) -> Finding | None:
    """Months of a longer period for which no report was issued."""
    period = built.period
    if period.is_month:
        return None
    issued = set(db.session.scalars(
        sa.select(IssuedReport.period).where(
            IssuedReport.name == built.name,
            IssuedReport.scope.in_({ALL, built.scope}),
            IssuedReport.period.in_([str(month) for month in period.months()]),
        )
    ))  # fmt: skip
    rows: list[Row] = [
        (str(month), path_to("reports.index", year=month.year))
        for month in period.months()
        if str(month) not in issued
    ]
    return finding(
        "months_missing", _("Months of this period without an issued report"),
        _("Issue the months first: what is checked from day to day is checked there."), rows,
    )  # fmt: skip
