"""Verbs on people, on both engines."""

from datetime import date

import pytest
import sqlalchemy as sa

from core import clock
from core.audit import AuditEntry
from core.db import db, transaction
from core.errors import RuleError
from core.people.actions import (
    add_person,
    change_person,
    change_standing,
    likely_doubles,
    link_household,
    merge_person,
    note_reveal,
    set_contacts,
    verify_value,
)
from core.people.actions.persons import contacts_of
from core.people.models import Card, CardState, Person, Sex, Standing, StandingKind
from core.people.search import find_by_id_number, matching
from core.people.values import Contact, Details
from tests.conftest import NOON, both_engines

DAY = clock.service_day(NOON)


def add(name, clerk, **details):
    if not details.get("id_number"):
        details.setdefault("no_id_reason", "证件遗失")
    return add_person(Details(name, **details), by=clerk, now=NOON)


def give_card(person_id, serial=1):
    with transaction() as session:
        session.add(Card(person_id=person_id, serial=serial, issued_at=NOON))


def actions_logged(person_id):
    return sorted(db.session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.person_id == person_id)
    ))  # fmt: skip


@both_engines
def test_a_person_is_added_with_what_the_id_number_says(street, clerk, number):
    person = add("单 桂芳", clerk, id_number=number().lower(), phone="138-0000-1234")
    assert (person.name, person.birth_on, person.sex) == ("单桂芳", date(1940, 5, 4), Sex.MALE)
    assert person.pinyin == "shan gui fang"
    assert person.standing == StandingKind.REGISTERED
    assert actions_logged(person.id) == ["person.added"]


@both_engines
def test_one_id_number_belongs_to_one_person(street, clerk, number):
    first = add("王兵", clerk, id_number=number())
    with pytest.raises(RuleError) as caught:
        add("王冰", clerk, id_number=number())
    assert (caught.value.code, caught.value.details["person_id"]) == ("id_number_taken", first.id)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 1


@both_engines
@pytest.mark.parametrize("typed", [
    "单桂", "shanguifang", "sgf", "dgf", "danguifang",
    "shan gui", "1234", "5678", "SGF", "13800001234", "138 0000 1234", "+86 138 0000 1234", "shān guì fāng",
])  # fmt: skip
def test_a_person_is_found_by_whatever_is_in_hand(street, clerk, number, typed):
    person = add("单桂芳", clerk, id_number=number(), phone="13800001234")
    add("李楠", clerk, phone="+86 139 0000 5678")
    found = set(db.session.scalars(sa.select(Person.name).where(matching(typed))))
    assert found == ({"李楠"} if typed == "5678" else {person.name})


@pytest.mark.parametrize("typed", ["_", "%", "-", "·", ". _", "%%"])
def test_signs_alone_do_not_mean_everybody(street, clerk, number, typed):
    add("单桂芳", clerk, id_number=number())
    assert list(db.session.scalars(sa.select(Person.name).where(matching(typed)))) == []


def test_a_phone_is_found_with_and_without_the_prefix_and_an_umlaut_with_its_tone(street, clerk):
    person = add("吕楠", clerk, phone="+86 139 0000 5678")
    for typed in ("13900005678", "(+86)13900005678", "8613900005678", "lǚ nán", "lv nan", "lu nan"):
        assert db.session.scalars(sa.select(Person.id).where(matching(typed))).all() == [person.id]


@both_engines
def test_digits_of_the_id_number_find_her_without_standing_in_the_database(street, clerk, number):
    full = number()
    person = add("单桂芳", clerk, id_number=full)
    for typed in (full, full[-6:], full[-4:], f"{full[:6]} {full[6:14]} {full[14:]}"):
        assert list(db.session.scalars(sa.select(Person.id).where(matching(typed)))) == [person.id]
    row = db.session.execute(sa.text("SELECT * FROM person")).mappings().one()
    assert not any(full in str(value) or full[-6:] == str(value) for value in row.values())


@pytest.mark.parametrize(("changes", "code"), [
    ({"name": "王\u202e兵"}, "name_hidden_characters"), ({"name": " "}, "name_missing"),
    ({"name": "王?"}, "name_lost_character"),
    ({"id_number": "130499194005041234"}, "id_check_digit"), ({"id_number": "1304991940050412"}, "id_length"),
    ({"id_number": None, "no_id_reason": None}, "no_id_reason_needed"),
    ({"birth_on": date(1941, 5, 4)}, "birth_not_of_id"),
    ({"note": "a\u0007b"}, "hidden_characters"),
])  # fmt: skip
def test_what_may_not_be_stored_is_refused_and_nothing_written(
    street, clerk, number, changes, code
):
    details = {"name": "王兵", "id_number": number(), **changes}
    with pytest.raises(RuleError) as caught:
        add_person(Details(**details), by=clerk, now=NOON)
    assert caught.value.code == code
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Person)) == 0


@both_engines
def test_a_change_logs_before_and_after_and_a_new_number_frees_the_old(street, clerk, number):
    person = add("王兵", clerk, id_number=number(serial=101), phone="13800001234")
    changed = change_person(
        person.id,
        Details("王兵", id_number=number(serial=103), phone="13800001234"),
        by=clerk,
        now=NOON,
    )
    assert changed
    assert find_by_id_number(number(serial=103)).id == person.id
    assert find_by_id_number(number(serial=101)) is None
    add("王冰", clerk, id_number=number(serial=101))
    assert actions_logged(person.id) == ["person.added", "person.changed"]


@both_engines
def test_saving_without_a_change_writes_nothing(street, clerk, number):
    person = add("王兵", clerk, id_number=number())
    same = Details("王兵", sex="male", birth_on=person.birth_on, id_number=number())
    assert not change_person(person.id, same, by=clerk, now=NOON)
    assert actions_logged(person.id) == ["person.added"]


@both_engines
def test_death_ends_card_and_standing_in_one_transaction(street, clerk):
    person = add("王兵", clerk)
    give_card(person.id)
    change_standing(person.id, StandingKind.DECEASED, by=clerk, now=NOON, note="家属告知")
    db.session.expire_all()
    assert db.session.get(Card, (person.id, 1)).state == CardState.REVOKED
    assert db.session.get(Person, person.id).standing == StandingKind.DECEASED
    assert {"card.revoked", "person.standing_changed"} <= set(actions_logged(person.id))


@both_engines
def test_hospital_keeps_the_card_and_dates_follow_each_other(street, clerk):
    person = add("王兵", clerk)
    give_card(person.id)
    later = NOON.replace(day=28)
    change_standing(person.id, StandingKind.HOSPITAL, by=clerk, now=later)
    db.session.expire_all()
    assert db.session.get(Card, (person.id, 1)).state == CardState.ACTIVE
    rows = db.session.scalars(sa.select(Standing).order_by(Standing.since_on)).all()
    assert [(r.kind.value, str(r.since_on), str(r.until_on)) for r in rows] == [
        ("registered", "2026-11-24", "2026-11-27"), ("hospital", "2026-11-28", "None"),
    ]  # fmt: skip
    with pytest.raises(RuleError, match="standing_before"):
        change_standing(
            person.id, StandingKind.DECEASED, by=clerk, now=later, since_on=date(2026, 11, 20)
        )


@both_engines
def test_a_merge_leads_on_ends_cards_and_moves_no_history(street, clerk, number):
    old = add("王兵", clerk, birth_on=date(1940, 5, 4), phone="13800001234")
    new = add("王兵", clerk, id_number=number())
    give_card(old.id)
    assert [p.id for p in likely_doubles(new)] == [old.id]
    merge_person(old.id, new.id, reason="同一人登记两次", by=clerk, now=NOON)
    db.session.expire_all()
    merged = db.session.get(Person, old.id)
    assert merged.merged_into_id == new.id
    assert db.session.get(Card, (old.id, 1)).state == CardState.REVOKED
    assert likely_doubles(db.session.get(Person, new.id)) == []
    with pytest.raises(RuleError, match="person_is_merged"):
        change_person(old.id, Details("王兵", no_id_reason="遗失"), by=clerk, now=NOON)


def test_a_merge_hands_over_the_phone_where_there_is_none(street, clerk):
    old, new = add("王兵", clerk, phone="13800001234"), add("王兵", clerk)
    merge_person(old.id, new.id, reason="同一人登记两次", by=clerk, now=NOON)
    found = sa.select(Person.id).where(matching("13800001234"), Person.merged_into_id.is_(None))
    assert db.session.scalars(found).all() == [new.id]
    other = add("王兵", clerk, phone="13800005678")
    merge_person(new.id, other.id, reason="同一人登记两次", by=clerk, now=NOON)
    assert db.session.get(Person, other.id).phone == "13800005678"


@both_engines
def test_a_merge_hands_over_where_she_lives_with_whom_and_whom_to_call(street, clerk):
    grid = street["水电社区1"]
    old = add("王兵", clerk, address="水电街1号", residence_area_id=grid, sex="male").id
    new, spouse = add("王兵", clerk).id, add("李楠", clerk).id
    link_household(spouse, old, by=clerk, now=NOON)
    set_contacts(old, [Contact("王大", "儿子", "13100000001")], by=clerk, now=NOON)
    verify_value(old, "address", by=clerk, now=NOON)
    merge_person(old, new, reason="同一人登记两次", by=clerk, now=NOON)
    db.session.expire_all()
    gone, kept, other = (db.session.get(Person, each) for each in (old, new, spouse))
    assert (kept.address, kept.residence_area_id, kept.sex) == ("水电街1号", grid, Sex.MALE)
    assert kept.address_verified_at == NOON
    assert kept.household_id == other.household_id is not None and gone.household_id is None
    assert [c.name for c in db.session.scalars(contacts_of(new))] == ["王大"]


@both_engines
def test_a_merge_keeps_what_the_record_that_stays_says(street, clerk, number):
    old = add("王兵", clerk, id_number=number(), address="旧址", phone="13800001234").id
    new = add("王兵", clerk, birth_on=date(1941, 1, 1), address="新址", phone="13800005678").id
    for each, name in ((old, "王大"), (new, "王二")):
        set_contacts(each, [Contact(name)], by=clerk, now=NOON)
    merge_person(old, new, reason="同一人登记两次", by=clerk, now=NOON)
    db.session.expire_all()
    kept = db.session.get(Person, new)
    assert (kept.address, kept.phone) == ("新址", "13800005678")
    assert [c.name for c in db.session.scalars(contacts_of(new))] == ["王二"]
    assert kept.birth_on == date(1940, 5, 4)  # as its ID number says


@both_engines
def test_a_merge_hands_over_the_id_number(street, clerk, number):
    with_number = add("王兵", clerk, id_number=number())
    kept = add("王兵", clerk, birth_on=date(1940, 5, 4))
    merge_person(with_number.id, kept.id, reason="同一人", by=clerk, now=NOON)
    assert find_by_id_number(number()).id == kept.id


def test_two_id_numbers_are_two_people(street, clerk, number):
    first, second = (add("王兵", clerk, id_number=number(serial=n)) for n in (101, 103))
    with pytest.raises(RuleError, match="merge_two_id_numbers"):
        merge_person(first.id, second.id, reason="同一人", by=clerk, now=NOON)


def test_nobody_is_merged_into_a_record_that_counts_nowhere(street, clerk):
    person = add("王兵", clerk).id
    practice = add_person(Details("练习一号"), by=clerk, now=NOON, is_practice=True).id
    for one, other in ((person, practice), (practice, person)):
        with pytest.raises(RuleError, match="merge_practice"):
            merge_person(one, other, reason="同一人", by=clerk, now=NOON)


@both_engines
def test_household_and_contacts(street, clerk):
    first, second = add("王兵", clerk), add("李楠", clerk)
    link_household(first.id, second.id, by=clerk, now=NOON)
    set_contacts(
        first.id, [Contact("王大", "儿子", "13100000001"), Contact("王二")], by=clerk, now=NOON
    )
    db.session.expire_all()
    assert first.household_id == second.household_id is not None
    assert [c.name for c in db.session.scalars(contacts_of(first.id))] == ["王大", "王二"]


def test_a_look_behind_the_masks_needs_a_reason(street, clerk):
    person = add("王兵", clerk)
    with pytest.raises(RuleError, match="reason_needed"):
        note_reveal(person.id, " ", by=clerk, now=NOON)
    note_reveal(person.id, "核对身份", by=clerk, now=NOON)
    assert "person.revealed" in actions_logged(person.id)


def test_a_new_phone_is_no_longer_the_verified_one(street, clerk):
    person = add("王兵", clerk, phone="13800001234")
    verify_value(person.id, "phone", by=clerk, now=NOON)
    change_person(
        person.id, Details("王兵", no_id_reason="证件遗失", phone="13800001235"), by=clerk, now=NOON
    )
    db.session.expire_all()
    assert db.session.get(Person, person.id).phone_verified_at is None
