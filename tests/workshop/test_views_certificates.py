"""Certificates on pages and on paper: issued, printed by a job, read back, verified by anybody, revoked."""

import io
import re
from datetime import date

import pypdfium2
import pytest
import python_calamine
import sqlalchemy as sa
import zxingcpp
from flask import Flask

from core.access import Role
from core.db import db, transaction
from core.jobs import work_off
from core.jobs.models import Job, JobFile
from core.people.models import Person
from tests.canteen.pages import Visit, Visitor, apart, post, queries_of
from tests.workshop import house as h
from tests.workshop.house import House
from workshop import certificate_codes as codes
from workshop.actions import certificates
from workshop.actions.certificates import Shown
from workshop.models import Certificate
from workshop.values import EnrolmentState, SkillLevel

E = EnrolmentState
TODAY = date(2026, 11, 24)


def issued(house: House, count: int = 1) -> tuple[int, list[Certificate]]:
    cohort_id = h.cohort(house, capacity=60)
    people = h.enrolled(house, cohort_id, count, state=E.COMPLETED)
    who = {"on": TODAY, "by": house.actor(Role.CLERK), "now": house.now}
    return cohort_id, certificates.issue_many(people, cohort_id, **who).done


def pdf_of(visitor: Visitor) -> pypdfium2.PdfDocument:
    """Do the job that was ordered last, and open what it made."""
    work_off()
    job = db.session.scalars(sa.select(Job).order_by(Job.created_at.desc())).first()
    assert job is not None
    assert job.note_code in (None, "certificates_need_pen"), job.note_details
    content = db.session.get_one(JobFile, job.id).content
    return pypdfium2.PdfDocument(content)


def text_of(page: pypdfium2.PdfPage) -> str:
    return "".join(page.get_textpage().get_text_range().split())


def test_a_class_gets_its_certificates_in_one_pdf_with_a_page_each(
    in_app: Flask, workshop: House, visit: Visit
) -> None:
    in_app.config["PUBLIC_URL"] = "https://zhuhe.example.cn/"
    cohort_id = h.cohort(workshop)
    people = h.enrolled(workshop, cohort_id, 3, state=E.COMPLETED)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/cohorts/{cohort_id}/certificates"
    assert desk.get(address).text.count('name="person"') == 3
    assert post(desk, address, person=people, on="2026-11-24").status_code == 302
    page = desk.get(address).text
    assert "已发出 3 份证书" in page
    rows = db.session.scalars(sa.select(Certificate).order_by(Certificate.number)).all()
    answer = post(desk, "/workshop/certificates/prints", certificate=[str(row.id) for row in rows])
    assert answer.headers["Location"].startswith("/jobs/")
    document = pdf_of(desk)
    assert len(document) == 3
    for sheet, row in zip(document, rows, strict=True):
        width, height = sheet.get_size()
        assert (round(width * 25.4 / 72), round(height * 25.4 / 72)) == (297, 210)
        text = text_of(sheet)
        for said in (row.name, row.number, "结业证书", "2026年11月2日至2026年11月13日", "缝纫初级第1期",
                     "共40学时", "渚河路街道办事处", "2026年11月24日"):  # fmt: skip
            assert said in text, said
        image = sheet.render(scale=150 / 72, grayscale=True).to_pil()
        [symbol] = zxingcpp.read_barcodes(image)
        token = symbol.text.removeprefix("https://zhuhe.example.cn/certificates/verify/")
        code = codes.read(token)
        assert code is not None and codes.is_genuine(code, row.number)
        assert codes.grouped(token) in text
        public = in_app.test_client().get(f"/certificates/verify/{token}")
        assert row.name in public.text
    document.close()


def test_without_a_public_address_the_paper_names_the_telephone_instead_of_a_symbol(
    in_app: Flask, workshop: House, visit: Visit
) -> None:
    in_app.config["OFFICE_PHONE"] = "0310-3110000"
    _cohort, [row] = issued(workshop)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    post(desk, "/workshop/certificates/prints", certificate=str(row.id))
    document = pdf_of(desk)
    assert "核验电话0310-3110000" in text_of(document[0])
    assert zxingcpp.read_barcodes(document[0].render(scale=2, grayscale=True).to_pil()) == []
    document.close()


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("阿卜杜热合曼·买买提江·吐尔逊·阿卜杜热西提", "阿卜杜热合曼·买买提江·吐尔逊·阿卜杜热西提"),
        ("王䶮", "王䶮"),
        ("𠮷田花", "□田花"),
        ("<b>王</b>{{7*7}}", "<b>王</b>{{7*7}}"),
    ],
)
def test_any_name_stands_on_the_paper_in_one_page(
    workshop: House, visit: Visit, name: str, printed: str
) -> None:
    cohort_id = h.cohort(workshop)
    [person_id] = h.enrolled(workshop, cohort_id, state=E.COMPLETED)
    with transaction() as session:
        session.get_one(Person, person_id).name = name
    row = certificates.issue(
        person_id, cohort_id, on=TODAY, by=workshop.actor(Role.CLERK), now=workshop.now
    )
    desk = visit(Role.CLERK)
    post(desk, "/workshop/certificates/prints", certificate=str(row.id))
    document = pdf_of(desk)
    assert len(document) == 1
    assert printed in text_of(document[0])
    document.close()


def test_anybody_verifies_a_certificate_and_sees_no_more_than_it_says(
    app: Flask, workshop: House, visit: Visit
) -> None:
    _cohort, [row] = issued(workshop)
    token = codes.token_of(2026, 1, row.number)
    stranger = app.test_client()
    assert "核验结业证书" in stranger.get("/certificates/verify").text
    page = stranger.get(f"/certificates/verify/{token}")
    assert page.status_code == 200
    for said in ("学员001", "ZH2026-0001", "缝纫初级", "40", "2026年11月24日", "这份证书有效"):
        assert said in page.text
    for hidden in ("13900000000", "示例社区", "1990", "困难", "/workshop/", row.issued_by_name):
        assert hidden not in page.text.split("<main")[1].split("</main>")[0], hidden
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_code_typed_by_hand_is_posted_and_leads_to_the_page(app: Flask, workshop: House) -> None:
    _cohort, [row] = issued(workshop)
    token = codes.token_of(2026, 1, row.number)
    stranger = app.test_client()
    form = stranger.get("/certificates/verify").text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
    assert found
    for typed in (codes.grouped(token), token.lower(), f" {token[:6]} {token[6:]} "):
        data = {"csrf_token": found[1], "code": typed}
        answer = stranger.post("/certificates/verify", data=data)
        assert answer.headers["Location"] == f"/certificates/verify/{token}", typed
    answer = stranger.post("/certificates/verify", data={"csrf_token": found[1], "code": "李秀英"})
    assert answer.headers["Location"] == "/certificates/verify/unknown"


def test_a_revoked_certificate_says_so_plainly(app: Flask, workshop: House, visit: Visit) -> None:
    _cohort, [row] = issued(workshop)
    clerk, desk = visit(Role.CLERK), visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/certificates/{row.person_id}/{row.id}"
    assert post(desk, f"{address}/revocation", reason="写错").status_code == 403
    assert post(clerk, f"{address}/revocation", reason="").status_code == 422
    assert post(clerk, f"{address}/revocation", reason="姓名写错").status_code == 302
    assert "姓名写错" in clerk.get(address).text
    token = codes.token_of(2026, 1, row.number)
    page = apart(workshop.now, app.test_client().get, f"/certificates/verify/{token}").text
    assert "这份证书已被撤销" in page
    assert "这份证书有效" not in page
    assert "姓名写错" not in page
    answer = post(desk, "/workshop/certificates/prints", certificate=str(row.id))
    assert answer.headers["Location"] == "/workshop/certificates"


def test_codes_that_nobody_was_given_read_the_same_and_slow_the_guesser(
    app: Flask, workshop: House
) -> None:
    _cohort, [row] = issued(workshop)
    good = codes.token_of(2026, 1, row.number)
    wrong = ("unknown", good[:-1] + ("A" if good[-1] != "A" else "C"), "20260002" + good[8:],
             codes.token_of(2026, 2, "ZH2026-0002"), "x" * 300)  # fmt: skip
    stranger = app.test_client()
    texts = set()
    for token in wrong:
        answer = stranger.get(f"/certificates/verify/{token}")
        assert answer.status_code == 404
        texts.add(re.sub(r'(nonce=|content=|value=)"[^"]*"', "", answer.text.replace(token, "")))
    assert len(texts) == 1
    app.config["UNKNOWN_CODES_PER_MINUTE"] = 6
    assert [stranger.get(f"/certificates/verify/{wrong[1]}").status_code for _ in range(3)] == [
        404,
        429,
        429,
    ]
    assert stranger.get(f"/certificates/verify/{good}").status_code == 200, (
        "a code that exists is never slowed"
    )


def test_the_list_holds_ours_and_others_and_goes_out_as_a_workbook(
    app: Flask, workshop: House, visit: Visit
) -> None:
    _cohort, rows = issued(workshop, 2)
    clerk_actor = {"by": workshop.actor(Role.CLERK), "now": workshop.now}
    certificates.record_external(
        rows[0].person_id, Shown("=1+1 技能证", "Y-7", "省人社厅", date(2026, 5, 1), workshop.skill_id,
                                 SkillLevel.MIDDLE), **clerk_actor,
    )  # fmt: skip
    certificates.revoke(rows[1].person_id, rows[1].id, reason="写错", **clerk_actor)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    page = desk.get("/workshop/certificates").text
    assert "2 份证书" in page
    assert "ZH2026-0001" in page and "Y-7" in page and "ZH2026-0002" not in page
    assert "写错" in desk.get("/workshop/certificates?kind=revoked").text
    assert "Y-7" not in desk.get("/workshop/certificates?kind=ours").text
    sent = post(desk, "/workshop/certificates", q="zh2026-0001")
    assert "1 份证书" in desk.get(sent.headers["Location"]).text
    assert "0 份证书" in desk.get("/workshop/certificates?year=2025").text
    answer = desk.get("/workshop/certificates.xlsx")
    book = python_calamine.load_workbook(io.BytesIO(answer.data))
    cells = book.get_sheet_by_index(0).to_python()
    assert len(cells) == 3
    assert {row[0] for row in cells[1:]} == {"ZH2026-0001", "Y-7"}
    assert "=1+1 技能证" in {row[2] for row in cells}
    answer = desk.get(f"/workshop/certificates.xlsx?year=2026&person={rows[0].person_id}")
    about = python_calamine.load_workbook(io.BytesIO(answer.data)).get_sheet_by_index(1).to_python()
    assert [row[1] for row in about[:-2]] == [2, "2026", rows[0].name, "全部有效证书"]
    few = queries_of(app, desk, "/workshop/certificates")
    h_cohort = h.cohort(workshop, number=9, capacity=60, starts_min=18 * 60)
    people = h.enrolled(workshop, h_cohort, 20, state=E.COMPLETED)
    certificates.issue_many(people, h_cohort, on=TODAY, **clerk_actor)
    assert queries_of(app, desk, "/workshop/certificates") == few


def test_a_certificate_of_another_body_is_recorded_and_removed_on_her_page(
    workshop: House, visit: Visit
) -> None:
    person_id = h.learner(workshop)
    desk = visit(Role.COORDINATOR, workshop.site_id)
    address = f"/workshop/learners/{person_id}/external-certificates/new"
    values = {"title": "专项职业能力证书", "number": "S1", "issuer": "市人社局", "issued_on": "2026-06-01",
              "skill_id": str(workshop.skill_id), "level": "junior", "cohort_id": ""}  # fmt: skip
    assert post(desk, address, **{**values, "number": ""}).status_code == 422
    assert post(desk, address, **values).status_code == 302
    again = post(desk, address, **values)
    assert again.status_code == 422
    assert "已经登记过" in again.text
    page = desk.get(address).text
    assert "专项职业能力证书" in page
    found = re.search(
        rf"/workshop/learners/{person_id}/external-certificates/[0-9a-f-]+/removal", page
    )
    assert found
    post(desk, found[0], reason="录错人")
    assert "专项职业能力证书" not in desk.get(address).text


def test_certificates_of_another_site_are_not_seen(workshop: House, visit: Visit) -> None:
    cohort_id, [row] = issued(workshop)
    desk = visit(Role.COORDINATOR, h.second_site(workshop))
    assert "ZH2026-0001" not in desk.get("/workshop/certificates").text
    assert desk.get(f"/workshop/certificates/{row.person_id}/{row.id}").status_code == 403
    assert post(desk, f"/workshop/cohorts/{cohort_id}/certificates", person=1).status_code == 403
    answer = post(desk, "/workshop/certificates/prints", certificate=str(row.id))
    assert answer.headers["Location"] == "/workshop/certificates"
    assert db.session.scalars(sa.select(Job)).all() == []
