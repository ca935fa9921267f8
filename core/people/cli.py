"""`flask people import FILE`: the same plan and the same confirmation as on the page."""

import json
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask

from core import audit, clock
from core.access import SYSTEM
from core.db import db, transaction
from core.edge import sentence
from core.errors import RuleError
from core.people.imports.actions import read_file
from core.people.imports.importer import Importer, importer_named
from core.people.imports.plan import Plan, PlanRow, State
from core.people.imports.words import SKIPPED, field_name, sentence_of
from core.people.imports.writing import Outcome, carry_out, prepare
from core.sites.models import Area, AreaLevel, Site
from core.typed import Group

people = Group("people", help="Residents.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(people)


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "importer_name", default="diners", show_default=True,
              help="What the people become: diners, learners, or people (registry only).")  # fmt: skip
@click.option("--site", "slug", help="Site where they belong; by community unless told.")
@click.option("--community", help="Community of rows that name none.")
@click.option("--sheet", default="", help="Read only this sheet.")
@click.option("--confirm", is_flag=True, help="Write it all, when no row is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print for a program.")
def import_(
    file: Path, importer_name: str, slug: str | None, community: str | None, sheet: str,
    confirm: bool, as_json: bool,
) -> None:  # fmt: skip
    """Show what a roster would do; with --confirm, do it. Exits 1 when a row is wrong."""
    try:
        importer = importer_named(importer_name)
        site_id, area_id = _site(slug), _community(community)
        plan, outcome = _run(file, importer, sheet, site_id, area_id, confirm)
    except RuleError as error:
        if as_json:
            click.echo(
                json.dumps({"error": error.code, "message": sentence(error)}, ensure_ascii=False)
            )
            raise SystemExit(1) from None
        raise click.ClickException(sentence(error)) from None
    if as_json:
        click.echo(json.dumps(_plain(file, plan, outcome), ensure_ascii=False, indent=1))
    else:
        _tell(plan, outcome)
    if plan.counts[State.WRONG]:
        raise SystemExit(1)


def _run(
    file: Path, importer: Importer, sheet: str, site_id: int | None, area_id: int | None, confirm: bool
) -> tuple[Plan, Outcome | None]:  # fmt: skip
    now = clock.now()
    content = read_file(file.read_bytes(), importer, sheet=sheet)
    content.default_area_id = area_id
    plan = content.plan(importer, clock.service_day(now), site_id)
    if not confirm or plan.counts[State.WRONG]:
        return plan, None
    ready = prepare(content, importer, site_id=site_id, file_name=file.name, by=SYSTEM, now=now)
    with transaction() as session:
        outcome = carry_out(session, ready, by=SYSTEM, now=now)
        audit.record(session, "import.confirmed", subject=f"import:{file.name[:60]}", by=SYSTEM,
                     now=now, after={"file": file.name, **vars(outcome)})  # fmt: skip
    return ready.plan, outcome


def _site(slug: str | None) -> int | None:
    if slug is None:
        return None
    site = db.session.scalar(sa.select(Site).where(Site.slug == slug))
    if site is None:
        known = ", ".join(db.session.scalars(sa.select(Site.slug).order_by(Site.id)))
        raise click.BadParameter(f"there is no site {slug}; known: {known}")
    return site.id


def _community(name: str | None) -> int | None:
    if name is None:
        return None
    statement = sa.select(Area).where(Area.level.in_((AreaLevel.COMMUNITY, AreaLevel.OUTSIDE)))
    areas = {area.name: area for area in db.session.scalars(statement)}
    area = areas.get(name) or areas.get(f"{name}社区")
    if area is None:
        raise click.BadParameter(f"there is no community {name}; known: {', '.join(areas)}")
    return area.id


def _tell(plan: Plan, outcome: Outcome | None) -> None:
    for sheet in plan.sheets:
        where = f"in row {sheet.head_row}" if sheet.head_row else "as on the sheet before"
        click.echo(f"{sheet.name}: head {where}, community {sheet.community or '-'}")
    for line in plan.skipped:
        click.echo(f"  passed over: {line.sheet} {line.row or ''} {SKIPPED[line.why]}")
    for row in plan.rows:
        if row.state is State.WRONG or row.warnings:
            _tell_row(row)
    counts = plan.counts
    click.echo(" · ".join(f"{state.value} {counts[state]}" for state in State) +
               f" · with a warning {plan.warning_count} · missing {len(plan.missing)}")  # fmt: skip
    if outcome is not None:
        click.echo(
            f"Imported: {outcome.new} new, {outcome.changed} changed, {outcome.same} as before."
        )
    elif counts[State.WRONG]:
        click.echo(
            "Nothing was written: mend the wrong rows, in the file or on the page.", err=True
        )
    else:
        click.echo("Nothing was written: this is a preview. Add --confirm to import.")


def _tell_row(row: PlanRow) -> None:
    for finding in (*row.wrong, *row.warnings):
        where = f"{row.raw.sheet} {row.raw.row}" + (f" ({finding.cell})" if finding.cell else "")
        label = field_name(finding.field)
        click.echo(
            f"{finding.level.value:<8}{where} {row.row.name}  {label}: {sentence_of(finding)}"
        )


def _plain(file: Path, plan: Plan, outcome: Outcome | None) -> dict[str, Any]:
    return {
        "file": file.name,
        "sheets": [
            {"name": s.name, "head_row": s.head_row, "community": s.community,
             "columns": [{"column": c, "head": h, "field": f} for c, h, f in s.columns]}
            for s in plan.sheets
        ],
        "counts": {state.value: plan.counts[state] for state in State},
        "rows": [
            {**row.row.as_plain(), "state": row.state.value, "area": row.area_path or None,
             "findings": [
                 {"level": f.level.value, "code": f.code, "field": f.field, "cell": f.cell,
                  "message": sentence_of(f), "proposal": f.proposal}
                 for f in row.findings
             ],
             "changes": [vars(change) for change in row.changes]}
            for row in plan.rows
        ],
        "skipped": [vars(line) for line in plan.skipped],
        "missing": [{"person_id": m.person_id, "name": m.name} for m in plan.missing],
        "confirmed": None if outcome is None else vars(outcome),
    }  # fmt: skip
