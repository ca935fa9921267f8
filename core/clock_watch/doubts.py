"""What speaks against the clock, and the card that says so on the first page of the office."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock, show
from core.access import Actor
from core.accounts.models import Device
from core.audit import AuditEntry, AuditSeal
from core.clock_watch.watch import Move, open_moves
from core.db import db
from core.programme import HomeCard

# One device may be wrong by itself; so many that agree are better witnesses than the server.
WITNESSES = 2
DEVICES_SINCE = timedelta(days=1)


class Doubt(StrEnum):
    MOVED = "moved"
    BEHIND_RECORDS = "behind_records"
    OTHERS_DISAGREE = "others_disagree"


@dataclass(frozen=True)
class Finding:
    """One thing against the clock. seconds: how far it was moved, or is ahead of what is right."""

    doubt: Doubt
    seconds: int
    move: Move | None = None
    newest: datetime | None = None
    devices: int = 0


def findings(now: datetime) -> list[Finding]:
    """Everything that speaks against the clock of this server; empty when nothing does."""
    limit_s: int = current_app.config["CLOCK_SUSPECT_S"]
    found = [Finding(Doubt.MOVED, move.moved_s, move=move) for move in open_moves()]
    newest = _newest_record()
    if newest and (newest - now).total_seconds() > limit_s:
        behind_s = round((newest - now).total_seconds())
        found.append(Finding(Doubt.BEHIND_RECORDS, -behind_s, newest=newest))
    ahead = _ahead_of_devices(now, limit_s)
    if ahead:
        found.append(Finding(Doubt.OTHERS_DISAGREE, round(median(ahead)), devices=len(ahead)))
    return found


def _newest_record() -> datetime | None:
    """The latest moment that this database has seen."""
    last_sealed = sa.select(AuditSeal.sealed_at).order_by(AuditSeal.number.desc()).limit(1)
    moments = [
        db.session.scalar(sa.select(sa.func.max(AuditEntry.at))),
        db.session.scalar(last_sealed),
    ]
    return max((moment for moment in moments if moment), default=None)


def _ahead_of_devices(now: datetime, limit_s: int) -> list[int]:
    """By how much the server is ahead of each device, when all of them say so in the same direction."""
    offsets = db.session.scalars(
        sa.select(Device.clock_offset_s).where(
            Device.revoked_at.is_(None),
            Device.clock_offset_s.is_not(None),
            Device.last_seen_at.between(now - DEVICES_SINCE, now + DEVICES_SINCE),
        )
    ).all()
    ahead = [-offset for offset in offsets if offset is not None]
    agree = all(each > limit_s for each in ahead) or all(each < -limit_s for each in ahead)
    return ahead if len(ahead) >= WITNESSES and agree else []


def length(seconds: int) -> str:
    """A length of time in its largest fitting unit, without its sign: 1 小时, 2 天, 7 分钟."""
    minutes = round(abs(seconds) / 60)
    if minutes >= 2880 or minutes == 1440:
        return str(_("%(count)s d", count=round(minutes / 1440)))
    if minutes >= 120 or minutes == 60:
        return str(_("%(count)s h", count=round(minutes / 60)))
    return str(_("%(count)s min", count=minutes))


def sentence(finding: Finding) -> str:
    """What speaks against the clock, for somebody of the office."""
    span, forward = length(finding.seconds), finding.seconds > 0
    if finding.move:
        shown = show.clock_time(finding.move.at)
        values = {"day": show.day(clock.service_day(finding.move.at)), "time": shown, "span": span}
        if forward:
            return _(
                "The clock was put forward by %(span)s; it then showed %(day)s %(time)s.", **values
            )
        return _("The clock was put back by %(span)s; it then showed %(day)s %(time)s.", **values)
    if finding.newest:
        return _("There are records that are %(span)s later than the clock.", span=span)
    values = {"count": str(finding.devices), "span": span}
    if forward:
        return _("The clock is %(span)s ahead of all %(count)s devices at the counters.", **values)
    return _("The clock is %(span)s behind all %(count)s devices at the counters.", **values)


def home(actor: Actor, now: datetime) -> list[HomeCard]:
    """A card for the office when the clock is in doubt: what it shows, to be compared with one's own."""
    if not actor.is_office or not findings(now):
        return []
    return [
        HomeCard(_l("Is this the right time?"), show.clock_time(now),
                 _("%(day)s; compare it with your phone", day=show.full_day(clock.service_day(now))),
                 "clock.show", {}, "bad")
    ]  # fmt: skip
