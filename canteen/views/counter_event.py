"""One entry of the last ten as a page of its own: undo, void, change of person without JavaScript."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from canteen import words
from canteen.actions import move_meal, void_meal
from canteen.lists import counter as listing
from canteen.models import MealEvent
from canteen.rules import is_undo
from canteen.views import bp
from canteen.views.counter import AT_COUNTER
from canteen.views.counter_attempt import id_of, need_pin, person_of, person_ref
from canteen.views.counter_state import found_row
from canteen.views.visible import visible_event
from core import clock
from core.access import current_actor, requires
from core.db import db, new_id
from core.outcomes import attempt
from core.people.models import Person
from core.people.registry import home_of
from core.privacy import mask_name
from core.sites.models import Site


def _back(event: MealEvent) -> Response:
    return redirect(url_for("canteen.counter", site=db.session.get_one(Site, event.site_id).slug))


@bp.route("/counter/entries/<uuid:event_id>", methods=["GET", "POST"])
@requires(*AT_COUNTER, device=True)
def counter_event(event_id: UUID) -> str:
    """What can be done with one entry; posted, a search for the one who really ate."""
    event, now = visible_event(event_id), clock.now()
    person = db.session.get(Person, event.person_id) if event.person_id else None
    typed = request.form.get("q", "")[:40].strip()
    people = []
    if typed:
        need_pin(now)
        people = [
            {**found_row(one, home_of(one), now), "ref": person_ref(one.id)}
            for one in listing.found_diners(typed, event.day, practice=event.is_practice)
        ]
    return render_template(
        "canteen/counter_event.html", event=event, people=people, q=typed, entry_id=new_id(),
        name=mask_name(person.name) if person else _("Not a diner"), words=words,
        is_fresh=is_undo(event.received_at, now), site=db.session.get_one(Site, event.site_id),
    )  # fmt: skip


@bp.post("/counter/entries/<uuid:event_id>/void")
@requires(*AT_COUNTER, device=True)
def create_counter_void(event_id: UUID) -> Response:
    """Take an entry back: at once within a minute, with PIN and reason after it."""
    event, now = visible_event(event_id), clock.now()
    reason = request.form.get("reason", "").strip()[:128]
    if is_undo(event.received_at, now):
        reason = reason or str(words.UNDO_REASON)
    else:
        need_pin(now)
    void_id = id_of(request.form["id"])
    attempt(
        lambda: void_meal(event.id, void_id=void_id, reason=reason, by=current_actor(), now=now),
        _("Undone. It can be registered again."),
    )
    return _back(event)


@bp.post("/counter/entries/<uuid:event_id>/move")
@requires(*AT_COUNTER, device=True, pin=True)
def create_counter_change(event_id: UUID) -> Response:
    """Give the meal to another person."""
    event, now = visible_event(event_id), clock.now()
    to_id, move_id = person_of(request.form["person"]), id_of(request.form["id"])
    attempt(
        lambda: move_meal(
            event.id,
            to_person_id=to_id,
            move_id=move_id,
            reason=_("Cards were swapped"),
            by=current_actor(),
            now=now,
        ),
        _("The meal now stands with the right person."),
    )
    return _back(event)
