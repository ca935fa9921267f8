"""Diners: the list, enrolment, and the page of one."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from canteen import actions
from canteen.evidence import subject_of
from canteen.forms.diners import (
    DietNeedForm,
    DinerForm,
    EndForm,
    EnrolForm,
    PauseForm,
    SuspensionForm,
)
from canteen.forms.filters import DINER_STATES, MEAL_OUTCOMES, DinerFilter
from canteen.lists import diners as listing
from canteen.lists import meals as meal_lists
from canteen.lists.diners import DinerOrder, DinerQuery, DinerState
from canteen.models import DietNeed, Diner, Eligibility, Pause, Suspension
from canteen.rules import age_on
from canteen.values import WayOfEating
from canteen.views import bp
from canteen.views.visible import (
    MAY_PROPOSE,
    all_areas,
    all_categories,
    canteens,
    grace_days,
    person_in_filter,
    shown_name,
    visible_diner,
)
from core import clock, show
from core.access import OFFICE, Role, current_actor, requires
from core.db import db
from core.evidence.box import Box, boxes
from core.forms import posted_id
from core.outcomes import attempt, saved
from core.people.lookup import posts_filters
from core.people.models import Person
from core.people.search import matching
from core.sites.models import Area, AreaLevel, site_id_of

RECENT_MEALS = 20
FOUND_AT_MOST = 30


@bp.route("/diners", methods=["GET", "POST"])
@requires(*OFFICE, Role.MANAGER)
@posts_filters()
def diners() -> str:
    """Diners by search, site, category, area and state."""
    sites = canteens()
    levels = (AreaLevel.STREET, AreaLevel.COMMUNITY, AreaLevel.OUTSIDE)
    form = DinerFilter(sites, all_categories(), all_areas(*levels))
    query = DinerQuery(
        on=clock.service_day(clock.now()), site_ids=current_actor().site_ids, grace_days=grace_days(),
        q=form.value_of("q") or "", site_id=site_id_of(form.site.data, sites),
        category=form.value_of("category"), area=form.value_of("area"),
        state=form.value_of("state") or DinerState.ENROLLED,
        within_days=form.value_of("within") or 30, order=form.value_of("order") or DinerOrder.NAME,
        person_id=form.value_of("person"),
    )  # fmt: skip
    page = show.paginate(listing.diners(query))
    return render_template(
        "canteen/diners.html", form=form, page=page, rows=listing.rows_of(page.items, query),
        state_words=DINER_STATES, query=query, is_filtered=bool(page.args),
        person=person_in_filter(query.person_id),
    )  # fmt: skip


@bp.route("/diners/new", methods=["GET", "POST"])
@requires(*MAY_PROPOSE)
@posts_filters()
def find_to_enrol() -> str:
    """Whom to enrol: search the registry first, so that nobody is registered twice."""
    typed, person_id = request.args.get("q", "").strip(), request.args.get("person", type=posted_id)
    found: list[tuple[Person, Diner | None]] = []
    if typed or person_id is not None:
        statement = (
            sa.select(Person, Diner)
            .outerjoin(Diner, Diner.person_id == Person.id)
            .where(matching(typed), Person.merged_into_id.is_(None))
            .where(sa.true() if person_id is None else Person.id == person_id)
            .options(joinedload(Person.residence_area).joinedload(Area.parent))
            .order_by(Person.pinyin, Person.id)
            .limit(FOUND_AT_MOST)
        )
        found = [(person, diner) for person, diner in db.session.execute(statement)]
    today = clock.service_day(clock.now())
    return render_template("canteen/find_to_enrol.html", typed=typed, person_id=person_id, found=found, today=today,
                           most=FOUND_AT_MOST, age_on=age_on)  # fmt: skip


@bp.route("/diners/<int:person_id>/enrolment", methods=["GET", "POST"])
@requires(*MAY_PROPOSE)
def enrol_diner(person_id: int) -> Response | str | tuple[str, int]:
    """Enrol somebody of the registry, or again after an end."""
    person = db.session.get(Person, person_id)
    if person is None or person.merged_into_id is not None:
        abort(404)
    sites = canteens()
    form = EnrolForm(sites, data={"enrolled_on": clock.service_day(clock.now())})
    if form.validate_on_submit() and saved(form, lambda: actions.enrol_diner(
        person_id, home_site_id=form.home_site_id.data, usual_way=form.usual_way.data,
        note=(form.note.data or "").strip() or None, on=form.enrolled_on.data,
        by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(
            _("%(name)s is enrolled. Next, enter the eligibility.", name=shown_name(person)),
            "success",
        )
        return redirect(url_for("canteen.propose_eligibility", person_id=person_id))
    page = render_template("canteen/enrol.html", form=form, person=person, has_sites=bool(sites))
    return (page, 422) if form.is_submitted() else page


@bp.get("/diners/<int:person_id>")
@requires(*OFFICE, Role.MANAGER)
def diner(person_id: int) -> str:
    """Everything about one diner."""
    return diner_page(visible_diner(person_id))


def diner_page(row: Diner, open_form: str | None = None, **forms: Any) -> str:
    """The page of one diner, with one of its small forms open when it has something to say."""
    person_id, today = row.person_id, clock.service_day(clock.now())
    begins = {"from_on": today}
    by_person = {
        name: list(db.session.scalars(
            sa.select(model).where(model.person_id == person_id).order_by(model.from_on.desc(), model.id)
        ))
        for name, model in (("needs", DietNeed), ("suspensions", Suspension), ("pauses", Pause))
    }  # fmt: skip
    papers = list(db.session.scalars(
        sa.select(Eligibility).where(Eligibility.person_id == person_id)
        .options(joinedload(Eligibility.category)).order_by(Eligibility.from_on.desc(), Eligibility.id)
    ))  # fmt: skip
    query = DinerQuery(on=today, site_ids=None, grace_days=grace_days())
    recent = meal_lists.recent(person_id, RECENT_MEALS)
    defaults = {
        "need_form": lambda: DietNeedForm(prefix="need", formdata=None, data=begins),
        "suspension_form": lambda: SuspensionForm(prefix="suspension", formdata=None, data=begins),
        "pause_form": lambda: PauseForm(prefix="pause", formdata=None, data=begins),
        "end_form": lambda: EndForm(prefix="end", formdata=None, data={"on": today}),
    }
    return render_template(
        "canteen/diner.html", diner=row, person=row.person, today=today, papers=papers,
        listed=listing.rows_of([row], query)[0], state_words=DINER_STATES,
        recent=recent, adjusted=meal_lists.adjusted(row.event for row in recent),
        outcome_words=MEAL_OUTCOMES, open_form=open_form, grace_days=grace_days(), boxes=_boxes(papers),
        **by_person, **{name: forms.get(name) or make() for name, make in defaults.items()},
    )  # fmt: skip


def _boxes(papers: list[Eligibility]) -> dict[UUID, Box]:
    """What is attached to each paper, in one query."""
    found = boxes([subject_of(paper) for paper in papers], current_actor())
    return {paper.id: found[subject_of(paper)] for paper in papers}


@bp.route("/diners/<int:person_id>/edit", methods=["GET", "POST"])
@requires(*MAY_PROPOSE)
def change_diner(person_id: int) -> Response | str | tuple[str, int]:
    """Change site, usual way and note."""
    row = visible_diner(person_id)
    form = DinerForm(canteens(), obj=row)
    if form.validate_on_submit() and saved(form, lambda: actions.change_diner(
        person_id, home_site_id=form.home_site_id.data, usual_way=WayOfEating(form.usual_way.data),
        note=(form.note.data or "").strip() or None, by=current_actor(), now=clock.now(),
    )):  # fmt: skip
        flash(_("Saved."), "success")
        return redirect(url_for("canteen.diner", person_id=person_id))
    page = render_template("canteen/change_diner.html", form=form, diner=row, person=row.person)
    return (page, 422) if form.is_submitted() else page


@bp.post("/diners/<int:person_id>/end")
@requires(*MAY_PROPOSE)
def end_diner(person_id: int) -> Response | tuple[str, int]:
    """End an enrolment."""
    row, form = visible_diner(person_id), EndForm(prefix="end")
    if not form.validate_on_submit():
        return diner_page(row, "end", end_form=form), 422
    assert form.on.data is not None
    last_day = form.on.data
    attempt(
        lambda: actions.end_diner(
            person_id,
            on=last_day,
            reason=form.reason.data or "",
            by=current_actor(),
            now=clock.now(),
        ),
        _("The enrolment ends on %(day)s.", day=show.full_day(last_day)),
    )
    return redirect(url_for("canteen.diner", person_id=person_id))
