"""An answer as the counter's page shows it when there is no JavaScript. Mirrors counter-answer.js."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from canteen import words
from canteen.values import OtherKind, Outcome, Sitting
from canteen.views.counter_words import NEXT_BY_REFUSAL, counter_words
from core.db import new_id
from core.show import clock_time, money
from core.sites.models import Site

Card = dict[str, Any]
# What a further attempt repeats of the one before.
_REPEATED = (
    "code", "person", "other", "way", "collected_by", "no_card_reason", "late_reason", "practice",
    "acknowledged",
)  # fmt: skip


def fault_card(message: str) -> Card:
    """What could not be read or was not allowed: nothing was registered."""
    return {"state": "fault", "title": counter_words()["states"]["fault"], "message": message}


def card_of(answer: Mapping[str, Any], site: Site, sent: Mapping[str, Any]) -> Card:
    """The answer in words, with forms for what can be done next. sent: the form that led to it."""
    person = answer.get("person") or {}
    card: Card = {
        "who": person.get("address_as"), "name": person.get("name"), "photo": person.get("photo"),
        "diet": [need["text"] for need in answer["needs"]],
        "notes": [note["text"] for note in answer["notes"]], "options": [],
    }  # fmt: skip
    texts = counter_words()
    match Outcome(answer["outcome"]):
        case Outcome.SERVED:
            if answer.get("other"):
                card["who"] = str(words.OTHER_KIND[OtherKind(answer["other"])])
            card |= {
                "state": "served", "title": texts["states"]["served"],
                "copay": _("To pay %(amount)s", amount=money(answer["meal"]["copay_fen"])),
            }  # fmt: skip
        case Outcome.ALREADY_SERVED:
            card |= {
                "state": "already",
                "title": texts["states"]["already"],
                "message": _already(answer),
            }
            card["options"] = [_again(_("Second portion, full price"), site, sent, other="second")]
        case Outcome.REFUSED:
            card |= {"state": "refused", "title": answer["title"], "message": answer["message"]}
            card["options"] = [
                _next(key, site, sent) for key in NEXT_BY_REFUSAL.get(answer["reason"], ())
            ]
    return card


def _already(answer: Mapping[str, Any]) -> str:
    return _(
        "%(sitting)s was registered at %(time)s, %(site)s.",
        sitting=words.SITTING[Sitting(answer["sitting"])],
        time=clock_time(datetime.fromisoformat(answer["at"])), site=answer["site_name"],
    )  # fmt: skip


def _next(key: str, site: Site, sent: Mapping[str, Any]) -> Card:
    label = counter_words()["options"][key]
    match key:
        case "acknowledge":
            return _again(label, site, sent, acknowledged="1")
        case "guest":
            return _again(label, site, {}, other="guest")
        case "paper":
            return {
                **_again(label, site, sent),
                "input": {"name": "late_reason", "label": _("Reason")},
            }
        case "price":
            return {
                **_again(label, site, sent),
                "input": {"name": "price", "label": _("Price in yuan")},
            }
    return {"label": label, "link": url_for("canteen.counter", site=site.slug, panel="find")}


def _again(label: str, site: Site, sent: Mapping[str, Any], **more: str) -> Card:
    fields = {name: sent[name] for name in _REPEATED if sent.get(name)}
    return {
        "label": label,
        "action": url_for("canteen.create_counter_entry", site=site.slug),
        "fields": {"id": str(new_id()), **fields, **more},
    }
