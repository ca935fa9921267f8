"""What the counter's script asks for besides a scan: JSON for one screen, not an API for programs."""

from typing import Any

from flask import abort, jsonify, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response

from canteen.actions import Seen, end_pause, move_meal, register_meal
from canteen.diner_words import address
from canteen.lists import counter as listing
from canteen.views import bp
from canteen.views.answers import present
from canteen.views.api_schemas import SCAN_BYTES
from canteen.views.counter import AT_COUNTER
from canteen.views.counter_attempt import HOUSEMATE, id_of, person_of, person_ref, scan_of
from canteen.views.counter_state import counts, found_row, recent, sitting_words
from canteen.views.visible import visible_canteen, visible_event
from core import clock
from core.access import current_actor, requires
from core.api import body
from core.db import db
from core.errors import RuleError, Text, describe
from core.people.cards.symbol import to_data_url
from core.people.registry import home_of
from core.sites.models import Site

describe({
    "no_pause": Text(_l("There is no pause to end any more. Nothing was changed.")),
})  # fmt: skip


def _sent() -> dict[str, Any]:
    try:
        data = body(SCAN_BYTES)
    except RuleError as error:  # no JSON: said in the words of the counter
        raise RuleError("counter_unreadable") from error
    # PostgreSQL stores no zero byte, and no hand types one.
    if not isinstance(data, dict) or any("\0" in str(value) for value in data.values()):
        raise RuleError("counter_unreadable")
    return data


def _site_of(data: dict[str, Any]) -> Site:
    return visible_canteen(str(data.get("site", "")))


@bp.post("/counter/meals")
@requires(*AT_COUNTER, device=True)
def create_counter_meal() -> tuple[Response, int]:
    """An attempt that is no plain scan: by name, from paper, outside the subsidy, in practice."""
    data, now = _sent(), clock.now()
    site = _site_of(data)
    registered = register_meal(scan_of(data, site.id, now), by=current_actor(), now=now)
    return jsonify(present(registered, site)), registered.status


@bp.post("/counter/moves")
@requires(*AT_COUNTER, device=True, pin=True)
def create_counter_move() -> tuple[Response, int]:
    """Give a meal to the one who really ate it (换人更正)."""
    data, now = _sent(), clock.now()
    event = visible_event(id_of(data.get("event_id")))
    registered = move_meal(
        event.id, to_person_id=person_of(str(data.get("person"))), move_id=id_of(data.get("id")),
        reason=_("Cards were swapped"), by=current_actor(), now=now,
    )  # fmt: skip
    return jsonify(present(registered, _site_by_id(event.site_id))), registered.status


def _site_by_id(site_id: int) -> Site:
    return db.session.get_one(Site, site_id)


@bp.post("/counter/returns")
@requires(*AT_COUNTER, device=True)
def create_counter_return() -> Response:
    """She is back: the pause during which she was served ends today."""
    event, now = visible_event(id_of(_sent().get("event_id"))), clock.now()
    pause = listing.pause_on(event.person_id, event.day) if event.person_id else None
    if pause is None:
        raise RuleError("no_pause")
    end_pause(pause.person_id, pause.id, on=event.day, by=current_actor(), now=now)
    return jsonify(ended=True)


@bp.post("/counter/people")
@requires(*AT_COUNTER, device=True, pin=True)
def counter_people() -> Response:
    """Diners found by name, pinyin or digits: masked, with a signed reference.

    A search is posted, so that an ID number typed here stands in no address and no server's log.
    """
    data, now = _sent(), clock.now()
    _site_of(data)
    typed = str(data.get("q") or "")[:40].strip()
    practice = bool(data.get("practice"))
    people = listing.found_diners(typed, clock.service_day(now), practice=practice) if typed else []
    rows = [
        {**found_row(person, home_of(person), now), "ref": person_ref(person.id)}
        for person in people[: listing.FOUND_AT_MOST]
    ]
    return jsonify(people=rows, more=len(people) > listing.FOUND_AT_MOST)


@bp.get("/counter/more")
@requires(*AT_COUNTER, device=True)
def counter_more() -> Response:
    """After her own meal: her photo for the staff's side, and who else of her household may eat."""
    event = visible_event(id_of(request.args.get("event")))
    if event.person_id is None:
        abort(404)
    site, now = _site_by_id(event.site_id), clock.now()
    mate = listing.housemate(event.person_id, event.day, event.sitting)
    photo = listing.photo_of(event.person_id) if current_actor().unlocked else None
    return jsonify(
        spouse=mate and {
            "ref": person_ref(mate.id, HOUSEMATE),
            "name": address(
                Seen(mate.id, mate.name, mate.sex, mate.address_as, None), site.address_style
            ),
        },
        photo=photo and to_data_url(photo.content, photo.media_type),
        now=now.isoformat(),
    )  # fmt: skip


@bp.get("/counter/today")
@requires(*AT_COUNTER, device=True)
def counter_today() -> Response:
    """The day so far at this site: counts, the last ten, whether the PIN is open."""
    site, now = visible_canteen(request.args.get("site", "")), clock.now()
    locked, practice = not current_actor().unlocked, bool(request.args.get("practice"))
    return jsonify(
        counts=counts(site, now), recent=recent(site, now, locked=locked, practice=practice),
        sitting_words=sitting_words(site, now), locked=locked, csrf_token=generate_csrf(),
    )  # fmt: skip
