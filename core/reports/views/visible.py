"""Finds a report and authorises it in one step, so that no view can forget the second half."""

import uuid
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import structlog
from flask import abort, request

from core import clock
from core.access import Role, access_of, current_actor
from core.db import db
from core.privacy import mask_name
from core.reports import codes, opened, reads, sentences, words
from core.reports.models import Report
from core.reports.reads import Content
from core.reports.values import Built, Period

log = structlog.get_logger("access")
READERS = (Role.CLERK, Role.REVIEWER, Role.MANAGER, Role.AUDITOR)
AT_THE_OFFICE = (Role.CLERK, Role.REVIEWER)
# What templates call things by.
WORDS: dict[str, Any] = {
    "states": words.STATE, "outputs": words.OUTPUT, "output_uses": words.OUTPUT_USE, "units": words.UNIT,
    "number": words.number, "amount": words.amount, "revision_words": words.revision_words,
    "period_words": lambda text: words.period_words(Period.parse(text)), "signed": words.signed,
    "note_words": sentences.move_note, "grouped_code": codes.grouped,
}  # fmt: skip


def visible_report(report_id: uuid.UUID) -> Report:
    """The report. Answers 404 for one that is not there, 403 for one that is not the actor's."""
    report = db.session.get(Report, report_id)
    if report is None:
        abort(404)
    own = sa.select(Report.id).where(Report.id == report_id, reads.visible(current_actor()))
    if db.session.scalar(own) is None:
        log.warning("access.foreign_report", endpoint=request.endpoint, report=str(report_id))
        abort(403)
    return report


def content_of(report: Report) -> Content:
    """What it says. Raises RuleError report_kind_unknown for a draft whose programme is not there any more."""
    return reads.content_of(report, clock.now())


def name_shown(content: Content) -> Callable[[int], str]:
    """How a person is called on this page: whole for whoever may know her, masked for others."""
    names = reads.person_names(content.built)
    whole = reads.shows_names(current_actor())

    def shown(person_id: int) -> str:
        name = names.get(person_id, "—")
        return name if whole else mask_name(name)

    return shown


def may_open(endpoint: str) -> bool:
    """Whether this actor may open the page of an endpoint, so that no link leads to a refusal."""
    declared = access_of(endpoint) if endpoint else None
    return declared is not None and current_actor().has(*declared.roles)


def may_open_figure(built: Built, key: str) -> bool:
    """Whether this actor may see the rows of a figure: not everybody, where only the office knows of whom."""
    return reads.sees_all(current_actor()) or not opened.is_office_only(built, key)


def page_values(report: Report) -> dict[str, Any]:
    """What the head of every page of one report needs."""
    return {"report": report, "title": reads.title_of(report.name), "scopes": reads.scope_names(),
            "everywhere_of": reads.everywhere_of, "may_open_figure": may_open_figure,
            **WORDS}  # fmt: skip
