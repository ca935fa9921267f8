"""How rosters of learners spell skills, hardship and work: the reading of single cells.

Pure functions on text; what the tables hold is handed in. A word nobody knows is never guessed at.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from core.people.roster.cells import read_categories, read_mark
from core.people.roster.numerals import NUMERAL, number_of, with_digits

# Field of an own column → pattern of its folded head. The first that matches wins.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("skills_wanted",
     r"(技能|工种|培训|课程|项目)(意向|意愿|需求|愿望|志愿)(工种|项目|内容|课程)?|"
     r"(意向|意愿|拟报|报名|拟参加|培训|所选)(的)?(培训)?(技能|工种|项目|课程|专业)(名称)?|"
     r"(拟|想|愿意|希望|要求)(学|学习|参加|培训)(的)?(培训)?(技能|工种|项目|课程|专业|内容)?"),
    ("wish", r"(就业|求职|择业|创业就业|就业创业)(意向|意愿|需求|愿望|方式|去向)|意愿|就业形式意向"),
    ("certified", r"(是否|有无)?(已)?(经)?(困难)?(认定|核实认定)(情况|与否|状态|结果)?|是否认定.*"),
    ("certified_by", r"(困难)?(认定|发证|出具|核发)(单位|部门|机关|机构|人)"),
    ("children_under_12",
     r"(有无|是否有|有)?(12|十二)(周)?岁(及)?以下(的)?(子女|孩子|儿童)(数|数量|人数|情况|个数)?|未满(12|十二)(周)?岁子女.*"),
    ("children", r"(未成年)?(子女|孩子|儿童|小孩)(情况|状况|数|数量|人数|个数|年龄|信息)?|生育情况|家庭子女情况"),
    ("unemployed_since",
     r"(失业|无业|待业|离职|下岗|未就业)(登记)?(时间|日期|起始|起始时间|起始日期|起)|失业登记(时间|日期)"),
    # Three, because 是 and 否 mean what the head asks for.
    ("unemployed",
     r"(目前|现|当前)?(是否|是不是)(为|属于|处于)?(失业|无业|待业|下岗)(状态|人员|妇女)?|(目前|现|当前)?失业(状态|状况|情况)"),
    ("work",
     r"(目前|现|当前)?(就业|从业|工作|在岗)(状态|状况|情况)|"
     r"(目前|现|当前)?(是否|是不是|有无)(已|已经|有)?(固定|稳定)?(就业|在职|在岗|在业|从业|上班|工作)"),
    ("work_state", r"(就业|失业|从业|工作|在岗|就失业)登记情况|(目前|现|当前)?就失业(状态|状况|情况)|目前状况|现状"),
)  # fmt: skip

_SKILLS: Mapping[str, str] = {
    "缝纫": "缝纫工 服装缝制 服装 服装制作 裁缝 裁剪 缝制 制衣 服装加工 缝纫机 缝纫技术 平车",
    "家政": "家政服务 家政服务员 保洁 钟点工 家庭服务 家政员 保姆",
    "面点": "面点师 中式面点 西式面点 烘焙 糕点 西点 面食 中西式面点 蛋糕",
    "育婴": "育婴师 育婴员 育儿 婴幼儿照护 育儿嫂 婴幼儿 保育员 保育 小儿推拿",
    "手工编织": "编织 手工 钩织 毛线编织 手工艺 手工制作 串珠 刺绣 针织 编结",
    "电商直播": "直播 电商 直播带货 电子商务 网店 互联网营销 新媒体 短视频 互联网营销师 主播",
    "养老护理": "养老护理员 护理 护理员 护工 老人护理 老年护理 养老 养老照护",
    "月嫂": "母婴护理 母婴护理员 月子护理 产后护理 产后康复",
    "中式烹饪": "烹饪 厨师 中式烹调 中式烹调师 炒菜 厨艺 烹调",
    "美容美发": "美容 美发 美甲 美容师 美发师 化妆 理发",
    "保健按摩": "按摩 推拿 保健 保健按摩师 足疗 艾灸",
    "办公软件": "电脑 计算机 计算机操作 办公自动化 电脑操作 文员 文秘",
    "来料加工": "来料 手工加工 组装 包装 居家加工 代加工",
    "插花花艺": "插花 花艺 花艺师 园艺",
}
_HARDSHIP: Mapping[str, str] = {
    "零就业家庭": "零就业 零就业户 零就业家庭成员 零就业困难家庭",
    "低保": (
        "最低生活保障 低保户 城低保 农低保 城市低保 农村低保 低保对象 享受低保 城镇低保 低保家庭 "
        "低保人员 享受城市低保"
    ),
    "低保边缘": "低保边缘户 低边 低收入 边缘户 低收入家庭 低保边缘家庭 低边户 边缘家庭",
    "单亲": "单亲家庭 单亲妈妈 单亲母亲 单身母亲 离异带孩 离异 单亲妇女",
    "残疾": (
        "残疾人 残疾妇女 一级残疾 二级残疾 三级残疾 四级残疾 肢体残疾 听力残疾 视力残疾 精神残疾 "
        "智力残疾 言语残疾 残疾一级 残疾二级 残疾三级 残疾四级 持证残疾人 残"
    ),
    "失业一年以上": (
        "失业1年以上 长期失业 长期失业者 长期失业人员 连续失业一年以上 登记失业一年以上 失业满一年 "
        "失业超过一年 连续失业1年以上 失业一年"
    ),
    "赡养重病亲属": (
        "赡养患重大疾病直系亲属 赡养患重大疾病亲属 赡养重病老人 家有重病 家有重病人 重病家庭 亲属重病 "
        "大病家庭 赡养重大疾病亲属 赡养患病亲属 因病致困"
    ),
    "刚性支出困难": "刚性支出 刚性支出困难家庭 支出型困难 支出型 刚支户",
    "脱贫人口": "脱贫户 脱贫 建档立卡 建档立卡户 贫困户 脱贫劳动力",
    "失地农民": "失地 被征地农民 征地 土地被征 失地妇女 被征地",
    "退捕渔民": "退捕 渔民 退捕人员",
    "刑满释放": "刑释 刑满释放人员 社区矫正 安置帮教",
    "其他困难": "其他 其它 其他困难家庭 其它困难 特殊困难",
}
# Words that stand in the column of hardship and name none.
_NO_HARDSHIP = "普通 一般 无困难 非困难 正常 普通家庭 一般家庭 否 不是 无困难情况 非低保"
_WISHES: Mapping[str, str] = {
    "work": "就业 找工作 上班 求职 单位就业 进厂 务工 岗位 企业就业 灵活就业 打零工 全职 兼职 工作",
    "home_work": "居家 居家就业 居家加工 在家 来料加工 手工活 居家来料加工 居家灵活就业 在家做 居家手工",
    "venture": "创业 自主创业 开店 个体 做生意 自己创业 自主经营 摆摊 开网店",
}
_CERTIFIED = "已认定 认定 认定通过 已认定通过 已通过认定 已核实认定"
_NOT_CERTIFIED = "未认定 未经认定 不认定 自述 本人自述 自报 申请中 待认定 认定中 正在办理"
_WORK: Mapping[str, str] = {
    "unemployed": "失业 无业 待业 未就业 下岗 无工作 没有工作 没工作 登记失业 失业登记 待岗 下岗失业",
    "flexible": "灵活就业 零工 打零工 临时工 兼职 钟点工 小时工 打工 季节工",
    "employed": "在职 就业 已就业 在岗 务工 上班 在业 单位就业 有工作 未失业 非失业",
    "farming": "务农 种地 农民",
    "at_home": "全职妈妈 家庭主妇 全职太太 照顾家庭 料理家务 全职带娃 带孩子 家务 宝妈 居家",
    "venture": "自主创业 创业 个体 个体户 个体经营 经营 开店 个体工商户",
    "retired": "退休 已退休 离退休 退休人员 内退",
    "student": "学生 在校 在校生 在读 大学生 在校学生",
}
# What a mark says under a head: yes, no.
_MARKS: Mapping[str, tuple[str, str]] = {
    "work": ("已就业", "未就业"), "unemployed": ("失业", "未失业"),
}  # fmt: skip
# 2026年10月, 2026.10.1, 202610, 2025年, and of a two-digit year only what has a month.
_DATE = re.compile(
    r"(?:自|从|于)?(?<!\d)(?P<date>(?:19|20)\d{2}(?:年\d{1,2}月(?:\d{1,2}[日号])?|年|[./-]\d{1,2}(?:[./-]\d{1,2})?"
    r"|\d{2}(?:\d{2})?)?|\d{2}(?:年\d{1,2}月(?:\d{1,2}[日号])?|[./-]\d{1,2}(?:[./-]\d{1,2})?))"
    r"(?![\d年个])(?:份|左右|至今|以来|开始|起|后)*"
)
_SPAN = re.compile(
    r"(?:已经?|连续|登记|超过|满|约|有|长达)?(?P<under>不到|不满|未满|不足|将近|近|快)?"
    rf"(?:(?<![\d.])(?P<n>\d{{1,2}}(?:\.\d)?|{NUMERAL}{{1,3}})(?P<unit>年|个月|月)半?|半年|(?P<many>长期|[多数几]年))"
    r"(?:多|以上|余|左右|以来|前|了|整|半)*(?P<within>以内|以下|内)?"
)
_ROUND_WORK = re.compile(r"^(?:已|现|目前|一直|处于|连续)|(?:人员|状态|中|妇女|在家)$")


def _spellings(table: Mapping[str, str]) -> dict[str, str]:
    found = {word: name for name, line in table.items() for word in line.split()}
    return found | {name: name for name in table}


def hardship_words(names: tuple[str, ...]) -> dict[str, str]:
    """Each spelling → the category's name, or "" for words that name no hardship.

    names: those of the table; a usual word whose category is not in it stays unknown.
    """
    usual = {word: name for word, name in _spellings(_HARDSHIP).items() if name in names}
    return dict.fromkeys(_NO_HARDSHIP.split(), "") | usual | {name: name for name in names}


def read_skills(text: str, names: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """The skills of the table that a cell names, and the words nobody knows."""
    usual = {word: name for word, name in _spellings(_SKILLS).items() if name in names}
    words = usual | {name: name for name in names}
    longer = {
        f"{word}{end}": name for word, name in words.items() for end in ("培训", "技能", "班")
    }
    return read_categories(text, longer | words)


def read_wishes(text: str) -> tuple[set[str], list[str]]:
    """Which of work, home_work and venture a cell names, and the words nobody knows."""
    found, unknown = read_categories(text, _spellings(_WISHES))
    return set(found), unknown


def read_certified(text: str) -> bool | None:
    """Whether a cell says that a hardship is certified; None when it says neither."""
    folded = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if folded in _CERTIFIED.split():
        return True
    return False if folded in _NOT_CERTIFIED.split() else read_mark(folded)


@dataclass(frozen=True)
class Work:
    """What a cell says about her work: under which head, a kind of `_WORK`, in which words, whether
    for a year or more, and since when, as written."""

    head: str
    kind: str
    text: str
    for_a_year: bool = False
    since: str = ""


def read_work(text: str, head: str, today: date) -> Work | None:
    """The state of work; None when nobody knows the word. head: the column of COLUMNS it stands in."""
    mark = read_mark(text)
    if mark is not None and head in _MARKS:
        text = _MARKS[head][0 if mark else 1]
    folded = with_digits(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    dated = _DATE.search(folded)
    rest = folded.replace(dated[0], "") if dated else folded
    spans = list(_SPAN.finditer(rest))
    bare = re.sub(r"[(),;:。]", "", _SPAN.sub("", rest))
    words = {word: kind for kind, line in _WORK.items() for word in line.split()}
    whole = re.sub(r"[(),;:。]", "", folded)
    kind = next(
        (words[form] for form in (whole, bare, _ROUND_WORK.sub("", bare)) if form in words), None
    )
    if kind is None and not bare and head == "unemployed" and (dated or spans):
        kind = "unemployed"
    if kind is None:
        return None
    if kind != "unemployed":
        return Work(head, kind, text)
    for_a_year = sum(_months(span, today) for span in spans) >= 12
    return Work(head, kind, text, for_a_year, dated["date"] if dated else "")


def _months(span: re.Match[str], today: date) -> float:
    """How long a span is: 26年 is the year 2026, not so many years, and 10月 is October."""
    if span["many"]:
        return 12
    if span["unit"] in (None, "月") or span["within"]:
        return 0
    number = float(span["n"]) if span["n"][0].isdigit() else float(number_of(span["n"]) or 0)
    if span["unit"] == "年" and number in (today.year % 100 - 1, today.year % 100):
        return 0
    months = number * 12 if span["unit"] == "年" else number
    return months - 1 if span["under"] else months
