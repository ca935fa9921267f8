"""Placement rate and retention: by cohort or month, with the names behind each figure."""

import sqlalchemy as sa
from flask import abort, render_template, request
from sqlalchemy.orm import joinedload

from core import clock
from core.access import current_actor, requires
from core.db import db
from core.people.models import Person
from core.sites.models import Area
from workshop.lists import rates as listing
from workshop.lists.jobs import PERSON_IN_LIST
from workshop.lists.rates import Line
from workshop.rules.rates import Rate
from workshop.views import bp
from workshop.views.visible import AT_WORKSHOP


def _lines(by: str) -> tuple[listing.Book, list[Line]]:
    read = listing.book(current_actor().site_ids)
    today = clock.service_day(clock.now())
    lines = listing.by_month(read, today) if by == "month" else listing.by_cohort(read, today)
    return read, lines


@bp.get("/rates")
@requires(*AT_WORKSHOP)
def rates() -> str:
    """Placement rate in its two versions, and retention in its two bounds."""
    by = "month" if request.args.get("by") == "month" else "cohort"
    read, lines = _lines(by)
    return render_template("workshop/rates.html", by=by, lines=lines, read=read)


FIGURES = ("placed", "completers", "lower", "upper")


@bp.get("/rates/names")
@requires(*AT_WORKSHOP)
def rate_names() -> str:
    """Who stands behind a figure: of the whole, who counts in the part."""
    by = "month" if request.args.get("by") == "month" else "cohort"
    figure, days = request.args.get("figure", ""), request.args.get("days", 0, type=int)
    read, lines = _lines(by)
    line = next((one for one in lines if one.key == request.args.get("of")), None)
    rate = _figure(line, figure, days) if line else None
    if line is None or rate is None:
        abort(404)
    people = db.session.scalars(
        sa.select(Person)
        .where(Person.id.in_(rate.whole))
        .options(sa.orm.load_only(*PERSON_IN_LIST),
                 joinedload(Person.residence_area).joinedload(Area.parent))
        .order_by(Person.pinyin, Person.id)
    ).all()  # fmt: skip
    unknown = next((set(one.unknown) for one in line.kept if one.after_days == days), set())
    return render_template(
        "workshop/rate_names.html", by=by, line=line, rate=rate, figure=figure, days=days,
        people=people, part=set(rate.part), unknown=unknown, spells=read.spells,
    )  # fmt: skip


def _figure(line: Line, figure: str, days: int) -> Rate | None:
    if figure == "placed":
        return line.placed.of_all
    if figure == "completers":
        return line.placed.of_completers
    kept = next((one for one in line.kept if one.after_days == days), None)
    if kept is None or figure not in FIGURES:
        return None
    return kept.lower if figure == "lower" else kept.upper
