"""Invented residents: plain data, the same for the same seed.

Their ID numbers use the area code 130499, which no county has; their phones begin with 199 0000.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from core.people.id_number import check_digit
from core.people.models import Sex

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴"
    "夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文单仇查解"
)
FEMALE = (
    "秀英", "桂英", "玉兰", "秀兰", "凤英", "桂兰", "秀珍", "玉珍", "淑珍", "淑兰",
    "金凤", "素珍", "玉梅", "春兰", "彩云", "翠花", "爱莲", "月娥", "玉华", "秀荣",
)  # fmt: skip
MALE = (
    "建国", "德福", "永贵", "志强", "国庆", "长海", "福生", "玉山", "振华", "宝柱",
    "文斌", "广才", "庆云", "连生", "守义", "明远", "树林", "万顺", "清泉", "兴旺",
)  # fmt: skip
# Names that screens, cards and reports must get right.
RARE = (
    ("宋䶮", Sex.MALE), ("钟㛃", Sex.FEMALE), ("李𬭎", Sex.MALE), ("龘秀英", Sex.FEMALE),
    ("欧阳桂兰", Sex.FEMALE), ("阿卜杜热合曼·艾则孜", Sex.MALE), ("司马文", Sex.MALE), ("单玉珍", Sex.FEMALE),
)  # fmt: skip


@dataclass(frozen=True)
class Resident:
    """One invented resident. `grid` counts through all grids of the demo from 0."""

    name: str
    sex: Sex
    born_on: date
    id_number: str | None
    phone: str | None
    building: str
    grid: int


def invent_residents(
    count: int, grids: int, on: date, youngest: int, oldest: int, seed: str
) -> list[Resident]:
    """`count` residents aged `youngest` to `oldest` years on a day, spread over the grids."""
    random, used = Random(seed), set[str]()
    residents = []
    for number in range(count):
        age_days = random.randint(youngest * 365 + 366, oldest * 365)
        born_on = on - timedelta(days=age_days)
        name, sex = RARE[number] if number < len(RARE) and youngest >= 60 else _name(random)
        # One in forty has no ID number at hand, one in thirty no phone: as in any real roster.
        id_number = None if number % 40 == 39 else _id_number(random, born_on, sex, used)
        phone = None if number % 30 == 29 else f"1990000{random.randint(0, 9999):04d}"
        building = f"{random.randint(1, 26)}号楼{random.randint(1, 5)}单元{random.randint(1, 6)}0{random.randint(1, 3)}"
        residents.append(Resident(name, sex, born_on, id_number, phone, building, number % grids))
    return residents


def _name(random: Random) -> tuple[str, Sex]:
    sex = Sex.FEMALE if random.random() < 0.58 else Sex.MALE
    given = random.choice(FEMALE if sex == Sex.FEMALE else MALE)
    return random.choice(SURNAMES) + (given if random.random() < 0.85 else given[0]), sex


def _id_number(random: Random, born_on: date, sex: Sex, used: set[str]) -> str:
    while True:
        order = random.randrange(0, 998, 2) + (sex == Sex.MALE)
        first_17 = f"130499{born_on:%Y%m%d}{order:03d}"
        if first_17 not in used:
            used.add(first_17)
            return first_17 + check_digit(first_17)
