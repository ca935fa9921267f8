"""Commands on sites: `flask sites add | list`."""

import json

import click
import sqlalchemy as sa
from flask import Flask

from core import clock
from core.access import SYSTEM
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.sites import actions
from core.sites.forms import ADDRESS_STYLES
from core.sites.models import Site, SiteKind
from core.typed import Group, Line

sites = Group("sites", help="Canteens and workshops.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(sites)


@sites.command("add")
@click.argument("slug", type=Line(32))
@click.argument("name", type=Line(64))
@click.option("--kind", type=click.Choice([kind.value for kind in SiteKind]), required=True)
@click.option(
    "--address-style",
    type=Line(16),
    default=ADDRESS_STYLES[0],
    show_default=True,
    help="How people are addressed.",
)
@click.option("--phone", type=Line(32, optional=True), default="")
@click.option("--operator", type=Line(64, optional=True), default="")
def add(slug: str, name: str, kind: str, address_style: str, phone: str, operator: str) -> None:
    """Add the site NAME with the short name SLUG."""
    if "/" not in address_style:
        raise click.BadParameter("two words with a slash between, for example 大娘/大爷")
    if not all(
        part.isascii() and part.isalnum() and part == part.lower() for part in slug.split("-")
    ):
        raise click.BadParameter("SLUG: small letters, digits and single dashes only")
    facts = actions.SiteFacts(name, address_style, phone=phone, operator=operator)
    try:
        site = actions.add_site(slug, SiteKind(kind), facts, by=SYSTEM, now=clock.now())
    except RuleError as error:
        raise click.ClickException(sentence(error)) from None
    click.echo(f"{site.slug}  {site.name}")


@sites.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_sites(as_json: bool) -> None:
    """List all sites."""
    rows = db.session.scalars(sa.select(Site).order_by(Site.kind, Site.slug)).all()
    if as_json:
        keys = ("id", "slug", "name", "kind", "phone", "operator", "is_active")
        click.echo(
            json.dumps(
                [{key: getattr(row, key) for key in keys} for row in rows], ensure_ascii=False
            )
        )
        return
    for row in rows:
        click.echo(f"{row.slug:<16} {row.kind:<9} {row.name}{'' if row.is_active else '  (ended)'}")
