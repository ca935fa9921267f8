"""Sitting windows of each site, with the dates from which they hold."""

from datetime import timedelta

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from canteen import actions
from canteen.forms.sittings import SittingsForm
from canteen.models import SittingWindow
from canteen.rules import DEFAULT_WINDOWS
from canteen.values import Sitting
from canteen.views import bp
from canteen.views.visible import MAY_PROPOSE, canteens
from core import clock, show
from core.access import OFFICE, Role, current_actor, requires, visible_site
from core.db import db
from core.outcomes import saved
from core.sites.models import Site

EVERY_DAY = 127


@bp.get("/sittings")
@requires(*OFFICE, Role.MANAGER)
def sittings() -> str:
    """When each site serves what, now and later."""
    sites, today = canteens(), clock.service_day(clock.now())
    rows = db.session.scalars(
        sa.select(SittingWindow)
        .where(SittingWindow.site_id.in_([site.id for site in sites]),
               sa.or_(SittingWindow.until_on.is_(None), SittingWindow.until_on >= today))
        .order_by(SittingWindow.from_on, SittingWindow.starts_min)
    ).all()  # fmt: skip
    by_site: dict[int, list[SittingWindow]] = {}
    for row in rows:
        by_site.setdefault(row.site_id, []).append(row)
    return render_template("canteen/sittings.html", sites=sites, by_site=by_site, today=today,
                           defaults=DEFAULT_WINDOWS)  # fmt: skip


@bp.route("/sittings/<slug>", methods=["GET", "POST"])
@requires(*MAY_PROPOSE)
def change_sittings(slug: str) -> Response | str | tuple[str, int]:
    """Change the windows of a site from a day on; what held before stays in its days."""
    site: Site = visible_site(slug)
    form = _form(site)
    if form.validate_on_submit() and saved(form, lambda: actions.set_sitting_windows(
        site.id, windows=form.windows, from_on=form.from_on.data,
        weekdays=form.weekday_mask, by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("The sittings of %(site)s hold from %(day)s on.", site=site.name,
                day=show.full_day(form.from_on.data)), "success")  # fmt: skip
        return redirect(url_for("canteen.sittings"))
    page = render_template(
        "canteen/change_sittings.html", form=form, site=site, sittings=list(Sitting)
    )
    return (page, 422) if form.is_submitted() else page


def _form(site: Site) -> SittingsForm:
    """Filled with the latest windows; proposed from tomorrow, because today's meals are under way."""
    tomorrow = clock.service_day(clock.now()) + timedelta(days=1)
    latest = db.session.scalars(
        sa.select(SittingWindow).where(
            SittingWindow.site_id == site.id, SittingWindow.until_on.is_(None)
        )
    ).all()
    windows = [row.value for row in latest] or list(DEFAULT_WINDOWS)
    mask = latest[0].weekdays if latest else EVERY_DAY
    return SittingsForm.of(windows, mask, tomorrow)
