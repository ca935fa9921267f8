"""Employers of the demo and what they offer: mothers' posts, a filled vacancy, one that was closed."""

import sqlalchemy as sa

from core.db import db
from workshop.actions.employers import (
    EmployerFacts,
    VacancyFacts,
    add_employer,
    close_vacancy,
    ensure_micro_factory,
    open_vacancy,
    retire_employer,
)
from workshop.demo.story import Story, minutes
from workshop.models import Employer
from workshop.values import Form, Shift, SkillLevel

# Code, name, contact, community by its place in the list of grids, note.
EMPLOYERS = (
    ("agency", "渚河家政服务公司（示例）", "刘经理", 0, "长期招人，先试工三天"),
    ("nursery", "农林路托育中心（示例）", "陈园长", 6, ""),
    ("market", "水电便民超市（示例）", "老马", 17, "可按孩子上下学时间排班"),
    ("garment", "隆润服装加工厂（示例）", "韩主任", 24, "计件，保底工资"),
    ("noodles", "桃园面馆（示例）", "小袁", 29, ""),
    ("centre", "街道便民服务中心（示例）", "经办人小周", 3, "公益性岗位由区里核定"),
)  # fmt: skip


def recruit(story: Story) -> tuple[dict[str, int], dict[str, int]]:
    """Employers and vacancies by their codes; what is closed is closed later."""
    ensure_micro_factory(by=story.clerk, now=story.at(318))
    employers = {
        code: add_employer(
            EmployerFacts(
                name, contact=contact, phone=f"1990000{8100 + place:04d}",
                area_id=story.areas[place % len(story.areas)][0], note=note,
            ),
            by=story.coordinator, now=story.at(270),
        ).id
        for code, name, contact, place, note in EMPLOYERS
    }  # fmt: skip
    employers["own"] = db.session.scalars(
        sa.select(Employer.id).where(Employer.is_micro_factory).order_by(Employer.id).limit(1)
    ).one()
    vacancies = {
        code: open_vacancy(
            employers[employer], facts, on=story.ago(ago), by=story.coordinator, now=story.at(ago)
        ).id
        for code, employer, ago, facts in _offers(story)
    }
    return employers, vacancies


def _offers(story: Story) -> tuple[tuple[str, str, int, VacancyFacts], ...]:
    """Code, employer, days ago, and what is offered. Wages are fen a month."""
    skills = story.skills
    at = {code: story.areas[place % len(story.areas)][0] for code, _, _, place, _ in EMPLOYERS}
    return (
        ("cleaner", "agency", 255, VacancyFacts(
            "家政保洁员", 6, skill_id=skills["home_service"], level=SkillLevel.JUNIOR, weekdays=63,
            starts_min=minutes(8), ends_min=minutes(17), hours_week=48, wage_from_fen=2600_00,
            wage_until_fen=3400_00, area_id=at["agency"],
        )),
        ("hourly", "agency", 250, VacancyFacts(
            "上门钟点工", 4, form=Form.FLEXIBLE, skill_id=skills["home_service"],
            starts_min=minutes(8, 30), ends_min=minutes(14, 30), hours_week=28, is_mothers_post=True,
            care_from_min=minutes(15, 30), care_until_min=minutes(18), wage_from_fen=1800_00,
            wage_until_fen=2400_00, area_id=at["agency"], note="孩子生病当天可换班",
        )),
        ("carer", "nursery", 215, VacancyFacts(
            "托班保育员", 2, skill_id=skills["infant_care"], starts_min=minutes(7, 30),
            ends_min=minutes(17, 30), hours_week=44, wage_from_fen=2400_00, wage_until_fen=2800_00,
            area_id=at["nursery"],
        )),
        ("shelves", "market", 128, VacancyFacts(
            "超市理货员", 3, weekdays=127, shift=Shift.FLEXIBLE, starts_min=minutes(9),
            ends_min=minutes(15), hours_week=36, is_mothers_post=True, care_from_min=minutes(15, 30),
            care_until_min=minutes(17, 30), wage_from_fen=2000_00, wage_until_fen=2300_00,
            area_id=at["market"],
        )),
        ("sewing", "garment", 62, VacancyFacts(
            "缝纫工", 8, skill_id=skills["sewing"], level=SkillLevel.BASIC, weekdays=63,
            starts_min=minutes(8), ends_min=minutes(18), hours_week=54, wage_from_fen=2800_00,
            wage_until_fen=4500_00, area_id=at["garment"], closes_on=story.ago(-30),
        )),
        ("public", "centre", 240, VacancyFacts(
            "公益性岗位：社区保洁", 3, form=Form.PUBLIC_POST, starts_min=minutes(8),
            ends_min=minutes(12), hours_week=20, wage_from_fen=1900_00, wage_until_fen=1900_00,
            area_id=at["centre"],
        )),
        ("kitchen", "noodles", 70, VacancyFacts(
            "帮厨", 1, skill_id=skills["cooking"], shift=Shift.ROTATING, weekdays=127, hours_week=50,
            wage_from_fen=2500_00, wage_until_fen=3000_00, area_id=at["noodles"],
        )),
        ("piecework", "own", 235, VacancyFacts(
            "来料加工（居家）", 20, form=Form.HOME_WORK, skill_id=skills["packing"],
            shift=Shift.FLEXIBLE, hours_week=20, wage_from_fen=600_00, wage_until_fen=1500_00,
            note="每周二、周五送料取货",
        )),
    )  # fmt: skip


def stop(story: Story, employers: dict[str, int], vacancies: dict[str, int]) -> None:
    """The noodle shop is given up: its vacancy is closed, and it leaves the list of employers."""
    now = story.at(40, 11)
    close_vacancy(vacancies["kitchen"], reason="店铺转让（示例）", by=story.coordinator, now=now)
    retire_employer(employers["noodles"], reason="店铺转让（示例）", by=story.clerk, now=now)
