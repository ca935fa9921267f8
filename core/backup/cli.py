"""Commands: `flask backup FILE`, `flask restore FILE`."""

import json
from dataclasses import asdict
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from core import clock
from core.backup import archive, restoring
from core.backup.archive import BackupError, Manifest

TARGET = click.Path(dir_okay=False, path_type=Path)


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(backup)
    app.cli.add_command(restore)


@click.command()
@with_appcontext
@click.argument("file", type=TARGET)
@click.option(
    "--with-keys",
    is_flag=True,
    help="Put the keys in too. Whoever then has the file can read every name.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def backup(file: Path, with_keys: bool, as_json: bool) -> None:
    """Save the whole database to FILE while everything goes on."""
    try:
        manifest = archive.back_up(file, with_keys=with_keys, now=clock.now())
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    _tell(manifest, f"Saved to {file}", as_json)
    if not manifest.has_keys and not as_json:
        click.echo(
            "Without instance/keys nobody can read it: keep a copy of the keys elsewhere, once."
        )


@click.command()
@with_appcontext
@click.argument("file", type=TARGET)
@click.option(
    "--check",
    "only_check",
    is_flag=True,
    help="Say whether FILE is whole and new enough; change nothing.",
)
@click.option(
    "--force", is_flag=True, help="Over a database that is not empty, or with an older backup."
)
@click.option(
    "--with-keys", is_flag=True, help="Put the keys of the backup into the instance folder."
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def restore(file: Path, only_check: bool, force: bool, with_keys: bool, as_json: bool) -> None:
    """Put the backup FILE back. Stop the server first."""
    try:
        if only_check:
            manifest = archive.check(file)
            restoring.refuse_stale(manifest, Path(current_app.instance_path))
        else:
            manifest = restoring.restore(file, force=force, with_keys=with_keys, now=clock.now())
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    _tell(
        manifest,
        f"{file} is whole" if only_check else f"{file} is put back, every table compared",
        as_json,
    )


def _tell(manifest: Manifest, sentence: str, as_json: bool) -> None:
    if as_json:
        facts = asdict(manifest)
        click.echo(json.dumps({name: facts[name] for name in
                               ("made_at", "engine", "schema", "links", "head", "tables")}))  # fmt: skip
        return
    rows = sum(table["rows"] for table in manifest.tables.values())
    click.echo(f"{sentence}: {len(manifest.tables)} tables, {rows} rows, made {manifest.made_at}.")
