"""The public pages on which anybody checks a paper: what they tell, and what they never do."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.accounts.models import SignInFailure
from core.db import db, transaction
from core.reports import actions, codes
from core.reports.models import IssuedReport, ReportFile
from tests.canteen.pages import apart
from tests.conftest import both_engines
from tests.core.reports import facts
from tests.core.reports.conftest import MONDAY, Office


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Somebody without an account."""
    return app.test_client()


def get(client: FlaskClient, address: str, **more: object) -> TestResponse:
    return apart(MONDAY, client.get, address, **more)


def token() -> str:
    """The code of the report that was issued last."""
    db.session.expire_all()
    newest = sa.select(IssuedReport.token).order_by(IssuedReport.revision.desc()).limit(1)
    return db.session.scalars(newest).one()


def test_a_stranger_sees_issuer_period_revision_figures_and_hashes(
    office: Office, stranger: FlaskClient
) -> None:
    office.led_to("issued")
    answer = get(stranger, f"/verify/{token()}")
    assert answer.status_code == 200
    for words in (
        "渚河路街道办事处",
        "2026年10月",
        "第 1 版",
        "2026年11月2日",
        "15.00 元",
        "此为最新版本",
    ):
        assert words in answer.text, words
    for sha256 in db.session.scalars(sa.select(ReportFile.sha256)):
        assert sha256 in answer.text


def test_no_name_stands_on_the_page_and_no_search_engine_keeps_it(
    office: Office, stranger: FlaskClient
) -> None:
    office.led_to("submitted")
    answer = get(stranger, f"/verify/{token()}")
    for name in ("clerk person", "reviewer person", "person"):
        assert name not in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert '<meta name="robots" content="noindex' in answer.text
    assert "/reports/" not in answer.text


def test_the_old_paper_says_that_a_newer_revision_exists_once_it_is_issued(
    office: Office, stranger: FlaskClient
) -> None:
    first = office.led_to("issued")
    old = token()
    second = actions.start_revision(first, reason="登记错人", by=office.clerk, now=MONDAY).id
    assert "此为最新版本" in get(stranger, f"/verify/{old}").text  # a draft is nobody's business
    facts.put("2026-10", 2, 600)
    office.review(second)
    office.issue(second)
    text = get(stranger, f"/verify/{old}").text
    assert "已有第 2 版，本版已被更正" in text
    assert "此为最新版本" not in text
    assert "15.00 元" in text  # what stood on that paper
    assert "此为最新版本" in get(stranger, f"/verify/{token()}").text


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("issued", "尚未报送"), ("submitted", "已报送接收单位"), ("returned", "已被接收单位退回"),
        ("closed", "已办结"),
    ],
)  # fmt: skip
def test_the_page_says_how_far_the_report_has_come(
    office: Office, stranger: FlaskClient, state: str, words: str
) -> None:
    office.led_to(state)
    assert words in get(stranger, f"/verify/{token()}").text


def type_code(client: FlaskClient, typed: str, **more: Any) -> TestResponse:
    """What the form of the public page sends."""
    page = get(client, "/verify").text
    csrf = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
    return apart(MONDAY, client.post, "/verify", data={"code": typed, "csrf_token": csrf}, **more)


def test_a_code_may_be_typed_in_groups_in_small_letters_or_full_width(
    office: Office, stranger: FlaskClient
) -> None:
    office.led_to("issued")
    code = token()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    for typed in (codes.grouped(code), code.lower(), f" {code[:4]} {code[4:]} ", wide):
        answer = type_code(stranger, typed)
        assert answer.location == f"/verify/{code}"
    assert get(stranger, f"/verify/{code.lower()}").status_code == 200


def test_every_unknown_code_reads_the_same_however_it_looks(
    office: Office, stranger: FlaskClient
) -> None:
    pages = set()
    for typed in (codes.new_code(), "ABC", "../office/users", "<script>", "王秀华"):
        answer = type_code(stranger, typed, follow_redirects=True)
        assert answer.status_code == 404
        body = re.sub(r"(?s).*<main|</main>.*", "", answer.text)
        pages.add(re.sub(r'(name="csrf_token"[^>]*value=)"[^"]+"', r"\1", body))
    assert len(pages) == 1
    assert "没有以此核验码出具的报告" in pages.pop()


@both_engines
def test_whoever_tries_many_codes_waits_and_a_code_that_exists_is_never_slowed(
    office: Office, in_app: Flask, engine_name: str
) -> None:
    office.led_to("issued")
    in_app.config["UNKNOWN_CODES_PER_MINUTE"] = 3
    guesser, code = in_app.test_client(), token()
    statuses = [get(guesser, f"/verify/{codes.new_code()}").status_code for _ in range(5)]
    assert statuses == [404, 404, 404, 429, 429]
    assert get(guesser, f"/verify/{code}").status_code == 200
    elsewhere = get(
        guesser, f"/verify/{codes.new_code()}", environ_base={"REMOTE_ADDR": "10.2.3.4"}
    )
    assert elsewhere.status_code == 404
    # The counter names nobody.
    keys = list(db.session.scalars(sa.select(SignInFailure.key)))
    assert not [key for key in keys if "127.0.0.1" in key or "10.2" in key]


def test_a_number_too_small_to_be_told_is_said_to_be_so(
    office: Office, stranger: FlaskClient
) -> None:
    office.led_to("issued")
    with transaction() as session:
        row = session.scalars(sa.select(IssuedReport)).one()
        row.headline = [[key, label, unit, None] for key, label, unit, _value in row.headline]
    text = get(stranger, f"/verify/{token()}").text
    assert "人数较少，不予公布" in text
    assert "15.00" not in text


def test_the_page_reads_in_english_when_its_address_asks_for_it(
    office: Office, stranger: FlaskClient
) -> None:
    office.led_to("issued")
    assert "This is the newest revision" in get(stranger, f"/verify/{token()}?lang=en").text
