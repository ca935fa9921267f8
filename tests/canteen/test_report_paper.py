"""The canteen's report on paper: a month made by hand, its three versions, and longer periods."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from flask import Flask
from flask_babel import force_locale

from canteen import PROGRAMME, actions
from canteen.reports.build import build
from canteen.values import Sitting, WayOfEating
from core.clock import moment_of
from core.db import transaction
from core.people.models import Person
from core.reports import layout
from core.reports.register import Marks, Numbers, Register, Texts, number_text, sums
from core.reports.values import Built, Output, Period
from tests.canteen import house as h
from tests.canteen.house import House
from tests.conftest import NOON
from tests.core.reports.papers import PAPER, Page, read, rows_of

KIND = PROGRAMME.reports[0]
ID_NUMBERS = ["130499194001010016", "130499195002020029"]
PHONES = ["19900001234", "19900005678"]
LATER = datetime(2026, 12, 1, 4, tzinfo=NOON.tzinfo)


def eat(
    house: House, person_id: int, day: int, sitting: Sitting, way: WayOfEating, month: int = 11
) -> None:
    hour = {Sitting.BREAKFAST: 8, Sitting.LUNCH: 12, Sitting.DINNER: 18}[sitting]
    at = moment_of(date(2026, month, day), time(hour))
    answer = actions.register_meal(h.scan(house, person_id, at, way=way), by=h.CLERK, now=at)
    assert answer.answer["outcome"] == "served", answer.answer


@pytest.fixture
def house(in_app: Flask) -> House:
    """王䶮英 (low income): breakfast and lunch on the 2nd, lunch on the 3rd and 4th, eaten there.
    李㛃: lunch on the 2nd and 3rd taken away, dinner on the 3rd delivered. Five others: a lunch each."""
    house = h.build(NOON)
    first, second = h.diner(house, "minimum_living", birth_on=date(1940, 1, 1)), h.diner(house)
    others = [h.diner(house) for _ in range(5)]
    with transaction() as session:
        for number, (person_id, name) in enumerate(((first, "王䶮英"), (second, "李㛃"))):
            person = session.get_one(Person, person_id)
            person.name, person.id_number, person.phone = name, ID_NUMBERS[number], PHONES[number]
            person.pinyin = "a b"[number * 2 :]
        for number, person_id in enumerate(others):
            person = session.get_one(Person, person_id)
            person.name, person.pinyin = f"赵{'甲乙丙丁戊'[number]}兰", f"zhao {number}"
    dine_in, taken = WayOfEating.DINE_IN, WayOfEating.TAKE_AWAY
    eat(house, first, 2, Sitting.BREAKFAST, dine_in)
    for day in (2, 3, 4):
        eat(house, first, day, Sitting.LUNCH, dine_in)
    for day in (2, 3):
        eat(house, second, day, Sitting.LUNCH, taken)
    eat(house, second, 3, Sitting.DINNER, WayOfEating.DELIVERED)
    for person_id in others:
        eat(house, person_id, 5, Sitting.LUNCH, dine_in)
    return house


def counted(period: str = "2026-11", scope: str = "all") -> Built:
    with force_locale("zh_Hans"):
        return build(Period.parse(period), scope, LATER)


def register_of(built: Built, output: Output = Output.SUBMISSION) -> Register:
    with force_locale("zh_Hans"):
        return KIND.annexes(built, replace(PAPER, output=output)).registers[0]


def printed(built: Built, output: Output, **changes: object) -> list[Page]:
    content, count = layout.pdf_of(KIND, built, replace(PAPER, output=output, **changes))
    pages = read(content)
    assert len(pages) == count
    return pages


def text_of(pages: list[Page]) -> str:
    return "".join("".join(page.text.split()) for page in pages)


@pytest.mark.usefixtures("house")
def test_the_register_says_what_everybody_had() -> None:
    register = register_of(counted())
    row = {}
    for column in register.columns:
        if isinstance(column, Texts | Numbers):
            unit = getattr(column, "unit", None)
            for line, head in enumerate(column.heads):
                cells = [each[line] for each in column.cells]
                row[head] = [
                    number_text(c, unit) if isinstance(column, Numbers) else c for c in cells
                ]
        elif isinstance(column, Marks):
            row["days"] = list(column.cells)
    # ¥6 and three times ¥12; of the city ¥5 each, of the street ¥1 of the ¥6 and ¥3 of each ¥12.
    assert [row[head][0] for head in ("餐费", "市级", "街道", "个人自付")] == [
        "42.00",
        "20.00",
        "10.00",
        "12.00",
    ]
    assert [row[head][0] for head in ("早餐", "午餐", "晚餐", "堂食", "自取", "送餐")] == [
        "1",
        "3",
        "0",
        "4",
        "0",
        "0",
    ]
    assert [row[head][1] for head in ("早餐", "午餐", "晚餐", "堂食", "自取", "送餐")] == [
        "0",
        "2",
        "1",
        "0",
        "2",
        "1",
    ]
    assert [row[head][1] for head in ("餐费", "市级", "街道", "个人自付")] == [
        "34.00",
        "0.00",
        "0.00",
        "34.00",
    ]
    assert row["days"][:3] == ["0322" + "0" * 26, "026" + "0" * 27, "00002" + "0" * 25]
    assert row["年龄"][:2] == ["86", "76"]
    assert row["姓名"][:3] == ["王䶮英", "李㛃", "赵甲兰"]
    assert row["身份证号"][:3] == ["1304**********0016", "1304**********0029", "—"]
    assert "区级" not in row  # who paid nothing has no column
    assert register.rows == 7
    money = next(c for c in register.columns if isinstance(c, Numbers) and c.heads[0] == "餐费")
    assert sums(money, 0, 7) == (13600, 10600)


@pytest.mark.usefixtures("house")
def test_the_papers_add_up_to_the_same_sums() -> None:
    pages = printed(counted(), Output.SUBMISSION)
    lines = rows_of(pages[-1])
    total = lines.index("合计\uff087人\uff09")
    # breakfast 1, lunch 10, dinner 1; price and two layers above: dine in 9, taken 2, delivered 1, co-pay.
    assert lines[total - 1] == "1101136.0020.00"
    assert lines[total + 1] == "921106.0010.00"
    first = "".join(pages[0].text.split())
    for figure in ("12", "136.00", "30.00", "106.00"):
        assert figure in first


@pytest.mark.usefixtures("house")
def test_whole_id_numbers_are_printed_only_when_granted() -> None:
    built = counted()
    masked = text_of(printed(built, Output.SUBMISSION))
    assert not any(number in masked for number in ID_NUMBERS)
    whole = text_of(printed(built, Output.SUBMISSION, full_ids=True, full_ids_reason="发放核对"))
    assert all(number in whole for number in ID_NUMBERS)
    assert "发放核对" in whole


@pytest.mark.usefixtures("house")
def test_the_notice_board_tells_nothing_that_it_must_not() -> None:
    built = counted()
    paper = replace(PAPER, full_ids=True, full_ids_reason="发放核对", output=Output.PUBLIC)
    content, _count = layout.pdf_of(KIND, built, paper)
    shown = text_of(read(content))
    for name in ("王*英", "李*", "赵*兰"):
        assert name in shown
    for secret in (
        "王䶮英", "李㛃", "赵甲兰", *ID_NUMBERS, *PHONES, "0016", "身份证", "年龄", "86", "低保", "普通", "特困",
        "发放核对", "low", "aged", "内部资料", PAPER.summary, PAPER.cases,
    ):  # fmt: skip
        assert secret not in shown, secret
    assert PAPER.complaint_phone in shown
    # Nor in what a reader does not see.
    for secret in ("王䶮英", *ID_NUMBERS, *PHONES, "低保"):
        assert secret.encode() not in content
        assert secret.encode("utf-16-be") not in content


@pytest.mark.usefixtures("house")
def test_small_numbers_are_hidden_on_the_notice_board_alone() -> None:
    built = counted()
    shown = text_of(printed(built, Output.PUBLIC))
    # Breakfast and dinner had one person each; both, and nothing but them, would be told by the total.
    assert "早餐*****" in shown
    assert "晚餐*****" in shown
    assert "“*”表示" in shown
    assert "*" not in "".join(printed(built, Output.ARCHIVE)[2].text.split())


def test_with_fewer_diners_than_the_minimum_there_is_no_list(in_app: Flask) -> None:
    house = h.build(NOON)
    eat(house, h.diner(house), 2, Sitting.LUNCH, WayOfEating.DINE_IN)
    shown = text_of(printed(counted(), Output.PUBLIC))
    assert "王*华" not in shown
    assert "12.00" not in shown


@pytest.mark.usefixtures("house")
def test_communities_with_few_diners_are_not_named(house: House) -> None:
    with transaction() as session:
        for person_id in house.people[:2]:
            session.get_one(Person, person_id).residence_area_id = house.outside_id
    register = register_of(counted(), Output.PUBLIC)
    homes = next(c for c in register.columns if isinstance(c, Texts) and c.heads[0] == "居住社区")
    # Two live outside; naming the five others' community would name theirs.
    assert [home for (home,) in homes.cells] == ["*"] * 7
    assert "社区" in register.legend[0]


@pytest.mark.usefixtures("house")
def test_longer_periods_show_visits_by_month(house: House) -> None:
    eat(house, house.people[0], 30, Sitting.LUNCH, WayOfEating.DINE_IN, month=10)
    for period, months in (("2026-Q4", 3), ("2026-H2", 6), ("2026", 12)):
        built = counted(period)
        register = register_of(built)
        columns = [
            c for c in register.columns if isinstance(c, Numbers) and c.heads[0].endswith("月")
        ]
        assert len(columns) == months
        visits = {c.heads[0]: c.cells[0][0] for c in columns}
        assert (visits["10月"], visits["11月"], visits["12月"]) == (1, 4, 0)
        assert not any(isinstance(c, Marks) for c in register.columns)
        pages = printed(built, Output.SUBMISSION)
        shown = "".join(str(count) for count in visits.values())
        assert f"86低保{shown}" in "".join(rows_of(pages[-1]))


def test_an_empty_month_is_a_whole_report(in_app: Flask) -> None:
    h.build(NOON)
    pages = printed(counted("2026-05"), Output.ARCHIVE)
    shown = text_of(pages)
    assert "（2026年5月" in shown
    assert "合计（0人）" in shown
    assert "图1" not in shown
    assert "不符" not in shown


@pytest.mark.usefixtures("house")
def test_the_files_have_what_was_clarified_and_adjusted() -> None:
    built = counted()
    exceptions, adjustments = built.datasets["exceptions"], built.datasets["adjustments"]
    person = built.datasets["people"].rows[0][0]
    event = "01934f6e-0000-7000-8000-00000000abcd"
    meal = built.datasets["meals"].rows[0]
    site = meal[built.datasets["meals"].place("site")]
    one = (
        event,
        "second_serving",
        person,
        date(2026, 11, 9),
        site,
        "settled",
        NOON,
        "本人确认只用一餐",
    )
    other = (event, person, "2026-10", "2026-11", date(2026, 10, 9), "lunch", site, "", "窗口误扫", NOON,
             "经办人甲", -1, -1200, *[0] * 7, -800, -400)  # fmt: skip
    datasets = {
        **built.datasets, "exceptions": replace(exceptions, rows=(one,)),
        "adjustments": replace(adjustments, rows=(other,)),
    }  # fmt: skip
    built = replace(built, datasets=datasets)
    shown = text_of(printed(built, Output.ARCHIVE))
    for words in ("本人确认只用一餐", "窗口误扫", "\u22128.00", "王䶮英", "00000000abcd"):
        assert words in shown, words
    assert "窗口误扫" not in text_of(printed(built, Output.SUBMISSION))
