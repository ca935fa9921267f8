"""The index of /office, and the settings as they are in effect."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.access import OFFICE, Role, access_of, current_actor, requires
from core.config import SETTINGS, Setting, read_file
from core.programme import programmes

bp = Blueprint("office", __name__, url_prefix="/office")


@dataclass(frozen=True)
class Place:
    """One place of the office: where it is and what is done there."""

    endpoint: str
    label: Any
    what: Any
    icon: str


PLACES = (
    Place("users.index", _l("Users"), _l("Accounts, roles per site, one-time passwords"), "users"),
    Place(
        "devices.index",
        _l("Devices"),
        _l("Tablets at the counters, programs with a token"),
        "devices",
    ),
    Place(
        "cards.sheets", _l("Print cards"), _l("Issue cards and print them, ten to a sheet"), "cards"
    ),
    Place(
        "report_columns.index",
        _l("Form for the bureau"),
        _l("Which columns the form in the workbook has, and what they are called"),
        "report",
    ),
    Place("sites.index", _l("Sites"), _l("Canteens and workshops, telephone, operator"), "sites"),
    Place("sites.areas", _l("Areas"), _l("Subdistrict, communities and grids"), "areas"),
    Place(
        "sites.holidays",
        _l("Holidays"),
        _l("Days off, make-up working days, closed days"),
        "holidays",
    ),
    Place(
        "audit.index",
        _l("Audit log"),
        _l("Who changed what, and whether the log is whole"),
        "audit",
    ),
    Place(
        "clock.show",
        _l("Clock of the server"),
        _l("What it shows, and whether something speaks against it"),
        "clock",
    ),
    Place(
        "office.settings",
        _l("Settings"),
        _l("What is set, and what each setting means"),
        "settings",
    ),
)


@bp.get("")
@requires(*OFFICE, Role.AUDITOR)
def index() -> str:
    """The places of the office that this role may enter."""
    actor = current_actor()
    brought = [
        Place(item.endpoint, item.label, item.what, item.icon)
        for programme in programmes()
        for item in programme.office
    ]
    places = [place for place in (*brought, *PLACES) if _admits(place.endpoint, actor.roles)]
    return render_template("office/index.html", places=places)


def _admits(endpoint: str, roles: frozenset[Role]) -> bool:
    declared = access_of(endpoint)
    return declared is not None and not roles.isdisjoint(declared.roles)


@dataclass(frozen=True)
class Effective:
    """One setting as it is in effect, ready to be shown."""

    name: str
    value: str
    unit: str
    meaning: str
    is_figure: bool
    is_default: bool
    source: str


@bp.get("/settings")
@requires(Role.ADMIN)
def settings() -> str:
    """Every setting with its value and meaning; secrets stay hidden."""
    instance = Path(current_app.instance_path)
    in_file = read_file(instance)
    rows = [_effective(setting, in_file) for setting in SETTINGS]
    return render_template("office/settings.html", rows=rows, file=instance / "config.toml")


def _effective(setting: Setting, in_file: Mapping[str, Any]) -> Effective:
    value = current_app.config[setting.name]
    source = _("default")
    if f"ZHUHE_{setting.name}" in os.environ:
        source = f"ZHUHE_{setting.name}"
    elif setting.name in in_file:
        source = "config.toml"
    return Effective(
        name=setting.name.lower(), value=_shown(setting, value), unit=_(setting.unit),
        meaning=_(setting.meaning), is_figure=isinstance(value, int | float) and not isinstance(value, bool),
        is_default=value == setting.default, source=source,
    )  # fmt: skip


def _shown(setting: Setting, value: Any) -> str:
    if setting.is_secret:
        return _("set (hidden)") if value else _("empty")
    if isinstance(value, bool):
        return _("on") if value else _("off")
    return str(value) if value != "" else _("empty")
