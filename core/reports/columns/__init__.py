"""The columns of the bureau's form as the office set them: kept as rows, the default where there are none."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from flask_babel import force_locale
from sqlalchemy.orm import Session

from core.db import db
from core.reports.form import FormColumn, Source, default_columns
from core.reports.models import ReportColumn
from core.reports.queries import LANGUAGE


def stored(session: Session, name: str) -> tuple[FormColumn, ...]:
    """What the office set, in its order; empty when it never did."""
    rows = session.scalars(
        sa.select(ReportColumn).where(ReportColumn.name == name).order_by(ReportColumn.position)
    )
    return tuple(FormColumn(row.heading, row.source) for row in rows)


def columns_of(
    name: str, sources: Mapping[str, Source], chosen: Sequence[str]
) -> tuple[FormColumn, ...]:
    """The columns of a report's form. chosen: the sources of an office that set none."""
    return stored(db.session(), name) or default_of(sources, chosen)


def default_of(sources: Mapping[str, Source], chosen: Sequence[str]) -> tuple[FormColumn, ...]:
    """The default, its headings in Chinese whatever language the screen has: they go on paper."""
    with force_locale(LANGUAGE):
        return default_columns(sources, chosen)
