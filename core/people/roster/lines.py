"""Tells the lines under a head apart: people, section titles, totals, notes, repeated heads."""

import re
from itertools import pairwise

from core.people.roster.cells import clean_text, fold, read_categories, read_community, read_grid
from core.people.roster.values import Vocabulary

_TOTAL = re.compile(
    r"^(合计|总计|小计|共计|累计|总人数|本页|汇总|其中|以上|总数|共\d+[人名户]|人数)|"
    r"^.{0,8}(合计|小计|总计)$"
)
_FOOTER = re.compile(
    r"^[((]?(填表|填报|制表|审核|审批|负责人?|经办|单位|注|备注|说明|日期|盖章|公章|打印|报送|主管|核对|复核|分管|"
    r"联系(人|电话)|网格(员|长)|以下空白|此表|本表|附|社区(书记|主任|盖章|意见)|街道|领导|签字|签名|上报|统计)[^::]{0,10}([::]|$)|"
    r"^.{0,12}(签字|签名|盖章|签章|公章|意见)[))]?[::]?$|^(20\d\d年)?\d{1,2}月\d{1,2}日$|"
    r"^第\s*\d*\s*页|^共\s*\d*\s*页|^(此|本)表|^以下空白|^[※*★]|^注\d|^(填表|制表|审核|填报|经办)(人|时间|日期)|^说明"
)  # fmt: skip
_EXAMPLE = re.compile(
    r"^(示|样|举)?例\d*[::]?$|^[((](示|样)?例[))]|示例$|^例[::]|[((](示|样)?例[))]$"
)
_SECTION_MARKS = re.compile(
    r"^[((]?[一二三四五六七八九十\d]{1,3}[))]?[、..::)]?(?![\d号组片]|网格)|[((]?(共|合计|小计)?\s*\d+\s*[人名户]?[))]?$|[::]$"
)


_WHO_KEEPS = re.compile(
    r"[\s((,,:]*(专职|兼职)?(网格(员|长)|包联|负责人|责任人|楼(长|栋长)|联系(人|电话)|共?计?\d+[人户名]).*$"
)


def is_total(text: str) -> bool:
    """合计, 小计, 共64人 and the like."""
    return bool(_TOTAL.match(re.sub(r"\s", "", fold(text))))


def is_footer(text: str) -> bool:
    """填表人, 审核人, 注, 以下空白 and the like."""
    return bool(_FOOTER.match(re.sub(r"\s", "", fold(text))))


def is_example(text: str) -> bool:
    """A line that shows how to fill in the table."""
    return bool(_EXAMPLE.search(re.sub(r"\s", "", fold(text))))


_WAY = re.compile(
    r"(需要?)?(送餐|配送|上门送餐|送餐上门|送餐到家|堂食|自取|到店就餐|集中就餐)(老年?人|人员|对象|名单|花名册|部分|户|类)*"
)


def way_of(text: str) -> str:
    """The way of eating that a title between the lines sets for those below: 送餐 or 堂食; "" if none."""
    bare = _SECTION_MARKS.sub("", re.sub(r"\s", "", fold(text)))
    match = _WAY.fullmatch(bare)
    return ("送餐" if "送" in match[2] else "堂食") if match else ""


def is_numbering(texts: list[str]) -> bool:
    """A line under a head that numbers its columns or says how to fill them in: 1 2 3, (18位) (是/否)."""
    folded = [re.sub(r"\s", "", fold(text)) for text in texts]
    if folded[0] in ("栏次", "甲", "列次"):
        folded = folded[1:]
    if len(folded) < 3:
        return False
    counted = [int(text) for text in folded if re.fullmatch(r"\d{1,2}", text)]
    in_turn = len(counted) == len(folded) and all(b - a == 1 for a, b in pairwise(counted))
    return in_turn or all(re.fullmatch(r"\([^()]*\)", text) for text in folded)


def section_of(
    text: str, vocabulary: Vocabulary, known: tuple[str, ...]
) -> tuple[str, str, str] | None:
    """What a title between the lines sets for the lines below: (community, grid, category).

    None when the text is no such title.
    """
    bare = _SECTION_MARKS.sub("", re.sub(r"\s", "", _WHO_KEEPS.sub("", fold(text)))) or text
    if len(bare) > 24:
        return None
    grid = read_grid(bare) if "网格" in bare else None
    community = read_community(bare, known) if not grid or not grid.community else grid.community
    if (
        community
        and not grid
        and not re.search(r"(社区|村|居委会)(老年?人?.*)?$", bare)
        and bare not in (community, community.removesuffix("社区"))
    ):
        community = ""
    if (grid and grid.number) or community:
        return community, clean_text(bare) if grid and grid.number else "", ""
    found, unknown = read_categories(re.sub(r"(名单|花名册|情况)$", "", bare), vocabulary.words)
    if len(found) == 1 and not unknown:
        return "", "", found[0]
    return None
