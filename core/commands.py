"""Commands that no single room owns: preparing an instance and telling the demo's stories."""

import logging
from datetime import date
from pathlib import Path

import click
import flask_migrate
import sqlalchemy as sa
from flask import Flask, current_app
from flask.cli import with_appcontext

from core import clock
from core.access import SYSTEM, Role
from core.accounts.actions import add_user
from core.accounts.models import User
from core.db import db, transaction, upsert
from core.programme import programmes
from core.sites.models import Counter

HALF_TOLD, TOLD = 0, 1  # states of the demo in the table of counters


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(prepare)
    app.cli.add_command(demo)


@click.command()
@with_appcontext
@click.option(
    "--no-demo", is_flag=True, help="Leave an empty database empty but for one administrator."
)
def prepare(no_demo: bool) -> None:
    """Make keys, bring the schema up to date, and fill an empty database."""
    _check_database_file()
    logging.getLogger("alembic").setLevel(logging.WARNING)
    flask_migrate.upgrade()
    if _is_demo_half_told():
        # Nobody was given a password yet, so nothing but invented people is lost.
        click.echo("The demo was cut off halfway; it is told again from the start.", err=True)
        flask_migrate.downgrade(revision="base")
        flask_migrate.upgrade()
    if db.session.scalar(sa.select(sa.func.count()).select_from(User)):
        return
    for programme in programmes():
        if programme.set_up:
            programme.set_up(clock.now())
    if no_demo:
        _user, password = add_user("admin", "管理员", Role.ADMIN, None, by=SYSTEM, now=clock.now())
        click.echo(f"admin  {password}  (one-time password / 一次性密码)")
    else:
        _tell(clock.service_day(clock.now()))


@click.command()
@with_appcontext
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the story ends; today unless told.",
)
def demo(day: object) -> None:
    """Fill an empty database with invented people and three months of history."""
    if db.session.scalar(sa.select(sa.func.count()).select_from(User)):
        raise click.ClickException(
            "The database is not empty; the demo is told on an empty one only."
        )
    _tell(day.date() if day else clock.service_day(clock.now()))  # type: ignore[attr-defined]


def _tell(day: date) -> None:
    from core.demo import tell_core

    _mark_demo(HALF_TOLD)
    passwords = tell_core(day)
    for programme in programmes():
        if programme.demo:
            click.echo(f"… {programme.name}", err=True)
            programme.demo(day)
    _mark_demo(TOLD)
    click.echo("One-time passwords / 一次性密码:")
    for name, password in passwords:
        click.echo(f"  {name:<10} {password}")


def _mark_demo(state: int) -> None:
    with transaction() as session:
        upsert(session, Counter, {"name": "demo", "value": state}, ["name"], ["value"])


def _is_demo_half_told() -> bool:
    state = db.session.scalar(sa.select(Counter.value).where(Counter.name == "demo"))
    return state == HALF_TOLD


def _check_database_file() -> None:
    """Refuse to start on a damaged file: what is written to it could be lost."""
    file = Path(current_app.instance_path) / "zhuhe.db"
    if db.engine.dialect.name != "sqlite" or not file.exists():
        return
    try:
        verdict = db.session.execute(sa.text("PRAGMA quick_check(1)")).scalar()
    except sa.exc.DatabaseError as error:
        verdict = str(error.orig)
    if verdict != "ok":
        raise click.ClickException(
            f"{file} is damaged ({verdict}). Do not go on with it: `flask restore FILE` puts the last backup back."
        )
