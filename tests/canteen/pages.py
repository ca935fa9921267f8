"""What tests of pages share: visitors, posting with a token, counting queries.

A test of pages keeps an app context of its own open, for verbs and queries. A request inside it
would share its `g`, and with it the first visitor's actor and token; so each is made apart.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from core import clock
from core.db import db
from tests.conftest import csrf_of

Result = TypeVar("Result")


def apart(now: datetime, call: Callable[..., Result], *args: Any, **values: Any) -> Result:
    """Call something at this moment, without the app context of the test."""

    def at_moment() -> Result:
        with clock.at(now):
            return call(*args, **values)

    return Context().run(at_moment)


@dataclass(frozen=True)
class Visitor:
    """Somebody signed in, at a moment."""

    client: FlaskClient
    now: datetime

    def get(self, address: str) -> TestResponse:
        return apart(self.now, self.client.get, address)

    def post(self, address: str, **values: Any) -> TestResponse:
        """Send a form with this visitor's token."""
        token = apart(self.now, csrf_of, self.client)
        return apart(self.now, self.client.post, address, data={"csrf_token": token, **values})


Visit = Callable[..., Visitor]


def post(visitor: Visitor, address: str, **values: Any) -> TestResponse:
    """What the visitor sends."""
    return visitor.post(address, **values)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements sent while the block runs."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    with app.app_context():
        engine: sa.Engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def queries_of(app: Flask, client: Visitor, address: str) -> int:
    """How many statements a page takes, asked twice so that caches are warm."""
    client.get(address)
    with counted(app) as sent:
        answer = client.get(address)
    assert answer.status_code == 200
    return len(sent)
