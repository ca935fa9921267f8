"""Who fits which vacancy: skill, hours, children, distance, wage, wishes; and the order of two lists."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from core.sites.actions import OUTSIDE_CODE
from workshop.rules.matching import (
    OUTSIDE,
    Match,
    Need,
    Post,
    Seeker,
    candidates,
    match,
    nearness,
    vacancies,
    working_hours,
)
from workshop.values import Fit, Form, Mobility, Reach, Said, Shift, SkillLevel

SEWING, BAKING = 1, 2
POST = Post(
    7, skill_id=SEWING, skill_name="缝纫", level=SkillLevel.JUNIOR, starts_min=540, ends_min=900,
    hours_week=30, wage_from_fen=300000, area="01.03",
)  # fmt: skip
SHE = Seeker(1, Need(), {SEWING: SkillLevel.JUNIOR}, area="01.03.05")


def codes(said: tuple[Said, ...]) -> set[Fit]:
    return {one.code for one in said}


def with_need(**values: object) -> Seeker:
    return replace(SHE, need=replace(Need(), **values))  # type: ignore[arg-type]


def all_codes(fit: Match) -> set[Fit]:
    return codes(fit.reasons + fit.questions + fit.misfits + fit.blockers)


def test_whoever_fits_in_everything_has_no_misfit() -> None:
    fit = match(SHE, POST)
    assert (codes(fit.misfits), codes(fit.blockers), codes(fit.questions)) == (set(), set(), set())
    assert Said(Fit.HAS_SKILL, ("缝纫", SkillLevel.JUNIOR)) in fit.reasons
    assert Said(Fit.TIME_FITS, (31, 540, 900)) in fit.reasons
    assert Said(Fit.NEAR, (Reach.SAME_COMMUNITY,)) in fit.reasons


def test_a_skill_is_had_too_low_learned_wanted_or_missing() -> None:
    senior = match(replace(SHE, skills={SEWING: SkillLevel.SENIOR}), POST)
    low = match(replace(SHE, skills={SEWING: SkillLevel.BASIC}), POST)
    learns = match(replace(SHE, skills={}, learns=frozenset({SEWING})), POST)
    wants = match(replace(SHE, skills={}, wants=frozenset({SEWING})), POST)
    none = match(replace(SHE, skills={BAKING: SkillLevel.SENIOR}), POST)
    assert Fit.HAS_SKILL in codes(senior.reasons)
    assert Said(Fit.SKILL_TOO_LOW, ("缝纫", SkillLevel.BASIC, SkillLevel.JUNIOR)) in low.misfits
    assert Fit.LEARNS_SKILL in codes(learns.reasons)
    assert {Fit.WANTS_SKILL, Fit.SKILL_MISSING} <= all_codes(wants)
    assert Fit.SKILL_MISSING in codes(none.misfits)
    assert senior.score > learns.score > wants.score > none.score
    assert low.score > wants.score
    assert Fit.NO_SKILL_ASKED in codes(match(SHE, replace(POST, skill_id=None)).reasons)


def test_hours_outside_hers_are_said_and_none_in_common_stand_in_the_way() -> None:
    late = match(with_need(free_from_min=600), POST)
    assert Said(Fit.TIME_OUTSIDE, (540, 900, 600, 1080)) in late.misfits
    night = match(with_need(free_from_min=960, free_until_min=1200), POST)
    assert Fit.NO_HOUR in codes(night.blockers)
    assert match(SHE, POST).score > late.score > night.score
    weekend = match(with_need(weekdays=96), POST)
    assert weekend.blockers == (Said(Fit.NO_DAY, (31,)),)
    four_days = match(with_need(weekdays=15), POST)
    assert Said(Fit.DAYS_SHORT, (16,)) in four_days.misfits
    assert Said(Fit.TIME_FITS, (15, 540, 900)) in four_days.reasons
    assert Fit.TIME_UNKNOWN in codes(
        match(SHE, replace(POST, starts_min=None, ends_min=None)).questions
    )
    assert Fit.TIME_FLEXIBLE in codes(match(SHE, replace(POST, shift=Shift.FLEXIBLE)).reasons)
    assert Fit.SHIFTS_CHANGE in codes(match(SHE, replace(POST, shift=Shift.ROTATING)).questions)
    assert Said(Fit.HOURS_TOO_MANY, (60, 50)) in match(SHE, replace(POST, hours_week=60)).misfits


def test_the_hours_kept_free_for_children_need_not_be_hers() -> None:
    post = replace(POST, is_mothers_post=True, starts_min=510, ends_min=1080, care_from_min=960,
                   care_until_min=1050)  # fmt: skip
    assert working_hours(post) == [(510, 960), (1050, 1080)]
    to_five = replace(post, care_until_min=1080)
    mother = with_need(free_until_min=960, children_under_12=1)
    assert Fit.TIME_FITS in codes(match(mother, to_five).reasons)
    assert Said(Fit.CARE_KEPT_FREE, (960, 1080)) in match(mother, to_five).reasons
    assert Fit.TIME_OUTSIDE in codes(match(mother, post).misfits)


def test_a_night_shift_goes_over_midnight() -> None:
    night = replace(POST, shift=Shift.NIGHT, starts_min=1320, ends_min=360)
    assert working_hours(night) == [(1320, 1440), (0, 360)]
    assert Fit.NO_HOUR in codes(match(SHE, night).blockers)
    whole_day = with_need(free_from_min=0, free_until_min=1440)
    assert Fit.TIME_FITS in codes(match(whole_day, night).reasons)


def test_distance_is_told_by_areas() -> None:
    assert nearness("01.03.05", "01.03.05") is Reach.SAME_GRID
    assert nearness("01.03.05", "01.03") is Reach.SAME_COMMUNITY
    assert nearness("01.03.05", "01.04.05") is Reach.SAME_STREET
    assert nearness("01.03.05", "02.03.05") is Reach.ANYWHERE
    assert nearness("99", "01.03") is Reach.ANYWHERE
    assert nearness("99", "99") is None
    assert OUTSIDE == OUTSIDE_CODE
    assert nearness(None, "01") is None
    far = match(with_need(reach=Reach.SAME_COMMUNITY), replace(POST, area="01.04"))
    assert far.misfits == (Said(Fit.TOO_FAR, (Reach.SAME_STREET, Reach.SAME_COMMUNITY)),)
    assert Fit.PLACE_UNKNOWN in codes(match(SHE, replace(POST, area=None)).questions)


def test_whoever_cannot_leave_home_works_at_home() -> None:
    she = with_need(mobility=Mobility.AT_HOME, wants_home_work=True)
    assert Fit.CANNOT_LEAVE_HOME in codes(match(she, POST).blockers)
    at_home = match(she, replace(POST, form=Form.HOME_WORK))
    assert {Fit.AT_HOME, Fit.WANTS_HOME_WORK} <= codes(at_home.reasons)
    assert at_home.blockers == ()
    assert Fit.NO_HOME_WORK_WISHED in codes(match(SHE, replace(POST, form=Form.HOME_WORK)).misfits)


def test_wages_and_wishes_are_told() -> None:
    wants_more = with_need(least_wage_fen=350000)
    assert match(wants_more, POST).misfits == (Said(Fit.WAGE_TOO_LOW, (300000, 350000)),)
    range_ = replace(POST, wage_until_fen=400000)
    assert Said(Fit.WAGE_MAY_FIT, (300000, 400000, 350000)) in match(wants_more, range_).questions
    assert Fit.WAGE_FITS in codes(match(with_need(least_wage_fen=300000), POST).reasons)
    assert Fit.WAGE_UNKNOWN in codes(match(wants_more, replace(POST, wage_from_fen=None)).questions)
    at_home = with_need(wants_work=False, wants_home_work=True)
    assert Fit.WANTS_NO_WORK in codes(match(at_home, POST).blockers)
    assert Fit.WANTS_VENTURE in codes(match(with_need(wants_venture=True), POST).questions)
    assert Fit.IN_WORK in codes(match(replace(SHE, in_work_at="示例超市"), POST).blockers)


def test_whom_nobody_has_asked_is_listed_with_that_question() -> None:
    fit = match(replace(SHE, need=None), POST)
    assert codes(fit.questions) == {Fit.NEEDS_UNKNOWN}
    assert fit.blockers == ()


def test_whom_only_a_roster_names_is_asked_and_listed_with_those_never_asked() -> None:
    she = with_need(weekdays=0, wants_work=False)
    for shift in (Shift.DAY, Shift.FLEXIBLE):
        post = replace(POST, shift=shift, is_mothers_post=True)
        fit = match(she, post)
        assert codes(fit.questions) == {Fit.HOURS_UNKNOWN, Fit.WISHES_UNKNOWN}
        assert (fit.misfits, fit.blockers) == ((), ())
        assert fit.score >= match(replace(SHE, need=None), post).score
    at_home = match(she, replace(POST, form=Form.HOME_WORK))
    assert (at_home.misfits, at_home.blockers) == ((), ())


def test_on_a_mothers_post_mothers_come_first() -> None:
    post = replace(POST, is_mothers_post=True, care_from_min=960, care_until_min=1080)
    best = replace(SHE, person_id=1, skills={SEWING: SkillLevel.SENIOR})
    mother = replace(with_need(children_under_12=2), person_id=2, skills={})
    order = [seeker.person_id for seeker, _fit in candidates(post, [best, mother])]
    assert order == [2, 1]
    assert [s.person_id for s, _ in candidates(POST, [best, mother])] == [1, 2]


def test_among_equals_hardship_comes_first_and_then_the_longest_without_work() -> None:
    lately = replace(SHE, person_id=1, unemployed_since=date(2026, 9, 1))
    hardship = replace(SHE, person_id=2, is_in_hardship=True)
    long_ago = replace(SHE, person_id=3, unemployed_since=date(2024, 1, 1))
    better = replace(SHE, person_id=4, area="01.03.05")
    found = candidates(replace(POST, area="01.03.05"), [
        lately, replace(hardship, area="01.03.06"), long_ago, better,
    ])  # fmt: skip
    assert [seeker.person_id for seeker, _fit in found] == [3, 1, 4, 2]  # points go before hardship
    equal = candidates(POST, [lately, hardship, long_ago])
    assert [seeker.person_id for seeker, _fit in equal] == [2, 3, 1]


def test_vacancies_for_a_woman_come_best_first_and_impossible_ones_last() -> None:
    far = replace(POST, vacancy_id=8, area="02.01")
    weekend = replace(POST, vacancy_id=9, weekdays=96)
    found = [post.vacancy_id for post, _fit in vacancies(SHE, [weekend, far, POST])]
    assert found == [7, 8, 9]


NEEDS = st.builds(
    Need, weekdays=st.integers(0, 127), free_from_min=st.integers(0, 700),
    free_until_min=st.integers(701, 1440), children_under_12=st.integers(0, 3),
    mobility=st.sampled_from(Mobility), reach=st.sampled_from(Reach), wants_work=st.booleans(),
    wants_home_work=st.booleans(), wants_venture=st.booleans(),
    least_wage_fen=st.one_of(st.none(), st.integers(0, 10**6)),
)  # fmt: skip
SEEKERS = st.builds(
    Seeker, person_id=st.integers(1, 9), need=st.one_of(st.none(), NEEDS),
    skills=st.dictionaries(st.integers(1, 2), st.sampled_from(SkillLevel)),
    area=st.one_of(st.none(), st.sampled_from(["01.03.05", "01.03", "02"])),
)  # fmt: skip
MINUTES = st.integers(1, 1439)
POSTS = st.builds(
    Post, vacancy_id=st.integers(1, 9), form=st.sampled_from(Form),
    skill_id=st.one_of(st.none(), st.integers(1, 2)), level=st.sampled_from(SkillLevel),
    shift=st.sampled_from(Shift), weekdays=st.integers(0, 127), starts_min=MINUTES, ends_min=MINUTES,
    hours_week=st.one_of(st.none(), st.integers(1, 84)), is_mothers_post=st.booleans(),
    wage_from_fen=st.one_of(st.none(), st.integers(0, 10**6)),
    area=st.one_of(st.none(), st.sampled_from(["01.03.05", "01.03", "02"])),
)  # fmt: skip


@given(SEEKERS, POSTS)
def test_points_stay_between_none_and_a_hundred_and_nobody_is_hidden(
    she: Seeker, post: Post
) -> None:
    fit = match(she, post)
    assert 0 <= fit.score <= 100
    assert len(candidates(post, [she, replace(she, person_id=99)])) == 2
    assert fit == match(she, post)
