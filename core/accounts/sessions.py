"""Who is behind a request: a bearer token, an enrolled tablet's cookie, or a signed-in user."""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import current_app, g, request, session
from flask_login import LoginManager, login_user, logout_user

from core import clock
from core.access import OFFICE, Actor, Role
from core.accounts.models import Device, User, UserSession
from core.db import db, transaction
from core.errors import Busy
from core.prepared import Prepared
from core.reception import keep
from core.writer import reading

DEVICE_COOKIE = "zhuhe_device"
# A sign of life is written at most this often: a read must not cost a write each time.
SEEN_EVERY = timedelta(minutes=1)
# The way of a request to here is a part of what is measured: smaller changes are none.
CLOCK_STEP_S = 30
MOST_OFFSET_S = 2**31 - 1  # what its column holds: 68 years

log = structlog.get_logger("accounts")
login_manager = LoginManager()


class SignedIn:
    """What Flask-Login holds for the length of a request: the session row, known by its token."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, row: UserSession, token: str) -> None:
        self.row = row
        self._token = token

    def get_id(self) -> str:
        return self._token


def digest(token: str) -> str:
    """The hash under which a random token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


@login_manager.user_loader
def load_session(token: str) -> SignedIn | None:
    """The live session of a cookie, or None when it ended, idled out, or its user left."""
    row = db.session.get(UserSession, digest(token))
    if row is None or not is_alive(row, clock.now()):
        return None
    return SignedIn(row, token)


def is_alive(row: UserSession, now: datetime) -> bool:
    """Office sessions end when idle and after some hours; counter, courier, trainer keep their day."""
    if row.ended_at or row.user.ended_at or (row.user.ends_at and row.user.ends_at <= now):
        return False
    if row.by_pin:
        return is_unlocked(row, now)
    config = current_app.config
    if any(grant.role in OFFICE or grant.role == Role.AUDITOR for grant in row.user.grants):
        idle = timedelta(minutes=config["OFFICE_IDLE_MINUTES"])
        return now - row.last_seen_at <= idle + SEEN_EVERY and now - row.started_at <= timedelta(
            hours=config["OFFICE_SESSION_HOURS"]
        )
    return now - row.started_at <= timedelta(hours=config["DUTY_SESSION_HOURS"])


def start_session(user: User, now: datetime, by_pin: bool = False) -> None:
    """Sign a user in under a fresh token; whatever session the browser had before is dropped."""
    _forget_browser()
    token = secrets.token_urlsafe(32)
    with transaction() as writing:
        row = UserSession(
            token_hash=digest(token), user_id=user.id, started_at=now, last_seen_at=now, pin_seen_at=now,
            by_pin=by_pin, address=(request.remote_addr or "")[:45], browser=str(request.user_agent)[:200],
        )  # fmt: skip
        writing.add(row)
    login_user(SignedIn(row, token))


def end_session(now: datetime) -> None:
    """Sign out: the row ends, so that a copied cookie is dead too."""
    current = current_session()
    if current is not None:
        with transaction():
            current.ended_at = now
    logout_user()
    _forget_browser()


def _forget_browser() -> None:
    """Empty the cookie but for the language that was chosen for the screen."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def end_sessions_of(user_id: int, now: datetime, keep: str | None = None) -> None:
    """End every session of a user inside the caller's transaction, but the one of hash `keep`."""
    statement = sa.update(UserSession).where(
        UserSession.user_id == user_id, UserSession.ended_at.is_(None)
    )
    if keep:
        statement = statement.where(UserSession.token_hash != keep)
    with transaction() as writing:
        writing.execute(statement.values(ended_at=now))


def current_session() -> UserSession | None:
    """The session row of this request's user; None on a device or signed out."""
    from flask_login import current_user

    return current_user.row if isinstance(current_user._get_current_object(), SignedIn) else None


def find_actor(reads_on: bool = False) -> Actor | None:
    """Who sent this request; None when nobody is known. Bearer tokens go first, then users, then tablets.

    reads_on: see `core.access.Access`.
    """
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return _device_actor(header[7:].strip(), reads_on)
    token = request.cookies.get(DEVICE_COOKIE)
    device = _device_actor(token) if token else None
    row = current_session()
    if row is None or (row.by_pin and device is None):  # a PIN stays open no longer than its tablet
        return device
    _note_seen(row, clock.now())
    actor = user_actor(row.user, is_unlocked(row, clock.now()))
    return replace(actor, device_id=device.device_id) if device else actor


def keep_unlocked(now: datetime) -> None:
    """Note that the PIN-protected part was used, so that it stays open a while longer."""
    row = current_session()
    if row is not None and now - row.pin_seen_at >= SEEN_EVERY:
        with transaction():
            row.pin_seen_at = now


def is_unlocked(row: UserSession, now: datetime) -> bool:
    """Whether the PIN is open: it closes when a user who has one did nothing but scan for a while."""
    if row.user.pin_hash is None:
        return True
    return now - row.pin_seen_at <= timedelta(minutes=current_app.config["PIN_IDLE_MINUTES"])


def user_actor(user: User, unlocked: bool = True) -> Actor:
    """A user as an actor: roles joined over the grants, sites of the grants, or all for the office."""
    everywhere = any(grant.site_id is None for grant in user.grants)
    sites = frozenset(grant.site_id for grant in user.grants if grant.site_id is not None)
    return Actor(
        name=user.display_name, user_id=user.id, unlocked=unlocked,
        roles=frozenset(grant.role for grant in user.grants),
        site_ids=None if everywhere else sites,
        grants=frozenset((grant.role, grant.site_id) for grant in user.grants),
    )  # fmt: skip


# One prebuilt statement: a program's every scan passes here.
_device_columns = Prepared(
    sa.select(
        Device.id,
        Device.name,
        Device.site_id,
        Device.kind,
        Device.last_seen_at,
        Device.clock_offset_s,
    ).where(Device.token_hash == sa.bindparam("token_hash"), Device.revoked_at.is_(None))
)


def _device_actor(token: str, reads_on: bool = False) -> Actor | None:
    # Straight to the driver's pool: a session for one row would cost a scan a tenth of its time.
    connection = reading().connect()
    try:
        row = _device_columns.first(connection, token_hash=digest(token))
    except BaseException:
        connection.close()
        raise
    now = clock.now()
    is_due = row is not None and (row.last_seen_at is None or now - row.last_seen_at > SEEN_EVERY)
    if reads_on and not is_due:  # a note may wait for the database, and others want connections
        keep(connection)
    else:
        connection.close()
    if row is None:
        return None
    if is_due:
        _note(sa.update(Device).where(Device.id == row.id).values(last_seen_at=now))
    g.device_kind, g.device_clock_offset_s = row.kind, row.clock_offset_s
    return Actor(
        name=row.name, device_id=row.id, roles=frozenset({Role.COUNTER}),
        site_ids=frozenset({row.site_id}), unlocked=False,
    )  # fmt: skip


def note_device_clock(ahead_s: int, now: datetime) -> None:
    """Keep how far the clock of this request's device is ahead, when that has changed."""
    ahead_s = max(-MOST_OFFSET_S, min(ahead_s, MOST_OFFSET_S))
    actor, known = g.actor, g.get("device_clock_offset_s")
    if actor.device_id is None or (known is not None and abs(known - ahead_s) < CLOCK_STEP_S):
        return
    with transaction() as writing:
        writing.execute(
            sa.update(Device).where(Device.id == actor.device_id).values(clock_offset_s=ahead_s)
        )
    if abs(ahead_s) > current_app.config["CLOCK_SUSPECT_S"]:
        log.warning("device.clock_suspect", device_id=actor.device_id, ahead_s=ahead_s)


def _note_seen(row: UserSession, now: datetime) -> None:
    if now - row.last_seen_at < SEEN_EVERY:
        return
    _note(
        sa.update(UserSession)
        .where(UserSession.token_hash == row.token_hash, UserSession.last_seen_at < now)
        .values(last_seen_at=now)
    )


def _note(statement: sa.Update) -> None:
    """Write a sign of life if that is possible: a full disk or a busy database must not stop a read."""
    try:
        with transaction() as writing:
            writing.execute(statement)
    except (Busy, sa.exc.OperationalError) as error:
        log.warning("session.not_noted", kind=type(error).__name__)
