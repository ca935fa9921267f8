"""Who may do what. Deny by default: a view without `@requires` or `@public` is never served.

An actor is a signed-in user, a device, or the system itself; verbs are told which. A view sees
only those sites of its actor at which one of the roles that it asks for is held.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

import structlog
from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from core import clock
from core.errors import RuleError

log = structlog.get_logger("access")
View = TypeVar("View", bound=Callable[..., Any])

# All that whoever signed in with a one-time password may do before choosing one of their own.
BEFORE_OWN_PASSWORD = frozenset(
    {"accounts.account", "accounts.change_password", "accounts.sign_out"}
)
# What a PIN opens on a tablet besides the pages that declare `device` or `pin`.
WITH_PIN = frozenset({"accounts.sign_out", "accounts.lock", "accounts.unlock"})


class Role(StrEnum):
    """What somebody may do; those of OFFICE see every site."""

    ADMIN = "admin"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    COUNTER = "counter"
    COURIER = "courier"
    GRID_WORKER = "grid_worker"
    TRAINER = "trainer"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"


OFFICE = (Role.ADMIN, Role.CLERK, Role.REVIEWER)
EVERYBODY = tuple(Role)


@dataclass(frozen=True)
class Actor:
    """Who acts. `site_ids` None means every site; `unlocked` whether the PIN is open."""

    name: str
    user_id: int | None = None
    device_id: int | None = None
    roles: frozenset[Role] = frozenset()
    site_ids: frozenset[int] | None = frozenset()
    unlocked: bool = True
    # Role by role with its site (None: everywhere); what `site_ids` is narrowed from.
    grants: frozenset[tuple[Role, int | None]] = frozenset()

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    def sees_site(self, site_id: int) -> bool:
        return self.site_ids is None or site_id in self.site_ids

    def narrowed(self, roles: frozenset[Role]) -> "Actor":
        """This actor with the sites of these roles alone: who manages one canteen and helps at the
        counter of another manages only the one."""
        sites = {site_id for role, site_id in self.grants if role in roles}
        if not sites:
            return self
        return replace(self, site_ids=None if None in sites else frozenset(sites))  # type: ignore[arg-type]

    def sites_of(self, *roles: Role) -> frozenset[int] | None:
        """At which of its sites one of these roles is held; None everywhere.

        An actor without grants holds its roles at all its sites.
        """
        if not self.grants:
            return self.site_ids if self.has(*roles) else frozenset()
        held = frozenset(site_id for role, site_id in self.grants if role in roles)
        if None in held:
            return self.site_ids
        found = frozenset(site_id for site_id in held if site_id is not None)
        return found if self.site_ids is None else found & self.site_ids

    def holds_at(self, site_id: int, *roles: Role) -> bool:
        """Whether one of these roles is held at this site."""
        sites = self.sites_of(*roles)
        return sites is None or site_id in sites

    @property
    def is_office(self) -> bool:
        return self.has(*OFFICE)


SYSTEM = Actor("系统", roles=frozenset({Role.ADMIN}), site_ids=None)


@dataclass(frozen=True)
class Access:
    """What a view declares: the roles that may call it, whether a device may, whether the PIN must be open.

    `reads_on`: its first deed is to read, so that it takes over the connection that found the device.
    """

    roles: frozenset[Role] = field(default_factory=frozenset)
    device: bool = False
    public: bool = False
    pin: bool = False
    reads_on: bool = False


def requires(
    *roles: Role, device: bool = False, pin: bool = False, reads_on: bool = False
) -> Callable[[View], View]:
    """Let only these roles in (admin always), and a device of the counter when `device`."""

    def mark(view: View) -> View:
        access = Access(frozenset({*roles, Role.ADMIN}), device, pin=pin, reads_on=reads_on)
        view.access = access  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Let everybody in, signed in or not."""
    view.access = Access(public=True)  # type: ignore[attr-defined]
    return view


def access_of(endpoint: str) -> Access | None:
    """What the view of an endpoint declares; None when it declares nothing."""
    view = current_app.view_functions[endpoint]
    declared: Access | None = getattr(view, "access", None)
    return declared


def undeclared_endpoints(app: Flask) -> list[str]:
    """Endpoints that nobody declared; the build fails on any."""
    return sorted(name for name, view in app.view_functions.items() if not hasattr(view, "access"))


def current_actor() -> Actor:
    """Who sent this request. Raises RuntimeError on a public page that nobody signed in to."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        raise RuntimeError("nobody is signed in")
    return actor


def check() -> Response | None:
    """Run before each request: find the actor, then let in, send to sign-in, or refuse."""
    from core.accounts.sessions import find_actor

    if request.endpoint is None:
        return None  # no such page: Flask answers 404
    declared = access_of(request.endpoint)
    if declared is None:
        log.error("access.undeclared", endpoint=request.endpoint)
        abort(403)
    is_file = declared.public and request.endpoint == "static"
    g.actor = None if is_file else find_actor(declared.reads_on)
    if declared.public:
        return None
    if g.actor is None:
        if request.path.startswith("/api/") or request.method != "GET":
            abort(401)
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if waiting := _own_password_first():
        return waiting
    _admit(g.actor, declared)
    return None


def _own_password_first() -> Response | None:
    """A one-time password was read by whoever handed it over: it opens nothing but its change."""
    from core.accounts.sessions import current_session

    row = current_session() if g.actor.user_id is not None else None
    if row is None or row.by_pin or not row.user.must_change_password:
        return None
    if request.endpoint in BEFORE_OWN_PASSWORD:
        return None
    if request.method == "GET" and not request.path.startswith("/api/"):
        return redirect(url_for("accounts.account"))
    raise RuleError("own_password_first")


def _opened_by_pin() -> bool:
    from core.accounts.sessions import current_session

    row = current_session() if g.actor.user_id is not None else None
    return row is not None and row.by_pin


def _admit(actor: Actor, declared: Access) -> None:
    allowed = actor.has(*declared.roles)
    if actor.device_id is not None and actor.user_id is None:
        allowed = declared.device
    elif _opened_by_pin():
        # Four digits on a shared tablet open its counter, never the office behind it.
        allowed = allowed and (declared.device or declared.pin or request.endpoint in WITH_PIN)
    if not allowed:
        log.warning("access.denied", endpoint=request.endpoint, actor=actor.name)
        abort(403)
    g.actor = actor.narrowed(declared.roles)
    if declared.pin:
        if not actor.unlocked:
            raise RuleError("pin_needed")
        from core.accounts.sessions import keep_unlocked

        keep_unlocked(clock.now())


def visible_site(slug: str) -> Any:
    """The site of this slug. Answers 404 for an unknown one, 403 for one that is not the actor's."""
    from core.sites.models import Site, site_by_slug

    site: Site | None = site_by_slug(slug)
    if site is None:
        abort(404)
    if not current_actor().sees_site(site.id):
        log.warning("access.foreign_site", endpoint=request.endpoint, site=slug)
        abort(403)
    return site
