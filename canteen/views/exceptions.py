"""What a machine could not decide (待核实事项): the list, and settling one with a finding."""

from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import load_only
from werkzeug.wrappers import Response

from canteen import actions, words
from canteen.forms.filters import ExceptionFilter
from canteen.forms.meals import FindingForm
from canteen.lists.diners import PERSON_IN_LIST
from canteen.lists.exceptions import ExceptionState
from canteen.lists.exceptions import exceptions as statement_of
from canteen.lists.meals import counted_id, history_of, names_of_staff
from canteen.models import CanteenException, MealEvent
from canteen.values import ExceptionKind
from canteen.views import bp
from canteen.views.visible import AT_HER_SITE, canteens, visible_exception
from core import clock, show
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.outcomes import saved
from core.people.models import Person
from core.sites.models import Site, site_id_of


def findings(kind: ExceptionKind) -> list[str]:
    """The usual findings of a kind."""
    usual = {
        ExceptionKind.SECOND_SERVING: [
            _("The same meal was recorded twice; it counts once."),
            _("Two portions were really handed over; the second is paid in full."),
            _("The card was used by somebody else; the meal was moved to the right person."),
        ],
        ExceptionKind.AGAINST_RULE: [
            _("The meal was really eaten; it stays without subsidy."),
            _("The meal was not eaten; it was voided."),
            _("The eligibility was put in order."),
        ],
        ExceptionKind.UNKNOWN_CARD: [
            _("The diner was found by name; her meal was entered from paper."),
            _("It was no card of ours; nobody ate on it."),
        ],
        ExceptionKind.CLOCK_SUSPECT: [
            _("The device's clock was wrong; day and sitting were checked."),
            _("The meal was entered from paper on the right day."),
        ],
        ExceptionKind.BAD_ITEM: [
            _("It was entered again by hand."),
            _("It was a trial and stands for no meal."),
        ],
    }  # fmt: skip
    return [str(text) for text in usual[kind]]


@bp.get("/exceptions")
@requires(*OFFICE, Role.MANAGER)
def exceptions() -> str:
    """What waits for a human, oldest first."""
    sites = canteens()
    form = ExceptionFilter(sites)
    page = show.paginate(
        statement_of(
            form.value_of("state") or ExceptionState.OPEN, current_actor().site_ids,
            site_id=site_id_of(form.site.data, sites), kind=form.value_of("kind"),
        ),
        scalars=False,
    )  # fmt: skip
    return render_template("canteen/exceptions.html", form=form, page=page, words=words)


@bp.route("/exceptions/<uuid:event_id>/<kind>", methods=["GET", "POST"])
@requires(*AT_HER_SITE)
def exception(event_id: UUID, kind: str) -> Response | str | tuple[str, int]:
    """One matter: what happened, what can be done, and what was found out."""
    row = visible_exception(event_id, kind)
    form = FindingForm(findings(row.kind))
    if form.validate_on_submit() and saved(form, lambda: actions.settle_exception(
        row.event_id, row.kind, finding=form.finding, by=current_actor(), now=clock.now()
    )):  # fmt: skip
        flash(_("Settled. Your finding is kept with it."), "success")
        return redirect(url_for("canteen.exceptions"))
    page = _page(row, form)
    return (page, 422) if form.is_submitted() else page


def _page(row: CanteenException, form: FindingForm) -> str:
    event = db.session.get(MealEvent, row.event_id)
    history = history_of(event) if event is not None else []
    person = db.session.scalar(
        sa.select(Person).where(Person.id == row.person_id).options(load_only(*PERSON_IN_LIST))
    ) if row.person_id is not None else None  # fmt: skip
    sites = dict(db.session.execute(
        sa.select(Site.id, Site.name).where(Site.id.in_({each.site_id for each in history} or {0}))
    ).tuples().all())  # fmt: skip
    return render_template(
        "canteen/exception.html", row=row, form=form, event=event, history=history, person=person,
        counted_id=counted_id(history),
        staff=names_of_staff(history), sites=sites, words=words,
        voided={each.voids_id for each in history if each.voids_id},
    )  # fmt: skip
