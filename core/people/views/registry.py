"""The registry: its list, and the search that keeps whole numbers out of addresses and logs."""

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.people import registry as reads
from core.people.forms import PeopleFilter
from core.people.lookup import nobody_words, number_in, whose
from core.people.views import bp
from core.people.words import SEX, STANDING, STANDING_STATE
from core.show import paginate
from core.sites.models import Area

READERS = (*OFFICE, Role.AUDITOR, Role.MANAGER)


def active_areas() -> list[Area]:
    return list(db.session.scalars(sa.select(Area).where(Area.is_active).order_by(Area.code)))


@bp.get("")
@requires(*READERS)
def index() -> Response | str:
    """Who is registered."""
    form = PeopleFilter(active_areas())
    typed = form.value_of("q") or ""
    if number_in(typed):
        flash(
            _("Whole numbers are not kept in an address. Type them into the search field."),
            "warning",
        )
        return redirect(url_for("people.index"))
    area = db.session.get(Area, form.value_of("area") or 0)
    query = reads.RegistryQuery(
        typed, area.code if area else None, form.value_of("standing"), form.value_of("without")
    )
    page = paginate(reads.people(query, current_actor()))
    return render_template(
        "people/index.html", form=form, page=page, filtered=any(request.args.get(n) for n in form.data),
        cards=reads.with_cards([p.id for p in page.items]), area_path=reads.area_path,
        age=lambda p: reads.age_on(p.birth_on, clock.service_day(clock.now())), sexes=SEX,
        standings=STANDING, standing_states=STANDING_STATE,
    )  # fmt: skip


@bp.post("/search")
@requires(*READERS)
def search() -> Response:
    """From the search field to the list, or straight to the person whom a whole number names."""
    typed = request.form.get("q", "").strip()[:64]
    filters: dict[str, Any] = {
        n: v for n in ("area", "standing", "without") if (v := request.form.get(n))
    }
    number = number_in(typed)
    if number is None:
        if typed:
            filters["q"] = typed
        return redirect(url_for("people.index", **filters))
    found = whose(number, reads.visible(current_actor()))
    if len(found) == 1:
        return redirect(url_for("people.show", person_id=found[0]))
    if found:
        # Several people share a telephone: its last four digits may stand in an address.
        return redirect(url_for("people.index", q=number[-4:]))
    flash(nobody_words(number), "warning")
    return redirect(url_for("people.index"))
