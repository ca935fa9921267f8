"""Commands on the audit log: `flask audit seal | verify`."""

import json
import sys
from dataclasses import asdict

import click
from flask import Flask, current_app

from core import audit, clock
from core.typed import Group

group = Group("audit", help="The sealed log of who changed what.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(group)


@group.command("seal")
def seal() -> None:
    """Chain every record that no link holds yet, and note the new head in the instance folder."""
    count = audit.seal(clock.now(), audit.head_file_of(current_app.instance_path))
    state = audit.seal_state()
    click.echo(f"{count} sealed, {state.links} in all, head {state.head}")


@group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def verify(as_json: bool) -> None:
    """Recompute the chain; exit 1 and name the first record that does not fit."""
    verdict = audit.verify(audit.head_file_of(current_app.instance_path))
    if as_json:
        click.echo(json.dumps(asdict(verdict), ensure_ascii=False))
    elif verdict.fault:
        click.echo(f"✗ {verdict.fault} ({verdict.checked} records before it hold)", err=True)
    else:
        click.echo(f"✓ {verdict.checked} records hold, head {verdict.head}")
    sys.exit(1 if verdict.fault else 0)
