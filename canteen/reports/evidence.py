"""What stands behind a sampled meal: the scan, the tariff row, the paper, the line of the report."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from canteen.evidence import subject_of
from canteen.explanation import step_text
from canteen.lists.meals import names_of_staff
from canteen.models import Eligibility, MealEvent, Tariff
from canteen.phrases import span
from canteen.values import EligibilityState
from core import show
from core.access import Actor
from core.clock import local
from core.db import db
from core.evidence.actions import content_of
from core.evidence.models import Attachment
from core.privacy import mask_id_number
from core.reports.proof import Block, EvidencePage
from core.reports.values import Built

IMAGES = ("image/jpeg", "image/png")


def evidence_pages(
    built: Built, rows: Sequence[tuple[Any, ...]], by: Actor, now: datetime
) -> tuple[EvidencePage, ...]:
    """One page for each of these rows of the meals; each paper that is opened for it is logged."""
    meals = built.datasets["meals"]
    place = {column.key: number for number, column in enumerate(meals.columns)}
    events = _by_id(MealEvent, [UUID(row[place["event_id"]]) for row in rows])
    tariffs = _by_id(Tariff, {int(row[place["tariff"]]) for row in rows if row[place["tariff"]]})
    people = {row[0]: row for row in built.datasets["people"].rows}
    lines = {row[0]: row for row in built.datasets["register"].rows}
    staff = names_of_staff(events.values())
    papers = _papers({row[place["person_id"]] for row in rows})
    attached = _attached(paper for held in papers.values() for paper in held)
    pages = []
    for number, row in enumerate(rows, 1):
        event_id, person_id = UUID(row[place["event_id"]]), row[place["person_id"]]
        event, tariff = events.get(event_id), tariffs.get(int(row[place["tariff"]] or 0))
        title = _("No. %(number)s · %(name)s · %(day)s · %(sitting)s", number=number,
                  name=people[person_id][1], day=show.full_day(row[place["day"]]),
                  sitting=meals.words["sitting"][row[place["sitting"]]])  # fmt: skip
        pages.append(EvidencePage(title, (
            _scan(built, row, place, event, staff.get(event_id, "—")),
            _price(row, place, event, tariff),
            _eligibility(row, place, papers.get(person_id, []), attached, by, now),
            _line(built, person_id, people[person_id], lines[person_id]),
        )))  # fmt: skip
    return tuple(pages)


def _by_id(model: Any, ids: Iterable[Any]) -> dict[Any, Any]:
    found = db.session.scalars(sa.select(model).where(model.id.in_(list(ids))))
    return {row.id: row for row in found}


def _scan(
    built: Built, row: tuple[Any, ...], place: Mapping[str, int], event: MealEvent | None, by: str
) -> Block:
    said = built.datasets["meals"].words

    def word(column: str) -> str:
        return said[column].get(row[place[column]], str(row[place[column]]))

    facts = [
        (_("Record"), row[place["event_id"]]), (_("Canteen"), word("site")),
        (_("Time"), f"{local(row[place['occurred_at']]):%Y-%m-%d %H:%M:%S}"),
        (_("Way of eating"), word("way")), (_("Way of recording"), word("recording")),
        (_("Collected by"), word("collected_by")), (_("Recorded by"), by),
    ]  # fmt: skip
    if event is not None:
        facts.append((_("Reached the office"), f"{local(event.received_at):%Y-%m-%d %H:%M:%S}"))
        if event.note:
            facts.append((_("Note"), event.note))
    return Block(_("1. Registered at the counter"), tuple(facts))


def _price(
    row: tuple[Any, ...], place: Mapping[str, int], event: MealEvent | None, tariff: Tariff | None
) -> Block:
    facts = [
        (label, show.money(row[place[column]]))
        for label, column in (
            (_("Meal price"), "price_fen"), (_("Subsidy"), "subsidy_fen"), (_("Co-pay"), "copay_fen"),
        )
    ]  # fmt: skip
    if tariff is not None:
        document = f"{tariff.name} {tariff.document_no} {span(tariff.from_on, tariff.until_on)}"
        facts.append(
            (_("Row of the tariff"), _("No. %(number)s", number=tariff.id) + f" {document}")
        )
    steps = (event.priced or {}).get("steps", []) if event else []
    return Block(
        _("2. Priced by the tariff"), tuple(facts), tuple(step_text(each) for each in steps)
    )


def _papers(person_ids: Iterable[int]) -> dict[int, list[Eligibility]]:
    """Approved papers, those that were ended later included."""
    found: dict[int, list[Eligibility]] = {}
    for paper in db.session.scalars(
        sa.select(Eligibility)
        .where(
            Eligibility.person_id.in_(list(person_ids)),
            Eligibility.state.in_([EligibilityState.APPROVED, EligibilityState.ENDED]),
        )
        .options(sa.orm.joinedload(Eligibility.category))
        .order_by(Eligibility.from_on, Eligibility.id)
    ):
        found.setdefault(paper.person_id, []).append(paper)
    return found


def _attached(papers: Iterable[Eligibility]) -> dict[str, list[Attachment]]:
    subjects = [subject_of(paper) for paper in papers]
    found: dict[str, list[Attachment]] = {}
    for each in db.session.scalars(
        sa.select(Attachment)
        .where(Attachment.subject.in_(subjects), Attachment.removed_at.is_(None))
        .order_by(Attachment.uploaded_at, Attachment.id)
    ):
        found.setdefault(each.subject, []).append(each)
    return found


def _eligibility(
    row: tuple[Any, ...],
    place: Mapping[str, int],
    papers: list[Eligibility],
    attached: Mapping[str, list[Attachment]],
    by: Actor,
    now: datetime,
) -> Block:
    """The papers that held on the day, those of the priced category first."""
    day, priced = row[place["day"]], row[place["category"]]
    held = [paper for paper in papers if _holds(paper, day)]
    held.sort(key=lambda paper: paper.category.code != priced)
    lines, images = [], []
    for paper in held:
        lines.append(_(
            "%(category)s, %(span)s: %(evidence)s; approved by %(who)s on %(when)s",
            category=paper.category.name, span=span(paper.from_on, paper.until_on),
            evidence=paper.evidence or _("no note of evidence"), who=paper.approved_by_name or "—",
            when=f"{local(paper.approved_at):%Y-%m-%d}" if paper.approved_at else "—",
        ))  # fmt: skip
        for each in attached.get(subject_of(paper), []):
            lines.append(_("Attached: %(title)s, %(pages)s pages, sha256 %(head)s…", title=each.title,
                           pages=each.pages, head=each.sha256[:16]))  # fmt: skip
            if each.media_type in IMAGES and paper.category.code == priced:
                content = b64encode(content_of(each.id, by=by, now=now).content).decode()
                images.append((each.title, f"data:{each.media_type};base64,{content}"))
    age = row[place["age"]]
    facts = ((_("Age on the day"), str(age) if age is not None else "—"),)
    return Block(_("3. Entitled by paper or age"), facts,
                 tuple(lines) or (_("No paper held on that day; her age alone decided."),),
                 tuple(images))  # fmt: skip


def _holds(paper: Eligibility, day: date) -> bool:
    grace = timedelta(days=int(current_app.config["ELIGIBILITY_GRACE_DAYS"]))
    return paper.from_on <= day and (paper.until_on is None or day - grace <= paper.until_on)


def _line(built: Built, person_id: int, person: tuple[Any, ...], line: tuple[Any, ...]) -> Block:
    register = built.datasets["register"]
    value = {column.key: line[number] for number, column in enumerate(register.columns)}
    counts = " / ".join(str(value[each]) for each in ("breakfast", "lunch", "dinner"))
    return Block(_("4. Line of the report"), (
        (_("No."), str(value["number"])), (_("Name"), value["name"]),
        (_("ID number"), mask_id_number(value["id_number"]) or "—"),
        (_("Breakfast / lunch / dinner"), counts),
        (_("Meal price"), show.money(value["price_fen"])),
        (_("Subsidy"), show.money(value["subsidy_fen"])),
        (_("Co-pay"), show.money(value["copay_fen"])),
    ))  # fmt: skip
