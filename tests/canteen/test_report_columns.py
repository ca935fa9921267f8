"""The columns of the bureau's form: chosen, ordered, renamed, put back, taken back, by two people at once."""

import re
import threading
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from canteen import actions as canteen
from canteen.form_sources import FORM_COLUMNS, SOURCES
from core.access import SYSTEM, Actor, Role
from core.accounts.models import User
from core.audit import AuditEntry
from core.clock import Month
from core.db import db, transaction
from core.errors import RuleError
from core.people.models import Person
from core.reports.actions import open_draft
from core.reports.columns import columns_of, stored
from core.reports.columns.actions import digest, reset_columns, save_columns, undo_columns
from core.reports.form import FormColumn
from core.reports.models import ReportColumn
from core.reports.values import ALL, Period
from tests.canteen import house as h
from tests.canteen.house import House
from tests.canteen.pages import Visit, Visitor, post
from tests.conftest import NOON, both_engines

CLERK = Actor("经办人甲", roles=frozenset({Role.CLERK}), site_ids=None)
ONE = (FormColumn("序号", "number"), FormColumn("老人姓名", "name"))
TWO = (*ONE, FormColumn("市级资金", "city_fen"))
PAGE = "/office/report-columns"


def now_stored() -> tuple[FormColumn, ...]:
    db.session.expire_all()
    return stored(db.session(), "canteen")


def save(columns: tuple[FormColumn, ...], seen: tuple[FormColumn, ...] | None = None) -> bool:
    was = now_stored() if seen is None else seen
    return save_columns("canteen", columns, seen=digest(was), by=CLERK, now=NOON)


def refused(columns: tuple[FormColumn, ...], seen: tuple[FormColumn, ...] | None = None) -> str:
    with pytest.raises(RuleError) as caught:
        save(columns, seen)
    return caught.value.code


@both_engines
def test_columns_are_kept_in_their_order_and_logged(in_app: Flask) -> None:
    assert [each.source for each in columns_of("canteen", SOURCES, FORM_COLUMNS)] == list(
        FORM_COLUMNS
    )
    assert save(TWO)
    assert now_stored() == TWO
    assert save(ONE)
    assert not save(ONE)
    assert now_stored() == ONE
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.subject == "report_columns:canteen")
    )
    assert [entry.action for entry in entries] == ["report_columns.changed"] * 2


@both_engines
def test_the_default_comes_back_and_each_change_can_be_taken_back(in_app: Flask) -> None:
    save(TWO)
    save(ONE)
    assert reset_columns("canteen", by=CLERK, now=NOON)
    assert not reset_columns("canteen", by=CLERK, now=NOON)
    assert now_stored() == ()
    undo_columns("canteen", by=CLERK, now=NOON)
    assert now_stored() == ONE
    undo_columns("canteen", by=CLERK, now=NOON)
    assert now_stored() == ()


def test_there_is_nothing_to_take_back_before_the_first_change(in_app: Flask) -> None:
    with pytest.raises(RuleError) as caught:
        undo_columns("canteen", by=CLERK, now=NOON)
    assert caught.value.code == "columns_nothing_to_undo"


def test_what_makes_no_form_is_refused(in_app: Flask) -> None:
    save(ONE)
    assert refused(()) == "columns_none"
    assert refused((FormColumn(" ", "name"),)) == "columns_heading"
    assert refused((FormColumn("长" * 65, "name"),)) == "columns_heading"
    assert refused((FormColumn("姓名", "password"),)) == "columns_source"
    assert refused((FormColumn("姓名", "name"),) * 61) == "columns_too_many"
    assert refused(TWO, seen=()) == "columns_changed"
    assert now_stored() == ONE


@both_engines
def test_of_two_who_save_at_once_one_is_told(in_app: Flask) -> None:
    save(ONE)
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def run(columns: tuple[FormColumn, ...]) -> None:
        with in_app.app_context():
            ready.wait()
            try:
                save(columns, seen=ONE)
                outcomes.append("saved")
            except RuleError as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=run, args=(each,)) for each in (TWO, TWO[1:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["columns_changed", "saved"]
    assert now_stored() in (TWO, TWO[1:])


# ---------- the page ----------


@pytest.fixture
def house(in_app: Flask, noon: datetime) -> House:
    return h.build(noon)


def typed(page: str) -> dict[str, str]:
    """What the form of a page would send."""
    values: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="((?:columns|seen)[^"]*)"', tag)
        if name and "checkbox" not in tag:
            value = re.search(r'value="([^"]*)"', tag)
            values[name[1]] = value[1] if value else ""
    for name, options in re.findall(
        r'<select[^>]*name="(columns[^"]*)"[^>]*>(.*?)</select>', page, re.S
    ):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        values[name] = chosen[1] if chosen else ""
    return values


def headings(page: str) -> list[str]:
    """The heads of the preview."""
    table = page[page.index('id="preview-head"') :]
    return re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table)


def fill(visitor: Visitor) -> dict[str, str]:
    """What the form would send as it is."""
    return typed(visitor.get(PAGE).text)


def test_a_clerk_orders_renames_takes_out_and_adds(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    values = fill(clerk) | {
        "columns-1-heading": "老人姓名", "columns-3-position": "1.5", "columns-2-is_dropped": "y",
        "columns-16-heading": "签字", "columns-16-source": "blank", "columns-17-source": "phone",
    }  # fmt: skip
    answer = post(clerk, f"{PAGE}/canteen", **values, act="save")
    assert answer.status_code == 302, answer.text
    kept = [(each.heading, each.source) for each in now_stored()]
    assert kept[:3] == [("序号", "number"), ("年龄", "age"), ("老人姓名", "name")]
    assert kept[-2:] == [("签字", "blank"), ("电话", "phone")]
    assert "id_number" not in [source for _heading, source in kept]
    assert headings(clerk.get(PAGE).text)[:3] == ["序号", "年龄", "老人姓名"]


def test_a_preview_saves_nothing_and_shows_the_first_rows_masked(
    house: House, visit: Visit
) -> None:
    for name in ("王秀华", "李楠"):
        person_id = h.diner(house)
        with transaction() as session:
            person = session.get_one(Person, person_id)
            person.name, person.phone, person.id_number = name, "13759838675", "130499193608235198"
        canteen.register_meal(h.scan(house, person_id), by=h.CLERK, now=house.now)
    open_draft("canteen", Period(Month(2026, 11)), ALL, by=SYSTEM, now=house.now)
    clerk = visit(Role.CLERK)
    values = fill(clerk) | {"columns-1-heading": "老人姓名", "columns-16-source": "phone"}
    answer = post(clerk, f"{PAGE}/canteen", **values, act="preview")
    assert answer.status_code == 200
    assert "这是预览" in answer.text
    assert headings(answer.text)[1] == "老人姓名"
    assert "王秀华" in answer.text
    assert "137****8675" in answer.text
    assert "13759838675" not in answer.text
    assert "130499193608235198" not in answer.text
    assert "¥12.00" in answer.text
    assert now_stored() == ()
    assert typed(answer.text)["columns-16-heading"] == "电话"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("columns-3-position", "第三", "请填数字"), ("columns-16-heading", "签字", "请选择这一列的内容"),
        ("columns-3-position", "1e999", "请填数字"), ("columns-1-source", "password", "有一列没有选择内容"),
    ],
)  # fmt: skip
def test_bad_input_is_named_and_stays_on_the_screen(
    house: House, visit: Visit, name: str, value: str, sentence: str
) -> None:
    clerk = visit(Role.CLERK)
    values = fill(clerk) | {"columns-5-heading": "改过的表头", name: value}
    answer = post(clerk, f"{PAGE}/canteen", **values, act="save")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "改过的表头" in answer.text
    assert value in answer.text
    assert now_stored() == ()


def test_a_line_without_a_number_is_no_line(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    odd = {f"columns-{number}-heading": "表头" for number in ("²", "9" * 5000, "x")}
    assert post(clerk, f"{PAGE}/canteen", **fill(clerk), **odd, act="save").status_code == 302
    assert "表头" not in [each.heading for each in now_stored()]


def test_everything_taken_out_is_refused(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    values = fill(clerk) | {f"columns-{n}-is_dropped": "y" for n in range(16)}
    answer = post(clerk, f"{PAGE}/canteen", **values, act="save")
    assert answer.status_code == 422
    assert "至少要有一列" in answer.text


def test_who_comes_second_sees_what_the_first_saved_and_may_save_over_it(
    house: House, visit: Visit
) -> None:
    clerk = visit(Role.CLERK)
    values = fill(clerk) | {"columns-1-heading": "我的表头"}
    save(ONE)
    answer = post(clerk, f"{PAGE}/canteen", **values, act="save")
    assert answer.status_code == 422
    assert "别人刚刚保存的列" in answer.text
    assert "老人姓名" in answer.text
    assert "我的表头" in answer.text
    assert now_stored() == ONE
    again = typed(answer.text)
    assert post(clerk, f"{PAGE}/canteen", **again, act="save").status_code == 302
    assert now_stored()[1].heading == "我的表头"


def test_default_and_undo_are_buttons(house: House, visit: Visit) -> None:
    reviewer = visit(Role.REVIEWER)
    save(TWO)
    assert post(reviewer, f"{PAGE}/canteen/default").status_code == 302
    assert now_stored() == ()
    page = reviewer.get(PAGE).text
    assert "现在是默认的列" in page
    assert "恢复默认" in page
    assert post(reviewer, f"{PAGE}/canteen/undo").status_code == 302
    assert now_stored() == TWO
    assert "报送表 · 撤回上次修改" in reviewer.get(PAGE).text


def test_an_english_screen_writes_chinese_headings(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    with transaction() as session:
        session.scalars(sa.select(User).where(User.name == "clerk-all")).one().language = "en"
    page = clerk.get(PAGE).text
    assert "Take out" in page
    values = typed(page) | {"columns-16-source": "phone"}
    assert post(clerk, f"{PAGE}/canteen", **values, act="save").status_code == 302
    assert [each.heading for each in now_stored()][:2] == ["序号", "姓名"]
    assert now_stored()[-1].heading == "电话"


def test_a_column_of_an_older_version_stays_named(house: House, visit: Visit) -> None:
    with transaction() as session:
        session.add(ReportColumn(name="canteen", position=1, heading="旧列", source="gone"))
    page = visit(Role.CLERK).get(PAGE).text
    assert "旧列" in page
    assert 'value="gone"' in page


def test_a_kind_that_has_no_form_is_not_there(house: House, visit: Visit) -> None:
    clerk = visit(Role.CLERK)
    assert clerk.get(f"{PAGE}?name=spell").status_code == 404
    assert post(clerk, f"{PAGE}/spell", act="save").status_code in (404, 409)
