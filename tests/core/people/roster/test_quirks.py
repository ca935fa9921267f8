"""Rosters with the quirks of real offices, each read to exactly the people it lists."""

import io
import zipfile
from datetime import date

import pytest

from canteen.category_words import DEFAULT_CATEGORY, words
from core.people.roster.heads import field_of
from core.people.roster.read import read_roster
from core.people.roster.rows import type_rows
from core.people.roster.values import Level, Vocabulary
from tests.core.people.roster.invented import TODAY, Book, id_number, somebodies

VOCABULARY = Vocabulary(words(), DEFAULT_CATEGORY)


def read(book, **options):
    roster = read_roster(book.bytes(), VOCABULARY, **options)
    communities = options.get("communities", ())
    return roster, type_rows(roster.rows, VOCABULARY, TODAY, communities=communities)


def assert_same(rows, people, *fields):
    fields = fields or (
        "name", "id_number", "birth", "sex", "phone", "address", "grid", "categories", "deliver"
    )  # fmt: skip
    got = [{f: row.as_plain()[f] for f in fields} for row in rows]
    expected = []
    for person in people:
        plain = dict(
            vars(person), birth=person.birth.isoformat(), categories=list(person.categories)
        )
        expected.append({f: plain[f] for f in fields})
    assert got == expected


def codes(row, level=None):
    return {f.code for f in row.findings if level is None or f.level is level}


def test_two_level_head_with_ticks_and_a_contact_group():
    people = somebodies(12, seed=1)
    ticks = ["特困", "低保", "重残", "独居", "空巢", "高龄"]
    head1 = ["序号", "姓名", "性别", "公民身份号码", "本人电话", "现住址", "网格号", "人员类别(打√)",
             "", "", "", "", "", "紧急联系人", "", "", "助餐方式"]  # fmt: skip
    head2 = ["", "", "", "", "", "", "", "特困人员", "低保", "重度残疾", "独居老人", "空巢", "80岁以上",
             "姓名", "与老人关系", "联系电话", ""]  # fmt: skip
    rows = [["2026年度老年助餐登记表"], [], head1, head2]
    for n, p in enumerate(people, 1):
        marks = ["√" if t in p.categories else "" for t in ticks]
        rows.append([n, p.name, p.sex, p.id_number, p.phone, p.address, f"{p.grid:02d}", *marks,
                     "赵大勇", "儿子", "13100000001", "送餐上门" if p.deliver else "堂食"])  # fmt: skip
    merges = [(0, 0, 0, 16, rows[0][0]), (2, 7, 2, 12, head1[7]), (2, 13, 2, 15, head1[13])]
    merges += [(2, c, 3, c, head1[c]) for c in (*range(7), 16)]
    roster, typed = read(Book().sheet("Sheet1", rows, merges))
    assert_same(typed, people)
    assert {r.contact_name for r in typed} == {"赵大勇"}
    assert {r.contact_relation for r in typed} == {"儿子"}
    assert {r.contact_phone for r in typed} == {"13100000001"}
    assert roster.sheets[0].head_row == 4


def test_no_birth_column_is_filled_from_the_id_number():
    people = somebodies(8, seed=2)
    rows = [["老人姓名", "证件号码", "手机号码", "居住地址", "所在网格", "对象类别", "送餐"]]
    rows += [[p.name, p.id_number, int(p.phone), p.address, f"{p.grid}网格", ",".join(p.categories),
              "是" if p.deliver else "否"] for p in people]  # fmt: skip
    assert_same(read(Book().sheet("Sheet1", rows))[1], people)


def test_id_numbers_stored_as_numbers_are_refused_as_rounded():
    people = somebodies(4, seed=3)
    digits = [p.but(id_number=p.id_number.replace("X", "1")) for p in people]
    rows = [["姓名", "身份证号码", "家庭住址"]]
    rows += [[p.name, int(p.id_number), p.address] for p in digits]
    typed = read(Book().sheet("Sheet1", rows))[1]
    assert all(r.wrong_id and "id_rounded" in codes(r, Level.WRONG) for r in typed)
    assert [r.birth_on for r in typed] == [p.birth for p in people]


def test_rounded_numbers_that_became_text_are_found_by_their_zeros():
    people = somebodies(30, seed=4)
    rows = [["姓名", "身份证号", "电话"]] + [
        [p.name, p.id_number[:15] + "000", p.phone] for p in people
    ]
    typed = read(Book().sheet("Sheet1", rows))[1]
    assert all(codes(r, Level.WRONG) == {"id_rounded"} for r in typed)


def test_wrong_check_digit_makes_only_its_own_row_wrong():
    people = somebodies(10, seed=5)
    wrong = people[4].id_number[:-1] + ("1" if people[4].id_number[-1] != "1" else "2")
    people[4] = people[4].but(id_number=wrong)
    rows = [["姓名", "居民身份证号", "生日", "家庭住址", "网格", "类别"]]
    rows += [[p.name, p.id_number, p.birth.strftime("%Y.%-m.%-d"), p.address, p.grid,
              "、".join(p.categories)] for p in people]  # fmt: skip
    typed = read(Book().sheet("Sheet1", rows))[1]
    assert_same(typed, people, "name", "id_number", "birth", "address", "grid", "categories")
    assert [r.wrong_id for r in typed] == [n == 4 for n in range(10)]
    assert codes(typed[4]) == {"id_check_digit"}
    assert typed[4].findings[0].cell == "B6"


def test_merged_community_and_grid_cells_hold_for_all_their_lines():
    people = somebodies(9, seed=6)
    rows = [["社区", "网格", "姓名", "身份证", "电话"]]
    people = [p.but(grid=(1, 2, 3)[n // 3]) for n, p in enumerate(people)]
    rows += [["", "", p.name, p.id_number, p.phone] for p in people]
    merges = [
        (1, 0, 9, 0, "农林二社区"),
        (1, 1, 3, 1, "一网格"),
        (4, 1, 6, 1, "二网格"),
        (7, 1, 9, 1, "三网格"),
    ]
    typed = read(Book().sheet("Sheet1", rows, merges))[1]
    assert_same(typed, people, "name", "id_number", "phone", "grid")
    assert {r.community for r in typed} == {"农林二社区"}


def test_community_written_once_holds_until_the_next():
    people = somebodies(9, seed=8)
    rows = [["所属社区", "姓名", "证件号", "联系方式"]]
    names = ["农林一", "水电社区", "隆润社区居委会"]
    rows += [
        [names[n // 3] if n % 3 == 0 else "", p.name, p.id_number, p.phone]
        for n, p in enumerate(people)
    ]
    typed = read(Book().sheet("Sheet1", rows))[1]
    assert [r.community for r in typed] == ["农林一社区"] * 3 + ["水电社区"] * 3 + ["隆润社区"] * 3


def test_sections_subtotals_and_repeated_heads_on_one_sheet():
    people = somebodies(9, seed=9)
    head = ["序号", "姓名", "身份证号", "电话"]
    rows = [["渚河路街道老年人花名册"], ["填报单位:渚河路街道办事处", "", "2026年9月"], head]
    names = ["农林一社区", "(二)农林二社区(3人)", "三、水电社区:"]
    for n, p in enumerate(people):
        if n % 3 == 0:
            rows += [[names[n // 3]]]
        rows += [[n + 1, p.name, p.id_number, p.phone]]
        if n % 3 == 2:
            rows += [["小计", "3人"], [], head]
    rows += [["总计", "9人"], ["填表人:王某", "", "审核人:李某"], ["注:此表一式两份。"]]
    merges = [(0, 0, 0, 3, rows[0][0]), (3, 0, 3, 3, names[0])]
    roster, typed = read(Book().sheet("花名册", rows, merges))
    assert_same(typed, people, "name", "id_number", "phone")
    assert [r.community for r in typed] == ["农林一社区"] * 3 + ["农林二社区"] * 3 + [
        "水电社区"
    ] * 3
    why = [s.why for s in roster.skipped]
    assert why.count("section") == 3 and why.count("repeated_head") == 3 and why.count("total") == 4


def test_sections_of_categories_hold_for_their_lines():
    people = [
        p.but(categories=(("特困",), ("低保",))[n // 2])
        for n, p in enumerate(somebodies(4, seed=10))
    ]
    rows = [["姓名", "身份证号", "电话"], ["一、特困人员"], *[[p.name, p.id_number, p.phone] for p in people[:2]],
            ["二、低保对象"], *[[p.name, p.id_number, p.phone] for p in people[2:]]]  # fmt: skip
    assert_same(read(Book().sheet("Sheet1", rows))[1], people, "name", "categories")


def test_two_tables_side_by_side_are_read_both():
    people = somebodies(8, seed=11)
    rows = [["农林二社区老年人名单"], ["序号", "姓名", "身份证号", "电话"] * 2]
    for n in range(4):
        left, right = people[n], people[n + 4]
        rows.append(
            [
                n + 1,
                left.name,
                left.id_number,
                left.phone,
                n + 5,
                right.name,
                right.id_number,
                right.phone,
            ]
        )
    typed = read(Book().sheet("Sheet1", rows, [(0, 0, 0, 7, rows[0][0])]))[1]
    assert sorted(r.id_number for r in typed) == sorted(p.id_number for p in people)


def test_a_sheet_for_each_community_and_sheets_that_are_none():
    people = somebodies(6, seed=12)
    head = ["姓名", "身份证号码", "电话"]
    book = Book()
    for n, name in enumerate(["农林一", "农林二"]):
        book.sheet(
            name, [head, *[[p.name, p.id_number, p.phone] for p in people[n * 3 : n * 3 + 3]]]
        )
    book.sheet("填写示例", [head, ["张三", people[0].id_number, "13800000000"]])
    book.sheet("去世人员", [head, ["李四", people[1].id_number, ""]]).sheet("备用", [head]).hide(
        "备用"
    )
    roster, typed = read(book, communities=("农林一社区", "农林二社区"))
    assert_same(typed, people, "name", "id_number", "phone")
    assert [r.community for r in typed] == ["农林一社区"] * 3 + ["农林二社区"] * 3
    assert {s.sheet: s.why for s in roster.skipped if s.row is None} == {
        "填写示例": "example_sheet", "去世人员": "ended_sheet", "备用": "hidden_sheet",
    }  # fmt: skip


@pytest.mark.parametrize("written", [
    "19300504", "1930-05-04", "1930/5/4", "1930.5.4", "1930年5月4日", "1930年05月04日出生", 11082, "11082",
    19300504, "1930 . 5 . 4", "1930、5、4", "一九三〇年五月四日", "1930-5-4 00:00:00", "30.5.4", "30年5月4日",
    "1930.05", "1930年5月", "193005", "1930", 1930, "4/5/1930", "5/4/1930", date(1930, 5, 4), "1930.5.4",
    "民国19年5月4日", "民国十九年五月", "1930。5。4", "[1930-05-04]", "1930:05:04", "一九三〇.五.四",
    "一九三O年五月四日", "1930.05.04(农历四月初六)", "农历四月初六(公历1930.5.4)", 11082.5, "30.05",
])  # fmt: skip
def test_every_form_of_a_birth_date_agrees_with_the_id_number(written):
    number = id_number(date(1930, 5, 4), 507)
    typed = read(Book().sheet("S", [["姓名", "身份证号", "出生年月"], ["李楠", number, written]]))[
        1
    ]
    assert typed[0].birth_on == date(1930, 5, 4)
    assert typed[0].findings == ()


def test_a_month_that_lost_its_zero_as_a_number_agrees_with_the_id_number():
    number = id_number(date(1930, 10, 4), 507)
    row = read(Book().sheet("S", [["姓名", "身份证号", "出生年月"], ["李楠", number, 1930.10]]))[1][
        0
    ]
    assert (row.birth_on, row.findings) == (date(1930, 10, 4), ())


@pytest.mark.parametrize("written", ["1930-5-4(农历)", "农历1930年5月4日", "一九三〇年四月初六"])
def test_a_lunar_date_alone_is_never_taken_for_a_solar_one(written):
    row = read(Book().sheet("S", [["姓名", "电话", "出生日期"], ["李楠", "13100000001", written]]))[
        1
    ][0]
    assert row.birth_on is None and "birth_unreadable" in codes(row, Level.WRONG)


def test_a_birth_date_without_an_id_number_is_taken_only_when_it_is_certain():
    rows = [["姓名", "出生日期", "电话"], ["甲一", "1930.5.4", "13100000001"], ["甲二", "30.5.4", "13100000002"],
            ["甲三", "12.5.4", "13100000003"], ["甲四", "1930-5", "13100000004"],
            ["甲五", "农历三月初四", "13100000005"], ["甲六", "4/5/1930", "13100000006"],
            ["甲七", "25/12/1930", "13100000007"]]  # fmt: skip
    typed = read(Book().sheet("S", rows))[1]
    assert [r.birth_on for r in typed] == [
        date(1930, 5, 4), date(1930, 5, 4), None, None, None, None, date(1930, 12, 25),
    ]  # fmt: skip
    wrong = [codes(r, Level.WRONG) - {"id_missing"} for r in typed]
    assert wrong == [set(), set(), {"birth_ambiguous"}, {"birth_incomplete"}, {"birth_unreadable"},
                     {"birth_ambiguous"}, set()]  # fmt: skip


def test_birth_sex_and_age_that_disagree_with_the_id_number_are_found():
    number = id_number(date(1930, 5, 4), 507)
    rows = [
        ["姓名", "身份证号", "出生日期", "性别", "年龄"],
        ["李楠", number, "1931-05-04", "女", 70],
    ]
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.birth_on, row.sex) == (date(1930, 5, 4), "男")
    assert codes(row, Level.WARNING) == {"birth_disagrees", "sex_disagrees", "age_disagrees"}


@pytest.mark.parametrize(("written", "grid"), [
    ("第1网格", 1), ("一网格", 1), ("01", 1), ("3网格", 3), ("三", 3), (3, 3), ("第十二网格", 12), ("网格3", 3),
    ("农林二社区第3网格", 3), ("3号网格", 3), ("第三网格(张三)", 3), ("3#", 3), ("第03网格", 3), ("农林二-3", 3),
    ("3网格", 3), ("第二十一网格", 21), ("无", None), ("家属院片", None),
    ("第3网格 李四", 3), ("第3网格/李四", 3), ("3网格长李四", 3), ("李四", None), ("网格员李四", None),
    ("3网格、4网格", None), ("1、2网格", None), ("1-3", None), ("农林二一网格", 1), ("农林二十一网格", None),
    ("第三综合网格", 3), ("第3微网格", 3), ("Ⅲ", 3), ("(三)", 3), ("③", 3), ("农林二3", 3), ("第3责任区", 3),
    ("3号片", 3), ("第3小区", None), ("NL2-03", 3), ("130402003003", None), ("农林二社区03", 3),
])  # fmt: skip
def test_grids_are_read_as_numbers(written, grid):
    rows = [["姓名", "身份证号", "所属网格"], ["李楠", id_number(date(1930, 5, 4), 507), written]]
    assert read(Book().sheet("S", rows))[1][0].grid == grid


@pytest.mark.parametrize(("written", "phones"), [
    ("13812345678", ("13812345678",)), (13812345678, ("13812345678",)), ("138-1234-5678", ("13812345678",)),
    ("138 1234 5678", ("13812345678",)), ("+86 13812345678", ("13812345678",)), ("0310-8012345", ("0310-8012345",)),
    ("03108012345", ("0310-8012345",)), ("(0310)8012345", ("0310-8012345",)), ("8012345", ("8012345",)),
    ("13812345678/0310-8012345", ("13812345678", "0310-8012345")),
    ("13812345678、13912345678", ("13812345678", "13912345678")),
    ("13812345678\n13912345678", ("13812345678", "13912345678")),
    ("13812345678(儿子)", ("13812345678",)), ("13812345678", ("13812345678",)),
    ("1381234567813912345678", ()), ("无", ()), ("", ()), ("138123456", ()),
])  # fmt: skip
def test_phones_are_read_in_every_spelling(written, phones):
    rows = [["姓名", "身份证号", "联系电话"], ["李楠", id_number(date(1930, 5, 4), 507), written]]
    row = read(Book().sheet("S", rows))[1][0]
    assert tuple(p for p in (row.phone, *row.other_phones) if p) == phones


@pytest.mark.parametrize(("written", "name"), [
    ("王兵(女)", "王兵"), ("王 兵", "王兵"), ("王 兵 ", "王兵"), ("欧阳 修", "欧阳修"),
    ("买买提.艾力", "买买提·艾力"), ("古丽•米娜", "古丽·米娜"), ("宋䶮", "宋䶮"), ("王\n兵", "王兵"), ("𬎆磊", "𬎆磊"),
    ("王兵(已迁出)", "王兵"),
])  # fmt: skip
def test_names_lose_only_their_typing(written, name):
    rows = [["姓 名", "身份证号"], [written, id_number(date(1930, 5, 4), 507)]]
    assert read(Book().sheet("S", rows))[1][0].name == name


@pytest.mark.parametrize(("written", "expected"), [
    ("低保户", ["低保"]), ("低保对象", ["低保"]), ("特困供养", ["特困"]), ("五保", ["特困"]), ("80岁以上", ["高龄"]),
    ("80周岁以上", ["高龄"]), ("低保,独居", ["低保", "独居"]), ("低保/独居;空巢", ["低保", "独居", "空巢"]),
    ("低保边缘户", ["低保边缘"]), ("低保独居高龄", ["低保", "独居", "高龄"]),
    ("低保边缘独居老人", ["低保边缘", "独居"]),
    ("1.低保 2.独居", ["低保", "独居"]), ("低保(A类)", ["低保"]), ("高龄老人(80岁以上)", ["高龄"]),
    ("二级残疾", ["重残"]), ("残疾(一级)", ["重残"]), ("失独家庭", ["计生特殊家庭"]), ("退役军人", ["优抚"]),
    ("一般老人", ["普通"]), ("", ["普通"]), ("无", ["普通"]), ("城市低保", ["低保"]), ("低保 重残", ["低保", "重残"]),
    ("刚性支出困难家庭", ["刚性支出"]), ("独居老人、空巢老人", ["独居", "空巢"]), ("特困人员,低保", ["特困", "低保"]),
    ("70岁以上", ["普通"]), ("重度失能", ["失能"]), ("半失能、高龄", ["半失能", "高龄"]), ("低保①", ["低保"]),
    ("独居(低保)", ["独居", "低保"]), ("低保(独居、空巢)", ["低保", "独居", "空巢"]), ("低保(农村)", ["低保"]),
    ("低保和独居", ["低保", "独居"]), ("低保-独居", ["低保", "独居"]), ("√低保", ["低保"]), ("【低保】", ["低保"]),
    ("低 保", ["低保"]), ("①低保②独居", ["低保", "独居"]), ("80+", ["高龄"]), ("低保A类", ["低保"]),
    ("享受低保待遇", ["低保"]), ("肢体二级", ["重残"]), ("视力三级", ["普通"]), ("烈士子女", ["优抚"]),
])  # fmt: skip
def test_categories_in_every_spelling(written, expected):
    rows = [["姓名", "身份证号", "人员类别"], ["李楠", id_number(date(1930, 5, 4), 507), written]]
    row = read(Book().sheet("S", rows))[1][0]
    assert list(row.categories) == expected
    assert not row.is_wrong


def test_an_unknown_category_is_never_dropped_silently():
    rows = [
        ["姓名", "身份证号", "人员类别"],
        ["李楠", id_number(date(1930, 5, 4), 507), "低保、丁类"],
    ]
    row = read(Book().sheet("S", rows))[1][0]
    assert row.categories == ("低保",)
    assert [(f.code, f.details["text"]) for f in row.findings] == [("category_unknown", "丁类")]


def test_side_columns_add_categories_and_what_they_else_say_is_noted():
    rows = [["姓名", "身份证号", "人员类别", "残疾等级", "居住状况", "自理能力", "是否优抚"],
            ["甲一", id_number(date(1930, 5, 4), 501), "低保", "二级", "独居", "自理", "是"],
            ["甲二", id_number(date(1930, 5, 4), 503), "", "三级", "与女儿同住", "半失能", "否"],
            ["甲三", id_number(date(1930, 5, 4), 505), "", "", "租房", "", ""]]  # fmt: skip
    typed = read(Book().sheet("S", rows))[1]
    assert [r.categories for r in typed] == [
        ("低保", "重残", "独居", "优抚"),
        ("半失能",),
        ("普通",),
    ]
    assert codes(typed[2]) == {"side_not_taken"}


@pytest.mark.parametrize(("written", "deliver"), [
    ("√", True), ("✓", True), ("是", True), ("有", True), ("1", True), (1, True), ("Y", True), ("需要", True),
    ("送餐", True), ("送餐上门", True), ("×", False), ("否", False), ("无", False), (0, False), ("", False),
    ("堂食", False), ("自取", False), ("不需要", False), ("N", False), ("不送", False), ("堂食+送餐", True),
    ("否(子女送)", False), ("是(行动不便)", True), ("√(午)", True), ("无需送餐", False), ("暂不需要", False),
    ("来店就餐", False), ("家属代取", False), ("在食堂吃", False),
    ("自提", False), ("上门自提", False), ("打包带走", False), ("P", True),
])  # fmt: skip
def test_marks_of_delivery(written, deliver):
    rows = [["姓名", "身份证号", "是否送餐"], ["李楠", id_number(date(1930, 5, 4), 507), written]]
    assert read(Book().sheet("S", rows))[1][0].deliver is deliver


@pytest.mark.parametrize(
    "written", ["已取消", "停送", "子女送", "偶尔送餐", "待定", "是(已取消)", "是(申请中)", "○"]
)
def test_what_is_neither_yes_nor_no_waits_for_a_human(written):
    rows = [["姓名", "身份证号", "是否送餐"], ["李楠", id_number(date(1930, 5, 4), 507), written]]
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.deliver, codes(row, Level.WRONG)) == (None, {"mark_unreadable"})


def test_the_second_phone_column_right_of_a_contact_is_the_contacts():
    rows = [["姓名", "身份证号", "联系电话", "紧急联系人", "联系电话"],
            ["李楠", id_number(date(1930, 5, 4), 507), "13100000001", "李大(儿子)", "13100000002"]]  # fmt: skip
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.phone, row.contact_name, row.contact_relation, row.contact_phone) == (
        "13100000001", "李大", "儿子", "13100000002",
    )  # fmt: skip


def test_a_contact_with_the_phone_in_one_cell_is_taken_apart():
    rows = [["姓名", "身份证号", "紧急联系人及电话"],
            ["李楠", id_number(date(1930, 5, 4), 507), "李大 13100000002"]]  # fmt: skip
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.contact_name, row.contact_phone) == ("李大", "13100000002")


def test_addresses_in_several_columns_and_household_addresses_repeated_as_ditto():
    rows = [["姓名", "身份证号", "小区", "楼号", "单元", "室"],
            ["甲一", id_number(date(1930, 5, 4), 501), "农林家属院", 3, 2, 501]]  # fmt: skip
    assert read(Book().sheet("S", rows))[1][0].address == "农林家属院3号楼2单元501"
    rows = [["姓名", "身份证号", "住址"], ["甲一", id_number(date(1930, 5, 4), 501), "水电小区3-2-501"],
            ["甲二", id_number(date(1931, 5, 4), 501), "同上"]]  # fmt: skip
    assert [r.address for r in read(Book().sheet("S", rows))[1]] == ["水电小区3-2-501"] * 2


def test_residence_wins_over_registration_and_each_is_kept():
    rows = [["姓名", "身份证号", "户籍地址", "现住址"],
            ["甲一", id_number(date(1930, 5, 4), 501), "永年区某村", "水电小区3-2-501"]]  # fmt: skip
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.address, row.registration_address) == ("水电小区3-2-501", "永年区某村")
    rows = [
        ["姓名", "身份证号", "户籍地址"],
        ["甲一", id_number(date(1930, 5, 4), 501), "永年区某村"],
    ]
    assert read(Book().sheet("S", rows))[1][0].address == "永年区某村"


def test_birth_in_three_columns_under_one_head():
    number = id_number(date(1930, 5, 4), 507)
    rows = [["姓名", "身份证号", "出生日期", "", "", "电话"], ["", "", "年", "月", "日", ""],
            ["李楠", number, 1930, 5, 4, "13100000001"]]  # fmt: skip
    typed = read(Book().sheet("S", rows, [(0, 2, 0, 4, "出生日期")]))[1]
    assert typed[0].birth_on == date(1930, 5, 4) and typed[0].findings == ()


def test_groups_over_a_whole_head():
    number = id_number(date(1930, 5, 4), 507)
    rows = [["老年人信息采集表"], ["填报单位:农林二社区", "", "", "填报时间:2026年", "", "", ""],
            ["基本信息", "", "", "", "家属信息", "", "服务需求"],
            ["序号", "姓名", "身份证号码", "联系电话", "姓名", "联系电话", "是否送餐"],
            [1, "李楠", number, "13100000001", "李大", "13100000002", "√"]]  # fmt: skip
    merges = [(0, 0, 0, 6, rows[0][0]), (1, 0, 1, 2, rows[1][0]), (1, 3, 1, 6, rows[1][3]),
              (2, 0, 2, 3, "基本信息"), (2, 4, 2, 5, "家属信息")]  # fmt: skip
    row = read(Book().sheet("S", rows, merges))[1][0]
    assert (row.name, row.phone, row.contact_name, row.contact_phone, row.deliver, row.community) == (
        "李楠", "13100000001", "李大", "13100000002", True, "农林二社区",
    )  # fmt: skip


def test_the_same_id_number_twice_names_the_other_row():
    number = id_number(date(1930, 5, 4), 507)
    rows = [["姓名", "身份证号"], ["李楠", number], ["李南", number]]
    typed = read(Book().sheet("S", rows))[1]
    assert not typed[0].is_wrong
    assert [(f.code, f.details["row"]) for f in typed[1].findings] == [("id_twice", "2")]


def test_an_old_number_of_15_digits_is_refused_with_its_18_digits_proposed():
    rows = [["姓名", "身份证号"], ["李楠", "130402300504507"]]
    row = read(Book().sheet("S", rows))[1][0]
    assert row.wrong_id and row.birth_on == date(1930, 5, 4)
    assert row.findings[0].code == "id_old_15_digits"
    assert row.findings[0].proposal == id_number(date(1930, 5, 4), 507, area="130402")


def test_a_person_without_an_id_number_waits_for_a_reason():
    row = read(Book().sheet("S", [["姓名", "身份证号", "电话"], ["李楠", "无", "13100000001"]]))[1][
        0
    ]
    assert (row.id_number, row.wrong_id, codes(row, Level.WRONG)) == (None, False, {"id_missing"})


def test_a_row_can_be_mended_without_reading_the_file_again():
    number = id_number(date(1930, 5, 4), 507)
    roster, typed = read(Book().sheet("S", [["姓名", "身份证号"], ["李楠", number[:-1] + "9"]]))
    assert typed[0].is_wrong
    mended = roster.rows[0].mended({"id_number": number})
    assert not type_rows([mended], VOCABULARY, TODAY)[0].is_wrong


def test_control_and_bidi_characters_in_a_name_are_refused():
    rows = [["姓名", "身份证号"], ["王\u202e兵", id_number(date(1930, 5, 4), 507)]]
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.findings[0].code, row.findings[0].proposal) == ("name_hidden_characters", "王兵")


def test_full_width_signs_and_digits_are_read_like_ordinary_ones():
    number = id_number(date(1930, 5, 4), 507)
    wide = str.maketrans(
        "0123456789X(),:;/-", "".join(chr(ord(c) + 0xFEE0) for c in "0123456789X(),:;/-")
    )
    head = [
        "姓名(全称)",
        "身份证号(18位)",
        "联系电话",
        "所属网格",
        "人员类别(可多选)",
        "饮食禁忌",
        "紧急联系人",
        "出生日期",
    ]
    row = ["王兵(女)", number, "(0310)8012345/13812345678", "第3网格", "低保(A类);80岁以上", "对花生,海鲜过敏;低盐",
           "李大(儿子):13900000001", "1930-05-04"]  # fmt: skip
    rows = [[text.translate(wide) for text in line] for line in (head, row)]
    typed = read(Book().sheet("S", rows))[1][0]
    assert (typed.name, typed.name_note, typed.id_number) == ("王兵", "女", number)
    assert (typed.phone, typed.other_phones) == ("0310-8012345", ("13812345678",))
    assert (typed.grid, typed.categories) == (3, ("低保", "高龄"))
    assert typed.diets == ("花生过敏", "海鲜过敏", "低盐")
    assert (typed.contact_name, typed.contact_relation, typed.contact_phone) == (
        "李大",
        "儿子",
        "13900000001",
    )
    assert typed.birth_on == date(1930, 5, 4)
    assert {f.code for f in typed.findings} <= {"name_folded", "sex_disagrees"}


@pytest.mark.parametrize(("written", "diets"), [
    ("低盐、花生过敏", ("低盐", "花生过敏")), ("对花生、海鲜过敏", ("花生过敏", "海鲜过敏")), ("无", ()), ("", ()),
    ("糖尿病;软食", ("糖尿病", "软食")), ("对虾过敏 清真", ("虾过敏", "清真")), ("不吃香菜", ("不吃香菜",)),
])  # fmt: skip
def test_diet_needs_are_listed_one_by_one(written, diets):
    rows = [["姓名", "身份证号", "忌口"], ["李楠", id_number(date(1930, 5, 4), 507), written]]
    assert read(Book().sheet("S", rows))[1][0].diets == diets


def test_columns_that_are_answers_to_the_head_above_them():
    number = id_number(date(1930, 5, 4), 507)
    head1 = ["姓名", "性别", "", "身份证号", "送餐", "", "低保", ""]
    head2 = ["", "男", "女", "", "是", "否", "是", "否"]
    rows = [head1, head2, ["李楠", "√", "", number, "√", "", "", "√"], ["李南", "√", "", "无", "", "√", "√", ""],
            ["李兰", "", "√", "无", "√", "√", "×", ""]]  # fmt: skip
    merges = [(0, 1, 0, 2, "性别"), (0, 4, 0, 5, "送餐"), (0, 6, 0, 7, "低保")]
    merges += [(0, c, 1, c, head1[c]) for c in (0, 3)]
    roster, typed = read(Book().sheet("S", rows, merges))
    assert [r.sex for r in typed] == ["男", "男", "女"]
    assert [r.deliver for r in typed] == [True, False, None]
    assert [r.categories for r in typed] == [("普通",), ("低保",), ("普通",)]
    assert "mark_unreadable" in codes(typed[2], Level.WRONG)
    assert roster.rows[0].mended({"deliver": "否"}).cells["deliver"].text == "否"


def test_a_second_head_line_of_answers_alone_is_no_person():
    people = somebodies(4, seed=13)
    rows = [["姓名", "身份证号", "就餐方式", "", ""], ["", "", "堂食", "自取", "送餐"]]
    rows += [
        [p.name, p.id_number, *(["", "", "√"] if p.deliver else ["", "√", ""])] for p in people
    ]
    assert_same(read(Book().sheet("S", rows))[1], people, "name", "id_number", "deliver")


def test_a_second_table_below_with_other_columns_is_read_by_its_own_head():
    people = somebodies(4, seed=14)
    rows = [["一、送餐名单"], ["序号", "姓名", "身份证号", "电话"],
            *[[n, p.name, p.id_number, p.phone] for n, p in enumerate(people[:2], 1)], [], ["二、堂食名单"],
            ["序号", "姓名", "联系电话", "证件号码", "所属网格"],
            *[[n, p.name, p.phone, p.id_number, p.grid] for n, p in enumerate(people[2:], 1)]]  # fmt: skip
    roster, typed = read(Book().sheet("S", rows))
    assert_same(typed, people, "name", "id_number", "phone")
    assert [r.grid for r in typed] == [None, None, people[2].grid, people[3].grid]
    assert [s.head_row for s in roster.sheets] == [2, 7]


def test_a_line_of_a_grid_may_name_who_keeps_it():
    people = somebodies(3, seed=15)
    lines = [
        "第1网格 网格员:张大勇 13800000001",
        "第2网格(网格员:李大勇,共1人)",
        "三网格网格长王五",
    ]
    rows = [["姓名", "身份证号"]]
    for line, p in zip(lines, people, strict=True):
        rows += [[line], [p.name, p.id_number]]
    typed = read(Book().sheet("S", rows))[1]
    assert [(r.name, r.grid) for r in typed] == [(p.name, n + 1) for n, p in enumerate(people)]


def test_people_below_a_line_that_says_they_have_gone_are_warned_about():
    people = somebodies(4, seed=16)
    rows = [["序号", "姓名", "身份证号"], [1, people[0].name, people[0].id_number], ["以下为已去世、迁出人员"],
            [1, people[1].name, people[1].id_number], ["第2网格"],
            [1, people[2].name, people[2].id_number]]  # fmt: skip
    typed = read(Book().sheet("S", rows))[1]
    assert [codes(r, Level.WARNING) for r in typed] == [set(), {"note_says_gone"}, set()]


def test_no_line_of_the_file_goes_without_a_word():
    person = somebodies(1, seed=17)[0]
    notes = [
        "2.电话填本人的",
        "2026年9月30日",
        "农林二社区居民委员会(盖章)",
        "社区负责人签字:",
        "其余人员下个月再补报上来",
    ]
    rows = [
        ["序号", "姓名", "身份证号"],
        [1, person.name, person.id_number],
        *[[text] for text in notes],
    ]
    for shift in (0, 1):
        shifted = [row if shift else row[1:] if len(row) > 1 else row for row in rows]
        roster, typed = read(Book().sheet("S", shifted))
        assert [r.name for r in typed] == [person.name]
        assert [s.text for s in roster.skipped] == notes


@pytest.mark.parametrize(("head", "field"), [
    ("就餐老人姓名", "name"), ("姓名/Name", "name"), ("家庭成员姓名", "name"), ("订餐人", "name"), ("服务人员姓名", ""),
    ("老年人身份证号码", "id_number"), ("身份证NO.", "id_number"), ("第二代身份证号码", "id_number"),
    ("身证号", "id_number"), ("监护人身份证号", ""), ("配偶身份证号码", ""), ("网格员身份证号", "other"),
    ("老人性别", "sex"), ("男/女", "sex"), ("身份证出生日期", "birth"), ("出生年-月-日", "birth"), ("虚岁", "age"),
    ("手机/电话", "phone"), ("就餐人电话", "phone"), ("宅电", "phone"), ("备用联系方式", "phone_2"),
    ("家庭住址/送餐地址", "address"), ("实际居住地", "address"), ("小区及楼号", "address"), ("楼号单元房号", "address"),
    ("身份证地址", "registration_address"), ("所属小网格", "grid"), ("第几网格", "grid"), ("责任网格", "grid"),
    ("网格员电话", "other"), ("所辖社区", "community"), ("人群类别", "categories"), ("特殊群体", "categories"),
    ("享受政策类别", "categories"), ("堂食/送餐", "deliver"), ("堂食或送餐", "deliver"), ("领餐方式", "deliver"),
    ("有无忌口", "diets"), ("餐食要求", "diets"), ("户编号", "number"), ("80岁以上老人", ""), ("电话/地址", ""),
])  # fmt: skip
def test_heads_as_offices_word_them(head, field):
    assert field_of(head) == field


def test_the_head_of_the_household_is_not_the_person_of_the_line():
    people = somebodies(2, seed=18)
    rows = [
        ["户主姓名", "姓名", "与户主关系", "身份证号"],
        *[["赵大", p.name, "母", p.id_number] for p in people],
    ]
    typed = read(Book().sheet("S", rows))[1]
    assert [(r.name, r.contact_name) for r in typed] == [(p.name, None) for p in people]


def test_the_phone_beside_a_grid_worker_is_not_the_persons():
    people = somebodies(2, seed=19)
    rows = [["网格", "网格员", "联系电话", "姓名", "身份证号", "联系电话"]]
    rows += [[p.grid, "赵大", "13100000001", p.name, p.id_number, p.phone] for p in people]
    assert_same(read(Book().sheet("S", rows))[1], people, "name", "phone", "grid")


ID = id_number(date(1930, 5, 4), 507)


@pytest.mark.parametrize(("written", "note"), [
    (f"\u202a{ID}\u202c", None), (f"身份证号:{ID}", None), (f"{ID}(丢失)", "丢失"), (f"{ID}/{ID}", None),
    (f"{ID} 补办中", "补办中"), (f"{ID};13812345678", "13812345678"), (ID.replace("0", "O"), None),
    (ID.replace("1", "l").lower(), None), (ID.replace("0", "〇"), None), (f"{ID[:17]}*", None),
])  # fmt: skip
def test_an_id_number_is_found_among_what_else_is_in_its_cell(written, note):
    row = read(Book().sheet("S", [["姓名", "身份证号"], ["李楠", written]]))[1][0]
    assert (row.id_number, row.wrong_id, row.note) == (ID, False, note)


@pytest.mark.parametrize("written", ["丢失", "办理中", "户口本", "暂缺", "?"])
def test_a_word_in_place_of_an_id_number_is_a_missing_number_and_is_kept(written):
    row = read(Book().sheet("S", [["姓名", "身份证号", "电话"], ["李楠", written, "13100000001"]]))[
        1
    ][0]
    assert (row.id_number, row.wrong_id, row.note) == (None, False, written)
    assert codes(row, Level.WRONG) == {"id_missing"}


def test_what_is_no_id_number_is_neither_cut_nor_completed():
    for written in ("H12345678", "130499********5079", f"{ID[:17]}Y", f"1{ID}"):
        row = read(Book().sheet("S", [["姓名", "身份证号"], ["李楠", written]]))[1][0]
        assert row.wrong_id and row.id_number == written
    row = read(Book().sheet("S", [["姓名", "身份证号"], ["李楠", f"{ID}42"]]))[1][0]
    assert (codes(row, Level.WRONG), row.findings[0].proposal) == ({"id_length"}, ID)


def test_broken_and_uncomputed_formulas_are_named_and_empty_lines_of_them_are_nobody():
    book = Book().sheet(
        "S", [["序号", "姓名", "身份证号", "出生日期", "住址", "电话"], [1, "李楠", ID]]
    )
    sheet = book.book.get_worksheet_by_name("S")
    for row in (1, 2):
        sheet.write_formula(row, 3, "=MID(C2,7,8)", None, "#VALUE!")
        sheet.write_formula(row, 4, "=VLOOKUP(A1,B:C,2,0)", None, "#N/A")
        sheet.write_formula(row, 5, "=G2", None, 0)
    content = book.bytes()
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            # As programs leave formulas that they do not compute.
            new.writestr(name, old.read(name).replace(b"<f>G2</f><v>0</v>", b"<f>G2</f><v></v>"))
    roster = read_roster(changed.getvalue(), VOCABULARY)
    typed = type_rows(roster.rows, VOCABULARY, TODAY)
    assert [(r.name, r.birth_on, r.address, r.phone) for r in typed] == [
        ("李楠", date(1930, 5, 4), "", "")
    ]
    assert [(f.code, f.cell) for f in typed[0].findings] == [
        ("cell_error", "E2"),
        ("cell_uncomputed", "F2"),
    ]


def test_a_name_that_is_a_broken_formula_is_missing():
    book = Book().sheet("S", [["姓名", "身份证号"], ["", ID]])
    book.book.get_worksheet_by_name("S").write_formula(1, 0, "=VLOOKUP(1,B:C,2,0)", None, "#N/A")
    row = read(book)[1][0]
    assert (row.name, codes(row)) == ("", {"name_missing", "cell_error"})


def test_an_address_of_which_excel_made_a_date_is_warned_about():
    rows = [["姓名", "身份证号", "住址"], ["李楠", ID, date(2026, 5, 12)]]
    assert codes(read(Book().sheet("S", rows))[1][0], Level.WARNING) == {"cell_is_date"}


@pytest.mark.parametrize(("written", "name", "note"), [
    ("1.张三", "张三", None), ("12 张三", "张三", None), ("①张三", "张三", None), ("★张三", "张三", "★"),
    ("张三△", "张三", "△"), ("张三。", "张三", None), ("'张三", "张三", None), ("王\u200b芳\ufeff", "王芳", None),
    ("张三 已故", "张三", "已故"), ("张三-已搬走", "张三", "已搬走"),
    ("王(李)氏", "王李氏", None), ("张三\n(李四之妻)", "张三", "李四之妻"), ("欧阳 娜娜", "欧阳娜娜", None),
])  # fmt: skip
def test_what_stands_beside_a_name_is_no_part_of_it(written, name, note):
    rows = [["姓名", "身份证号", "备注"], [written, ID, ""]]
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.name, row.note or None, row.is_wrong) == (name, note, False)


@pytest.mark.parametrize("written", ["张三\n李四", "张三 李四", "张三  王小五", "张三、李四"])
def test_two_names_in_one_cell_are_two_people(written):
    row = read(Book().sheet("S", [["姓名", "身份证号"], [written, ID]]))[1][0]
    assert "name_two_people" in codes(row, Level.WRONG)


@pytest.mark.parametrize("written", ["无", "不详", "同上", "〃", "/"])
def test_a_word_for_nothing_is_no_name(written):
    row = read(Book().sheet("S", [["姓名", "身份证号"], [written, ID]]))[1][0]
    assert (row.name, codes(row, Level.WRONG)) == ("", {"name_missing"})


@pytest.mark.parametrize(("written", "phone", "note"), [
    ("儿子13812345678", "13812345678", "儿子13812345678"), ("空号", "", "空号"),
    ("138.1234.5678", "13812345678", None), ("0086-13812345678", "13812345678", None),
    ("本人电话:13812345678(微信同号)", "13812345678", None),
    ("13812345678/0310-3012345", "13812345678", "电话\uff1a0310-3012345"),
])  # fmt: skip
def test_whose_phone_it_is_goes_to_the_note(written, phone, note):
    row = read(Book().sheet("S", [["姓名", "身份证号", "电话"], ["李楠", ID, written]]))[1][0]
    assert (row.phone, row.note) == (phone, note)


@pytest.mark.parametrize(
    "written", ["儿子李大", "儿子:李大", "李大/儿子", "李大 儿子", "李大、儿子", "李大(儿子)"]
)
def test_a_contact_with_the_relation_in_one_cell_is_taken_apart(written):
    rows = [
        ["姓名", "身份证号", "紧急联系人", "联系人电话"],
        ["李楠", ID, written, "13100000001 13100000002"],
    ]
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.contact_name, row.contact_relation, row.contact_phone) == (
        "李大",
        "儿子",
        "13100000001",
    )
    assert row.note == "联系人电话\uff1a13100000002"


def test_a_tick_for_what_may_be_a_category_is_warned_about():
    rows = [
        ["姓名", "身份证号", "是否残疾", "是否困难", "是否党员", "是否参保"],
        ["甲一", ID, "是", "否", "是", "是"],
    ]
    row = read(Book().sheet("S", rows))[1][0]
    assert [(f.code, f.level, f.cell) for f in row.findings] == [
        ("side_ticked", Level.WARNING, "C2"), ("side_ticked", Level.NOTE, "F2"),
    ]  # fmt: skip
    assert row.categories is None
    rows = [["姓名", "身份证号", "人员类别", ""], ["", "", "独居", "残疾"], ["甲一", ID, "√", "√"]]
    row = read(Book().sheet("S", rows, [(0, 2, 0, 3, "人员类别")]))[1][0]
    assert (row.categories, codes(row, Level.WARNING)) == (("独居",), {"side_ticked"})


@pytest.mark.parametrize(("head", "written", "gone"), [
    ("人员状态", "去世", True), ("状态", "在册", False), ("是否健在", "是", False), ("备注", "搬到邯山区", True),
    ("备注", "户口迁往永年", True), ("备注", "2025年病逝", True), ("备注", "入住敬老院", True),
])  # fmt: skip
def test_a_column_that_says_somebody_has_gone_is_warned_about(head, written, gone):
    row = read(Book().sheet("S", [["姓名", "身份证号", head], ["甲一", ID, written]]))[1][0]
    assert codes(row, Level.WARNING) == ({"note_says_gone"} if gone else set())


def test_titles_of_a_way_of_eating_hold_for_their_lines():
    people = somebodies(3, seed=20)
    rows = [["姓名", "身份证号"], ["一、送餐上门人员"], *[[p.name, p.id_number] for p in people[:2]], ["二、堂食"],
            [people[2].name, people[2].id_number]]  # fmt: skip
    typed = read(Book().sheet("S", rows))[1]
    assert [(r.name, r.deliver) for r in typed] == [(p.name, n < 2) for n, p in enumerate(people)]


def test_lines_that_number_or_explain_the_columns_are_nobody():
    person = somebodies(1, seed=21)[0]
    head = ["序号", "姓名", "身份证号", "是否送餐"]
    for line in (
        ["1", "2", "3", "4"],
        ["栏次", "1", "2", "3"],
        ["", "(必填)", "(18位)", "(是/否)"],
    ):
        rows = [head, line, [1, person.name, person.id_number, "是"]]
        assert_same(read(Book().sheet("S", rows))[1], [person], "name", "id_number")


def test_a_sheet_that_goes_on_without_a_head_is_read_by_the_one_before():
    people = somebodies(4, seed=22)
    head = ["姓名", "身份证号", "电话"]
    lines = [[p.name, p.id_number, p.phone] for p in people]
    book = Book().sheet("1", [["农林二社区老年人花名册"], head, *lines[:2]]).sheet("2", lines[2:])
    typed = read(book)[1]
    assert_same(typed, people, "name", "id_number", "phone")
    assert {r.community for r in typed} == {"农林二社区"}


def test_heads_with_invisible_characters_and_cells_that_programs_left_empty():
    rows = [["\ufeff姓名", "身份证号\u200b", "电话", "是否送餐"], ["李楠", ID, "nan", "None"]]
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.name, row.id_number, row.phone, row.deliver, row.findings) == (
        "李楠",
        ID,
        "",
        False,
        (),
    )


def test_another_address_goes_to_the_note_and_the_contacts_relation_is_the_contacts():
    rows = [["姓名", "身份证号", "家庭住址", "送餐地址", "与户主关系", "紧急联系人", "与老人关系"],
            ["李楠", ID, "水电小区1-1-1", "女儿家2-2-2", "户主", "李大", "儿子"]]  # fmt: skip
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.address, row.note, row.contact_relation) == (
        "水电小区1-1-1", "送餐地址\uff1a女儿家2-2-2", "儿子",
    )  # fmt: skip


def test_levels_of_disability_in_columns_and_low_income():
    people = somebodies(4, seed=23)
    head1 = ["姓名", "身份证号", "残疾等级", "", "", "经济状况", ""]
    rows = [head1, ["", "", "一级", "二级", "三级", "低收入", "一般"]]
    rows += [
        [p.name, p.id_number, *("√" if k == n else "" for k in range(4)), ""]
        for n, p in enumerate(people)
    ]
    typed = read(Book().sheet("S", rows, [(0, 2, 0, 4, "残疾等级"), (0, 5, 0, 6, "经济状况")]))[1]
    assert [r.categories for r in typed] == [("重残",), ("重残",), ("普通",), ("低保边缘",)]


def test_a_community_alone_in_the_column_of_names_is_a_title():
    people = somebodies(2, seed=24)
    rows = [["姓名", "身份证号"], ["水电"], [people[0].name, people[0].id_number], ["注销人员名单"],
            [people[1].name, people[1].id_number]]  # fmt: skip
    typed = read(Book().sheet("S", rows), communities=("水电社区",))[1]
    assert [(r.name, r.community) for r in typed] == [(p.name, "水电社区") for p in people]
    assert [codes(r, Level.WARNING) for r in typed] == [set(), {"note_says_gone"}]


@pytest.mark.parametrize(("written", "deliver"), [
    ("□是 ☑否", False), ("☑是 □否", True), ("是√ 否□", True), ("√是  否", True), ("是 否√", False), ("□是 □否", False),
])  # fmt: skip
def test_the_ticked_one_of_several_answers_in_a_cell_is_taken(written, deliver):
    rows = [
        ["姓名", "身份证号", "是否送餐", "类别"],
        ["李楠", ID, written, "☑低保 □特困 ☑独居 □空巢"],
    ]
    row = read(Book().sheet("S", rows))[1][0]
    assert (row.deliver, row.categories, row.is_wrong) == (deliver, ("低保", "独居"), False)


def test_a_phone_in_the_column_of_names_or_addresses_is_a_phone():
    for head, line in ((["姓名及电话", "身份证号", "住址"], ["李楠 13100000001", ID, "水电小区1-1-1"]),
                       (["姓名", "身份证号", "住址及电话"], ["李楠", ID, "水电小区1-1-1 13100000001"])):  # fmt: skip
        row = read(Book().sheet("S", [head, line]))[1][0]
        assert (row.name, row.phone, row.address) == ("李楠", "13100000001", "水电小区1-1-1")


@pytest.mark.parametrize("written", ["无忌口", "没有忌口", "正常", "无要求", "否", "都可以"])
def test_words_that_say_no_diet_need_are_none(written):
    assert (
        read(Book().sheet("S", [["姓名", "身份证号", "忌口"], ["李楠", ID, written]]))[1][0].diets
        == ()
    )
