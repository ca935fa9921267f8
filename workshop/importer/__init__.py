"""A roster of learners: registration, hardship, and what they would like to learn.

Words that no table holds are wrong cells; neither a skill nor a kind of hardship is ever made here.
"""

from flask_babel import lazy_gettext as _l

from core.people.imports.importer import Importer
from core.people.imports.words import describe_fields, describe_findings
from workshop.importer.checking import check, vocabulary
from workshop.importer.writing import members, prepare, stop

describe_fields(
    {
        "registration": _l("Learner"), "hardship": _l("Hardship"),
        "hardship_certified": _l("Hardship certified"), "skills_wanted": _l("Skills wanted"),
        "wish": _l("Wish"), "certified": _l("Certified?"), "certified_by": _l("Certified by"),
        "children": _l("Children"), "children_under_12": _l("Children under 12"),
        "unemployed_since": _l("Without work since"), "work": _l("State of work"),
        "home_site": _l("Workshop"), "coordinator": _l("Coordinator"),
        "unemployed": _l("State of work"), "work_state": _l("State of work"),
    }
)  # fmt: skip
describe_findings(
    {
        "skill_unknown": _l("Unknown skill: %(text)s. Add it to the table of skills, or mend this cell."),
        "wish_unknown": _l("“%(text)s” is no wish that is known. Write 就业, 居家加工 or 创业."),
        "hardship_not_in_table": _l(
            "“%(text)s” is not in the table of hardship. Add it there, or mend this cell."),
        "certified_unreadable": _l("“%(text)s” is neither certified nor self-declared. Write 是 or 否."),
        "certified_without_kind": _l("Marked as certified, but no kind of hardship is named."),
        "children_unreadable": _l("“%(text)s” cannot be read as a number of children. Write for example 2."),
        "children_without_ages": _l(
            "“%(text)s” does not tell the age of each child, so none is counted as under 12. Ask her."),
        "work_unknown": _l(
            "“%(text)s” is no state of work that is known. Write for example 失业, 灵活就业 or 在职."),
        "work_retired": _l("Marked “%(text)s”: she may learn, but is not counted for subsidies."),
        "since_unreadable": _l("“%(text)s” cannot be read as a day. Write it as 2025-03-01."),
        "since_ambiguous": _l("“%(text)s” can be read in two ways. Write it as 2025-03-01."),
        "since_impossible": _l(
            "“%(text)s” is no day between her birth and today. Write it as 2025-03-01."),
        "over_retirement_age": _l(
            "Has reached retirement age: she may learn, but is not counted for subsidies."),
        "workshop_unknown": _l(
            "It is not clear to which workshop she belongs. Choose the site for the whole file."),
        "learner_before_merge": _l(
            "She is a learner already, under a record that was merged into this one. Leave this row out "
            "and change her on her page."),
        "learner_has_ended": _l(
            "Her time as a learner ended on %(on)s (%(reason)s). The import registers her again."),
        "hardship_not_listed": _l(
            "Holds %(text)s until now, which this roster does not name. It stays; end it on her "
            "page if it is over."),
    }
)  # fmt: skip

TEMPLATE: tuple[tuple[str, int, str, str], ...] = (
    ("姓名", 12, "王秀华", "与身份证一致,一行一人"),
    ("性别", 6, "女", "可不填,由身份证号得出"),
    ("身份证号", 24, "130499199004120020", "18 位,按文本填写;没有身份证号的,导入时说明原因"),
    ("联系电话", 16, "19900000001", "手机或带区号的座机"),
    ("家庭住址", 32, "农林二社区9号楼2单元501", "写到门牌号"),
    ("社区", 16, "农林二社区", "与系统中的社区名称一致"),
    ("网格", 10, "第1网格", "写第几网格"),
    ("技能意向", 20, "缝纫、家政", "可填多项,用顿号隔开;与技能表中的名称一致"),
    ("就业意愿", 14, "就业", "就业、居家加工、创业,可填多项"),
    ("困难类别", 20, "单亲、低保", "可填多类,用顿号隔开;没有的写“无”"),
    ("是否认定", 10, "是", "是:有关部门已认定;否:本人自述"),
    ("认定单位", 18, "区民政局", "已认定的填写"),
    ("12岁以下子女", 12, "1", "人数,没有的写 0"),
    ("就业状态", 14, "失业", "失业、灵活就业、在职、务农、料理家务、退休等"),
    ("失业时间", 14, "2025-03-01", "可只写年月"),
    ("备注", 24, "", ""),
)
LEARNERS = Importer(
    "learners", _l("Learners of the workshop"), site_kind="workshop", vocabulary=vocabulary,
    check=check, prepare=prepare, members=members, stop=stop, columns=TEMPLATE,
)  # fmt: skip
