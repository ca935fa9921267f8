"""Accounts: sign-in against guessers, one-time passwords, PINs, roles, the last administrator."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from core import clock
from core.access import SYSTEM, Actor, Role
from core.accounts import actions
from core.accounts.models import Device, DeviceKind, Grant, SignInFailure, User, UserSession
from core.accounts.sessions import DEVICE_COOKIE
from core.audit import AuditEntry
from core.db import db, transaction
from core.errors import RuleError
from core.sites.models import Site, SiteKind
from tests.conftest import SignIn, both_engines, csrf_of

PASSWORD = "three words in a row"


@pytest.fixture
def site_id(app: Flask) -> int:
    with app.app_context(), transaction() as session:
        site = Site(slug="nonglin", name="农林二社区老年食堂", kind=SiteKind.CANTEEN)
        session.add(site)
        session.flush()
        return site.id


def account(name: str, role: Role = Role.ADMIN, site: int | None = None) -> tuple[User, str]:
    return actions.add_user(name, name, role, site, by=SYSTEM, now=clock.now())


def user_of(name: str) -> User:
    return db.session.scalars(sa.select(User).where(User.name == name)).one()


def sign_in_as(
    client: FlaskClient, name: str, password: str, address: str = "127.0.0.1", **headers: str
) -> int:
    answer = client.post(
        "/sign-in", data={"name": name, "password": password, "csrf_token": csrf_of(client)},
        environ_base={"REMOTE_ADDR": address}, headers=headers,
    )  # fmt: skip
    return answer.status_code


# sign-in -----------------------------------------------------------------------------------------


def test_a_name_signs_in_however_it_is_typed(app: Flask) -> None:
    with app.app_context():
        _, password = account("WangLi")
    assert sign_in_as(app.test_client(), " WANGli ", password) == 302


def test_the_session_of_a_visitor_is_not_the_one_of_who_signs_in(app: Flask) -> None:
    """Whoever planted a cookie in the browser before has nothing afterwards."""
    with app.app_context():
        _, password = account("wang")
    client = app.test_client()
    csrf_of(client)
    planted = client.get_cookie("session")
    assert planted is not None
    assert sign_in_as(client, "wang", password) == 302
    thief = app.test_client()
    thief.set_cookie("session", planted.value)
    assert thief.get("/account").status_code == 302
    assert client.get("/account").status_code == 200


def test_a_password_change_ends_the_other_sign_ins(app: Flask, sign_in: SignIn) -> None:
    with app.app_context():
        _, password = account("wang")
    here, there = app.test_client(), app.test_client()
    assert sign_in_as(here, "wang", password) == sign_in_as(there, "wang", password) == 302
    form = {
        "password-old": password,
        "password-new": PASSWORD,
        "password-again": PASSWORD,
        "csrf_token": csrf_of(here),
    }
    assert here.post("/account/password", data=form).status_code == 302
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302


def test_a_one_time_password_opens_nothing_but_its_change(app: Flask) -> None:
    with app.app_context():
        _, password = account("wang")
    client = app.test_client()
    sign_in_as(client, "wang", password)
    assert client.get("/office/users").location == "/account"
    assert (
        client.post("/office/audit/verification", data={"csrf_token": csrf_of(client)}).status_code
        == 403
    )
    form = {
        "password-old": password,
        "password-new": PASSWORD,
        "password-again": PASSWORD,
        "csrf_token": csrf_of(client),
    }
    assert client.post("/account/password", data=form).location == "/"
    assert client.get("/office/users").status_code == 200
    form |= {
        "password-old": PASSWORD,
        "password-new": f"{PASSWORD}2",
        "password-again": f"{PASSWORD}2",
    }
    assert client.post("/account/password", data=form).location == "/account"


@pytest.mark.usefixtures("hash_as_product")
def test_a_stolen_password_hash_is_dear_to_guess(in_app: Flask) -> None:
    user, password = account("wang")
    assert user.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert actions.check_password("wang", password, "10.0.0.9", clock.now()).id == user.id


@both_engines
def test_spraying_one_password_over_many_accounts_is_stopped(app: Flask, engine_name: str) -> None:
    limit = app.config["SIGN_IN_ADDRESS_FAILURES"]
    with app.app_context():
        account("wang")
        for number in range(limit):
            with pytest.raises(RuleError, match="sign_in_wrong"):
                actions.check_password(f"user{number}", "Spring2026!", "10.0.0.9", clock.now())
        with pytest.raises(RuleError, match="sign_in_wait"):
            actions.check_password("wang", "Spring2026!", "10.0.0.9", clock.now())


def test_a_restart_forgives_no_failure(make_app) -> None:  # type: ignore[no-untyped-def]
    first = make_app()
    with first.app_context():
        account("wang")
        for _ in range(5):
            with pytest.raises(RuleError):
                actions.check_password("wang", "wrong", "10.0.0.9", clock.now())
    with make_app().app_context(), pytest.raises(RuleError, match="sign_in_wait"):
        actions.check_password("wang", "wrong", "10.0.0.9", clock.now())


def test_strangers_cannot_keep_somebody_out_of_her_own_place(app: Flask, noon: datetime) -> None:
    with app.app_context():
        _, password = account("wang")
    client = app.test_client()
    assert sign_in_as(client, "wang", password, "10.0.0.1") == 302
    with app.app_context():
        for number in range(20):
            with pytest.raises(RuleError):
                actions.check_password("wang", "wrong", f"203.0.113.{number}", clock.now())
        with pytest.raises(RuleError, match="sign_in_wait"):
            actions.check_password("wang", password, "203.0.113.99", clock.now())
    assert sign_in_as(app.test_client(), "wang", password, "10.0.0.1") == 302


def test_a_forged_forwarded_address_is_no_way_round(app: Flask) -> None:
    with app.app_context():
        _, password = account("wang")
    client = app.test_client()
    for number in range(6):
        sign_in_as(client, "wang", "wrong", **{"X-Forwarded-For": f"198.51.100.{number}"})
    assert sign_in_as(client, "wang", password, **{"X-Forwarded-For": "198.51.100.77"}) == 422


@both_engines
def test_first_failures_that_meet_are_both_counted(app: Flask, engine_name: str) -> None:
    with app.app_context():
        account("wang")
    raised: list[str] = []

    def guess() -> None:
        with app.app_context():
            try:
                actions.check_password("wang", "wrong", "10.0.0.9", clock.now())
            except RuleError as error:
                raised.append(error.code)
            db.session.remove()

    threads = [threading.Thread(target=guess) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert raised == ["sign_in_wrong"] * 4
        assert set(db.session.scalars(sa.select(SignInFailure.failures))) == {4}


def test_an_office_session_ends_when_idle_and_a_counters_does_not(
    app: Flask, sign_in: SignIn, site_id: int, noon: datetime
) -> None:
    clerk, counter = sign_in(Role.CLERK), sign_in(Role.COUNTER, site_id)
    with clock.at(noon + timedelta(minutes=17)):
        assert clerk.get("/").status_code == 302
        assert counter.get("/").status_code == 200
    with clock.at(noon + timedelta(hours=17)):
        assert counter.get("/").status_code == 302


def test_an_account_ends_with_its_last_day(app: Flask, noon: datetime) -> None:
    with app.app_context():
        _, password = actions.add_user("shenji", "审计", Role.AUDITOR, None, by=SYSTEM, now=noon,
                                       ends_at=noon + timedelta(hours=1))  # fmt: skip
    client = app.test_client()
    assert sign_in_as(client, "shenji", password) == 302
    with clock.at(noon + timedelta(hours=2)):
        assert client.get("/account").status_code == 302
        assert sign_in_as(app.test_client(), "shenji", password) == 422


def test_the_language_chosen_before_signing_in_stays(app: Flask) -> None:
    with app.app_context():
        _, password = account("wang")
    client = app.test_client()
    client.post("/language", data={"language": "en", "next": "/", "csrf_token": csrf_of(client)})
    assert "Sign in" in client.get("/sign-in").text
    sign_in_as(client, "wang", password)
    assert 'lang="en"' in client.get("/account").text


def test_next_leads_to_a_page_of_this_site_only(app: Flask) -> None:
    with app.app_context():
        _, password = account("wang")
        with transaction() as session:
            session.execute(sa.update(User).values(must_change_password=False))
    for target in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        client = app.test_client()
        data = {"name": "wang", "password": password, "csrf_token": csrf_of(client)}
        assert client.post("/sign-in", query_string={"next": target}, data=data).location == "/"


@both_engines
def test_an_address_that_is_none_signs_in_all_the_same(
    make_app: Callable[..., Flask], noon: datetime
) -> None:
    app = make_app(TRUSTED_PROXIES=1)
    with app.app_context():
        _user, password = account("wang", Role.CLERK)
    client = app.test_client()
    data = {"name": "wang", "password": password, "csrf_token": csrf_of(client)}
    # As a proxy passes it on that was counted once too often.
    headers = {"X-Forwarded-For": "a" * 300}
    assert client.post("/sign-in", data=data, headers=headers).status_code == 302


# PIN on an enrolled tablet -----------------------------------------------------------------------


@pytest.fixture
def tablet(app: Flask, site_id: int) -> FlaskClient:
    client = app.test_client()
    with app.app_context():
        user, password = account("sun", Role.MANAGER, site_id)
        actions.set_pin(user, password, "4711", by=SYSTEM, now=clock.now())
        _, secret = actions.add_device(
            "窗口", site_id, DeviceKind.TABLET, by=SYSTEM, now=clock.now()
        )
    page = client.get(f"/enrol/{secret}")
    assert page.status_code == 200
    answer = client.post(f"/enrol/{secret}", data={"csrf_token": csrf_of(client)})
    assert answer.status_code == 302, answer.text
    cookie = client.get_cookie(DEVICE_COOKIE)
    assert cookie is not None and cookie.http_only and cookie.same_site == "Strict"
    return client


def unlock(client: FlaskClient, name: str, pin: str) -> int:
    data = {"name": name, "pin": pin, "csrf_token": csrf_of(client)}
    return client.post("/account/unlock", data=data).status_code


@both_engines
def test_a_link_enrols_one_tablet_once(app: Flask, site_id: int, noon: datetime) -> None:
    with app.app_context():
        _, secret = actions.add_device("窗口", site_id, DeviceKind.TABLET, by=SYSTEM, now=noon)
        actions.enrol_device(secret, now=noon)
        with pytest.raises(RuleError, match="enrolment_used"):
            actions.enrol_device(secret, now=noon)
        _, late = actions.add_device("窗口2", site_id, DeviceKind.TABLET, by=SYSTEM, now=noon)
        with pytest.raises(RuleError, match="enrolment_used"):
            actions.enrol_device(late, now=noon + timedelta(hours=3))


def test_a_pin_opens_names_and_idling_closes_them_again(
    tablet: FlaskClient, app: Flask, noon: datetime
) -> None:
    def find() -> int:
        asked = {"site": "nonglin", "q": "wang"}
        headers = {"X-CSRFToken": csrf_of(tablet)}
        return tablet.post("/canteen/counter/people", json=asked, headers=headers).status_code

    assert find() == 403
    assert unlock(tablet, "sun", "4711") == 200
    assert find() == 200
    with clock.at(noon + timedelta(minutes=app.config["PIN_IDLE_MINUTES"] + 1)):
        assert find() == 403
        assert tablet.get("/canteen/counter?site=nonglin").status_code == 200


def test_wrong_pins_are_limited_and_unknown_names_read_the_same(tablet: FlaskClient) -> None:
    token = csrf_of(tablet)
    known = tablet.post("/account/unlock", data={"name": "sun", "pin": "0000", "csrf_token": token})
    unknown = tablet.post(
        "/account/unlock", data={"name": "nobody", "pin": "0000", "csrf_token": token}
    )
    assert (
        (known.status_code, known.json)
        == (unknown.status_code, unknown.json)
        == (422, unknown.json)
    )
    for _ in range(5):
        unlock(tablet, "sun", "0000")
    assert unlock(tablet, "sun", "4711") == 422


def test_a_pin_of_another_site_opens_nothing(tablet: FlaskClient, app: Flask) -> None:
    with app.app_context():
        with transaction() as session:
            other = Site(slug="other", name="别的食堂", kind=SiteKind.CANTEEN)
            session.add(other)
            session.flush()
            other_id = other.id
        user, password = account("he", Role.MANAGER, other_id)
        actions.set_pin(user, password, "2580", by=SYSTEM, now=clock.now())
    assert unlock(tablet, "he", "2580") == 422


def test_a_revoked_tablet_is_signed_out_at_once(tablet: FlaskClient, app: Flask) -> None:
    assert tablet.get("/canteen/counter?site=nonglin").status_code == 200
    with app.app_context():
        device = db.session.scalars(sa.select(Device)).one()
        actions.revoke_device(device, "丢失", by=SYSTEM, now=clock.now())
    assert tablet.get("/canteen/counter?site=nonglin").status_code == 302


@both_engines
def test_a_revoked_tablet_takes_the_open_pin_along(tablet: FlaskClient, app: Flask) -> None:
    assert unlock(tablet, "sun", "4711") == 200
    assert tablet.get("/canteen/counter?site=nonglin").status_code == 200
    with app.app_context():
        device = db.session.scalars(sa.select(Device)).one()
        actions.revoke_device(device, "丢失", by=SYSTEM, now=clock.now())
    assert tablet.get("/canteen/counter?site=nonglin").status_code == 302


# roles -------------------------------------------------------------------------------------------


@both_engines
def test_the_last_administrator_stays(in_app: Flask, noon: datetime, engine_name: str) -> None:
    account("first")
    second, _ = account("second")
    actions.end_user(second, "离职", by=SYSTEM, now=noon)
    for verb in (
        lambda: actions.end_user(user_of("first"), "离职", by=SYSTEM, now=noon),
        lambda: actions.change_grants(user_of("first"), [(Role.CLERK, None)], by=SYSTEM, now=noon),
        lambda: actions.change_user(user_of("first"), "first", noon, by=SYSTEM, now=noon),
    ):
        with pytest.raises(RuleError, match="last_admin"):
            verb()
        db.session.rollback()
    assert user_of("first").ended_at is None
    assert [grant.role for grant in user_of("first").grants] == [Role.ADMIN]


@both_engines
def test_two_administrators_cannot_close_each_other(
    app: Flask, noon: datetime, engine_name: str
) -> None:
    with app.app_context():
        account("first")
        account("second")
    refused: list[str] = []
    both_ready = threading.Barrier(2)

    def close(name: str) -> None:
        with app.app_context():
            user = user_of(name)
            both_ready.wait()
            try:
                actions.end_user(user, "离职", by=SYSTEM, now=noon)
            except RuleError as error:
                refused.append(error.code)
            db.session.remove()

    threads = [threading.Thread(target=close, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_admin"]


@both_engines
def test_roles_are_replaced_and_what_stays_keeps_its_row(
    app: Flask, site_id: int, noon: datetime, engine_name: str
) -> None:
    with app.app_context():
        user, _ = account("lin", Role.COUNTER, site_id)
        row = user.grants[0].id
        actions.change_grants(
            user, [(Role.COUNTER, site_id), (Role.COURIER, site_id)], by=SYSTEM, now=noon
        )
        assert row in [grant.id for grant in user_of("lin").grants]
        actions.change_grants(user_of("lin"), [(Role.COURIER, site_id)], by=SYSTEM, now=noon)
        assert list(db.session.scalars(sa.select(Grant.role))) == [Role.COURIER]
        assert (
            db.session.scalar(
                sa.select(sa.func.count()).where(AuditEntry.action == "user.roles_changed")
            )
            == 2
        )


def test_an_actor_narrows_to_the_sites_of_the_role_that_is_asked_for() -> None:
    actor = Actor("a", roles=frozenset({Role.MANAGER, Role.COUNTER}), site_ids=frozenset({1, 2}),
                  grants=frozenset({(Role.MANAGER, 1), (Role.COUNTER, 2)}))  # fmt: skip
    assert actor.narrowed(frozenset({Role.MANAGER, Role.ADMIN})).site_ids == {1}
    assert actor.narrowed(frozenset({Role.MANAGER, Role.COUNTER})).site_ids == {1, 2}


# pages -------------------------------------------------------------------------------------------


def test_a_user_is_added_with_a_password_shown_once(
    app: Flask, sign_in: SignIn, site_id: int
) -> None:
    client = sign_in(Role.ADMIN)
    form = {
        "name": "LinLi",
        "display_name": "小林",
        "role": "counter",
        "site_id": site_id,
        "csrf_token": csrf_of(client),
    }
    page = client.post("/office/users/new", data=form)
    assert page.status_code == 200
    password = page.text.split("<code>")[1].split("</code>")[0]
    assert sign_in_as(app.test_client(), "linli", password) == 302
    with app.app_context():
        shown = client.get(f"/office/users/{user_of('linli').id}").text
    assert password not in shown
    assert page.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"role": "counter", "site_id": ""}, "site_id-error"),
        ({"role": "clerk"}, "site_id-error"),
        ({"site_id": "2147483648"}, "site_id-error"),
        ({"role": ""}, "role-error"),
        ({"role": "trainer"}, "role-error"),
        ({"role": "auditor", "site_id": ""}, "last_day-error"),
        ({"name": "a b"}, "name-error"),
        ({"display_name": " "}, "display_name-error"),
        ({"role": "emperor"}, "role-error"),
    ],
)
def test_a_wrong_field_is_told_beside_it_and_nothing_is_saved(
    app: Flask, sign_in: SignIn, site_id: int, change: dict[str, str], field: str
) -> None:
    client = sign_in(Role.ADMIN)
    form = {
        "name": "lin",
        "display_name": "小林",
        "role": "counter",
        "site_id": str(site_id),
    } | change
    page = client.post("/office/users/new", data={**form, "csrf_token": csrf_of(client)})
    assert page.status_code == 422
    assert f'id="{field}"' in page.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 1


def test_extra_fields_of_a_form_change_nothing(app: Flask, sign_in: SignIn, site_id: int) -> None:
    client = sign_in(Role.COUNTER, site_id, name="lin")
    extra = {
        "role": "admin",
        "site_id": "",
        "must_change_password": "",
        "is_admin": "1",
        "user_id": "1",
    }
    with app.app_context():
        actions.reset_password(user_of("lin"), by=SYSTEM, now=clock.now())
        password = actions.reset_password(user_of("lin"), by=SYSTEM, now=clock.now())
    client = app.test_client()
    data = {"name": "lin", "password": password, "csrf_token": csrf_of(client), **extra}
    client.post("/sign-in", data=data)
    form = {"password-old": password, "password-new": PASSWORD, "password-again": PASSWORD,
            "csrf_token": csrf_of(client), **extra}  # fmt: skip
    assert client.post("/account/password", data=form).status_code == 302
    with app.app_context():
        assert [(grant.role, grant.site_id) for grant in user_of("lin").grants] == [
            (Role.COUNTER, site_id)
        ]


def test_ending_asks_for_a_reason_and_reopening_gives_a_new_password(
    app: Flask, sign_in: SignIn, site_id: int
) -> None:
    client = sign_in(Role.ADMIN)
    with app.app_context():
        user, old = account("lin", Role.COUNTER, site_id)
        number = user.id
    token = csrf_of(client)
    assert client.post(f"/office/users/{number}/end", data={"csrf_token": token}).status_code == 422
    assert (
        client.post(
            f"/office/users/{number}/end", data={"reason": "离职", "csrf_token": token}
        ).status_code
        == 302
    )
    assert sign_in_as(app.test_client(), "lin", old) == 422
    page = client.post(
        f"/office/users/{number}/reopen", data={"reason": "返岗", "csrf_token": token}
    )
    password = page.text.split("<code>")[1].split("</code>")[0]
    assert sign_in_as(app.test_client(), "lin", password) == 302
    with app.app_context():
        reasons = set(
            db.session.scalars(sa.select(AuditEntry.reason).where(AuditEntry.reason.is_not(None)))
        )
    assert reasons == {"离职", "返岗"}


def test_one_does_not_end_ones_own_account(app: Flask, sign_in: SignIn) -> None:
    client = sign_in(Role.ADMIN, name="root")
    with app.app_context():
        number = user_of("root").id
        account("second")
    data = {"reason": "x", "csrf_token": csrf_of(client)}
    assert client.post(f"/office/users/{number}/end", data=data).status_code == 409
    assert client.get("/office/users").status_code == 200


def test_a_programs_token_is_shown_once_and_works_until_revoked(
    app: Flask, sign_in: SignIn, site_id: int
) -> None:
    client = sign_in(Role.ADMIN)
    form = {
        "name": "打印程序",
        "site_id": site_id,
        "kind": "program",
        "csrf_token": csrf_of(client),
    }
    token = (
        client.post("/office/devices/new", data=form).text.split("<code>")[1].split("</code>")[0]
    )
    headers = {"Authorization": f"Bearer {token}"}
    assert (
        app.test_client().get("/api/canteen/roster?site=nonglin", headers=headers).status_code
        == 200
    )
    with app.app_context():
        device = db.session.scalars(sa.select(Device)).one()
        assert token not in (device.token_hash, device.name)
    data = {"reason": "换机", "csrf_token": csrf_of(client)}
    assert client.post(f"/office/devices/{device.id}/revocation", data=data).status_code == 302
    assert (
        app.test_client().get("/api/canteen/roster?site=nonglin", headers=headers).status_code
        == 401
    )


def test_a_tablets_link_comes_with_a_qr_that_reads_back(
    app: Flask, sign_in: SignIn, site_id: int
) -> None:
    import base64
    import io

    import zxingcpp
    from PIL import Image

    client = sign_in(Role.ADMIN)
    form = {"name": "左窗口", "site_id": site_id, "kind": "tablet", "csrf_token": csrf_of(client)}
    page = client.post("/office/devices/new", data=form).text
    link = page.split("<code>")[1].split("</code>")[0]
    image = page.split('src="data:image/png;base64,')[1].split('"')[0]
    with Image.open(io.BytesIO(base64.b64decode(image))) as picture:
        assert zxingcpp.read_barcodes(picture)[0].text == link
    assert "/enrol/" in link


def test_the_lists_cost_the_same_queries_whatever_their_length(
    app: Flask, sign_in: SignIn, site_id: int
) -> None:
    client, counts = sign_in(Role.ADMIN), []
    for start, more in ((0, 2), (10, 12)):
        with app.app_context():
            for number in range(start, start + more):
                user, _ = account(f"u{number}", Role.COUNTER, site_id)
                with transaction() as session:
                    now = clock.now()
                    session.add(
                        UserSession(
                            token_hash=f"{number:064d}",
                            user_id=user.id,
                            address="",
                            by_pin=False,
                            started_at=now,
                            last_seen_at=now,
                            pin_seen_at=now,
                        )
                    )
                actions.add_device(
                    f"d{number}", site_id, DeviceKind.PROGRAM, by=SYSTEM, now=clock.now()
                )
            engine = db.engine
        seen: list[str] = []

        def note(*args: object, seen: list[str] = seen) -> None:
            seen.append(str(args[2]))

        sa.event.listen(engine, "before_cursor_execute", note)
        assert (
            client.get("/office/users").status_code
            == client.get("/office/devices").status_code
            == 200
        )
        sa.event.remove(engine, "before_cursor_execute", note)
        counts.append(len(seen))
    assert counts[0] == counts[1]
