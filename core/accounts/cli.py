"""Commands on accounts and devices: `flask users add | reset | list`, `flask devices add`."""

import json
from datetime import datetime, time, timedelta
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask

from core import clock
from core.access import SYSTEM, Role
from core.accounts import actions
from core.accounts.models import Device, DeviceKind, User
from core.db import db
from core.edge import sentence
from core.errors import RuleError
from core.sites.models import Site, site_by_slug
from core.typed import Group, Line

users = Group("users", help="Who signs in.")
devices = Group("devices", help="Tablets and programs.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(users)
    app.cli.add_command(devices)


def _site(slug: str | None) -> Site | None:
    if slug is None:
        return None
    site = site_by_slug(slug)
    if site is None:
        known = (
            ", ".join(db.session.scalars(sa.select(Site.slug).order_by(Site.slug))) or "none yet"
        )
        raise click.BadParameter(
            f"there is no site {slug!r}; there is: {known}", param_hint="--site"
        )
    return site


def _user(name: str) -> User:
    user = db.session.scalar(sa.select(User).where(User.name == actions.sign_in_name(name)))
    if user is None:
        raise click.ClickException(
            f"There is no account {name!r}; `flask users list` shows them all."
        )
    return user


@users.command("add")
@click.argument("name", type=Line(actions.NAME_LENGTH))
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--site", "slug", help="Short name of the site, for a role that belongs to one.")
@click.option(
    "--display-name",
    type=Line(actions.NAME_LENGTH),
    help="As colleagues know the person; NAME unless told.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day of the account; an auditor must have one.",
)
def add(
    name: str, role: str, slug: str | None, display_name: str | None, until: datetime | None
) -> None:
    """Add the account NAME and print its one-time password."""
    if role == Role.AUDITOR and until is None:
        raise click.UsageError(
            "An auditor's account is for a limited time: add --until YYYY-MM-DD."
        )
    if until and until.year not in clock.YEARS:
        raise click.UsageError("--until: a last day before 2200.")
    ends_at = clock.moment_of(until.date() + timedelta(days=1), time.min) if until else None
    site = _site(slug)
    try:
        user, password = actions.add_user(
            name, display_name or name, Role(role), site.id if site else None,
            ends_at=ends_at, by=SYSTEM, now=clock.now(),
        )  # fmt: skip
    except RuleError as error:
        raise click.ClickException(sentence(error)) from None
    click.echo(f"{user.name}  {password}")


@users.command("reset")
@click.argument("name")
def reset(name: str) -> None:
    """Print a new one-time password for NAME and sign it out everywhere."""
    user = _user(name)
    if user.ended_at:
        raise click.ClickException(
            f"The account {user.name} is ended; an administrator opens it again on its page."
        )
    password = actions.reset_password(user, by=SYSTEM, now=clock.now())
    click.echo(f"{user.name}  {password}")


@users.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_users(as_json: bool) -> None:
    """List all accounts with their roles; no secrets."""
    slugs = dict(db.session.execute(sa.select(Site.id, Site.slug)).tuples().all())
    rows: list[dict[str, Any]] = [
        {
            "name": user.name,
            "display_name": user.display_name,
            "roles": [
                f"{g.role}@{slugs[g.site_id]}" if g.site_id else str(g.role) for g in user.grants
            ],
            "ended": bool(user.ended_at or (user.ends_at and user.ends_at <= clock.now())),
        }
        for user in db.session.scalars(sa.select(User).order_by(User.name))
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        roles = ", ".join(row["roles"]) or "no role"
        click.echo(
            f"{row['name']:<16} {roles:<28} {row['display_name']}{'  (ended)' if row['ended'] else ''}"
        )


@devices.command("add")
@click.argument("name", type=Line(64))
@click.option("--site", "slug", required=True, help="Short name of the site.")
def add_device(name: str, slug: str) -> None:
    """Add the program NAME and print its bearer token, this once. Tablets are added on /office/devices."""
    site = _site(slug)
    assert site is not None
    _device, token = actions.add_device(
        name, site.id, DeviceKind.PROGRAM, by=SYSTEM, now=clock.now()
    )
    click.echo(token)


@devices.command("list")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def list_devices(as_json: bool) -> None:
    """List all devices; no secrets."""
    rows = [
        {
            "id": device.id,
            "name": device.name,
            "site": device.site.slug,
            "kind": device.kind.value,
            "last_seen_at": device.last_seen_at and device.last_seen_at.isoformat(),
            "revoked": device.revoked_at is not None,
        }
        for device in db.session.scalars(sa.select(Device).order_by(Device.id))
    ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        click.echo(
            f"{row['id']:>4}  {row['site']:<16} {row['kind']:<8} {row['name']}{'  (ended)' if row['revoked'] else ''}"
        )
