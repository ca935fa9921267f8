"""The counter's page, its plain form for browsers without JavaScript, and the diner's screen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _

from canteen import words
from canteen.actions import register_meal
from canteen.lists import counter as listing
from canteen.values import Collector, NoCardReason, OtherKind, Sitting
from canteen.views import bp
from canteen.views.answers import present
from canteen.views.counter_attempt import need_pin, person_ref, scan_of
from canteen.views.counter_card import card_of, fault_card
from canteen.views.counter_state import counts, found_row, recent, sitting_words
from canteen.views.counter_words import NEXT_BY_REFUSAL, counter_words
from canteen.views.visible import canteens, visible_canteen
from core import clock
from core.access import Role, current_actor, requires
from core.db import new_id
from core.edge import sentence, static_url
from core.errors import RuleError
from core.people import card_code
from core.people.cards import symbol
from core.people.registry import home_of
from core.privacy import secret
from core.sites.models import Site

AT_COUNTER = (Role.COUNTER, Role.MANAGER, Role.CLERK)
PANELS = ("recent", "find", "sale")


@bp.get("/counter")
@requires(*AT_COUNTER, device=True)
def counter() -> str:
    """The screen at which cards are scanned."""
    return _page(_site_here(), clock.now(), None)


@bp.post("/counter")
@requires(*AT_COUNTER, device=True)
def create_counter_entry() -> tuple[str, int]:
    """One attempt without JavaScript, or a search for a diner; the answer is on the page that comes back.

    A search is posted, so that an ID number typed there stands in no address.
    """
    site, now = _site_here(), clock.now()
    if "q" in request.form:
        return _page(site, now, None, typed=request.form["q"][:40].strip()), 200
    reading = card_code.read(request.form.get("code", ""))
    if reading.fault and not (request.form.get("person") or request.form.get("other")):
        texts = counter_words()["faults"]
        message = texts[reading.fault.value].format(count=len(card_code.fold(request.form["code"])))
        return _page(site, now, fault_card(message)), 422
    try:
        registered = register_meal(scan_of(request.form, site.id, now), by=current_actor(), now=now)
    except RuleError as error:
        return _page(site, now, fault_card(sentence(error))), 422
    card = card_of(present(registered, site), site, request.form)
    return _page(site, now, card), registered.status


@bp.get("/counter/diner")
@requires(*AT_COUNTER, device=True)
def counter_diner() -> str:
    """The diner's side on a second screen."""
    return render_template("canteen/counter_diner.html", site=_site_here())


def _site_here() -> Site:
    """The canteen of the address, or the actor's first; 404 when there is none."""
    slug = request.args.get("site")
    if slug:
        return visible_canteen(slug)
    return next(iter(canteens()), None) or abort(404)


def _page(site: Site, now: datetime, card: dict[str, Any] | None, typed: str | None = None) -> str:
    practice = bool(request.values.get("practice"))
    locked = not current_actor().unlocked
    panel = request.args.get("panel", "recent") if typed is None else "find"
    values = {
        "site": site, "sites": canteens(), "practice": practice, "locked": locked, "card": card,
        "panel": panel if panel in PANELS else "recent", "words": counter_words(),
        "sitting_words": sitting_words(site, now), "counts": counts(site, now),
        "recent": recent(site, now, locked=locked, practice=practice),
        "attempt_id": new_id(), "sale_id": new_id(), "way": request.form.get("way", "dine_in"),
        "signed_in_user": current_actor().user_id is not None,
        "day": clock.service_day(now), "q": typed or "",
        "practice_cards": _practice_cards() if practice else [],
        **_choices(),
    }  # fmt: skip
    values["found"] = _found(typed, now, practice) if typed else []
    return render_template("canteen/counter.html", settings=_settings(values), **values)


def _choices() -> dict[str, Any]:
    return {
        "collectors": _pairs(words.COLLECTOR, Collector),
        "no_card_reasons": _pairs(words.NO_CARD, NoCardReason),
        "other_kinds": [
            pair for pair in _pairs(words.OTHER_KIND, OtherKind) if pair[0] != "second"
        ],
        "sittings": _pairs(words.SITTING, Sitting),
        "void_reasons": [
            _("Wrong person"),
            _("Registered twice"),
            _("Meal not taken"),
            _("Diner cancelled"),
        ],
        "paper_reasons": [_("Power cut"), _("Network down"), _("Came late"), _("Device broken")],
    }


def _pairs(texts: Mapping[Any, Any], kinds: Any) -> list[tuple[str, str]]:
    return [(kind.value, str(texts[kind])) for kind in kinds]


def _found(typed: str, now: datetime, practice: bool) -> list[dict[str, Any]]:
    need_pin(now)
    people = listing.found_diners(typed, clock.service_day(now), practice=practice)
    return [
        {
            **found_row(person, home_of(person), now),
            "ref": person_ref(person.id),
            "attempt_id": new_id(),
        }
        for person in people[: listing.FOUND_AT_MOST]
    ]


def _practice_cards() -> list[dict[str, str]]:
    """Practice cards to scan from the screen: they belong to nobody and count nowhere."""
    key = secret("card-code")
    cards = []
    for person_id, serial, name in listing.practice_cards():
        code = card_code.make_code(key, person_id, serial)
        image = symbol.to_data_url(symbol.png(code))
        cards.append(
            {"code": code, "grouped": card_code.grouped(code), "name": name, "image": image}
        )
    return cards


def _settings(values: dict[str, Any]) -> dict[str, Any]:
    """What the script needs to know; `words` with those of the canteen."""
    slug = values["site"].slug
    spoken = {
        **values["words"],
        "sittings": {kind: text for kind, text in values["sittings"]},
        "ways": {kind.value: str(text) for kind, text in words.WAY.items()},
        "kinds": {kind.value: str(text) for kind, text in words.OTHER_KIND.items()},
        "undo_reason": str(words.UNDO_REASON),
    }
    query = {"site": slug, "practice": 1} if values["practice"] else {"site": slug}
    return {
        "site": slug, "practice": values["practice"], "locked": values["locked"],
        "recent": values["recent"], "counts": values["counts"], "words": spoken,
        "next": NEXT_BY_REFUSAL, "icons": static_url("icons.svg"),
        "urls": {
            "scans": "/api/canteen/scans", "voids": "/api/canteen/voids",
            "meals": url_for("canteen.create_counter_meal"),
            "moves": url_for("canteen.create_counter_move"),
            "pauses": url_for("canteen.create_counter_return"),
            "people": url_for("canteen.counter_people"),
            "more": url_for("canteen.counter_more"),
            "today": url_for("canteen.counter_today", **query),
            "unlock": url_for("accounts.unlock"),
            "diner": url_for("canteen.counter_diner", site=slug),
            "reader": static_url("vendor/barcode-detector-3.2.2/ponyfill.js"),
            "wasm": static_url("vendor/zxing-wasm-3.1.3/zxing_reader.wasm"),
        },
    }  # fmt: skip
