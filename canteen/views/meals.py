"""Meals that were registered: the list and its export, one meal with its reasons, void and move."""

from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from flask import Response as FlaskResponse
from flask import redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload, load_only
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from canteen import actions, export, words
from canteen.actions.late import REPORT
from canteen.forms.filters import MEAL_OUTCOMES, MealFilter
from canteen.forms.meals import MoveForm, VoidForm
from canteen.lists import meals as listing
from canteen.lists.diners import PERSON_IN_LIST
from canteen.lists.meals import MealOutcome, MealQuery
from canteen.lists.people_found import FOUND_AT_MOST, find_diners
from canteen.models import CanteenException, MealCategory, MealEvent, Tariff
from canteen.rules import age_on
from canteen.values import EventKind
from canteen.views import bp
from canteen.views.visible import (
    AT_HER_SITE,
    all_categories,
    canteens,
    known_diners,
    person_in_filter,
    shown_name,
    visible_event,
)
from core import audit, clock, show
from core.access import OFFICE, Role, current_actor, requires
from core.db import db, transaction
from core.export import MEDIA_TYPE, filters
from core.forms import posted_id
from core.outcomes import attempt
from core.people.lookup import posts_filters, to_filtered
from core.people.models import Person
from core.people.registry import home_of
from core.privacy import mask_name
from core.reports import months
from core.sites.models import Area, Site, site_id_of

Known = TypeVar("Known")


def _form_and_query() -> tuple[MealFilter, MealQuery]:
    """The filters of the address. Without days, the month so far."""
    sites = canteens()
    today = clock.service_day(clock.now())
    form = MealFilter(sites, all_categories(active=False), (today.replace(day=1), today))
    query = MealQuery(
        from_on=form.value_of("from_on") or today.replace(day=1),
        until_on=form.value_of("until_on") or today,
        site_ids=current_actor().site_ids, q=form.value_of("q") or "",
        site_id=site_id_of(form.site.data, sites), sitting=form.value_of("sitting"),
        outcome=form.value_of("outcome") or MealOutcome.SERVED, way=form.value_of("way"),
        recording=form.value_of("recording"), category=form.value_of("category"),
        person_id=form.value_of("person"),
    )  # fmt: skip
    return form, query


@bp.route("/meals", methods=["GET", "POST"])
@requires(*OFFICE, Role.MANAGER)
@posts_filters()
def meals() -> str:
    """What was registered, by day, site, sitting, way, category, result and person."""
    form, query = _form_and_query()
    page = show.paginate(listing.attempts(query), scalars=False)
    rows = listing.rows_of(page.items)
    adjusted = listing.adjusted(row.event for row in rows)
    person = person_in_filter(query.person_id)
    today = clock.service_day(clock.now())
    return render_template(
        "canteen/meals.html", form=form, page=page, rows=rows, totals=listing.totals(query), query=query,
        staff=listing.names_of_staff(row.event for row in rows), outcome_words=MEAL_OUTCOMES,
        person=person, spans=_spans(today), adjusted=adjusted,
    )  # fmt: skip


def _spans(today: date) -> list[tuple[str, date, date]]:
    """Ranges of days that are asked for most."""
    month = clock.Month.of(today)
    return [
        (_("Today"), today, today),
        (_("This month"), month.first, today),
        (_("Last month"), month.previous().first, month.previous().last),
    ]


@bp.get("/meals.xlsx")
@requires(*OFFICE, Role.MANAGER)
def export_meals() -> FlaskResponse:
    """The same list as a workbook: every row that the filters let through, and no other."""
    form, query = _form_and_query()
    now = clock.now()
    actor = current_actor()
    chosen = filters(
        form, person_in_filter(query.person_id), without=("from_on", "until_on", "outcome")
    )
    file, count = export.workbook(
        query, chosen, shown_name=shown_name, home_of=home_of, by=actor.name, now=now
    )
    with transaction() as session:
        audit.record(session, "meals.exported", subject="meals", by=actor, now=now,
                     after={"rows": count, "filter": dict(request.args)})  # fmt: skip
    name = _("meals %(first)s to %(last)s", first=query.from_on, last=query.until_on)
    return send_file(file, mimetype=MEDIA_TYPE, as_attachment=True, download_name=f"{name}.xlsx")


@bp.get("/meals/<uuid:event_id>")
@requires(*OFFICE, Role.MANAGER, Role.AUDITOR)
def meal(event_id: UUID) -> str:
    """One attempt: why this amount, and all that happened to it. An auditor's look is recorded."""
    event, actor = visible_event(event_id), current_actor()
    if actor.has(Role.AUDITOR):
        with transaction() as session:
            audit.record(session, "meal.looked_at", subject=f"meal:{event.id}", by=actor, now=clock.now(),
                         person_id=event.person_id)  # fmt: skip
    return meal_page(event)


def meal_page(event: MealEvent, void_form: VoidForm | None = None) -> str:
    """The page of one event."""
    history = listing.history_of(event)
    voided = next((row for row in history if row.voids_id == event.id), None)
    is_counted = listing.counted_id(history) == event.id
    priced, site = event.priced or {}, db.session.get_one(Site, event.site_id)
    row = listing.MealRow(
        event, _person(event.person_id), site, _known(MealCategory, priced.get("category_id")),
        _known(Tariff, priced.get("tariff_id")), voided is not None, is_counted,
    )  # fmt: skip
    problems = list(db.session.scalars(
        sa.select(CanteenException).where(CanteenException.event_id == event.id)
    ))  # fmt: skip
    return render_template(
        "canteen/meal.html", event=event, row=row, voided=voided, history=history,
        steps=priced.get("steps", []), operator=priced.get("operator"), problems=problems, host=_person(event.host_id),
        staff=listing.names_of_staff(history), outcome_words=MEAL_OUTCOMES,
        void_form=void_form or VoidForm(formdata=None), can_void=_can_void(event, voided),
        adjusted=listing.adjusted(history), late_words=words.LATE, booked_in=_booked_in(event, site),
    )  # fmt: skip


def _known(model: type[Known], key: int | None) -> Known | None:
    return db.session.get(model, key) if key else None


def _can_void(event: MealEvent, voided: MealEvent | None) -> bool:
    return event.kind is EventKind.SERVED and voided is None


def _booked_in(event: MealEvent, site: Site) -> tuple[str, str] | None:
    """Where its month was submitted: that month, and the one in which a correction is booked."""
    month = clock.Month.of(event.day)
    if event.is_practice or not months.closed_by(REPORT, month, site.slug):
        return None
    return str(month), str(months.first_open_month(REPORT, month, site.slug))


def _person(person_id: int | None) -> Person | None:
    if person_id is None:
        return None
    return db.session.scalar(
        sa.select(Person).where(Person.id == person_id).options(
            load_only(*PERSON_IN_LIST),
            joinedload(Person.residence_area).joinedload(Area.parent),
        )
    )  # fmt: skip


@bp.post("/meals/<uuid:event_id>/void")
@requires(*AT_HER_SITE, pin=True)
def void_meal(event_id: UUID) -> Response | tuple[str, int]:
    """Declare a registered meal wrong, with a reason."""
    event, form = visible_event(event_id), VoidForm()
    if not form.validate_on_submit():
        return meal_page(event, form), 422
    void_id = UUID(form.event_id.data)
    attempt(
        lambda: actions.void_meal(
            event.id, void_id=void_id, reason=form.reason.data or "",
            by=current_actor(), now=clock.now(),
        ),
        _void_words(event),
    )  # fmt: skip
    return redirect(url_for("canteen.meal", event_id=event.id))


def _void_words(event: MealEvent) -> str:
    booked_in = _booked_in(event, db.session.get_one(Site, event.site_id))
    if booked_in is None:
        return _("Voided. The meal counts no longer, and she may be registered again.")
    return _("Voided. %(month)s stays as it was submitted; the correction is booked in %(booked)s.",
             month=booked_in[0], booked=booked_in[1])  # fmt: skip


@bp.route("/meals/<uuid:event_id>/move", methods=["GET", "POST"])
@requires(*AT_HER_SITE, pin=True)
def move_meal(event_id: UUID) -> Response | str | tuple[str, int]:
    """Give a meal to the person who really ate it: cards were swapped."""
    event = visible_event(event_id)
    typed, person_id = (
        request.values.get("q", "").strip(),
        request.values.get("person", type=posted_id),
    )
    people = find_diners(typed, None, but=event.person_id, only=person_id)
    own = known_diners(person.id for person in people)
    form = MoveForm(
        [SelectChoice(str(each.id), _label(each, is_own=each.id in own)) for each in people]
    )
    if form.validate_on_submit():
        moved_id = UUID(form.event_id.data)
        if attempt(
            lambda: actions.move_meal(
                event.id, to_person_id=form.person_id.data, move_id=moved_id,
                reason=form.reason.data or "", by=current_actor(), now=clock.now(),
            ),
            _("Moved. The meal now stands with the right person, at her own price."),
        ):  # fmt: skip
            return redirect(url_for("canteen.meal", event_id=moved_id))
    page = render_template(
        "canteen/move_meal.html", form=form, event=event, typed=typed, people=people,
        person_id=person_id, person=_person(event.person_id), most=FOUND_AT_MOST,
        booked_in=_booked_in(event, db.session.get_one(Site, event.site_id)),
    )  # fmt: skip
    return (page, 422) if form.is_submitted() else page


@bp.post("/meals/<uuid:event_id>/move/search")
@requires(*AT_HER_SITE, pin=True)
def search_to_move(event_id: UUID) -> Response:
    """Whose meal it was: any diner of the office may have been given the wrong card."""
    visible_event(event_id)
    return to_filtered("canteen.move_meal", among=sa.true(), event_id=event_id)


def _label(person: Person, *, is_own: bool) -> str:
    """Enough to tell people apart; a diner of another site stays masked, as at a counter."""
    age = age_on(person.birth_on, clock.service_day(clock.now()))
    parts: list[Any] = [
        shown_name(person) if is_own else mask_name(person.name),
        _("%(age)s years", age=age) if age is not None else "",
        home_of(person),
    ]
    return " · ".join(str(part) for part in parts if part)
