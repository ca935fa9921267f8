"""What offices call their columns: the head of a column → the field it holds. Data and matching."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from core.people.roster.cells import read_categories, read_mark, read_sex, read_yes_no

# Order matters: the first pattern that matches a head wins. Heads are folded first.
_PATTERNS: tuple[tuple[str, str], ...] = (
    ("number", r"序号?|编号|no\.?|№|顺序号?|序列|序次|次序|项次|行号|(户|人员|档案)(编?号)|户次"),
    (
        "relation",
        r"(与)?(老人|本人|户主|对象|居民|联系人|紧急联系人|家属|亲属)?(的)?关系|与.*关系|"
        r"联系人身份|称谓|家庭关系|关系人身份",
    ),
    (
        "contact",
        r"(紧急|应急|家属|亲属|子女|家庭|第一|其他)?(联系人|联络人)(信息|情况)?(及|和|与|/|"
        r"、)?(其)?(联系)?(电话|方式|号码|手机).*及.*|(紧急|应急)?联系人(姓名)?(及|和|与|/|"
        r"、)+(联系)?(电话|方式|手机).*|(家属|亲属|子女|监护人)(姓名)?(及|和|与|/|、)+(联系)?"
        r"(电话|方式|手机).*",
    ),
    (
        "contact_phone",
        r".*(联系人|联络人|家属|亲属|子女|监护人|赡养人|配偶|儿女|亲友|代办人|紧急|"
        r"应急)\)?(的)?(联系)?(电话|手机|手机号|手机号码|方式|号码|联系方式|电话号码|"
        r"联系号码)(号码)?\d?|紧急(联系|联络)?(电话|方式|号码)|(联系人|家属)\d(联系)?电话",
    ),
    (
        "contact_name",
        r"(紧急|应急|家属|第一|其他|主要)?(联系人|联络人)(姓名|名字|名称)?\d?|(家属|亲属|子女|"
        r"监护人|赡养人|配偶|儿女|代办人|亲友|家庭联系人)(的)?(姓名|名字)?|监护人信息",
    ),
    (
        "other",
        r".*(网格员|网格长|责任人|负责人|包联|帮扶|填表|审核|登记人|经办|楼长|志愿者|护理员|社工|"
        r"银行|账号|卡号|开户|金额|标准|签字|签名|领取|照片|申请(日期|时间)|登记(日期|时间)|建档|"
        r"审批|入住|死亡|迁出|民族|文化|学历|政治面貌|婚姻|退休|职业|单位|血型|病史|疾病|医保|"
        r"月收入|收入|宗教).*(?<!类别)",
    ),
    (
        "id_number",
        r"(居民|公民|本人|老人|有效|二代)*((身份证件?|身份证明)(号|号码|编号|号数|证号|证号码|"
        r"识别号)?|身份(号码?|编号|识别号))|(居民|本人|老人|有效)?(证件|身份证件?)(号|号码|编号)|公民身份(证)?号码?|社会保障号码?|居民身份证.*|"
        r"(?!.*(配偶|监护|家属|亲属|子女|联系|代[办领理]|经办|户主|员|长)).{0,6}身份证(.*号.*|no\.?)?|身证号码?|身份证/.{0,8}|idcard|id号?|证号|idnumber|公民身份号",
    ),
    ("id_kind", r"证件(类型|种类|类别|名称)"),
    (
        "name",
        r"(老人|老年人|服务对象|对象|助餐对象|居民|人员|本人|享受人|用餐人|就餐人|补贴对象|"
        r"被服务人|申请人|受助人|参保人|户主|学员|长者|客户|会员|被照护人)?(的)?(姓名|名字|名称)|"
        r"老年人|老人|(服务|助餐|用餐|就餐|补贴|救助|助餐服务)对象|name|姓\s*名|人名|"
        r"(家庭)?成员(姓名)?|(用|就|订)餐(人|老人|者|人员)|申请人|长者|"
        r"(老人)?姓名[及和与、/]+(联系)?(电话|方式|手机).*",
    ),
    ("sex", r"(性别|姓别|男/女|sex|gender)"),
    ("birth_year", r"(出生)年(份)?"),
    ("birth_month", r"(出生)月(份)?"),
    ("birth_day", r"(出生)日"),
    (
        "birth",
        r"(出生|生|诞生)(日期|年月日?|时间|年月日期|日)(\(.*)?|生日|出生|出生日|birthday|"
        r"dateofbirth|birth|阳历生日|公历生日|生辰|诞辰|(身份证|证件)上?的?(出生|生)(日期|年月日?)|"
        r"出生年[-/.、]月([-/.、]日)?|出生(日期|年月日?)[ymd/.-]+",
    ),
    ("age", r"(周岁|实足|实际|虚岁|现|截[至止].*|20\d\d年)?年龄(段)?|周岁|虚岁|岁数|年纪|现年|age"),
    (
        "phone",
        r"(本人|老人|老年人|对象|户主|居民|家庭|移动|个人|服务对象|住宅|固定|座机)*(的)?(联系|"
        r"联络)?(电话|手机|座机|固话)(号|号码|号码\d)?1?|(本人|老人)?(联系|联络)(方式|号码)|"
        r"手机号?码?|手机电话|宅电|(通讯|通信)方式|订餐电话|tel|phone|mobile|电话",
    ),
    (
        "phone_2",
        r"(固定|座机|家庭|住宅)(电话|号码)|座机|备用(联系)?(电话|手机)|(联系)?(电话|手机)(2|二)|"
        r"(第二|其他)(联系)?(电话|手机)|(其他|备用|第二)联系方式",
    ),
    (
        "registration_address",
        r"户籍(所在)?(地|地址|住址|详细地址|所在地址)?(地址|住址)?|户口(所在地|地址|"
        r"登记地)?(地址)?|(身份证|证件)上?的?(地址|住址)",
    ),
    (
        "address_building",
        r"(所在)?(楼栋|小区楼栋|楼栋单元|楼号|栋号|栋|楼|幢|楼幢|楼栋号|几号楼|号楼|楼房号)",
    ),
    ("address_unit", r"(单元|单元号)"),
    ("address_room", r"(室|房号|房间号?|门牌号?|楼门号|户号|门牌|室号|房间|房屋号|几室|门号)"),
    (
        "address",
        r"(所在|居住)?(小区|楼栋?|楼院)(名称)?(及|和|与|/|、|-)*(楼栋?号?|栋号|门牌)(及|和|与|/|、|-)*(单元)?(号|门牌号?|房号|"
        r"房间号|室)*|楼(栋|号)?(及|和|与|/|、|-)*(单元)?(及|和|与|/|、|-)*(门牌|房|室)号?|小区地址|居住小区.*(门牌|楼).*|楼门牌号",
    ),
    ("address_estate", r"(小区|小区名称?|所在小区|居住小区|院落|家属院|楼院|院)"),
    (
        "address",
        r"(家庭|现住?|居住|常住|实际|现居住?|详细|通讯|联系|送餐|实际居住|常住|现家庭|送达|本人|目前|"
        r"具体|房屋|配送|家庭详细|现居)*(住址|详址|地址|住处|居住地|常住地|居住地址|详细地址|现居地|住所|家庭住址|现住地|"
        r"所在地|门牌地址|居住地点|居住位置|住所地)(地址|详细地址)?|现居住|address|居住地\(.*|现住|"
        r"(家庭|居住|详细|现)?(住址|地址)[及和与、/]+(联系)?(电话|方式|手机).*",
    ),
    ("community_grid", r"(所属|所在)?(社区|村居?)(名称)?(及|和|与|/|、)*(所属)?网格.*"),
    (
        "grid",
        r"(所属|所在|归属|居住|现|管理|责任|基础|所辖|第?几)?(社区)?[小微子]?网格(号|编号|序号|名称|代码|化编号|区|片区|划分|区域|组|号码)?|(所属|"
        r"所在|责任)(片区|片)|片区|grid|网格归属",
    ),
    (
        "community",
        r"(所属|所在|归属|居住|管辖|现居|常住|所辖|属地)?(社区|村居|村|居委会|村\(居\)|居委|村居委会|"
        r"社区居委会|社区\(村\)|村\(社区\)|村社区|社区村|行政村|居\(村\)委会|村委会|村/社区|"
        r"社区/村)(名称|居委会|全称)?",
    ),
    (
        "street",
        r"(所属|所在)?(街道|乡镇|镇街|街镇|镇|街道办|街道\(乡镇\)|乡镇\(街道\)|县区|区县|区|市|县|"
        r"省份?)(名称)?",
    ),
    (
        "deliver",
        r"(是否)?(需要?|要求|申请)?(送餐|配送|上门送餐|送餐上门|送餐到家|送餐服务)(上门|服务|需求|"
        r"到家|情况|方式|与否|否|意愿)?(\(.*)?|是否(需要?)?.*送.*|是否上门|(助餐|就餐|用餐|取餐|供餐|"
        r"服务|配餐|领餐)(方式|形式|类型)|送餐(入户|到户)|(堂食|送餐|自取|配送)([/、或和及](堂食|送餐|自取|配送|代取))+|"
        r"(是否)?(需要?)?(送餐|配送)[√✓]",
    ),
    (
        "diets",
        r"口味(要求|禁忌)?|禁忌食物|(饮食|膳食|餐饮|食物)(要求|需求)|(就餐|用餐)(禁忌|特殊要求|"
        r"注意事项)|(饮食|膳食|餐饮|食物)?(禁忌|忌口|过敏|过敏史|特殊要求|习惯|注意事项|"
        r"特殊需求|过敏情况|特殊饮食|特殊膳食|偏好)(食物|情况|/.*|及.*|或.*)?|忌口.*|饮食.*|.*过敏.*|特殊饮食.*|(餐食|就餐|用餐)要求|忌食.*|不能吃.*|"
        r"(是否|有无|有何)忌口",
    ),
    (
        "categories",
        r"(人员|对象|老人|老年人|服务对象|助餐对象|补贴|身份|困难|享受|救助|保障|优抚|帮扶|重点|"
        r"特殊|补助|居民|就餐人员|用餐人员|享受补贴|服务|特困|群体|补贴对象|助餐人员|享受待遇|人群|政策|所属|优惠|"
        r"类型|补贴人员)*(人员|对象|群体)?(的)?(类别|类型|分类|属性|性质|种类|标签|标识|身份|情形|"
        r"待遇)(1|一)?(\(.*)?|类别|类型|(特殊|困难|重点)?(人群|群体)|(老人|老年人|人员)(情况|群体)",
    ),
    (
        "categories_2",
        r"(家庭)?(经济|困难|生活)(状况|情况|程度|类型|类别|条件)|(自理|生活自理|失能|能力|身体|"
        r"健康|行动|护理|照护)(能力|状况|等级|情况|评估|程度|类别|类型)*(等级|结果|情况)?|(居住|"
        r"家庭|生活|空巢|独居|赡养)(状况|情况|状态|类型|结构|形式|类别)|残疾(等级|类别|级别|情况|"
        r"类型|程度)*|优抚(情况|类别|类型)|(第二|其他)?(人员)?(类别|类型)(2|二)|计生.*(情况|类型)|"
        r"低保(情况|类型|类别)|享受政策",
    ),
    (
        "status",
        r"(老人|老年人|人员|居民|对象|在册|当前|目前)?(状态|现状|变动情况|变化情况|增减情况|动态)|(是否)?健在(情况|与否)?|存亡(情况)?",
    ),
    (
        "note",
        r"备注(信息|说明)?|说明|附注|注|其[他它](情况|说明)?|特殊说明|备考|特殊情况|remark|note|需求备注|"
        r"情况说明",
    ),
)
_COMPILED = tuple((field, re.compile(pattern)) for field, pattern in _PATTERNS)
_WHOSE = re.compile(
    r"^(?!服务人员|服务者)(本人|\d+周?岁以上(老人|老年人|人员)|((就餐|用餐|助餐|订餐|服务|补贴|高龄|享受补贴|享受|受益|受助|特殊|困难|独居|被服务)*"
    r"(老年人|老人|对象|居民|人员?|者)))(的|基本情况|基本信息|信息)*"
)
_OR = re.compile(r"[/、]|或者?(?=.)")
_CONTACT_GROUP = re.compile(r"联系人|联络人|家属|亲属|监护人|子女|赡养人|配偶|紧急")
_ADDRESS_GROUP = re.compile(r"(居住|现住|家庭|常住|住址|地址)")
_REGISTRATION_GROUP = re.compile(r"户籍|户口")
_BIRTH_GROUP = re.compile(r"出生|生日")
_CATEGORY_GROUP = re.compile(
    r"类别|类型|分类|情况|状况|对象|属性|打√|画√|勾|困难|优待|标签|能力|低保|人群|群体"
)
_NO_ANSWER = re.compile(r"地址|电话|时间|日期|备注|[人员]")
YES_NO_HEAD = re.compile(
    r"^(是否|是不是|有无)(为|属于|属|是|享受)?(?P<word>.+?)(人员|老人|对象|家庭|户)?$"
)


def fold_head(text: str) -> str:
    """A head without white space, brackets at its end, stars and colons, in lower case."""
    folded = re.sub(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]", "",
                    unicodedata.normalize("NFKC", text)).lower()  # fmt: skip
    folded = re.sub(r"[*★▲#::]+", "", folded)
    while (shorter := re.sub(r"(.+?)[(\[【][^()\[\]]*[)\]】]$", r"\1", folded)) != folded:
        folded = shorter
    return folded.strip("、。.,_-")


def field_of(head: str, group: str = "") -> str:
    """The field that a head stands for; "" when nobody knows.

    group: the head above it that spans several columns (紧急联系人 over 姓名 and 电话).
    """
    own, above = fold_head(head), fold_head(group)
    field = _field(own)
    if not above or above == own:
        return field
    if _CONTACT_GROUP.search(above):
        return {"name": "contact_name", "phone": "contact_phone", "phone_2": "contact_phone"}.get(
            field, "other" if field in ("id_number", "sex", "birth", "age", "address") else field
        )
    if _BIRTH_GROUP.search(above) and own in ("年", "月", "日", "年份", "月份"):
        return {"年": "birth_year", "月": "birth_month", "日": "birth_day"}[own[0]]
    if _REGISTRATION_GROUP.search(above):
        return "registration_address" if field.startswith("address") or own == "详细" else "other"
    if not field and _ADDRESS_GROUP.search(above) and own in ("详细", "具体", "门牌"):
        return "address"
    return field or _field(above + own)


def choice_of(head: str, group: str) -> tuple[str, str]:
    """What a column of ticks answers when its head is one answer to the group above it.

    送餐 over 是 and 否, 就餐方式 over 堂食 and 送餐, 性别 over 男 and 女 → (deliver, 否), (sex, 男);
    ("", "") when the head is no answer.
    """
    own, above = fold_head(head), fold_head(group)
    field = _field(above) if above and own != above else ""
    if field == "sex" and read_sex(own):
        return field, own
    if field == "deliver" and re.fullmatch(r"[早中午晚][餐饭]?", own) and "送" in above:
        return field, f"送{own}"
    is_answer = len(own) <= 6 and read_yes_no(own) is not None and not _NO_ANSWER.search(own)
    if field == "deliver" and is_answer and _field(own) in ("", "deliver"):
        return field, own
    return "", ""


def own_field(head: str, columns: Sequence[tuple[str, str]]) -> str:
    """The field of a programme's own that a head stands for; "" when it is none of them."""
    folded = fold_head(head)
    return next((field for field, pattern in columns if re.fullmatch(pattern, folded)), "")


def _field(head: str) -> str:
    """The field of a folded head; also without whom it is about (老年人身份证号), and of 手机/电话."""
    if not head or len(head) > 30:
        return ""
    for form in (head, _WHOSE.sub("", head)):
        for field, pattern in _COMPILED:
            if pattern.fullmatch(form):
                return field
    halves = {_field(half) for half in _OR.split(head)} if _OR.search(head) else set()
    return halves.pop() if len(halves) == 1 else ""


def category_of(
    head: str, group: str, words: Mapping[str, str], names: frozenset[str]
) -> str | None:
    """The category that a column of ticks stands for (低保, 是否独居, 人员类别/高龄); else None."""
    own = fold_head(head)
    if group and read_mark(own):  # 低保 over 是 and 否
        own = fold_head(group)
    asked = YES_NO_HEAD.match(own)
    word = asked["word"] if asked else own
    if not word or len(word) > 12:
        return None
    found, unknown = read_categories(word, words)
    if unknown and (
        topic := re.search(r"残疾|失能", fold_head(group))
    ):  # 残疾等级 over 一级 and 二级
        found, unknown = read_categories(f"{word}{topic[0]}", words)
    if unknown or len(found) != 1 or found[0] not in names:
        return None
    return found[0]


def is_category_group(head: str) -> bool:
    """Whether a head that spans columns says that these are ticks of categories."""
    return bool(_CATEGORY_GROUP.search(fold_head(head)))
