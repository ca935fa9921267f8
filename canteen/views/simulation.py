"""A past month under a draft of the tariff: who would gain, who would lose. Nothing is stored."""

from typing import Any

from flask import Response as FlaskResponse
from flask import redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from canteen.forms.simulation import SimulationForm
from canteen.lists.simulation import Simulation, drafts, simulate
from canteen.models import Tariff
from canteen.simulation_book import amount_lines, workbook
from canteen.views import bp
from canteen.views.visible import canteens
from core import audit, clock
from core.access import OFFICE, current_actor, requires
from core.clock import Month
from core.db import db, transaction
from core.export import MEDIA_TYPE

# So many of each stand on the page; the workbook has all.
SHOWN = 25


def _asked() -> tuple[SimulationForm, list[Tariff], Simulation | None]:
    """The form, the drafts that were ticked, and the outcome once something was asked."""
    known = drafts()
    form = SimulationForm(canteens(), known, Month.of(clock.service_day(clock.now())))
    taken = [row for row in known if row.id in (form.drafts.data or [])]
    month = form.value_of("month")
    if month is None or not taken:
        return form, taken, None
    return form, taken, simulate(month, taken, form.value_of("site"))


@bp.get("/tariffs/simulation")
@requires(*OFFICE)
def simulation() -> str:
    """The outcome side by side with what was paid."""
    form, taken, outcome = _asked()
    names = {row.id: row for row in db.session.query(Tariff)} if outcome else {}
    return render_template(
        "canteen/simulation.html", form=form, taken=taken, outcome=outcome, tariffs=names, shown=SHOWN,
        amount_lines=amount_lines,
    )  # fmt: skip


@bp.get("/tariffs/simulation.xlsx")
@requires(*OFFICE)
def export_simulation() -> FlaskResponse | Response:
    """The same for everybody, as a workbook."""
    _form, taken, outcome = _asked()
    if outcome is None:
        return redirect(url_for("canteen.simulation"))
    actor, now = current_actor(), clock.now()
    after: dict[str, Any] = {"month": str(outcome.month), "drafts": [row.id for row in taken]}
    with transaction() as session:
        audit.record(session, "tariff.simulated", subject="tariff", by=actor, now=now, after=after)
    return send_file(
        workbook(outcome, taken, by=actor.name, now=now), mimetype=MEDIA_TYPE, as_attachment=True,
        download_name=f"{_('Trial of %(month)s', month=outcome.month)}.xlsx",
    )  # fmt: skip
