"""Reads single cells: phones, grids, yes and no, sexes, lists of words. Pure functions."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from core.people.roster.numerals import NUMERAL, number_of

_NOTHING = frozenset({
    "", "无", "没有", "/", "\\", "-", "--", "---", "—", "——", "_", "暂无", "不详", "不祥", "未知",
    "空", "null", "none", "nan", "n/a", "na", "〇", "。", ".", "、", "//", "同左", "未提供", "不知道", "没",
    "无电话", "无手机", "无号码", "没电话", "无身份证", "未办理",
})  # fmt: skip
_DITTO = frozenset({"同上", "〃", "″", '"', "”", "“", "''", "々", "ditto", "同前"})
# P, R, ü and þ are ticks in the fonts Wingdings. A lone ○ is yes for some and no for others.
_YES = r"√+|✓|✔|☑️?|🗸|是的?|有|对|1|1\.0|y|yes|true|t|v|r|p|ü|þ|●|■|★|对勾|✅|ok"
# Words beside a phone that say nothing about it.
_PHONE_WORDS = re.compile(
    r"本人|联系|电话|手机|座机|固话|号码|老年机|小灵通|微信|同号|或者?|和|转|[^\w]"
)
_RELATION = (
    r"(?:[大小长次二三四五独老]|第二)?(?:儿子|女儿|子|女|儿|闺女|儿媳妇?|媳妇|女婿)|妻子?|丈夫|老伴|配偶|爱人|夫|"
    r"外?孙[子女]|孙|[侄甥外]+[子女甥]|弟弟?|妹妹?|哥哥?|兄|姐姐?|父亲|母亲|亲属|亲戚|邻居|朋友|保姆|护工|家属"
)
_NO = r"×|x|✕|✗|✘|☒|☐|□|╳|❌|否|无|没有?|不|不是|0|0\.0|n|no|false|f|未"
_WANTED = re.compile(
    r"要|需要?|已(送|配送|享受|申请|登记|办).*|享受.*|可以?|需.*|送.*|配送.*|上门.*|居家(送|配).*|勾"
)
_NOT_WANTED = re.compile(
    r"暂?[不无](需|须|用|要|必|可以?)*(要|送|送餐|送饭|配送|上门)*|免|错|不(送|配送|需|用|要).*|无[需须].*|"
    r"堂食?|自[取提带]|自行.*|外带|打包.*|代[取领]|上门自[取提]|堂食[/、+和]自取|"
    r"(自己|家[属人]|[子儿]女|邻居|本人)来?(取|领|代取|代领|吃|带).?|[在去到来].{0,4}(吃|就餐|用餐|堂食)|"
    r"(到店|食堂|餐厅|就餐点|集中|现场).*|(定点|助餐点)(就餐|用餐|吃)?"
)
# What somebody else brings, what has ended and what nobody has decided is for a human.
_UNSURE = re.compile(
    r"([子儿]女|家[属人]|亲属|邻居|保姆|护工).*送|偶尔|有时|临时|[待未]定|取消|停|暂|看情况|不(一?定|确定|清楚|详|知)|未知"
)
# What stands beside a category, or in its column, where it holds no more or not yet.
_NOT_NOW = re.compile(
    r"已?(取消|停[发保止]?|退出|注销|清退|过期|失效|到期|终止|再婚|复婚|脱贫)|原|曾.*|以前|"
    r"已?(申请|上报|送审|受理)|(申请|办理|认定|审批)中|(待|拟|未|需)(认定|审批|审核|送审|申请|批准?|通过|享受)"
)
_DENIES = re.compile(r"不|非|未|无|没|否|曾|原|拟|申请|疑似")
_BARE_NO = frozenset({"否", "不", "不是", "无", "没有", "没", "非", "未"})
_MOBILE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[- ]*)?(1[3-9]\d[- .]*\d{4}[- .]*\d{4}|1[3-9]\d{2}[- .]*\d{3}[- .]*\d{4})(?!\d)"
)
_LANDLINE = re.compile(r"(?<!\d)\(?(0\d{2,3})\)?[- ]?(\d{7,8})(?:[-转 ]{1,2}(\d{1,5}))?(?!\d)")
_LOCAL = re.compile(r"(?<!\d)([2-8]\d{6,7})(?!\d)")


def fold(text: str) -> str:
    """Full-width letters, digits and signs as ordinary ones; white space at the ends gone."""
    return unicodedata.normalize("NFKC", text).replace("\u200b", "").strip()


def clean_text(text: str) -> str:
    """Free text kept as typed, without line breaks and double spaces."""
    return " ".join(text.replace("\u200b", "").split())


def is_nothing(text: str) -> bool:
    """Whether a cell says in so many words that it is empty (无, /, —, 不详)."""
    return fold(text).lower() in _NOTHING


def is_ditto(text: str) -> bool:
    """Whether a cell repeats the one above (同上, 〃)."""
    return text.strip() in _DITTO


_TICKED, _EMPTY = "☑■√✓✔✅", "□☐"


def chosen(text: str) -> str:
    """What is ticked of several answers in one cell: □是 ☑否 → 否, 是√ 否□ → 是; else the text.

    "" when there are boxes and none is ticked.
    """
    folded = fold(text)
    offers = any(c in folded for c in _EMPTY) or re.search(r"是.*否|否.*是|男.*女|有.*无", folded)
    words = re.findall(rf"[^\s{_TICKED}{_EMPTY}、,;/]+", folded)
    if not offers or not words or not any(c in folded for c in _TICKED + _EMPTY):
        return text
    if folded[0] in _TICKED + _EMPTY:
        ticked = re.findall(rf"[{_TICKED}]\s*([^\s{_TICKED}{_EMPTY}、,;/]+)", folded)
    else:
        ticked = re.findall(rf"([^\s{_TICKED}{_EMPTY}、,;/]+?)[((]?\s*[{_TICKED}]", folded)
    return "、".join(ticked)


def read_mark(text: str) -> bool | None:
    """√ × 是 否 有 无 1 0 Y N and nothing beyond; None when it is none of them."""
    folded = re.sub(r"\s", "", fold(text).lower()).strip("。.!")
    if folded in ("", "/", "-", "--", "—", "——", "none", "null", "nan") or re.fullmatch(
        _NO, folded
    ):
        return False
    return True if re.fullmatch(_YES, folded) else None


def read_yes_no(text: str) -> bool | None:
    """What read_mark reads, and words of delivery (送餐, 堂食). None when it says neither."""
    mark = read_mark(text)
    if mark is not None:
        return mark
    folded = re.sub(r"\s", "", fold(text).lower()).strip("。.!")
    # 否(子女送), √(午): the mark is the answer, what stands beside it explains.
    beside = re.fullmatch(r"(√|✓|✔|是|否|有|无|×|y|n)(\(.*\)|[,、;:].*|[早中午晚]餐?)", folded)
    if beside:
        mark, said = read_mark(beside[1]), beside[2].strip("(),、;:")
        is_unsure = mark and (_UNSURE.search(said) or is_not_now(said) or read_mark(said) is False)
        return None if is_unsure else mark
    if _NOT_WANTED.fullmatch(folded):
        return False
    if _UNSURE.search(folded):
        return None
    if _WANTED.fullmatch(folded):
        return True
    if re.search(r"不(需要)?(送|用|要)|未送", folded):
        return False
    if re.search(r"送|上门|配送", folded):
        return True
    return None


def is_not_now(text: str) -> bool:
    """Whether a word says that something holds no more, or not yet: 已取消, 申请中."""
    return _NOT_NOW.fullmatch(re.sub(r"\s", "", fold(text))) is not None


def read_sex(text: str) -> str | None:
    """男 or 女; None when it is neither."""
    folded = fold(text).lower()
    if folded in ("男", "男性", "m", "male", "1", "男士", "先生", "♂"):
        return "男"
    return "女" if folded in ("女", "女性", "f", "female", "2", "女士", "♀", "0") else None


@dataclass(frozen=True)
class Phones:
    """Numbers of one cell in their order; `rest` is what is no number (whose it is); `fault` when
    digits are left over that form none."""

    numbers: tuple[str, ...] = ()
    rest: str = ""
    fault: bool = False


def read_phones(text: str) -> Phones:
    """Mobile, landline and local numbers in a cell, also several and with words beside them."""
    if is_nothing(text):
        return Phones()
    left = re.sub(r"[\u2010-\u2015\u2212_]", "-", fold(text))
    left = re.sub(r"(?<=\d)\.0+$", "", left)
    found: list[tuple[int, str]] = []

    def take(pattern: re.Pattern[str], write) -> None:  # type: ignore[no-untyped-def]
        nonlocal left
        for match in pattern.finditer(left):
            found.append((match.start(), write(match)))
        left = pattern.sub(lambda m: " " * len(m[0]), left)

    take(_MOBILE, lambda m: re.sub(r"\D", "", m[1]))
    take(_LANDLINE, lambda m: f"{m[1]}-{m[2]}" + (f"-{m[3]}" if m[3] else ""))
    take(_LOCAL, lambda m: m[1])
    rest = re.sub(r"\(\s*\)|[、,;/\\|:+\s-]+", " ", left).strip()
    numbers = tuple(dict.fromkeys(number for _, number in sorted(found)))
    fault = bool(re.search(r"\d{3,}", rest)) or (not numbers and bool(re.search(r"\d", rest)))
    return Phones(numbers, rest, fault or not (numbers or rest))


def words_beside(phones: Phones) -> bool:
    """Whether what stands beside the numbers is worth keeping: whose they are, 空号."""
    return bool(re.search(r"[\u3400-\u9fff]", _PHONE_WORDS.sub("", phones.rest)))


def read_contact(text: str) -> tuple[str, str]:
    """A contact's name and relation: 李大(儿子), 儿子李大, 李大/儿子, 儿子:李大 → 李大, 儿子.

    A relation alone stays the name; what is none of these is the name as written.
    """
    plain = re.sub(r"[\s/、,::;(()\[\]—–-]+", " ", fold(text)).strip()
    name = r"(?P<name>[\u3400-\u9fff\U00020000-\U0003ffff·]{2,10})"
    close = r"(?P<relation>儿子|女儿|[长次][子女]|老伴|邻居|侄[子女]|女婿|儿媳)"
    for pattern in (
        rf"{name} (?P<relation>{_RELATION})",
        rf"(?P<relation>{_RELATION}) {name}",
        rf"{close}(?P<name>[\u3400-\u9fff]{{2,3}})",
    ):
        if match := re.fullmatch(pattern, plain):
            return match["name"], match["relation"]
    return "", ""


@dataclass(frozen=True)
class Grid:
    """A grid as written: its number in the community when it has one, and a community named with it."""

    number: int | None
    text: str
    community: str = ""


_KEPT_BY = re.compile(r"[\s/(,、:;-]*(网格[员长]|格长|负责人|包联|专属网格员).*$")
_ONE_GRID = r"(?:[微小子]|基础|综合|城市|社区|单元|责任)?(?:网格|网|格|片区|片)|责任区|区"
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8"}


def read_grid(text: str) -> Grid:
    """第1网格, 一网格, 01, 3网格, 三, 网格3, 农林二第3网格, 3号, 第3网格 李四 → the number; else the
    words alone. Of several grids, or of a number that may belong to the community's name, none."""
    written = _KEPT_BY.sub("", fold(text)) or fold(text)
    # Who keeps the grid may stand behind it without a title: 第3网格 李四, 第3网格/李四.
    written = re.sub(rf"(?<=网格)\s*[/,、;:-]?\s*(?!{NUMERAL})[\u3400-\u9fff]{{2,4}}$", "", written)
    folded = re.sub(r"\s", "", written)
    folded = re.sub(r"(?<=\d)\.0+$|(?<=.)\([^()]*\)$", "", folded)
    folded = re.sub(rf"\(((?:\d|{NUMERAL}){{1,3}})\)", r"\1", folded)
    folded = re.sub(r"(?<![A-Z])[IV]{1,4}(?![A-Z])", lambda m: _ROMAN.get(m[0], m[0]), folded)
    if is_nothing(folded):
        return Grid(None, "")
    digits = rf"(\d{{1,2}}|{NUMERAL}{{1,3}})"
    # 农林二一网格 is the first one of 农林二; whether 农林二十一 is the 21st of 农林 nobody can tell.
    folded = re.sub(
        r"(?<=[\u3400-\u9fff][二三四五六七八九])(?=[一二三四五六七八九](?:网|片|号))", "第", folded
    )
    if re.match(r"^[^第\d]*[^第\d一二三四五六七八九十社区][二三四五六七八九]十", folded):
        return Grid(None, text.strip(), read_community(folded))
    for pattern in (
        rf"^(.*?)第0?{digits}号?(?:{_ONE_GRID})(?:员|片区)?$",
        rf"^(.*?(?:社区|[^\d零〇一二两三四五六七八九十])|)第?0?{digits}号?(?:{_ONE_GRID})(?:员|片区)?$",
        rf"^(.*?)(?:综合)?网格第?0?{digits}号?$",
        rf"^(.*?)第{digits}(?:组|号)?$",
        rf"^(.*?(?:[A-Za-z]|[A-Za-z]\d{{1,2}}-|社区|[^\d零〇一二两三四五六七八九十]-|片区)|No\.?)[-—_#]?0*{digits}(?:[号#组])?$",
        rf"^()0*{digits}(?:[号#组])?$",
        r"^([\u3400-\u9fff]+[零〇一二三四五六七八九十][-—_]?)0*(\d{1,2})(?:[号#组])?$",
    ):
        if match := re.match(pattern, folded, re.IGNORECASE):
            number = number_of(match[2])
            if number is not None and 0 < number < 100:
                if re.search(
                    r"\d|(?:^|第|、|,)[一二三四五六七八九十](?:网|号|$)",
                    re.sub(r"^.*社区|[A-Za-z]\d{1,2}-$", "", match[1]),
                ):
                    break  # 3网格、4网格
                return Grid(number, text.strip(), read_community(match[1]))
    return Grid(None, text.strip(), read_community(folded))


_COMMUNITY = re.compile(r"([\u3400-\u9fff0-9]{1,12}?(?:社区|居委会|村委会|村))")
_ABOVE = re.compile(r"^.*(?:街道办事处|街道|办事处|新区|开发区|县|市|[\u3400-\u9fff]区(?!$)|镇|乡)")


def read_community(text: str, known: tuple[str, ...] = ()) -> str:
    """The community named in a text: a title, a line over the table, an address, a cell; "" if none.

    known: names of communities that exist; they are found also without the word 社区.
    """
    folded = re.sub(r"\s", "", fold(text))
    for name in sorted(known, key=len, reverse=True):
        bare = name.removesuffix("社区")
        if name in folded or (len(bare) > 1 and bare in folded):
            return name
    found = _COMMUNITY.search(re.sub(r"(填报|填表|报送|上报)?(单位|名称)[::]", "", folded))
    if not found:
        return ""
    name = found[1]
    name = re.sub(r"^(?:20\d\d年?度?|\d{1,2}月(?:份)?)+", "", name)
    if above := _ABOVE.match(re.sub(r"社区$", "#", name)):
        name = name[above.end() :]
    name = re.sub(r"居委会$", "", name)
    name = re.sub(r"社区$", "", name)
    return f"{name}社区" if name and not name.endswith("村") and len(name) > 1 else name


_KEPT = "\x01"  # a separator inside brackets, which separates no words


def split_words(text: str) -> list[str]:
    """Words of a list cell: split on 、,,/;; spaces and line breaks, numbering and nothings gone."""
    folded = re.sub(
        r"[((]([^()()]*)[))]", lambda m: f"({re.sub(r'[、,;/ ]+', _KEPT, m[1])})", fold(text)
    )
    words: list[str] = []
    for part in re.split(r"[、,;/\\|\n\r\t+&。]+|\s+|(?<=[^\d])(?=\d[.、])", folded):
        word = re.sub(
            r"^(?:[((]\d{1,2}[))]|\d{1,2}[.、::)](?=\D)|\d(?=[^\d岁周级类.]))", "", part
        ).strip(" .:·")
        word = re.sub(r"(?<=[\u3400-\u9fff])\d$", "", word).replace(_KEPT, "、")
        if word and not is_nothing(word) and word not in words:
            words.append(word)
    return words


_AFFIX = re.compile(
    r"(老年人|老年群体|老人|人员|对象|家庭|人群|群众|救助|供养|待遇|政策|成员|户|者|[A-Ca-c][类档级]|类|人|老)$|^(属于|城市|农村|城镇|享受|社区|家庭|分散|集中|困难)"
)


def read_categories(text: str, words: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Canonical categories of a cell in their order, and the words nobody knows.

    words: spelling → canonical name, or "" for words that say nothing about a category.
    """
    found: list[str] = []
    unknown: list[str] = []
    listed = split_words(_as_list(text))
    for word in listed:
        # Whatever "不是、低保" means, it is not for us to say.
        names = None if word in _BARE_NO and len(listed) > 1 else _names_of(word, words)
        if names is None:
            unknown.append(word)
            continue
        found += [name for name in names if name and name not in found]
    return found, unknown


def _as_list(text: str) -> str:
    """Text of a list cell without ticks, quotes and circled numbers: ①低保②独居, √低保, 【低保】, 低 保."""
    plain = re.sub(r"[\u2460-\u2473]", "、", text)
    plain = re.sub(r"[√✓✔☑■【】\[\]“”‘’\"'《》<>]", " ", fold(plain)).strip()
    plain = re.sub(r"(?<!\d)(\d{2,3})\+", r"\1岁以上", plain)
    return (
        re.sub(r"\s", "", plain)
        if re.fullmatch(r"[\u3400-\u9fff](\s+[\u3400-\u9fff])+", plain)
        else plain
    )


def _names_of(word: str, words: Mapping[str, str]) -> list[str] | None:
    inside = [p for part in re.findall(r"[((](.*?)[))]", word) for p in re.split(r"[、\s]", part)]
    if any(part in _BARE_NO or is_not_now(part) for part in inside):
        return None
    found = next(([words[form]] for form in _forms(word) if form in words), None)
    if found is None:
        found = _segments(re.sub(r"[((].*?[))]", "", word), words)
    if found is None:
        return None
    # 独居(低保) says both; what brackets say that is no category explains.
    more = [words[form] for part in inside for form in _forms(part) if form in words]
    return list(dict.fromkeys([*found, *(name for name in more if name)]))


def _forms(word: str) -> list[str]:
    """The word, then without brackets, then with endings and beginnings taken off one by one."""
    bare = re.sub(r"[((].*?[))]", "", word).strip()
    inside = re.findall(r"[((](.*?)[))]", word)
    forms = [word, re.sub(r"[()()]", "", word), bare]
    while bare and (shorter := _AFFIX.sub("", bare)) != bare:
        bare = shorter
        forms.append(bare)
    # 未享受(低保): what is denied outside is not hers for standing in brackets.
    return [form for form in [*forms, *([] if _DENIES.match(word) else inside)] if form]


def _segments(word: str, words: Mapping[str, str]) -> list[str] | None:
    """A run of words without separators (低保独居高龄), longest first; None when a part is unknown."""
    names: list[str] = []
    left = word
    longest = max((len(w) for w in words), default=0)
    while left:
        for size in range(min(longest, len(left)), 0, -1):
            # 不是低保户 is no 低保户: a bare no stands alone or for something unknown.
            if left[:size] in words and left[:size] not in _BARE_NO:
                names.append(words[left[:size]])
                left = left[size:]
                break
        else:
            shorter = re.sub(
                r"^(老人|人员|对象|家庭|户|且|并|又|兼|老|以?及|和|与|[-—–~·:]是?)(?!$)|^(老人|人员|对象|家庭|户|老|[::]是)$",
                "",
                left,
            )
            if shorter == left:
                return None
            left = shorter
    return names or None
