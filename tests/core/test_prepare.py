"""Preparing an instance: what a first, a second, and a cut-off start do."""

from collections.abc import Callable
from datetime import date

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from core import commands
from core.accounts.models import User
from core.db import db


def _prepare(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["prepare", *words])


def _names(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(sa.select(User.name).order_by(User.id)))


def test_a_first_start_without_demo_prints_one_administrator(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app()
    result = _prepare(app, "--no-demo")
    assert result.exit_code == 0, result.output
    assert "admin" in result.output
    assert _names(app) == ["admin"]
    with app.app_context():
        assert (
            db.session.scalar(sa.text("SELECT count(*) FROM meal_category WHERE code = 'general'"))
            == 1
        )
    assert _prepare(app, "--no-demo").output == ""


def test_a_demo_that_was_cut_off_is_told_again(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()

    def cut_off(_day: date) -> list[tuple[str, str]]:
        with app.app_context():
            commands.add_user("half", "半个", commands.Role.ADMIN, None, by=commands.SYSTEM,
                              now=commands.clock.now())  # fmt: skip
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("core.demo.tell_core", cut_off)
        assert _prepare(app).exit_code != 0
    assert _names(app) == ["half"]
    monkeypatch.setattr("core.demo.tell_core", lambda day: [("someone", "secret-words")])
    monkeypatch.setitem(app.extensions, "zhuhe_programmes", ())
    result = _prepare(app)
    assert result.exit_code == 0, result.output
    assert "secret-words" in result.output
    assert _names(app) == []
