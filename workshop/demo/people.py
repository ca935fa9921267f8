"""The 124 women: registered over ten months, what they want and can, and the hardship of a third.

All invented. A few were known before, as diners of a canteen; they are beyond the retirement age.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from core.bulk import Rows, write_rows
from core.db import db, transaction
from core.demo.residents import SURNAMES, Resident, invent_residents
from core.people.actions import record_consent
from core.people.actions.adding import NewPerson, prepare_person, write_people
from core.people.cards.actions import issue_card
from core.people.models import Card, CardState, Person, Sex, StandingKind
from core.people.values import Details
from core.sites.models import Area, AreaLevel
from workshop.actions.hardship import end_hardship, hardship_rows
from workshop.actions.learners import end_learner, learner_rows, needs_rows, set_skill
from workshop.demo.story import Story, Woman, minutes
from workshop.models import HardshipCategory, HardshipTag
from workshop.values import Basis, Mobility, Needs, Reach, SkillLevel, SkillSource, WorkerKind

LEARNERS = 124
# Who is in which part of the story: numbers of women.
FIRST = range(0, 30)  # the cohort that is closed
EVENING = range(30, 54)
DAYTIME = range(54, 82)
COMING = range(82, 110)  # the cohort that is open for enrolment
CALLED_OFF = range(110, 118)
OTHERS = range(118, 124)
KNOWN_BEFORE = (52, 53, 80, 81, 120, 121)
LONG_GONE = (122, 123)  # their registration has ended

GIVEN = (
    "丽娜", "晓燕", "海霞", "静", "敏", "红梅", "艳丽", "雪梅", "小芳", "春燕", "丽华", "玉洁",
    "佳", "欣", "倩", "丹丹", "瑞芳", "美玲", "俊霞", "立娟", "彦君", "文静", "志红", "会敏",
)  # fmt: skip
# Code of the category, percent of the women, who certifies it (nobody: her own word).
HARDSHIP = (
    ("unemployed_year", 12, "街道便民服务中心（示例）"), ("minimum_living", 5, "区民政局（示例）"),
    ("single_parent", 6, ""), ("zero_employment", 4, "街道便民服务中心（示例）"),
    ("disabled", 3, "区残联（示例）"), ("sick_relative", 5, ""), ("land_lost", 3, ""),
)  # fmt: skip
WANTED = (
    "home_service", "sewing", "infant_care", "pastry", "handicraft", "live_selling", "elder_care",
)  # fmt: skip


def register(story: Story) -> None:
    """Write all of them, in one go, and then what changed since."""
    grids = story.areas = _grids()
    known = _known_before(len(KNOWN_BEFORE), story.day)
    invented = _invented(story, len(grids))
    categories = dict(
        db.session.execute(sa.select(HardshipCategory.code, HardshipCategory.id)).tuples().all()
    )
    new: list[NewPerson] = []
    old: list[tuple[int, Rows]] = []
    women: list[Woman | None] = []
    numbers: list[int] = []
    for number in range(LEARNERS):
        on = story.ago(_registered_ago(number))
        if number in KNOWN_BEFORE and known:
            person_id, name = known.pop(0)
            old.append((person_id, _rows_of(story, Rows(), number, on, categories)))
            women.append(Woman(person_id, name, None))
            continue
        resident = next(invented)
        person = prepare_person(
            _details(resident, *grids[resident.grid]), by=story.coordinator,
            now=story.at(_registered_ago(number)), source="demo",
        )  # fmt: skip
        _rows_of(story, person.rows, number, on, categories)
        new.append(person)
        numbers.append(number)
        women.append(Woman(0, resident.name, resident.phone))
    with transaction() as session:
        for number, person_id in zip(numbers, write_people(session, new), strict=True):
            woman = women[number]
            assert woman is not None
            women[number] = replace(woman, person_id=person_id)
        write_rows(session, old)
    story.women = [woman for woman in women if woman is not None]
    _later(story, categories)


def _grids() -> list[tuple[int, str]]:
    parent = aliased(Area)
    rows = db.session.execute(
        sa.select(Area.id, parent.name).join(parent, Area.parent_id == parent.id)
        .where(Area.level == AreaLevel.GRID).order_by(Area.code)
    )  # fmt: skip
    return [(area_id, name.removesuffix("（示例）")) for area_id, name in rows]


def _known_before(count: int, day: date) -> list[tuple[int, str]]:
    """Women of sixty to sixty-eight who are registered already."""
    rows = db.session.execute(
        sa.select(Person.id, Person.name)
        .where(
            Person.sex == Sex.FEMALE, Person.standing == StandingKind.REGISTERED,
            Person.birth_on > day - timedelta(days=68 * 365),
            Person.merged_into_id.is_(None), ~Person.is_practice,
        )
        .order_by(Person.id).limit(count)
    )  # fmt: skip
    return [(person_id, name) for person_id, name in rows]


def _invented(story: Story, grids: int) -> Iterator[Resident]:
    residents = invent_residents(4 * LEARNERS, grids, story.day, 20, 53, "learners")
    for resident in residents:
        if resident.sex == Sex.FEMALE:
            name = story.random.choice(SURNAMES) + story.random.choice(GIVEN)
            yield replace(resident, name=name)


def _details(resident: Resident, area_id: int, community: str) -> Details:
    return Details(
        resident.name, sex=resident.sex, birth_on=resident.born_on, id_number=resident.id_number,
        no_id_reason=None if resident.id_number else "证件遗失，补办中", phone=resident.phone,
        address=f"{community}{resident.building}", residence_area_id=area_id,
        registration_area_id=area_id,
    )  # fmt: skip


def _registered_ago(number: int) -> int:
    """How many days before the day of the story she was registered."""
    if number in FIRST:
        return 316 - number % 8
    if number in EVENING:
        return 68 - number % 8
    if number in DAYTIME:
        return 36 - number % 7
    if number in COMING:
        return 20 - number % 9
    return 170 - number % 6 if number in CALLED_OFF else 80 - number % 6


def _rows_of(
    story: Story, rows: Rows, number: int, on: date, categories: dict[str, int]
) -> Rows:  # fmt: skip
    """Her registration, her needs and her hardship as rows."""
    random, by, now = story.random, story.coordinator, story.at(_registered_ago(number))
    learner_rows(
        rows, home_site_id=story.site_id, on=on, by=by, now=now,
        worker_kind=WorkerKind.CADRE if random.random() < 0.08 else WorkerKind.WORKER,
        unemployed_since=on - timedelta(days=random.randint(30, 900)) if random.random() < 0.7 else None,
        coordinator_id=by.user_id,
    )  # fmt: skip
    if number % 9:
        needs_rows(rows, _needs(story), asked_on=on, asked_by=by.name, by=by, now=now)
    for code, percent, certifier in HARDSHIP:
        if random.random() * 100 < percent:
            is_certified = bool(certifier) and random.random() < 0.8
            hardship_rows(
                rows, categories[code], basis=Basis.CERTIFIED if is_certified else Basis.SELF_DECLARED,
                from_on=on - timedelta(days=20), by=by, now=now,
                until_on=date(story.day.year, 12, 31) if is_certified else None,
                evidence="证明复印件，存档案柜（示例）" if is_certified else "",
                certified_by=certifier if is_certified else None,
            )  # fmt: skip
    return rows


def _needs(story: Story) -> Needs:
    random = story.random
    skills = random.sample(WANTED, random.randint(1, 3))
    children = random.choices((0, 1, 2), (45, 40, 15))[0]
    return Needs(
        skill_ids=tuple(story.skills[code] for code in skills),
        weekdays=random.choice((31, 31, 31, 63, 127, 96)),
        free_from_min=random.choice((minutes(8), minutes(8, 30), minutes(9))),
        free_until_min=random.choice((minutes(11, 30), minutes(16), minutes(17), minutes(18), minutes(21))),
        children_under_12=children,
        mobility=random.choices(list(Mobility), (20, 50, 15, 8, 7))[0],
        reach=random.choices(list(Reach), (10, 35, 40, 15))[0],
        wants_home_work=random.random() < 0.25, wants_venture=random.random() < 0.2,
        least_wage_fen=random.choice((None, 1800_00, 2000_00, 2300_00, 2600_00, 3000_00)),
        note="下午四点要接孩子" if children and random.random() < 0.5 else None,
    )  # fmt: skip


def _later(story: Story, categories: dict[str, int]) -> None:
    """Consents, skills by her own word, one hardship that ended, and who has left again."""
    by = story.coordinator
    for number, woman in enumerate(story.women):
        if number % 11:  # every eleventh has not signed yet
            record_consent(
                woman.person_id, signed_on=story.ago(_registered_ago(number)),
                note="原件在微工厂档案柜（示例）", by=by, now=story.at(_registered_ago(number), 10),
            )  # fmt: skip
        if number in EVENING or number in DAYTIME[2:]:  # two have no card yet
            _card(story, woman.person_id, _registered_ago(number))
        if number % 6 == 5:
            set_skill(
                woman.person_id, story.skills[story.random.choice(WANTED)], SkillLevel.BASIC,
                source=SkillSource.TOLD, since_on=story.ago(_registered_ago(number)), by=by,
                now=story.at(_registered_ago(number), 10),
            )  # fmt: skip
    for person_id in story.someone(*LONG_GONE):
        end_learner(
            person_id, on=story.ago(30), reason="随家人迁往外地（示例）", by=by, now=story.at(30)
        )
    _one_hardship_ends(story)


def _card(story: Story, person_id: int, ago: int) -> None:
    """A service card, by which a trainer scans who is here; diners have theirs already."""
    known = sa.select(Card.person_id).where(
        Card.person_id == person_id, Card.state == CardState.ACTIVE
    )
    if db.session.scalar(known) is None:
        issue_card(person_id, by=story.clerk, now=story.at(ago, 11))


def _one_hardship_ends(story: Story) -> None:
    tag = db.session.scalar(
        sa.select(HardshipTag).where(HardshipTag.from_on < story.ago(60))
        .order_by(HardshipTag.person_id, HardshipTag.from_on).limit(1)
    )  # fmt: skip
    if tag is not None:
        end_hardship(tag.person_id, tag.id, on=story.ago(40), reason="已就业，收入稳定（示例）",
                     by=story.clerk, now=story.at(40))  # fmt: skip
