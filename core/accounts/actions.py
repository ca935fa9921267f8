"""Verbs on accounts and devices: sign in with its counters, users, roles, passwords, PINs, tablets."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from flask import current_app

from core import audit
from core.access import Actor, Role
from core.accounts.models import Device, DeviceKind, Grant, SignInFailure, User
from core.accounts.sessions import digest, end_sessions_of
from core.db import db, transaction
from core.errors import RuleError
from core.privacy import blind_index

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's second choice
# Verified when the account does not exist, so that the answer takes the same time.
_nobody = _hasher.hash(secrets.token_hex(16))
# Without letters and digits that look alike when read aloud or copied by hand.
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
ENROL_FOR = timedelta(hours=2)


def one_time_password() -> str:
    """Fourteen characters in groups, easy to read aloud."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def _matches(stored: str, given: str) -> bool:
    try:
        return _hasher.verify(stored, given)
    except (VerifyMismatchError, InvalidHashError):
        return False


def check_password(name: str, password: str, address: str, now: datetime) -> User:
    """The user of these words. Raises RuleError "sign_in_wait" or "sign_in_wrong".

    Failures count per account and address, per address, and per account; the last only slows, so
    that a stranger cannot keep somebody out.
    """
    name = name.strip().lower()[:64]
    keys = _failure_keys(name, address)
    wait = _wait_until([key for key, _, _ in keys], now)
    if wait:
        raise RuleError("sign_in_wait", minutes=max(1, -(-int((wait - now).total_seconds()) // 60)))
    user = db.session.scalar(sa.select(User).where(User.name == name))
    right = _matches(user.password_hash if user else _nobody, password)
    if not (user and right) or user.ended_at or (user.ends_at and user.ends_at <= now):
        _count_failure(keys, now)
        raise RuleError("sign_in_wrong")
    with transaction() as session:
        session.execute(sa.delete(SignInFailure).where(SignInFailure.key == keys[0][0]))
    return user


def _failure_keys(name: str, address: str) -> list[tuple[str, int, timedelta]]:
    config = current_app.config
    long, short = timedelta(minutes=config["SIGN_IN_WAIT_MINUTES"]), timedelta(minutes=1)
    return [
        (blind_index("failure", f"pair|{name}|{address}"), config["SIGN_IN_PAIR_FAILURES"], long),
        (blind_index("failure", f"address|{address}"), config["SIGN_IN_ADDRESS_FAILURES"], long),
        (blind_index("failure", f"account|{name}"), config["SIGN_IN_ACCOUNT_FAILURES"], short),
    ]


def _wait_until(keys: list[str], now: datetime) -> datetime | None:
    return db.session.scalar(
        sa.select(sa.func.max(SignInFailure.wait_until)).where(
            SignInFailure.key.in_(keys), SignInFailure.wait_until > now
        )
    )


def _count_failure(keys: list[tuple[str, int, timedelta]], now: datetime) -> None:
    with transaction() as session:
        for key, limit, wait in keys:
            row = session.get(SignInFailure, key, with_for_update=True)
            if row is None:
                session.add(SignInFailure(key=key, failures=1, first_at=now))
                continue
            if now - row.first_at > timedelta(hours=1):
                row.failures, row.first_at, row.wait_until = 0, now, None
            row.failures += 1
            if row.failures >= limit:
                row.wait_until = now + wait


def add_user(
    name: str, display_name: str, role: Role, site_id: int | None, *, by: Actor, now: datetime
) -> tuple[User, str]:
    """A new account with one role; returns it and its one-time password. Raises "user_exists"."""
    password = one_time_password()
    with transaction() as session:
        if session.scalar(sa.select(User.id).where(User.name == name)):
            raise RuleError("user_exists", name=name)
        user = User(
            name=name,
            display_name=display_name,
            password_hash=_hasher.hash(password),
            created_at=now,
        )
        user.grants = [_grant(role, site_id)]
        session.add(user)
        session.flush()
        audit.record(session, "user.added", subject=f"user:{user.id}", by=by, now=now,
                     after={"name": name, "display_name": display_name, "role": role, "site_id": site_id})  # fmt: skip
    return user, password


def _grant(role: Role, site_id: int | None) -> Grant:
    everywhere = role in (Role.ADMIN, Role.CLERK, Role.REVIEWER, Role.AUDITOR)
    if everywhere == (site_id is not None):
        raise RuleError("role_needs_no_site" if everywhere else "role_needs_site", role=role.value)
    return Grant(role=role, site_id=site_id)


def change_grants(
    user: User, grants: list[tuple[Role, int | None]], *, by: Actor, now: datetime
) -> None:
    """Replace what a user may do. Raises "last_admin" when nobody would be left to administer."""
    with transaction() as session:
        before = sorted(f"{grant.role}@{grant.site_id or '*'}" for grant in user.grants)
        user.grants = [_grant(role, site_id) for role, site_id in grants]
        session.flush()
        _keep_an_admin()
        audit.record(session, "user.roles_changed", subject=f"user:{user.id}", by=by, now=now,
                     before={"grants": before},
                     after={"grants": sorted(f"{role}@{site or '*'}" for role, site in grants)})  # fmt: skip


def end_user(user: User, reason: str, *, by: Actor, now: datetime) -> None:
    """Close an account; its sessions end in the same transaction."""
    with transaction() as session:
        user.ended_at = now
        session.flush()
        _keep_an_admin()
        end_sessions_of(user.id, now)
        audit.record(
            session, "user.ended", subject=f"user:{user.id}", by=by, now=now, reason=reason
        )


def reopen_user(user: User, reason: str, *, by: Actor, now: datetime) -> str:
    """Open a closed account again; returns a new one-time password."""
    with transaction() as session:
        user.ended_at = None
        audit.record(
            session, "user.reopened", subject=f"user:{user.id}", by=by, now=now, reason=reason
        )
        return reset_password(user, by=by, now=now)


def _keep_an_admin() -> None:
    left = db.session.scalar(
        sa.select(sa.func.count()).select_from(Grant).join(User)
        .where(Grant.role == Role.ADMIN, User.ended_at.is_(None))
    )  # fmt: skip
    if not left:
        raise RuleError("last_admin")


def reset_password(user: User, *, by: Actor, now: datetime) -> str:
    """A new one-time password; every session of the user ends."""
    password = one_time_password()
    with transaction() as session:
        user.password_hash = _hasher.hash(password)
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
        user.password_hash = _hasher.hash(new)
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
        user.pin_hash = _hasher.hash(pin)
        audit.record(session, "user.pin_set", subject=f"user:{user.id}", by=by, now=now)


def check_pin(user: User, pin: str, address: str, now: datetime) -> None:
    """Raises "pin_wrong", or "sign_in_wait" after too many."""
    keys = _failure_keys(f"pin:{user.id}", address)[:1]
    wait = _wait_until([keys[0][0]], now)
    if wait:
        raise RuleError("sign_in_wait", minutes=max(1, -(-int((wait - now).total_seconds()) // 60)))
    if not user.pin_hash or not _matches(user.pin_hash, pin):
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


def enrol_device(secret: str, *, now: datetime) -> tuple[Device, str]:
    """Turn a one-time link into a device cookie's token. Raises "enrolment_used"."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        device = session.scalar(
            sa.select(Device).where(Device.enrol_hash == digest(secret)).with_for_update()
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
        device.revoked_at = now
        audit.record(
            session, "device.revoked", subject=f"device:{device.id}", by=by, now=now, reason=reason
        )
