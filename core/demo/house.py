"""The demo's house: communities and grids, sites, an account for each role, two devices, holidays."""

from datetime import date, datetime, time

from core import clock
from core.access import SYSTEM, Role
from core.accounts.actions import add_device, add_user
from core.accounts.models import DeviceKind
from core.db import transaction
from core.sites.models import Area, AreaLevel, Site, SiteKind

STREET = "渚河路街道（示例）"
# Five real names of the kind an office has, two marked as examples; 36 grids in all.
COMMUNITIES = (
    ("农林一社区", 5), ("农林二社区", 6), ("农林四社区", 5), ("水电社区", 6),
    ("隆润社区", 5), ("桃园社区（示例）", 5), ("和平社区（示例）", 4),
)  # fmt: skip
SITES = (
    ("nonglin", "农林二社区老年食堂", SiteKind.CANTEEN, "大娘/大爷"),
    ("shuidian", "水电社区老年餐吧", SiteKind.CANTEEN, "奶奶/爷爷"),
    ("longrun", "隆润社区助餐点", SiteKind.CANTEEN, "阿姨/叔叔"),
    ("gongfang", "妇女创业微工厂", SiteKind.WORKSHOP, "大姐/大哥"),
)
ACCOUNTS = (
    ("admin", "管理员", Role.ADMIN, None),
    ("jingban", "经办人小周", Role.CLERK, None),
    ("shenhe", "审核人老吴", Role.REVIEWER, None),
    ("fuze", "食堂负责人孙姐", Role.MANAGER, "nonglin"),
    ("chuangkou", "窗口志愿者小林", Role.COUNTER, "nonglin"),
    ("chuangkou2", "窗口志愿者小何", Role.COUNTER, "shuidian"),
    ("laoshi", "培训老师郑老师", Role.TRAINER, "gongfang"),
    ("laoshi2", "培训老师刘老师", Role.TRAINER, "gongfang"),
    ("jiuye", "就业专员小许", Role.COORDINATOR, "gongfang"),
)
DEVICES = (("农林二窗口平板", "nonglin"), ("水电窗口平板", "shuidian"))


def tell_core(day: date) -> list[tuple[str, str]]:
    """Build the house as of a day; returns the accounts' names and one-time passwords."""
    now = clock.moment_of(day.replace(day=1), time(8))
    with transaction() as session:
        street = Area(code="01", name=STREET, level=AreaLevel.STREET)
        session.add_all([street, Area(code="99", name="街道外", level=AreaLevel.OUTSIDE)])
        for number, (name, grids) in enumerate(COMMUNITIES, 1):
            community = Area(
                code=f"01.{number:02d}", name=name, level=AreaLevel.COMMUNITY, parent=street
            )
            session.add(community)
            for grid in range(1, grids + 1):
                session.add(Area(code=f"01.{number:02d}.{grid:02d}", name=f"第{grid}网格",
                                 level=AreaLevel.GRID, parent=community))  # fmt: skip
        sites = {
            slug: Site(slug=slug, name=name, kind=kind, address_style=style, phone="0310-0000000",
                       operator="渚河助餐服务中心（示例）" if kind == SiteKind.CANTEEN else "")
            for slug, name, kind, style in SITES
        }  # fmt: skip
        session.add_all(sites.values())
        session.flush()
        ids = {slug: site.id for slug, site in sites.items()}
        _devices(ids, now)
        return _accounts(ids, now)


def _accounts(site_ids: dict[str, int], now: datetime) -> list[tuple[str, str]]:
    passwords = []
    for name, display_name, role, slug in ACCOUNTS:
        site_id = site_ids[slug] if slug else None
        _user, password = add_user(name, display_name, role, site_id, by=SYSTEM, now=now)
        passwords.append((name, password))
    return passwords


def _devices(site_ids: dict[str, int], now: datetime) -> None:
    for name, slug in DEVICES:
        add_device(name, site_ids[slug], DeviceKind.TABLET, by=SYSTEM, now=now)
