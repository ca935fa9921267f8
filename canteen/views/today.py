"""Today: who ate, who usually comes and has not yet, by site and sitting."""

from flask import render_template, request

from canteen.forms.filters import TodayFilter
from canteen.lists import today as listing
from canteen.models import Diner, Meal
from canteen.values import WayOfEating
from canteen.views import bp
from canteen.views.visible import canteens
from core import clock, show
from core.access import OFFICE, Role, current_actor, requires
from core.sites.models import site_id_of

SHOWN = ("ate", "missing")


@bp.get("/today")
@requires(*OFFICE, Role.MANAGER, Role.COUNTER, device=True)
def today() -> str:
    """Counts of the day, and one of two lists."""
    sites = canteens()
    form = TodayFilter(sites)
    chosen = site_id_of(form.site.data, sites)
    site_ids = [chosen] if chosen is not None else [site.id for site in sites]
    day, sitting = clock.service_day(clock.now()), form.value_of("sitting")
    shown = "missing" if request.args.get("show") == "missing" else "ate"
    missing = show.paginate(listing.missing(day, site_ids, sitting))
    page: show.Page[Meal] | show.Page[Diner] = missing
    if shown == "ate":
        page = show.paginate(listing.ate(day, site_ids, sitting))
    last = listing.last_meals([row.person_id for row in page.items]) if shown == "missing" else {}
    counts = listing.day_counts(day, site_ids)
    return render_template(
        "canteen/today.html", form=form, sites=sites, day=day, counts=counts, page=page, shown=shown,
        missing_total=missing.total, by_site=listing.meals_by_site(day, site_ids), ways=list(WayOfEating),
        last=last, sees_names=current_actor().has(*OFFICE, Role.MANAGER), chosen=chosen, sitting=sitting,
    )  # fmt: skip
