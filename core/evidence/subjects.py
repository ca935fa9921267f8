"""What papers may be attached to: each kind of subject registers who may see and attach there.

A subject is written "kind:key". The house knows no programme: an eligibility, a session, a placement
or a case joins by one call of `register_subject`, and nothing here changes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from core.access import Actor
from core.errors import RuleError, Text, describe

# Whether an actor may do it with the thing of this key; None when there is no such thing.
Guard = Callable[[str, Actor], bool | None]

describe({
    "evidence_no_subject": Text(
        _l("There is nothing at this address. It may have been moved, or the link is incomplete."), 404),
    "evidence_not_yours": Text(
        _l("This is not open to your role or site. Ask the office if you need it."), 403),
})  # fmt: skip


@dataclass(frozen=True)
class SubjectKind:
    """One kind of subject. page: the address where its papers are listed. person_of: whom it is about."""

    may_see: Guard
    may_attach: Guard
    may_remove: Guard
    page: Callable[[str], str]
    person_of: Callable[[str], int | None]


_kinds: dict[str, SubjectKind] = {}


def register_subject(
    kind: str,
    may_see: Guard,
    may_attach: Guard,
    page: Callable[[str], str],
    *,
    may_remove: Guard | None = None,
    person_of: Callable[[str], int | None] = lambda _key: None,
) -> None:
    """Let papers be attached to things of a kind. Whoever may attach may remove, unless told otherwise.

    A guard narrows the actor to the roles that it asks for (`Actor.narrowed`), so that a role held at
    another site opens nothing here.
    """
    _kinds[kind] = SubjectKind(may_see, may_attach, may_remove or may_attach, page, person_of)


def kind_of(subject: str) -> tuple[SubjectKind, str]:
    """The kind and the key of a subject. Raises RuleError evidence_no_subject."""
    name, colon, key = subject.partition(":")
    if name not in _kinds or not colon or not key or len(subject) > 128:
        raise RuleError("evidence_no_subject")
    return _kinds[name], key


def require(guard: Guard, key: str, by: Actor) -> None:
    """Go on only when the guard lets the actor. Raises RuleError evidence_no_subject, evidence_not_yours."""
    allowed = guard(key, by)
    if allowed is None:
        raise RuleError("evidence_no_subject")
    if not allowed:
        raise RuleError("evidence_not_yours")
