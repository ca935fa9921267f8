"""A program, a tablet and a signed-in counter that talk to the canteen's API, for tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.access import SYSTEM
from core.accounts.actions import add_device, enrol_device
from core.accounts.models import DeviceKind
from core.accounts.sessions import DEVICE_COOKIE
from core.db import db, new_id
from tests.canteen import house as building
from tests.canteen.house import House

SCANS, VOIDS = "/api/canteen/scans", "/api/canteen/voids"


@dataclass
class Program:
    """A caller with its own credentials; `headers` go with each request."""

    client: FlaskClient
    now: datetime
    headers: dict[str, str] = field(default_factory=dict)
    device_id: int | None = None

    def post(self, path: str, body: Any, **headers: str) -> TestResponse:
        return self.client.post(path, json=body, headers={**self.headers, **headers})

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers={**self.headers, **headers})

    def scan(self, code: str, **more: Any) -> TestResponse:
        return self.post(SCANS, self.item(code, **more))

    def item(self, code: str | None = None, **more: Any) -> dict[str, Any]:
        """A scan of this moment at the first site."""
        values = {
            "id": str(new_id()),
            "code": code,
            "site": "one",
            "scanned_at": self.now.isoformat(),
            **more,
        }
        return {name: value for name, value in values.items() if value is not None}


def make_house(app: Flask, now: datetime, *diners: str) -> tuple[House, list[str]]:
    """A canteen with one diner a category; returns it and the codes of their cards."""
    with app.app_context():
        house = building.build(now)
        codes = [building.code(building.diner(house, category)) for category in diners]
        db.session.remove()
    return house, codes


def program(app: Flask, now: datetime, site_id: int, name: str = "扫码程序") -> Program:
    """A program with a bearer token."""
    with app.app_context():
        device, token = add_device(name, site_id, DeviceKind.PROGRAM, by=SYSTEM, now=now)
        device_id = device.id
        db.session.remove()
    return Program(app.test_client(), now, {"Authorization": f"Bearer {token}"}, device_id)


def tablet(
    app: Flask, now: datetime, site_id: int, csrf_of: Callable[[FlaskClient], str]
) -> Program:
    """An enrolled tablet with its cookie and the token of its page."""
    with app.app_context():
        _device, secret = add_device("取餐平板", site_id, DeviceKind.TABLET, by=SYSTEM, now=now)
        device, token = enrol_device(secret, now=now)
        device_id = device.id
        db.session.remove()
    client = app.test_client()
    client.set_cookie(DEVICE_COOKIE, token)
    return Program(client, now, {"X-CSRFToken": csrf_of(client)}, device_id)
