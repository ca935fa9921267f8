"""Into work and after: guidance and businesses, jobs, what lasts, follow-ups, hardship."""

from typing import Any

from flask import current_app
from flask_babel import gettext as _

from core.reports.values import PEOPLE, ROWS, Line, Measure, Table, Unit, summed
from workshop.actions.follow_up_rows import follow_up_days
from workshop.reports.read.rates import IMMATURE, MATURE
from workshop.reports.read.work import LEFT, STARTED, VERIFIED
from workshop.reports.tables.wanted import EACH, Cell, Wanted


def tables(wanted: Wanted) -> list[Table | None]:
    """The tables of guidance, work and whom it reached, in print order."""
    help_, work, whom = _("Guidance and businesses"), _("Work and follow-ups"), _("Whom it reached")
    month = {"month": wanted.span.months}
    verified = {**month, "kind": VERIFIED}
    pieces, head = _("visits, people"), (_("Visits"), _("People"))
    return [
        wanted.by("guidance", help_, _("Guidance by workshop"), _("visits, people, minutes"),
                  (_("Workshop"), _("Visits"), _("People"), _("Minutes")), dataset="guidance", column="site",
                  where=wanted.within("guidance", wanted.span.months), is_public=True, columns=(
                      ("visits", Unit.VISITS, ROWS, {}), ("people", Unit.PEOPLE, PEOPLE, {}),
                      ("minutes", Unit.COUNT, summed("minutes"), {}))),
        wanted.by("venture", help_, _("Businesses by stage"), _("businesses, people, jobs"),
                  (_("Stage"), _("Businesses"), _("People"), _("Licensed in the period"), _("Jobs created")),
                  dataset="ventures", column="stage", columns=(
                      *EACH, ("licensed", Unit.COUNT, summed("licensed"), {}),
                      ("jobs", Unit.COUNT, summed("jobs"), {})),
                  note=_("As recorded when the report was counted.")),
        wanted.by("loan", help_, _("Loans by state"), _("loans, people, yuan"),
                  (_("State"), _("Loans"), _("People"), _("Amount asked for"), _("Granted")), dataset="loans",
                  column="state", columns=(
                      *EACH, ("asked", Unit.FEN, summed("amount_fen"), {}),
                      ("granted", Unit.FEN, summed("granted_fen"), {})),
                  note=_("As recorded when the report was counted.")),
        _stock(wanted, work),
        _events(wanted, work),
        wanted.by("channel", work, _("Verified work by channel"), pieces, (_("Channel"), *head),
                  dataset="jobs", column="channel", where=verified, is_public=True),
        wanted.by("form", work, _("Verified work by form"), pieces, (_("Form of work"), *head),
                  dataset="jobs", column="form", where=verified, is_public=True),
        wanted.by("employer", work, _("Verified work by kind of employer"), pieces,
                  (_("Kind of employer"), *head), dataset="jobs", column="employer", where=verified,
                  is_public=True),
        wanted.by("wage", work, _("Verified work by wage a month"), pieces, (_("Wage a month"), *head),
                  dataset="jobs", column="wage", where=verified),
        wanted.by("leaving", work, _("Why work was left"), pieces, (_("Reason"), *head), dataset="jobs",
                  column="reason", where={**month, "kind": LEFT}),
        _lasting(wanted, work),
        _placed(wanted, work),
        _follow_ups(wanted, work),
        wanted.by("follow_up", work, _("Follow-ups done by what they found"), pieces, (_("Outcome"), *head),
                  dataset="follow_ups", column="outcome", where={"in_period": 1}),
        _late(wanted, work),
        wanted.by("community", whom, _("Women by community"), _("people"), (_("Community"), _("People")),
                  dataset="women", column="community", columns=(("people", Unit.PEOPLE, PEOPLE, {}),),
                  is_public=True,
                  note=_("Everybody who trained, was guided or whose work was verified in the period, once.")),
        _hardship(wanted, whom),
    ]  # fmt: skip


def _stock(wanted: Wanted, section: str) -> Table | None:
    """Jobs from the beginning of the period to its end."""
    add, month = wanted.ledger.add, wanted.span.months
    parts = (
        ("stock.was", _("In work at the beginning"), "in_work", {"was": 1}),
        ("stock.started", _("+ started in the period"), "jobs", {"kind": STARTED, "month": month}),
        ("stock.left", _("− left in the period"), "jobs", {"kind": LEFT, "month": month}),
        ("stock.is", _("= in work at the end"), "in_work", {"is": 1}),
        ("stock.verified", _("of these verified"), "in_work", {"is": 1, "verified": 1}),
    )
    lines = []
    for key, label, dataset, where in parts:
        cells = (
            add(f"{key}.count", label, Unit.COUNT, dataset, ROWS, where),
            add(f"{key}.people", label, Unit.PEOPLE, dataset, PEOPLE, where),
        )
        lines.append(Line(label, cells, is_total=key == "stock.is"))
    if not any(wanted.ledger.figures[key].value for line in lines for key in line.cells if key):
        return None
    return Table(
        "stock", section, _("Jobs from the beginning to the end"), _("jobs, people"),
        (_("Figure"), _("Jobs"), _("People")), tuple(lines), adds_up=False,
        note=_("Jobs add up from line to line; people do not, because one may have two jobs."),
    )  # fmt: skip


def _events(wanted: Wanted, section: str) -> Table | None:
    """Verified, started and left in the period, and who left early."""
    add, month = wanted.ledger.add, {"month": wanted.span.months}
    parts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("verified", _("Found work (verified)"), {"kind": VERIFIED}),
        ("started", _("Started work"), {"kind": STARTED}),
        ("left", _("Left work"), {"kind": LEFT}),
        (
            "early",
            _("of these within %(days)s days", days=current_app.config["EARLY_LEAVING_DAYS"]),
            {"kind": LEFT, "early": 1},
        ),
    )
    lines = []
    for key, label, where in parts:
        cells = (
            add(f"event.{key}.visits", label, Unit.VISITS, "jobs", ROWS, {**month, **where}),
            add(f"event.{key}.people", label, Unit.PEOPLE, "jobs", PEOPLE, {**month, **where}),
        )
        lines.append(Line(label, cells))
    if not wanted.present("jobs", "kind", month):
        return None
    return Table(
        "event", section, _("What happened in the period"), _("visits, people"),
        (_("What happened"), _("Visits"), _("People")), tuple(lines), adds_up=False, is_public=True,
        note=_("One woman may start, be verified and leave in one period; these lines must not be added."),
    )  # fmt: skip


def _lasting(wanted: Wanted, section: str) -> Table | None:
    """Who was still in work after so many days, at least and at most; and for whom it is too early."""
    if not wanted.ledger.datasets["lasting"].rows:
        return None
    add = wanted.ledger.add
    lines = []
    for days in follow_up_days():
        where = {"after_days": str(days)}
        label, key = _("%(count)s days", count=days), f"lasting.{days}"
        due = bool(wanted.present("lasting", "whole", {**where, "maturity": MATURE}))
        whole = add(
            f"{key}.due", label, Unit.PEOPLE, "lasting", PEOPLE, {**where, "maturity": MATURE}
        )
        cells: list[str | None] = [whole]
        for name in ("lower", "upper"):
            cells += [
                add(f"{key}.{name}", label, Unit.PEOPLE, "lasting", PEOPLE, {**where, name: 1}),
                add(f"{key}.{name}_share", label, Unit.SHARE, "lasting", Measure("share", name, "whole"),
                    {**where, "maturity": MATURE}),
            ] if due else [None, None]  # fmt: skip
        cells.append(
            add(
                f"{key}.immature",
                label,
                Unit.PEOPLE,
                "lasting",
                PEOPLE,
                {**where, "maturity": IMMATURE},
            )
        )
        lines.append(Line(label, tuple(cells)))
    return Table(
        "lasting", section, _("Lasting work after so many days"), _("people"),
        (_("Days in work"), _("Due"), _("Lower bound"), _("Rate, at least"), _("Upper bound"), _("Rate, at most"),
         _("Not due yet")),
        tuple(lines), adds_up=False,
        note=_("By person, from her first verified job, gaps between jobs closed as the rules say. At least: "
               "those of whom it is known; at most: also those of whom nothing is known."),
    )  # fmt: skip


def _placed(wanted: Wanted, section: str) -> Table | None:
    """The rate of placement by cohort: no number before its time."""
    present = wanted.present("placed", "cohort")
    lines, waiting = [], []
    for code, name in wanted.words("placed", "cohort").items():
        if code not in present:
            continue
        waits = wanted.waiting.get(code)
        label = _("%(cohort)s (not due yet)", cohort=name) if waits else name
        if waits:
            waiting.append(_("%(cohort)s: %(why)s", cohort=name, why=waits))
        add, where = wanted.ledger.add, {"cohort": code}
        cells: list[str | None] = [
            add(f"placed.{code}.exited", label, Unit.PEOPLE, "placed", PEOPLE, where)
        ]
        for key, unit, measure, more in _OF_PLACED:
            cells.append(
                None
                if waits
                else add(f"placed.{code}.{key}", label, unit, "placed", measure, {**where, **more})
            )
        lines.append(Line(label, tuple(cells)))
    if not lines:
        return None
    return Table(
        "placed", section, _("Placement after training by cohort"), _("people"),
        (_("Cohort"), _("Out"), _("Placed"), _("Rate of all"), _("Completed"), _("of these placed"),
         _("Rate of these")),
        tuple(lines), adds_up=False,
        note=_("All who completed, did not complete or withdrew are in the rate of all. A rate is a number "
               "only when nothing can be added to it any more.") + " ".join(("", *waiting)),
    )  # fmt: skip


_OF_PLACED: tuple[Cell, ...] = (
    ("placed", Unit.PEOPLE, PEOPLE, {"placed": 1}),
    ("rate", Unit.SHARE, Measure("share", "placed", "exited"), {}),
    ("completed", Unit.PEOPLE, PEOPLE, {"completed": 1}),
    ("placed_completed", Unit.PEOPLE, PEOPLE, {"placed_completed": 1}),
    ("rate_completed", Unit.SHARE, Measure("share", "placed_completed", "completed"), {}),
)  # fmt: skip


def _follow_ups(wanted: Wanted, section: str) -> Table | None:
    columns: tuple[Cell, ...] = (
        ("due", Unit.COUNT, summed("due"), {}), ("done", Unit.COUNT, ROWS, {"due": 1, "done": 1}),
        ("open", Unit.COUNT, ROWS, {"due": 1, "done": 0}),
        ("in_period", Unit.COUNT, summed("in_period"), {}),
    )  # fmt: skip
    return wanted.by(
        "due", section, _("Follow-ups due and done"), _("follow-ups"),
        (_("Days after the start"), _("Due in the period"), _("of these done"), _("of these open"),
         _("Done in the period")),
        dataset="follow_ups", column="after_days", columns=columns,
        note=_("Done in the period: also those that had fallen due earlier."),
    )  # fmt: skip


def _late(wanted: Wanted, section: str) -> Table | None:
    """What is counted here although its day lies in a submitted month."""
    add, lines = wanted.ledger.add, []
    parts: list[tuple[str, dict[str, Any]]] = [
        *((name, wanted.within(name, wanted.span.months))
          for name in ("enrolment_moves", "certificates", "guidance", "jobs")),
        ("follow_ups", {"in_period": 1}),
    ]  # fmt: skip
    for name, where in parts:
        of = tuple(sorted(each for each in wanted.present(name, "of_month", where) if each))
        if of:
            label = wanted.ledger.datasets[name].title
            lines.append(Line(label, (add(f"late.{name}", label, Unit.COUNT, name, ROWS,
                                          {**where, "of_month": of}),)))  # fmt: skip
    if not lines:
        return None
    return Table(
        "late", section, _("Counted here, of submitted months"), _("entries"), (_("Figure"), _("Entries")),
        tuple(lines), adds_up=False,
        note=_("Recorded after the report of their month was submitted; they are in the figures above."),
    )  # fmt: skip


def _hardship(wanted: Wanted, section: str) -> Table | None:
    add = wanted.ledger.add
    data = wanted.ledger.datasets["women"]
    place = data.place("hardship")
    present = {code for row in data.rows for code in row[place]}
    if not present:
        return None
    lines = []
    for code, label in data.words["hardship"].items():
        if code not in present:
            continue
        cells = [
            add(f"hardship.{code}.people", label, Unit.PEOPLE, "women", PEOPLE, {"hardship": code})
        ]
        cells += [
            add(
                f"hardship.{code}.{what}",
                label,
                Unit.PEOPLE,
                "women",
                PEOPLE,
                {"hardship": code, "did": what},
            )
            for what in ("trained", "placed")
        ]
        lines.append(Line(label, tuple(cells)))
    label = _("In any hardship, each counted once")
    cells = [add("hardship.any.people", label, Unit.PEOPLE, "women", PEOPLE, {"any": 1})]
    cells += [
        add(f"hardship.any.{what}", label, Unit.PEOPLE, "women", PEOPLE, {"any": 1, "did": what})
        for what in ("trained", "placed")
    ]
    lines.append(Line(label, tuple(cells)))
    return Table(
        "hardship", section, _("Women in hardship"), _("people"),
        (_("Hardship"), _("People"), _("Trained"), _("Work verified")), tuple(lines), adds_up=False,
        note=_("One woman may be in several hardships; these lines must not be added."),
    )  # fmt: skip
