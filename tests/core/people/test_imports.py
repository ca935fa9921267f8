"""Imports: preview, mending, confirmation all or nothing; on both engines."""

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from canteen.actions import end_eligibility, ensure_categories
from canteen.models import DietNeed, Diner, Eligibility, MealCategory
from canteen.values import WayOfEating
from core import clock
from core.audit import AuditEntry
from core.db import db, transaction
from core.errors import RuleError
from core.people.actions import add_person, change_standing, verify_value
from core.people.import_models import BatchState, ImportBatch
from core.people.imports.actions import (
    confirm_import,
    decide_missing,
    decide_rows,
    discard_import,
    forget_expired_imports,
    start_import,
)
from core.people.imports.batches import plan_of
from core.people.imports.plan import State
from core.people.models import EmergencyContact, Person, PersonReading, StandingKind
from core.people.values import Details
from tests.conftest import NOON, both_engines
from tests.core.people.roster.invented import Book, id_number, somebodies

DAY = clock.service_day(NOON)
HEAD = [
    "姓名",
    "身份证号",
    "联系电话",
    "家庭住址",
    "网格",
    "类别",
    "忌口",
    "紧急联系人",
    "联系人电话",
    "送餐",
]


def roster(people, title="农林二社区老年人花名册", head=HEAD, diets="", **cells):
    rows = [[title], head]
    for p in people:
        rows.append([p.name, p.id_number, p.phone, p.address, f"第{p.grid}网格", "、".join(p.categories), diets,
                     "赵大勇", "13100000001", "√" if p.deliver else ""])  # fmt: skip
    return Book().sheet("花名册", rows, [(0, 0, 0, len(head) - 1, title)]).bytes()


def upload(content, clerk, importer="diners", **options):
    return start_import(content, "名册.xlsx", importer, by=clerk, now=NOON, **options)


def count(model):
    return db.session.scalar(sa.select(sa.func.count()).select_from(model))


@pytest.fixture
def canteen(street, clerk):
    ensure_categories(by=clerk, now=NOON)
    return street


@both_engines
def test_a_roster_becomes_registered_diners_with_their_papers(canteen, clerk):
    people = [
        p.but(categories=("低保", "独居"), deliver=n == 0)
        for n, p in enumerate(somebodies(12, seed=21))
    ]
    batch = upload(roster(people, diets="花生过敏、低盐"), clerk)
    plan = plan_of(batch, DAY)
    assert plan.counts == {State.NEW: 12}
    outcome = confirm_import(batch.id, by=clerk, now=NOON, seen=plan.digest)
    assert (outcome.new, outcome.changed) == (12, 0)
    db.session.expire_all()
    stored = {p.name + p.id_number: p for p in db.session.scalars(sa.select(Person))}
    assert {p.name + p.id_number for p in people} == set(stored)
    first = stored[people[0].name + people[0].id_number]
    assert (first.birth_on, first.phone, first.address) == (
        people[0].birth,
        people[0].phone,
        people[0].address,
    )
    assert first.residence_area_id == canteen[f"农林二社区{people[0].grid}"]
    diner = db.session.get(Diner, first.id)
    assert (diner.home_site_id, diner.usual_way) == (canteen["site"], WayOfEating.DELIVERED)
    papers = db.session.execute(
        sa.select(MealCategory.name, Eligibility.state)
        .join(Eligibility.category).where(Eligibility.person_id == first.id)
    )  # fmt: skip
    assert sorted((name, state.value) for name, state in papers) == [
        ("低保", "approved"),
        ("独居", "approved"),
    ]
    needs = db.session.scalars(sa.select(DietNeed).where(DietNeed.person_id == first.id))
    assert sorted((n.kind.value, n.detail) for n in needs) == [
        ("allergy", "花生"),
        ("low_salt", None),
    ]
    assert count(EmergencyContact) == 12


@both_engines
def test_the_same_roster_again_changes_nothing(canteen, clerk):
    people = somebodies(10, seed=22)
    content = roster(people, diets="低盐")
    confirm_import(upload(content, clerk).id, by=clerk, now=NOON)
    entries = count(AuditEntry)
    batch = upload(content, clerk)
    assert plan_of(batch, DAY).counts == {State.SAME: 10}
    confirm_import(batch.id, by=clerk, now=NOON)
    assert count(AuditEntry) == entries + 2  # started and confirmed
    assert count(Eligibility) == sum(len(set(p.categories) - {"普通", "高龄"}) or 1 for p in people)


@both_engines
def test_whom_a_roster_calls_ordinary_may_eat_too(canteen, clerk):
    people = [
        p.but(categories=categories)
        for p, categories in zip(
            somebodies(3, seed=24), [("普通",), ("高龄",), ("低保",)], strict=True
        )
    ]
    confirm_import(upload(roster(people), clerk).id, by=clerk, now=NOON)
    held = db.session.execute(
        sa.select(Person.id_number, MealCategory.name)
        .join(Eligibility, Eligibility.person_id == Person.id)
        .join(Eligibility.category)
    )
    assert {tuple(row) for row in held} == {
        (people[0].id_number, "普通"),
        (people[1].id_number, "普通"),
        (people[2].id_number, "低保"),
    }


@both_engines
def test_changes_are_shown_cell_by_cell_and_written(canteen, clerk):
    people = somebodies(3, seed=23)
    confirm_import(upload(roster(people), clerk).id, by=clerk, now=NOON)
    people[1] = people[1].but(
        phone="13999999999", grid=people[1].grid % 6 + 1, deliver=not people[1].deliver
    )
    batch = upload(roster(people), clerk)
    plan = plan_of(batch, DAY)
    assert [r.state for r in plan.rows] == [State.SAME, State.CHANGED, State.SAME]
    assert {c.field for c in plan.rows[1].changes} == {"phone", "area", "way"}
    confirm_import(batch.id, by=clerk, now=NOON)
    db.session.expire_all()
    person = db.session.get(Person, plan.rows[1].person_id)
    assert person.phone == "13999999999"
    assert person.residence_area_id == canteen[f"农林二社区{people[1].grid}"]


@both_engines
def test_one_wrong_row_among_400_lets_nothing_in_until_it_is_mended(canteen, clerk):
    people = somebodies(400, seed=24)
    right = people[200].id_number
    people[200] = people[200].but(id_number=right[:-1] + ("1" if right[-1] != "1" else "2"))
    batch = upload(roster(people), clerk)
    plan = plan_of(batch, DAY)
    wrong = [r for r in plan.rows if r.state is State.WRONG]
    assert [(r.raw.row, r.wrong[0].code, r.wrong[0].cell) for r in wrong] == [
        (203, "id_check_digit", "B203")
    ]
    with pytest.raises(RuleError, match="import_rows_wrong"):
        confirm_import(batch.id, by=clerk, now=NOON)
    assert count(Person) == count(Diner) == 0
    decide_rows(batch.id, [wrong[0].key], mend={"id_number": right}, by=clerk, now=NOON)
    outcome = confirm_import(batch.id, by=clerk, now=NOON)
    assert outcome.new == count(Person) == count(Diner) == 400


@both_engines
def test_a_failure_in_the_middle_leaves_nothing_behind(canteen, clerk):
    def pull_the_plug(_connection, _cursor, statement, *_):
        if "INTO eligibility" in statement:
            raise ConnectionError("the plug was pulled")

    batch = upload(roster(somebodies(20, seed=25)), clerk)
    sa.event.listen(db.engine, "before_cursor_execute", pull_the_plug)
    with pytest.raises(ConnectionError):
        confirm_import(batch.id, by=clerk, now=NOON)
    sa.event.remove(db.engine, "before_cursor_execute", pull_the_plug)
    assert count(Person) == count(Diner) == count(PersonReading) == 0
    assert confirm_import(batch.id, by=clerk, now=NOON).new == 20


@both_engines
def test_a_row_can_be_left_out_or_taken_without_its_id_number(canteen, clerk):
    people = somebodies(3, seed=26)
    people[0] = people[0].but(id_number="无")
    people[1] = people[1].but(id_number="123")
    batch = upload(roster(people), clerk)
    keys = [r.key for r in plan_of(batch, DAY).rows]
    decide_rows(batch.id, [keys[0]], no_id_reason="证件在子女处", by=clerk, now=NOON)
    decide_rows(batch.id, [keys[1]], leave_out="已搬走", by=clerk, now=NOON)
    outcome = confirm_import(batch.id, by=clerk, now=NOON)
    assert (outcome.new, outcome.left_out) == (2, 1)
    db.session.expire_all()
    stored = {p.name: (p.id_number, p.no_id_reason) for p in db.session.scalars(sa.select(Person))}
    assert stored == {
        people[0].name: (None, "证件在子女处"),
        people[2].name: (people[2].id_number, None),
    }


@both_engines
def test_a_verified_value_is_proposed_and_never_overwritten(canteen, clerk):
    people = somebodies(1, seed=27)
    confirm_import(upload(roster(people), clerk).id, by=clerk, now=NOON)
    person = db.session.scalar(sa.select(Person))
    verify_value(person.id, "phone", by=clerk, now=NOON)
    batch = upload(roster([people[0].but(phone="13999999999")]), clerk)
    row = plan_of(batch, DAY).rows[0]
    assert row.state is State.SAME
    assert [(c.field, c.new, c.kept) for c in row.changes] == [("phone", "13999999999", True)]
    confirm_import(batch.id, by=clerk, now=NOON)
    db.session.expire_all()
    assert db.session.get(Person, person.id).phone == people[0].phone


@both_engines
def test_unknown_areas_are_wrong_rows_and_never_created(canteen, clerk):
    people = somebodies(3, seed=28)
    head = [*HEAD[:4], "社区", *HEAD[5:]]
    rows = [head] + [[p.name, p.id_number, p.phone, p.address, name] for p, name in
                     zip(people, ["农林九社区", "水电", "街道外"], strict=True)]  # fmt: skip
    batch = upload(Book().sheet("S", rows).bytes(), clerk)
    plan = plan_of(batch, DAY)
    assert [r.state for r in plan.rows] == [State.WRONG, State.NEW, State.NEW]
    assert plan.rows[0].wrong[0].code == "area_unknown"
    assert plan.rows[1].area_id == canteen["水电社区"]
    assert plan.rows[2].area_id == canteen["街道外"]
    rows = [["姓名", "身份证号", "网格"], [people[0].name, people[0].id_number, "第99网格"],
            [people[1].name, people[1].id_number, "第2网格"]]  # fmt: skip
    batch = upload(Book().sheet("S", rows).bytes(), clerk, default_area_id=canteen["水电社区"])
    plan = plan_of(batch, DAY)
    assert [[f.code for f in r.wrong] for r in plan.rows] == [["grid_unknown"], []]
    assert plan.rows[1].area_id == canteen["水电社区2"]


@both_engines
def test_people_missing_from_the_new_roster_are_listed_and_stopped_with_a_reason(canteen, clerk):
    people = somebodies(4, seed=29)
    confirm_import(upload(roster(people), clerk).id, by=clerk, now=NOON)
    batch = upload(roster(people[:2]), clerk)
    missing = plan_of(batch, DAY).missing
    assert {m.name for m in missing} == {p.name for p in people[2:]}
    decide_missing(batch.id, missing[0].person_id, "已迁出", by=clerk, now=NOON)
    assert confirm_import(batch.id, by=clerk, now=NOON).stopped == 1
    db.session.expire_all()
    assert db.session.get(Diner, missing[0].person_id).end_reason == "已迁出"
    assert db.session.get(Diner, missing[1].person_id).ended_on is None


@both_engines
def test_contradictions_are_warnings(canteen, clerk):
    young = somebodies(1, seed=30)[0].but(name="甲", categories=("高龄",))
    young = young.but(birth=date(1960, 1, 1), id_number=id_number(date(1960, 1, 1), 101))
    old = young.but(
        name="乙",
        birth=date(1930, 1, 1),
        id_number=id_number(date(1930, 1, 1), 101),
        categories=("低保",),
    )
    plan = plan_of(upload(roster([young, old]), clerk), DAY)
    assert [[f.code for f in r.warnings] for r in plan.rows] == [
        ["aged_but_young"],
        ["old_but_unmarked"],
    ]
    assert plan.counts == {State.NEW: 2}


@both_engines
def test_a_known_number_under_another_name_and_a_dead_person_are_wrong(canteen, clerk):
    people = somebodies(2, seed=31)
    confirm_import(upload(roster(people), clerk).id, by=clerk, now=NOON)
    dead = db.session.scalar(sa.select(Person).where(Person.name == people[1].name))
    change_standing(dead.id, StandingKind.DECEASED, by=clerk, now=NOON)
    plan = plan_of(upload(roster([people[0].but(name="完全不同"), people[1]]), clerk), DAY)
    assert [[f.code for f in r.wrong] for r in plan.rows] == [
        ["name_differs"],
        ["known_as_deceased"],
    ]


@both_engines
def test_a_person_without_an_id_number_gets_it_from_the_roster(canteen, clerk):
    one = somebodies(1, seed=32)[0]
    person = add_person(
        Details(one.name, birth_on=one.birth, no_id_reason="遗失"), by=clerk, now=NOON
    )
    batch = upload(roster([one]), clerk)
    plan = plan_of(batch, DAY)
    assert (plan.rows[0].person_id, plan.rows[0].state) == (person.id, State.CHANGED)
    confirm_import(batch.id, by=clerk, now=NOON)
    db.session.expire_all()
    assert db.session.get(Person, person.id).id_number == one.id_number


@both_engines
def test_a_paper_refused_today_is_not_brought_back_by_the_same_roster(canteen, clerk):
    people = [somebodies(1, seed=39)[0].but(categories=("低保",))]
    confirm_import(upload(roster(people), clerk).id, by=clerk, now=NOON)
    paper = db.session.scalar(sa.select(Eligibility))
    end_eligibility(
        paper.person_id, paper.id, on=paper.from_on, reason="材料不符", by=clerk, now=NOON
    )
    batch = upload(roster(people), clerk)
    confirm_import(batch.id, by=clerk, now=NOON)
    states = db.session.scalars(sa.select(Eligibility.state)).all()
    assert [state.value for state in states] == ["ended"]


@both_engines
def test_confirming_what_has_changed_since_the_preview_is_refused(canteen, clerk):
    people = somebodies(2, seed=33)
    batch = upload(roster(people), clerk)
    seen = plan_of(batch, DAY).digest
    add_person(Details(people[0].name, id_number=people[0].id_number), by=clerk, now=NOON)
    with pytest.raises(RuleError, match="import_moved_on"):
        confirm_import(batch.id, by=clerk, now=NOON, seen=seen)
    assert count(Person) == 1


@both_engines
def test_a_batch_is_encrypted_and_gone_after_a_day_or_when_it_ends(canteen, clerk):
    people = somebodies(2, seed=34)
    batch = upload(roster(people), clerk)
    stored = db.session.execute(sa.text("SELECT content FROM import_batch")).scalar_one()
    assert people[0].id_number.encode() not in bytes(stored)
    later = NOON + timedelta(hours=24, seconds=1)
    with pytest.raises(RuleError, match="import_gone"):
        confirm_import(batch.id, by=clerk, now=later)
    assert forget_expired_imports(later) == 1
    assert db.session.execute(sa.text("SELECT content FROM import_batch")).scalar_one() is None
    other = upload(roster(people), clerk)
    discard_import(other.id, by=clerk, now=NOON)
    db.session.expire_all()
    assert db.session.get(ImportBatch, other.id).state == BatchState.DISCARDED
    assert count(Person) == 0


@both_engines
def test_the_log_of_an_import_holds_no_readable_number(canteen, clerk):
    people = somebodies(2, seed=35)
    confirm_import(upload(roster(people), clerk).id, by=clerk, now=NOON)
    for table in ("audit_entry", "audit_values", "person", "emergency_contact"):
        rows = db.session.execute(sa.text(f"SELECT * FROM {table}")).mappings().all()
        text = json.dumps([dict(row) for row in rows], default=str)
        assert people[0].id_number not in text and people[0].phone not in text


def test_the_number_of_queries_does_not_grow_with_the_roster(canteen, clerk):
    def queries(people):
        batch = upload(roster(people), clerk)
        seen = []
        listen = lambda *args: seen.append(args[2])  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listen)
        plan_of(batch, DAY)
        sa.event.remove(db.engine, "before_cursor_execute", listen)
        return len(seen)

    assert queries(somebodies(5, seed=36)) == queries(somebodies(120, seed=37))


def test_the_registry_alone_can_be_imported(street, clerk):
    people = somebodies(3, seed=38)
    batch = upload(roster([p.but(categories=()) for p in people]), clerk, importer="people")
    assert confirm_import(batch.id, by=clerk, now=NOON).new == 3
    with transaction():
        assert count(Diner) == 0
