"""Pages of people over HTTP."""

import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen.actions import enrol_diner, ensure_categories
from core import clock
from core.access import SYSTEM, Role
from core.audit import AuditEntry
from core.db import db
from core.people.actions import add_person
from core.people.cards.actions import code_of, issue_card
from core.people.models import Person
from core.people.values import Details
from core.sites.actions import SiteFacts, change_site, set_area_active
from core.sites.models import Area, Site
from tests.conftest import NOON, SignIn, both_engines, csrf_of
from tests.core.people.conftest import build_street
from tests.core.people.roster.invented import Book, somebodies
from tests.core.people.test_imports import HEAD, roster

Make = Callable[..., str]


@pytest.fixture
def house(app: Flask, noon) -> dict[str, int]:
    with app.app_context():
        ids = build_street()
        ensure_categories(by=SYSTEM, now=NOON)
    return ids


def add(app, name, **details):
    with app.app_context():
        if not details.get("id_number"):
            details.setdefault("no_id_reason", "遗失")
        return add_person(Details(name, **details), by=SYSTEM, now=NOON).id


def post(client, url, **data):
    return client.post(url, data={"csrf_token": csrf_of(client), **data})


@both_engines
def test_the_registry_lists_by_pinyin_and_masks_numbers(app, house, sign_in: SignIn, number: Make):
    full = number()
    add(app, "张三", phone="13800001234", id_number=full, residence_area_id=house["农林二社区1"])
    add(app, "单桂芳")
    page = sign_in(Role.CLERK).get("/people").text
    assert page.index("单桂芳") < page.index("张三")
    assert "138****1234" in page and "13800001234" not in page and full not in page
    assert "农林二社区 第1网格" in page


@pytest.mark.parametrize(
    ("typed", "found"),
    [("shan", True), ("sgf", True), ("dgf", True), ("桂", True), ("1234", True), ("zz", False)],
)
def test_a_search_goes_into_the_address_and_can_be_shared(
    app, house, sign_in: SignIn, typed, found
):
    add(app, "单桂芳", phone="13800001234")
    client = sign_in(Role.CLERK)
    answer = post(client, "/people/search", q=typed)
    assert answer.status_code == 302 and "q=" in answer.location
    assert ("单桂芳" in client.get(answer.location).text) is found


@both_engines
def test_whole_numbers_lead_to_the_person_and_never_stand_in_an_address(
    app, house, sign_in: SignIn, number: Make
):
    person_id = add(app, "单桂芳", phone="13800001234", id_number=number())
    with app.app_context():
        code = code_of(issue_card(person_id, by=SYSTEM, now=NOON))
    client = sign_in(Role.CLERK)
    for typed in (number(), "13800001234", "+86 138-0000-1234", code, f"{code[:4]} {code[4:]}"):
        answer = post(client, "/people/search", q=typed)
        assert answer.location == f"/people/{person_id}"
    answer = post(client, "/people/search", q="130499193005041239")
    assert answer.location == "/people"
    answer = client.get(f"/people?q={number()}")
    assert answer.status_code == 302 and answer.location == "/people"


def test_filters_find_those_without_a_card_and_in_an_area(app, house, sign_in: SignIn):
    first = add(app, "甲一", residence_area_id=house["农林二社区1"])
    add(app, "乙二", residence_area_id=house["水电社区2"])
    with app.app_context():
        issue_card(first, by=SYSTEM, now=NOON)
    client = sign_in(Role.CLERK)
    page = client.get(f"/people?area={house['农林二社区']}").text
    assert "甲一" in page and "乙二" not in page
    page = client.get("/people?without=card").text
    assert "乙二" in page and "甲一" not in page


def test_the_number_of_queries_does_not_grow_with_the_rows(app, house, sign_in: SignIn):
    client, counts = sign_in(Role.CLERK), []
    for size in (3, 30):
        for n in range(size):
            add(
                app,
                f"甲{'一二三四五六七八九十'[n % 10]}",
                residence_area_id=house["农林二社区1"],
                phone=f"138{size:04d}{n:04d}",
            )
        seen: list[str] = []
        with app.app_context():
            engine = db.engine
        listen = lambda *args, seen=seen: seen.append(args[2])  # noqa: E731
        sa.event.listen(engine, "before_cursor_execute", listen)
        assert client.get("/people").status_code == 200
        sa.event.remove(engine, "before_cursor_execute", listen)
        counts.append(len(seen))
    assert counts[0] == counts[1]


@both_engines
def test_numbers_are_revealed_once_for_a_reason_that_is_logged(
    app, house, sign_in: SignIn, number: Make
):
    full = number()
    person_id = add(
        app, "单桂芳", phone="13800001234", id_number=full, address="农林二社区9号楼2单元501"
    )
    client = sign_in(Role.CLERK)
    page = client.get(f"/people/{person_id}").text
    assert full not in page and "13800001234" not in page and "501" not in page
    assert post(client, f"/people/{person_id}/reveal", reason="").status_code == 422
    page = post(client, f"/people/{person_id}/reveal", reason="核对身份").text
    assert full in page and "13800001234" in page
    assert full not in client.get(f"/people/{person_id}").text
    with app.app_context():
        entry = db.session.scalar(
            sa.select(AuditEntry).where(AuditEntry.action == "person.revealed")
        )
        assert (entry.person_id, entry.reason) == (person_id, "核对身份")


def test_a_person_is_added_changed_and_her_standing_kept(app, house, sign_in: SignIn, number: Make):
    client = sign_in(Role.CLERK)
    assert client.get("/people/new").status_code == 200
    answer = post(client, "/people/new", name="单桂芳", id_number=number()[:-1] + "7")
    assert (answer.status_code == 422 and "校验" in answer.text) or "check digit" in answer.text
    answer = post(
        client,
        "/people/new",
        name="单 桂芳",
        id_number=number(),
        residence_area_id=house["农林二社区1"],
    )
    assert answer.status_code == 302
    page = answer.location
    assert client.get(f"{page}/edit").status_code == 200
    answer = post(client, f"{page}/edit", name="单桂芳", id_number=number(), phone="13800001234")
    assert answer.location == page
    answer = post(
        client, f"{page}/contacts", name_1="王大", relation_1="儿子", phone_1="13100000001"
    )
    assert answer.location == page
    answer = post(
        client, f"{page}/standing", kind="hospital", since_on="2026-11-24", note="家属告知"
    )
    assert answer.location == page
    text = client.get(page).text
    assert "王大" in text and "13100000001" not in text


def test_an_area_that_is_no_longer_offered_stays_where_it_is_entered(app, house, sign_in: SignIn):
    grid = house["水电社区1"]
    person = add(app, "王秀英", residence_area_id=grid)
    with app.app_context():
        site = db.session.get(Site, house["site"])
        facts = SiteFacts(site.name, site.address_style, area_id=grid)
        change_site(site, facts, by=SYSTEM, now=NOON)
        set_area_active(db.session.get(Area, grid), False, by=SYSTEM, now=NOON)
    client = sign_in(Role.ADMIN)
    chosen = f'<option selected value="{grid}">'
    pages = f"/people/{person}/edit", "/office/sites/nonglin"
    assert [client.get(page).text.count(chosen) for page in pages] == [1, 1]
    assert f'value="{grid}"' not in client.get("/people/new").text
    data = {"name": "王秀英", "no_id_reason": "遗失", "note": "听力不好", "residence_area_id": grid}
    assert post(client, pages[0], **data).status_code == 302
    data = {"name": "农林食堂", "address_style": "大娘/大爷", "area_id": grid, "is_active": "y"}
    assert post(client, pages[1], **data).status_code == 302


def test_doubles_are_shown_and_merged(app, house, sign_in: SignIn, number: Make):
    old = add(app, "王兵", birth_on=date(1940, 5, 4))
    new = add(app, "王兵", id_number=number())
    client = sign_in(Role.CLERK)
    assert f"/people/{old}/merger?into={new}" in client.get(f"/people/{new}").text
    assert client.get(f"/people/{old}/merger?into={new}").status_code == 200
    for wrong in ("", "²", "-1", "9" * 12, str(new + 1)):
        answer = post(client, f"/people/{old}/merger", into=wrong, reason="登记两次")
        assert answer.status_code == 422
    answer = post(client, f"/people/{old}/merger", into=str(new), reason="登记两次")
    assert answer.location == f"/people/{new}"
    assert client.get(f"/people/{old}").location == f"/people/{new}"


def test_a_manager_sees_the_diners_of_her_site_and_changes_nobody(app, house, sign_in: SignIn):
    diner, other = add(app, "甲一"), add(app, "乙二")
    with app.app_context():
        enrol_diner(
            diner, home_site_id=house["site"], on=clock.service_day(NOON), by=SYSTEM, now=NOON
        )
    client = sign_in(Role.MANAGER, house["site"])
    page = client.get("/people").text
    assert "甲一" in page and "乙二" not in page
    assert client.get(f"/people/{diner}").status_code == 200
    assert client.get(f"/people/{other}").status_code == 404
    assert post(client, f"/people/{other}/reveal", reason="好奇").status_code == 404
    assert client.get(f"/people/{diner}/edit").status_code == 403
    assert client.get("/people/import").status_code == 403


def test_an_auditor_reads_masked_names_and_every_look_is_logged(app, house, sign_in: SignIn):
    person_id = add(app, "单桂芳")
    client = sign_in(Role.AUDITOR)
    assert "单桂芳" not in client.get("/people").text
    page = client.get(f"/people/{person_id}").text
    assert "单*芳" in page and "单桂芳" not in page
    with app.app_context():
        assert db.session.scalar(
            sa.select(AuditEntry.id).where(AuditEntry.action == "person.viewed")
        )


def upload(client, content, name="名册.xlsx", **more):
    file = (io.BytesIO(content), name)
    data = {"csrf_token": csrf_of(client), "file": file, "importer": "diners", **more}
    return client.post("/people/import", data=data, content_type="multipart/form-data")


@both_engines
def test_a_roster_goes_from_file_to_registry_over_the_pages(app, house, sign_in: SignIn):
    people = somebodies(60, seed=41)
    right = people[3].id_number
    people[3] = people[3].but(id_number=right[:-1] + ("1" if right[-1] != "1" else "2"))
    people[7] = people[7].but(id_number="无")
    client = sign_in(Role.CLERK)
    answer = upload(client, roster(people))
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "B6" in page and "B10" in page
    assert right not in page and people[0].id_number not in page
    assert "/confirmation" not in page
    keys = re.findall(r'name="key" value="([^"]+)"', page)
    answer1 = post(
        client, f"{answer.location}/rows", key=keys[0], verb="mend", **{"mend-id_number": right}
    )
    assert answer1.status_code == 302
    assert (
        post(
            client, f"{answer.location}/rows", key="花名册!10A", verb="no_id", reason=""
        ).status_code
        == 422
    )
    post(client, f"{answer.location}/rows", key="花名册!10A", verb="no_id", reason="证件遗失")
    page = client.get(answer.location).text
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page) or re.search(
        r'value="([^"]+)"[^>]*name="seen"', page
    )
    done = post(client, f"{answer.location}/confirmation", seen=seen[1])
    assert done.status_code == 302, done.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 60
    assert client.get(answer.location).status_code == 410


def imported(client, people) -> None:
    """A roster of these people, sent and confirmed."""
    first = upload(client, roster(people)).location
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', client.get(first).text)
    post(client, f"{first}/confirmation", seen=seen[1])


def test_people_missing_from_a_roster_are_listed_page_by_page(app, house, sign_in: SignIn):
    people = somebodies(54, seed=43)
    client = sign_in(Role.CLERK)
    imported(client, people)
    batch = upload(client, roster(people[:1])).location
    page = client.get(batch).text
    assert page.count("/missing/") == 20 and "共 53 人" in page
    assert 'href="' + batch.replace("http://localhost", "") + '?missing=2#missing"' in page
    last = client.get(f"{batch}?missing=3&state=new").text
    gone = re.findall(r'action="([^"]+/missing/\d+)"', last)
    assert len(gone) == 13
    answer = post(client, gone[0], reason="已迁出", state="new", page="1", missing="3")
    assert answer.location.endswith("?state=new&page=1&missing=3#missing")
    assert "已迁出" in client.get(answer.location).text


def test_a_preview_of_wrong_rows_and_missing_people_stays_a_small_page(app, house, sign_in: SignIn):
    people = somebodies(50, seed=45)
    client = sign_in(Role.CLERK)
    imported(client, people)
    wrong = [replace(one, id_number=f"{one.id_number[:-2]}QQ") for one in somebodies(50, seed=46)]
    page = client.get(upload(client, roster(wrong)).location)
    assert page.text.count('class="import-row"') == 20 and page.text.count("/missing/") == 20
    assert len(page.data) < 100_000


def test_a_row_without_a_name_is_not_said_to_have_another_name(app, house, sign_in: SignIn):
    client = sign_in(Role.CLERK)
    one = somebodies(1, seed=44)[0]
    first = upload(client, roster([one])).location
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', client.get(first).text)
    post(client, f"{first}/confirmation", seen=seen[1])
    page = client.get(upload(client, roster([one.but(name="")])).location).text
    assert "没有姓名。" in page and "两者必有一错" not in page


def test_confirming_a_wrong_batch_over_the_pages_is_refused(app, house, sign_in: SignIn):
    client = sign_in(Role.CLERK)
    one = somebodies(1, seed=42)[0].but(id_number="12")
    answer = upload(client, roster([one]))
    refused = post(client, f"{answer.location}/confirmation", seen="x")
    assert refused.status_code == 422
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


@pytest.mark.parametrize(("content", "words"), [
    (b"", "xlsx"), ("姓名,身份证号\n李楠,1".encode("gbk") * 50, "CSV"), (b"%PDF-1.7", "xlsx"),
])  # fmt: skip
def test_what_is_no_workbook_is_named_beside_the_field(app, house, sign_in: SignIn, content, words):
    answer = upload(sign_in(Role.CLERK), content)
    assert answer.status_code == 422 and words in answer.text


def test_a_file_of_13_mb_is_refused(app, house, sign_in: SignIn):
    client = sign_in(Role.CLERK)
    head = f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{csrf_of(client)}\r\n'
    part = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
    body = (head + part).encode() + b"PK" * (13 << 19) + b"\r\n--x--\r\n"
    answer = client.post(
        "/people/import", data=body, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413


def test_people_missing_from_the_roster_are_stopped_from_the_page(app, house, sign_in: SignIn):
    people = somebodies(3, seed=43)
    client = sign_in(Role.CLERK)
    for part in (people, people[:2]):
        answer = upload(client, roster(part))
        page = client.get(answer.location).text
        if part is people:
            seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)
            post(client, f"{answer.location}/confirmation", seen=seen[1])
    action = re.search(r'action="([^"]+/missing/\d+)"', page)[1]
    assert post(client, action, reason="已迁出").status_code == 302
    assert "已迁出" in client.get(answer.location).text


def test_markup_in_a_roster_stays_text(app, house, sign_in: SignIn):
    one = somebodies(1, seed=44)[0]
    rows = [["农林二社区"], HEAD, ["<b>王兵</b>", one.id_number, "<script>alert(1)</script>",
            "{{7*7}}=cmd|' /C calc'!A0",
            "第1网格", "低保", "", "", "", ""]]  # fmt: skip
    page = sign_in(Role.CLERK)
    answer = upload(page, Book().sheet("<i>表", rows).bytes())
    text = page.get(answer.location).text
    assert (
        "<script>alert" not in text
        and "<b>王兵" not in text
        and "<i>表" not in text
        and "49" not in text.split("cmd")[0][-5:]
    )


def test_the_template_is_a_roster_that_can_be_read_back(app, house, sign_in: SignIn):
    client = sign_in(Role.CLERK)
    content = client.get("/people/import/template.xlsx").data
    answer = upload(client, content)
    assert (
        answer.status_code == 422
    )  # nobody has filled it in yet, and the example is not taken for people
    assert "花名册" in answer.text
