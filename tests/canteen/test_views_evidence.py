"""Papers on the diner's page: who attaches, who looks, what a hostile name or file comes to."""

import io
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from structlog.testing import capture_logs
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from canteen import actions
from canteen.evidence import subject_of
from canteen.models import Eligibility
from canteen.values import WayOfEating
from core.access import SYSTEM, Actor, Role
from core.audit import AuditEntry
from core.db import db
from core.errors import RuleError
from core.evidence.actions import attach, content_of, list_of
from core.evidence.models import Attachment
from core.evidence.uploads import title_of
from tests.canteen.house import CLERK, FIRST, House, build, diner
from tests.canteen.pages import Visit, Visitor, apart, post, queries_of
from tests.conftest import csrf_of
from tests.core.evidence.papers import noise, pdf, photo, saved


@pytest.fixture
def house(in_app: Flask, noon: object) -> House:
    return build(noon)  # type: ignore[arg-type]


def paper_of(person_id: int) -> Eligibility:
    return db.session.scalars(
        sa.select(Eligibility).where(Eligibility.person_id == person_id)
    ).one()


def proposed(house: House) -> Eligibility:
    person_id = diner(house, None)
    return actions.propose_eligibility(
        person_id, house.categories["minimum_living"], from_on=FIRST, until_on=None,
        evidence="低保证 第1号", by=CLERK, now=house.now,
    )  # fmt: skip


def address(paper: Eligibility) -> str:
    return f"/evidence/{subject_of(paper)}/attachments"


def files(*named: tuple[bytes, str]) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(content), name) for content, name in named]


def kept(house: House, paper: Eligibility, content: bytes | None = None) -> Attachment:
    return attach(
        subject_of(paper), content or pdf(pages=2), title="低保证", person_id=paper.person_id,
        by=SYSTEM, now=house.now,
    )  # fmt: skip


def looks() -> list[str]:
    statement = sa.select(AuditEntry.actor_name).where(AuditEntry.action == "attachment.viewed")
    return list(db.session.scalars(statement.order_by(AuditEntry.id)))


def test_a_clerk_attaches_several_papers_and_finds_them_on_the_page(
    house: House, visit: Visit
) -> None:
    paper, clerk = proposed(house), visit(Role.CLERK)
    answer = post(
        clerk, address(paper), title="低保证", files=files((pdf(pages=2), "a.pdf"), (photo(), "b.jpg"))
    )  # fmt: skip
    page = f"/canteen/diners/{paper.person_id}"
    assert answer.status_code == 302
    assert answer.location == page
    text = clerk.get(page).text
    assert "已上传附件 2 份。" in text
    assert "低保证 1" in text
    assert "PDF,2 页" in text
    rows = list_of(subject_of(paper))
    assert [row.person_id for row in rows] == [paper.person_id] * 2
    assert [row.title for row in rows] == ["低保证 1", "低保证 2"]


def test_our_script_is_told_where_to_go(house: House, visit: Visit) -> None:
    paper, clerk = proposed(house), visit(Role.CLERK)
    environ = {"HTTP_ACCEPT": "application/json"}
    clerk.client.environ_base.update(environ)
    answer = post(clerk, address(paper), files=files((pdf(), "a.pdf")))
    assert answer.status_code == 200
    assert answer.json == {"location": f"/canteen/diners/{paper.person_id}"}


def test_a_paper_is_served_so_that_it_can_only_be_looked_at(house: House, visit: Visit) -> None:
    content = pdf(pages=2)
    row = kept(house, proposed(house), content)
    answer = visit(Role.REVIEWER).get(f"/evidence/attachments/{row.id}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, content, "application/pdf")
    headers = answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == (
        "inline; filename*=UTF-8''%E4%BD%8E%E4%BF%9D%E8%AF%81.pdf"
    )
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert looks() == ["reviewer-all"]


def test_a_paper_may_be_fetched_where_the_browser_shows_none(house: House, visit: Visit) -> None:
    row = kept(house, proposed(house))
    answer = visit(Role.REVIEWER).get(f"/evidence/attachments/{row.id}?download=1")
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert looks() == ["reviewer-all"]


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ADMIN, 200), (Role.CLERK, 200), (Role.REVIEWER, 200), (Role.AUDITOR, 200), (Role.MANAGER, 403),
     (Role.COUNTER, 403), (Role.COURIER, 403), (Role.GRID_WORKER, 403), (Role.TRAINER, 403),
     (Role.COORDINATOR, 403)],
)  # fmt: skip
def test_the_office_and_auditors_see_a_paper_and_nobody_else(
    house: House, visit: Visit, role: Role, status: int
) -> None:
    paper = proposed(house)
    row = kept(house, paper)
    site = None if status == 200 else house.site_id
    visitor = visit(role, site)
    assert visitor.get(f"/evidence/attachments/{row.id}").status_code == status
    assert len(looks()) == (1 if status == 200 else 0)
    may_attach = status == 200 and role is not Role.AUDITOR
    answer = post(visitor, address(paper), files=files((photo(), "a.jpg")))
    assert answer.status_code == (302 if may_attach else 403)


def test_a_refusal_is_logged(house: House, visit: Visit) -> None:
    row = kept(house, proposed(house))
    manager = visit(Role.MANAGER, house.site_id)
    with capture_logs() as logs:
        assert manager.get(f"/evidence/attachments/{row.id}").status_code == 403
    assert [log["event"] for log in logs] == ["access.foreign_paper"]


def test_a_paper_of_a_foreign_site_is_refused(house: House) -> None:
    paper = proposed(house)
    row = kept(house, paper)

    def looks_at(site_id: int) -> str:
        grants = frozenset({(Role.AUDITOR, site_id), (Role.COUNTER, house.site_id)})
        here = frozenset({site_id, house.site_id})
        by = Actor("审计丙", roles=frozenset({Role.AUDITOR}), site_ids=here, grants=grants)
        try:
            return content_of(row.id, by=by, now=house.now).attachment.title
        except RuleError as error:
            return error.code

    assert looks_at(house.site_id) == "低保证"
    assert looks_at(house.second_site_id) == "evidence_not_yours"
    actions.change_diner(
        paper.person_id, home_site_id=house.second_site_id, usual_way=WayOfEating.DINE_IN, note=None,
        by=CLERK, now=house.now,
    )  # fmt: skip
    assert looks_at(house.second_site_id) == "低保证"


def test_a_manager_reads_that_there_is_evidence_but_not_the_papers(
    house: House, visit: Visit
) -> None:
    paper = proposed(house)
    row = kept(house, paper)
    page = visit(Role.MANAGER, house.site_id).get(f"/canteen/diners/{paper.person_id}").text
    assert "低保证 第1号" in page
    assert str(row.id) not in page
    assert "/evidence/" not in page


def test_what_was_decided_on_is_removed_by_one_who_decides(house: House, visit: Visit) -> None:
    paper = proposed(house)
    first, second = kept(house, paper), kept(house, paper, photo())
    clerk, reviewer = visit(Role.CLERK), visit(Role.REVIEWER)

    def removal(row: Attachment) -> str:
        return f"/evidence/attachments/{row.id}/removal"

    assert post(clerk, removal(first), reason="").status_code == 302
    assert list_of(subject_of(paper))[0].removed_at is None
    assert "请填写" in clerk.get(f"/canteen/diners/{paper.person_id}").text
    assert post(clerk, removal(first), reason="传错了人").status_code == 302
    actions.approve_eligibility(paper.person_id, paper.id, by=CLERK, now=house.now)
    assert post(clerk, removal(second), reason="传错了人").status_code == 403
    assert post(reviewer, removal(second), reason="传错了人").status_code == 302
    db.session.expire_all()
    assert [row.removed_reason for row in list_of(subject_of(paper))] == ["传错了人"] * 2
    page = reviewer.get(f"/canteen/diners/{paper.person_id}").text
    assert "已移除 2 份" in page
    assert str(first.id) not in page
    assert reviewer.get(f"/evidence/attachments/{first.id}").status_code == 410


def test_a_file_that_is_not_taken_does_not_hold_up_the_others(house: House, visit: Visit) -> None:
    paper, clerk = proposed(house), visit(Role.CLERK)
    sent = files((photo(), "a.jpg"), (b"MZ", "病毒.pdf"), (b"", "empty.png"), (b"MZ", "b.jpg"))
    assert post(clerk, address(paper), files=sent).status_code == 302
    page = clerk.get(f"/canteen/diners/{paper.person_id}").text
    assert "已上传附件 1 份。" in page
    assert "未上传：病毒、" in page
    assert page.count("从内容看") == 1
    assert "文件是空的" in page
    assert len(list_of(subject_of(paper))) == 1


def test_nothing_chosen_and_too_many_chosen_are_said(house: House, visit: Visit) -> None:
    paper, clerk = proposed(house), visit(Role.CLERK)
    post(clerk, address(paper))
    assert "没有选择文件" in clerk.get("/canteen/diners").text
    post(clerk, address(paper), files=files(*((pdf(pages=n), f"{n}.pdf") for n in range(1, 9))))
    assert "其余 2 个没有上传" in clerk.get("/canteen/diners").text
    assert len(list_of(subject_of(paper))) == 6


def send_large(visitor: Visitor, address: str, *contents: bytes) -> int:
    """Post files as one body in memory: the client's own temporary file would stay open."""
    token = apart(visitor.now, csrf_of, visitor.client)
    sent = {
        "csrf_token": token,
        "files": [FileStorage(io.BytesIO(each), "a.jpg") for each in contents],
    }
    boundary, body = encode_multipart(sent)
    kind = f"multipart/form-data; boundary={boundary}"
    return int(
        apart(visitor.now, visitor.client.post, address, data=body, content_type=kind).status_code
    )


def test_papers_may_be_larger_together_than_any_other_request(house: House, visit: Visit) -> None:
    paper, clerk = proposed(house), visit(Role.CLERK)
    large = [photo((60, 40 + n)) + b"\0" * (9 << 20) for n in range(3)]
    assert send_large(clerk, address(paper), *large) == 302
    assert len(list_of(subject_of(paper))) == 3
    assert send_large(clerk, address(paper), *([b"\0" * (10 << 20)] * 7)) == 413
    elsewhere = f"/canteen/diners/{paper.person_id}/end"
    assert send_large(clerk, elsewhere, b"\0" * (13 << 20)) == 413


def test_a_proposal_takes_its_papers_along(house: House, visit: Visit) -> None:
    person_id, clerk = diner(house, None), visit(Role.CLERK)
    form = {
        "category_id": house.categories["minimum_living"], "from_on": "2026-11-01", "until_on": "",
        "evidence": "低保证 第1号", "papers_title": "低保证",
    }  # fmt: skip
    new = f"/canteen/diners/{person_id}/eligibilities/new"
    answer = post(clerk, new, **{**form, "evidence": ""}, files=files((pdf(), "a.pdf")))
    assert answer.status_code == 422
    assert "请重新选择文件" in answer.text
    sent = {"files": files((pdf(), "a.pdf")), "photo": files((b"MZ", "b.jpg"))}
    assert post(clerk, new, **form, **sent).status_code == 302
    assert [row.title for row in list_of(subject_of(paper_of(person_id)))] == ["低保证 1"]
    page = clerk.get(f"/canteen/diners/{person_id}").text
    assert "已上传附件 1 份。" in page
    assert "未上传" in page


def test_a_renewal_takes_its_papers_along(house: House, visit: Visit) -> None:
    from datetime import date

    person_id = diner(house, "minimum_living", until_on=date(2026, 11, 30))
    old = paper_of(person_id)
    new = f"/canteen/diners/{person_id}/eligibilities/{old.id}/renewal"
    sent = {"until_on": "2027-12-31", "evidence": "新证", "files": files((pdf(), "新证.pdf"))}
    assert post(visit(Role.REVIEWER), new, **sent).status_code == 302
    made = db.session.scalars(sa.select(Eligibility).where(Eligibility.id != old.id)).one()
    assert [row.title for row in list_of(subject_of(made))] == ["新证"]
    assert list_of(subject_of(old)) == []


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("../../../etc/passwd", "passwd"), ("C:\\fakepath\\低保证 正面.jpg", "低保证 正面"),
        ("..\\..\\残疾证.pdf", "残疾证"), ("a\0b\r\nSet-Cookie: x.pdf", "abSet-Cookie: x"),
        ("\u202egpj.exe", "gpj"), ("IMG_20261124_114200.jpg", "照片"), ("微信图片_20261124.jpg", "照片"),
        ("mmexport1732412.jpg", "照片"), ("....pdf", "扫描件"), (".pdf", "扫描件"), ("", "照片"),
        ("䶮㛃·买买提.pdf", "䶮㛃·买买提"), ("长" * 200 + ".pdf", "长" * 64),
    ],
)  # fmt: skip
def test_a_files_name_is_only_ever_a_title(app: Flask, name: str, title: str) -> None:
    with app.test_request_context():
        assert title_of(name) == title


def test_a_title_breaks_neither_header_nor_page(house: House, visit: Visit) -> None:
    paper, clerk = proposed(house), visit(Role.CLERK)
    title = 'a"; filename="x.html\r\nX-Evil: 1<script>'
    post(clerk, address(paper), title=title, files=files((pdf(), "a.pdf")))
    [row] = list_of(subject_of(paper))
    answer: TestResponse = clerk.get(f"/evidence/attachments/{row.id}")
    assert "X-Evil" not in answer.headers
    assert answer.headers["Content-Disposition"].count(";") == 1
    assert (
        "<script>"
        not in clerk.get(f"/canteen/diners/{paper.person_id}").text.split(row.id.hex)[0][-300:]
    )
    assert "1&lt;script&gt;" in clerk.get(f"/canteen/diners/{paper.person_id}").text


@pytest.mark.parametrize(
    "subject",
    ["eligibility:1", "eligibility:x.y", f"eligibility:1.{UUID(int=1)}", "eligibility:.", "report:1",
     f"report:{UUID(int=1)}", "person:1", "%2e%2e:1"],
)  # fmt: skip
def test_a_subject_that_does_not_exist_takes_nothing(
    house: House, visit: Visit, subject: str
) -> None:
    answer = post(
        visit(Role.ADMIN), f"/evidence/{subject}/attachments", files=files((pdf(), "a.pdf"))
    )
    assert answer.status_code == 404
    assert db.session.scalars(sa.select(Attachment)).all() == []


def test_the_page_takes_as_many_queries_for_six_papers_as_for_one(
    house: House, app: Flask, visit: Visit
) -> None:
    paper, clerk = proposed(house), visit(Role.CLERK)
    kept(house, paper)
    page = f"/canteen/diners/{paper.person_id}"
    few = queries_of(app, clerk, page)
    for n in range(5):
        kept(house, paper, saved(noise((20 + n, 20)), "PNG"))
    for code in ("destitute", "low_edge"):
        if code in house.categories:
            actions.propose_eligibility(
                paper.person_id, house.categories[code], from_on=FIRST, until_on=None,
                evidence="证", by=CLERK, now=house.now,
            )  # fmt: skip
    assert queries_of(app, clerk, page) == few
