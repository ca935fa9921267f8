"""Sites: the list, adding one, changing one."""

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from core import clock
from core.access import OFFICE, Role, current_actor, requires, visible_site
from core.db import db
from core.errors import RuleError
from core.forms import blame
from core.sites import actions
from core.sites.forms import KIND, NewSiteForm, SiteForm
from core.sites.models import Area, Site
from core.sites.views import bp


@bp.get("/sites")
@requires(*OFFICE)
def index() -> str:
    """All canteens and workshops."""
    sites = db.session.scalars(
        sa.select(Site).order_by(Site.is_active.desc(), Site.kind, Site.id)
    ).all()
    return render_template("office/sites.html", sites=sites, kinds=KIND)


@bp.route("/sites/new", methods=["GET", "POST"])
@requires(Role.ADMIN)
def add() -> Response | str | tuple[str, int]:
    """A new site."""
    form = NewSiteForm(_areas())
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("office/site.html", form=form, site=None), status
    try:
        site = actions.add_site(
            form.slug.data or "", form.kind.data, form.facts(), by=current_actor(), now=clock.now()
        )
    except RuleError as error:
        blame(form, error, {"site_name_taken": "name"}, "slug")
        return render_template("office/site.html", form=form, site=None), 422
    flash(_("“%(name)s” is added.", name=site.name), "success")
    return redirect(url_for("sites.index"))


@bp.route("/sites/<slug>", methods=["GET", "POST"])
@requires(Role.ADMIN)
def edit(slug: str) -> Response | str | tuple[str, int]:
    """One site, to change."""
    site = visible_site(slug)
    form = SiteForm(_areas(site.area_id), obj=site)
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("office/site.html", form=form, site=site), status
    try:
        actions.change_site(site, form.facts(), by=current_actor(), now=clock.now())
    except RuleError as error:
        blame(form, error, {}, "name")
        return render_template("office/site.html", form=form, site=site), 422
    flash(_("“%(name)s” is saved.", name=site.name), "success")
    return redirect(url_for("sites.index"))


def _areas(own_id: int | None = None) -> list[Area]:
    """Where a site may lie: the areas in use, and the one it lies in already."""
    offered = sa.or_(Area.is_active, Area.id == own_id)
    return list(db.session.scalars(sa.select(Area).where(offered).order_by(Area.code)))
