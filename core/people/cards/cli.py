"""`flask cards issue | list`: the same verbs as the pages, without the queue."""

import csv
import sys
from pathlib import Path

import click
import sqlalchemy as sa
from flask import Flask

from core import audit, clock
from core.access import SYSTEM
from core.db import db, transaction
from core.edge import sentence
from core.errors import RuleError
from core.people.cards.actions import code_of
from core.people.cards.printing import Scope, choose, print_cards
from core.people.models import Card, CardState, Person
from core.programme import people_at
from core.sites.models import Site
from core.typed import Group

cards = Group("cards", help="Service cards.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(cards)


@cards.command("issue")
@click.option("--missing", is_flag=True, help="Only people who have no card yet.")
@click.option("--fronts-only", is_flag=True, help="Leave out the backs.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
def issue(missing: bool, fronts_only: bool, out: Path) -> None:
    """Issue cards where they are missing and write the sheets to a PDF."""
    if not out.parent.is_dir():  # before a card is issued or noted as printed
        raise click.ClickException(f"There is no folder {out.parent}; nothing was printed.")
    choice = choose(Scope.MISSING if missing else Scope.EVERYBODY)
    if not choice.person_ids:
        click.echo("Nobody is in this choice; nothing was printed.")
        return

    def show(done: int, total: int) -> None:
        click.echo(f"  sheet {done} of {total}", err=True)

    try:
        printed = print_cards(
            choice.person_ids,
            by=SYSTEM,
            now=clock.now(),
            backs=not fronts_only,
            progress=show,
        )
    except RuleError as error:
        raise click.ClickException(sentence(error)) from None
    try:
        out.write_bytes(printed.pdf)
    except OSError as error:
        raise click.ClickException(
            f"{out} could not be written: {error.strerror}. The cards are issued; print them again."
        ) from None
    click.echo(f"{len(printed.cards)} cards, {printed.issued} of them new: {out}")
    if printed.need_pen:
        click.echo(f"Write by hand what the font lacks: {'、'.join(printed.need_pen)}")


@cards.command("list")
@click.option("--codes", is_flag=True, help="With the number on the card. Noted in the log.")
@click.option("--site", "slug", help="Only people enrolled at this site.")
def list_cards(codes: bool, slug: str | None) -> None:
    """Write the cards in use as CSV: person_id,name,code."""
    query = (
        sa.select(Card, Person.name)
        .join(Person, Person.id == Card.person_id)
        .where(Card.state == CardState.ACTIVE, Person.is_practice.is_(False))
        .order_by(Person.pinyin, Person.id)
    )
    if slug:
        site = db.session.scalar(sa.select(Site).where(Site.slug == slug))
        if site is None:
            raise click.ClickException(f"There is no site {slug}; `flask sites list` shows them.")
        query = query.where(Person.id.in_(people_at(site.id)))
    rows = db.session.execute(query).all()
    if codes:
        # Before the first line leaves: whoever reads it can make a card.
        with transaction() as session:
            audit.record(session, "cards.codes_listed", subject="cards", by=SYSTEM,
                         now=clock.now(), after={"cards": len(rows), "site": slug})  # fmt: skip
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["person_id", "name", "code"] if codes else ["person_id", "name"])
    for card, name in rows:
        writer.writerow([card.person_id, name, code_of(card)] if codes else [card.person_id, name])
