"""Verbs on accounts and devices: sign in with its counters, users, roles, passwords, PINs, tablets."""

import secrets
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import current_app
from sqlalchemy.orm import Session

from core import audit
from core.access import Actor, Role
from core.accounts.models import (
    EVERYWHERE,
    Device,
    DeviceKind,
    Grant,
    SignInFailure,
    User,
    UserSession,
)
from core.accounts.sessions import digest, end_sessions_of
from core.db import db, transaction, upsert
from core.errors import RuleError
from core.privacy import blind_index

hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's second choice
# Verified when the account does not exist, so that the answer takes the same time.
_nobody = hasher.hash(secrets.token_hex(16))
# Without letters and digits that look alike when read aloud or copied by hand.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
ENROL_FOR = timedelta(hours=2)
# An address from which somebody signed in this recently is known to be hers.
KNOWN_ADDRESS_FOR = timedelta(days=30)
# Failures this old say nothing about today's guesser.
FORGET_FAILURES_AFTER = timedelta(days=1)
NAME_LENGTH = 32


def one_time_password() -> str:
    """Fourteen characters in groups, easy to read aloud."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def _matches(stored: str, given: str) -> bool:
    try:
        return hasher.verify(stored, given)
    except (VerifyMismatchError, InvalidHashError):
        return False


def check_password(name: str, password: str, address: str, now: datetime) -> User:
    """The user of these words. Raises RuleError "sign_in_wait" or "sign_in_wrong".

    Failures count per account and address, per address, and per account. The last one only slows,
    and not at an address where the account's owner is known, so that a stranger cannot keep her out.
    """
    name = sign_in_name(name)
    keys = _failure_keys(name, address)
    user = db.session.scalar(sa.select(User).where(User.name == name))
    waiting = keys[:2] if user and _is_known(user, address, now) else keys
    _refuse_while_waiting(waiting, now)
    right = _matches(user.password_hash if user else _nobody, password)
    if not (user and right) or user.ended_at or (user.ends_at and user.ends_at <= now):
        _count_failure(keys, now)
        raise RuleError("sign_in_wrong")
    with transaction() as session:
        session.execute(sa.delete(SignInFailure).where(SignInFailure.key == keys[0][0]))
    return user


def sign_in_name(name: str) -> str:
    """An account's name as it is stored: case, width and blanks around it make no difference."""
    return unicodedata.normalize("NFKC", name).strip().lower()[:64]


def _is_known(user: User, address: str, now: datetime) -> bool:
    return bool(db.session.scalar(
        sa.select(sa.literal(1)).where(
            UserSession.user_id == user.id, UserSession.address == address, UserSession.by_pin.is_(False),
            UserSession.started_at > now - KNOWN_ADDRESS_FOR,
        ).limit(1)
    ))  # fmt: skip


def _failure_keys(name: str, address: str) -> list[tuple[str, int, timedelta]]:
    config = current_app.config
    long, short = timedelta(minutes=config["SIGN_IN_WAIT_MINUTES"]), timedelta(minutes=1)
    return [
        (blind_index("failure", f"pair|{name}|{address}"), config["SIGN_IN_PAIR_FAILURES"], long),
        (blind_index("failure", f"address|{address}"), config["SIGN_IN_ADDRESS_FAILURES"], long),
        (blind_index("failure", f"account|{name}"), config["SIGN_IN_ACCOUNT_FAILURES"], short),
    ]


def _refuse_while_waiting(keys: list[tuple[str, int, timedelta]], now: datetime) -> None:
    wait = db.session.scalar(
        sa.select(sa.func.max(SignInFailure.wait_until)).where(
            SignInFailure.key.in_([key for key, _, _ in keys]), SignInFailure.wait_until > now
        )
    )
    if wait:
        raise RuleError("sign_in_wait", minutes=max(1, -(-int((wait - now).total_seconds()) // 60)))


def _count_failure(keys: list[tuple[str, int, timedelta]], now: datetime) -> None:
    with transaction() as session:
        session.execute(
            sa.delete(SignInFailure).where(SignInFailure.first_at < now - FORGET_FAILURES_AFTER)
        )
        # Two first failures may meet: the row is there before either of them counts on it.
        for key, limit, wait in sorted(keys):
            upsert(session, SignInFailure, {"key": key, "failures": 0, "first_at": now}, ["key"])
            row = session.get_one(SignInFailure, key, with_for_update=True, populate_existing=True)
            if now - row.first_at > timedelta(hours=1):
                row.failures, row.first_at, row.wait_until = 0, now, None
            row.failures += 1
            if row.failures >= limit:
                row.wait_until = now + wait


def add_user(
    name: str,
    display_name: str,
    role: Role,
    site_id: int | None,
    *,
    ends_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> tuple[User, str]:
    """A new account with one role; returns it and its one-time password.

    Raises "user_exists", "user_name_bad", "role_needs_site", "role_needs_no_site".
    """
    name, password = sign_in_name(name), one_time_password()
    if not 2 <= len(name) <= NAME_LENGTH or any(char.isspace() for char in name):
        raise RuleError("user_name_bad", most=NAME_LENGTH)
    with transaction() as session:
        if session.scalar(sa.select(User.id).where(User.name == name)):
            raise RuleError("user_exists", name=name)
        user = User(
            name=name,
            display_name=display_name,
            password_hash=hasher.hash(password),
            created_at=now,
            ends_at=ends_at,
        )
        user.grants = [_grant(role, site_id)]
        session.add(user)
        session.flush()
        audit.record(session, "user.added", subject=f"user:{user.id}", by=by, now=now,
                     after={"name": name, "display_name": display_name, "role": role, "site_id": site_id,
                            "ends_at": ends_at})  # fmt: skip
    return user, password


def _grant(role: Role, site_id: int | None) -> Grant:
    everywhere = role in EVERYWHERE
    if everywhere == (site_id is not None):
        raise RuleError("role_needs_no_site" if everywhere else "role_needs_site", role=role.value)
    return Grant(role=role, site_id=site_id)


def change_user(
    user: User, display_name: str, ends_at: datetime | None, *, by: Actor, now: datetime
) -> None:
    """Change how an account is called and when it ends by itself. Raises "last_admin"."""
    with transaction() as session:
        before = {"display_name": user.display_name, "ends_at": user.ends_at}
        with _keeping_an_admin(session, now):
            user.display_name, user.ends_at = display_name, ends_at
        audit.record(session, "user.changed", subject=f"user:{user.id}", by=by, now=now, before=before,
                     after={"display_name": display_name, "ends_at": ends_at})  # fmt: skip


def change_grants(
    user: User, grants: list[tuple[Role, int | None]], *, by: Actor, now: datetime
) -> None:
    """Replace what a user may do. Raises "last_admin" when nobody would be left to administer."""
    with transaction() as session:
        before = {(grant.role, grant.site_id): grant for grant in user.grants}
        with _keeping_an_admin(session, now):
            # Kept rows stay as they are: the new one would be inserted before the old one is deleted.
            user.grants = [before.get(pair) or _grant(*pair) for pair in dict.fromkeys(grants)]
        audit.record(session, "user.roles_changed", subject=f"user:{user.id}", by=by, now=now,
                     before={"grants": _words(before)}, after={"grants": _words(grants)})  # fmt: skip


def _words(grants: Iterable[tuple[Role, int | None]]) -> list[str]:
    return sorted({f"{role}@{site_id or '*'}" for role, site_id in grants})


def end_user(user: User, reason: str, *, by: Actor, now: datetime) -> None:
    """Close an account; its sessions end in the same transaction. Raises "last_admin"."""
    with transaction() as session:
        with _keeping_an_admin(session, now):
            user.ended_at = now
        end_sessions_of(user.id, now)
        audit.record(
            session, "user.ended", subject=f"user:{user.id}", by=by, now=now, reason=reason
        )


def reopen_user(user: User, reason: str, *, by: Actor, now: datetime) -> str:
    """Open a closed account again; returns a new one-time password."""
    with transaction() as session:
        user.ended_at = None
        if user.ends_at and user.ends_at <= now:
            user.ends_at = None
        audit.record(
            session, "user.reopened", subject=f"user:{user.id}", by=by, now=now, reason=reason
        )
        return reset_password(user, by=by, now=now)


def _admins(*columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(Grant)
        .join(User, User.id == Grant.user_id)
        .where(Grant.role == Role.ADMIN)
    )


@contextmanager
def _keeping_an_admin(session: Session, now: datetime) -> Iterator[None]:
    """Refuse what takes the last administrator away; two who close each other's account queue."""
    session.execute(_admins(User.id).order_by(User.id).with_for_update())
    live = sa.or_(User.ends_at.is_(None), User.ends_at > now)
    count = _admins(sa.func.count()).where(User.ended_at.is_(None), live)
    before = session.scalar(count)
    yield
    session.flush()
    if before and not session.scalar(count):
        raise RuleError("last_admin")


def reset_password(user: User, *, by: Actor, now: datetime) -> str:
    """A new one-time password; every session of the user ends."""
    password = one_time_password()
    with transaction() as session:
        user.password_hash = hasher.hash(password)
        user.must_change_password = True
        end_sessions_of(user.id, now)
        audit.record(session, "user.password_reset", subject=f"user:{user.id}", by=by, now=now)
    return password


def change_password(user: User, old: str, new: str, keep: str, *, by: Actor, now: datetime) -> None:
    """Change one's own password; other sessions than the one of hash `keep` end.

    Raises "password_wrong", "password_short", "password_same".
    """
    if not _matches(user.password_hash, old):
        raise RuleError("password_wrong")
    least = current_app.config["PASSWORD_MIN_LENGTH"]
    if len(new) < least:
        raise RuleError("password_short", least=least)
    if new == old:
        raise RuleError("password_same")
    with transaction() as session:
        user.password_hash = hasher.hash(new)
        user.must_change_password = False
        end_sessions_of(user.id, now, keep=keep)
        audit.record(session, "user.password_changed", subject=f"user:{user.id}", by=by, now=now)


def set_pin(user: User, password: str, pin: str, *, by: Actor, now: datetime) -> None:
    """Set the personal PIN for void, paper entry and reveal. Raises "password_wrong", "pin_weak"."""
    if not _matches(user.password_hash, password):
        raise RuleError("password_wrong")
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8) or len(set(pin)) == 1:
        raise RuleError("pin_weak")
    with transaction() as session:
        user.pin_hash = hasher.hash(pin)
        audit.record(session, "user.pin_set", subject=f"user:{user.id}", by=by, now=now)


def check_pin(user: User | None, pin: str, address: str, now: datetime) -> None:
    """Raises "pin_wrong", or "sign_in_wait" after too many; the same for an account that is none."""
    keys = _failure_keys(f"pin:{user.id}" if user else "pin:nobody", address)[:1]
    _refuse_while_waiting(keys, now)
    live = user is not None and not user.ended_at and not (user.ends_at and user.ends_at <= now)
    right = _matches((user.pin_hash if user else None) or _nobody, pin)
    if not (live and right):
        _count_failure(keys, now)
        raise RuleError("pin_wrong")
    with transaction() as session:
        session.execute(sa.delete(SignInFailure).where(SignInFailure.key == keys[0][0]))


def add_device(
    name: str, site_id: int, kind: DeviceKind, *, by: Actor, now: datetime
) -> tuple[Device, str]:
    """A new device and its secret, shown once: a bearer token, or for a tablet a one-time enrolment."""
    secret = secrets.token_urlsafe(32)
    with transaction() as session:
        device = Device(name=name, site_id=site_id, kind=kind, created_at=now)
        if kind == DeviceKind.PROGRAM:
            device.token_hash = digest(secret)
        else:
            device.enrol_hash, device.enrol_until = digest(secret), now + ENROL_FOR
        session.add(device)
        session.flush()
        audit.record(session, "device.added", subject=f"device:{device.id}", by=by, now=now,
                     after={"name": name, "site_id": site_id, "kind": kind})  # fmt: skip
    return device, secret


def renew_enrolment(device: Device, *, by: Actor, now: datetime) -> str:
    """A new one-time link for a tablet; its old sign-in ends when the link is used.

    Raises "device_revoked", "device_not_a_tablet".
    """
    secret = secrets.token_urlsafe(32)
    with transaction() as session:
        if device.revoked_at:
            raise RuleError("device_revoked")
        if device.kind != DeviceKind.TABLET:
            raise RuleError("device_not_a_tablet")
        device.enrol_hash, device.enrol_until = digest(secret), now + ENROL_FOR
        audit.record(session, "device.link_renewed", subject=f"device:{device.id}", by=by, now=now)
    return secret


def enrol_device(secret: str, *, now: datetime) -> tuple[Device, str]:
    """Turn a one-time link into a device cookie's token. Raises "enrolment_used"."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        device = session.scalar(
            sa.select(Device).where(Device.enrol_hash == digest(secret)).with_for_update(of=Device)
        )
        if (
            device is None
            or device.revoked_at
            or not device.enrol_until
            or device.enrol_until <= now
        ):
            raise RuleError("enrolment_used")
        device.enrol_hash = device.enrol_until = None
        device.token_hash = digest(token)
        audit.record(session, "device.enrolled", subject=f"device:{device.id}", now=now,
                     by=Actor(device.name, device_id=device.id))  # fmt: skip
    return device, token


def revoke_device(device: Device, reason: str, *, by: Actor, now: datetime) -> None:
    """A lost or retired device: its token is dead from now on."""
    with transaction() as session:
        if device.revoked_at:
            raise RuleError("device_revoked")
        device.revoked_at = now
        device.enrol_hash = device.enrol_until = None
        audit.record(
            session, "device.revoked", subject=f"device:{device.id}", by=by, now=now, reason=reason
        )
