"""A small kind of report for tests of the life of reports: it counts numbers in the table of counters.

Each fact is one row there, so that the tests, other threads and other processes all see the same. A
negative fact stops the issue, one of a thousand or more has to be explained.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_babel import gettext as _

from core.db import db, transaction, upsert
from core.programme import Programme
from core.reports.counting import Ledger
from core.reports.paper import Paper
from core.reports.registry import ReportKind
from core.reports.values import (
    Built,
    Chart,
    Column,
    Dataset,
    Finding,
    Identity,
    Kind,
    Line,
    Measure,
    Period,
    Table,
    Unit,
)
from core.sites.models import Counter, SiteKind

LARGE = 1000  # from here on a fact has to be explained
RIGHT = 1  # the right side of the one identity


def put(month: str, number: int, fen: int) -> None:
    """Book one fact of a month, or change it."""
    with transaction() as session:
        upsert(
            session, Counter, {"name": f"fact {month} {number}", "value": fen}, ["name"], ["value"]
        )


def take_away(month: str, number: int) -> None:
    with transaction() as session:
        session.execute(sa.delete(Counter).where(Counter.name == f"fact {month} {number}"))


def _rows(period: Period) -> Iterator[tuple[Any, ...]]:
    for month in period.months():
        rows = db.session.execute(
            sa.select(Counter.name, Counter.value)
            .where(Counter.name.startswith(f"fact {month} "))
            .order_by(Counter.name)
        )
        for name, value in rows:
            yield name, month.first, value


def build(period: Period, scope: str, now: datetime) -> Built:
    """Count the facts of a period: how many, and what they come to."""
    data = Dataset(
        "facts", _("Report"),
        (Column("id", "", Kind.ID), Column("day", "", Kind.DAY), Column("fen", "", Kind.FEN)),
        tuple(_rows(period)),
    )  # fmt: skip
    ledger = Ledger([data])
    count = ledger.add("head.facts", "facts", Unit.COUNT, "facts")
    total = ledger.add("head.fen", "fen", Unit.FEN, "facts", Measure("sum", "fen"))
    headline = Table(
        "headline", "Overview", "Overview", "count, yuan", ("Figure", "Now"),
        (Line("facts", (count,)), Line("fen", (total,))), adds_up=False,
    )  # fmt: skip
    return Built(
        name="facts", title="Facts", period=period, scope=scope, scope_name="All", office="Office",
        built_at=now, figures=ledger.figures, headline=headline, tables=(),
        charts=(Chart("chart", "Overview", "Facts", "count", ("all",), (("facts", (count,)),)),),
        identities=(Identity("same", "1 = 1", 1, RIGHT),), datasets=ledger.datasets,
        definitions=("a fact is a row",), rules=("rule 1",),
    )  # fmt: skip


def check(built: Built, now: datetime) -> tuple[Finding, ...]:
    """Large facts want a reason; negative ones stop the issue."""
    rows = built.datasets["facts"].rows
    found = (
        ("large", [row for row in rows if row[2] >= LARGE], False),
        ("negative", [row for row in rows if row[2] < 0], True),
    )
    return tuple(
        Finding(code, f"{code} facts", "Look at them.",
                tuple((f"{row[0]}: {row[2]}", None) for row in bad), stops)
        for code, bad, stops in found
        if bad
    )  # fmt: skip


def workbook(built: Built, paper: Paper) -> bytes:
    return f"workbook {paper.code} {built.value('head.fen')}".encode()


def changes(period: Period, scope: str, issued_at: datetime, counted: Callable[[], Built]) -> int:
    """How many facts came or went since the count."""
    return len(set(counted().datasets["facts"].rows) ^ set(_rows(period)))


KIND = ReportKind(
    name="facts", title="Facts", site_kind=SiteKind.WORKSHOP, everywhere="All", build=build, check=check,
    template="none.html", workbook=workbook, changes=changes,
)  # fmt: skip


def register(app: Flask) -> None:
    """Let the app know the kind, as a programme would bring it; at a workshop it is then the only one."""
    programme = Programme("facts", init_app=lambda app: None, reports=(KIND,))
    others = (
        replace(
            each, reports=tuple(kind for kind in each.reports if kind.site_kind != KIND.site_kind)
        )
        for each in app.extensions["zhuhe_programmes"]
    )
    app.extensions["zhuhe_programmes"] = (*others, programme)
