"""Finds the area that a roster names: 社区 and 网格, as the office's own list has them."""

from dataclasses import dataclass

import sqlalchemy as sa

from core.db import db
from core.people.roster.cells import read_grid
from core.people.roster.values import RosterRow
from core.sites.models import Area, AreaLevel

OUTSIDE_WORDS = frozenset({"街道外", "外街道", "辖区外", "外区", "其他街道"})


@dataclass(frozen=True)
class AreaFound:
    """The area of a row, or the code of what is wrong with it."""

    area_id: int | None = None
    fault: str = ""
    text: str = ""


class Areas:
    """All active areas, read once for a whole roster."""

    def __init__(self) -> None:
        areas = db.session.scalars(sa.select(Area).where(Area.is_active).order_by(Area.code)).all()
        self.by_id = {area.id: area for area in areas}
        self.communities = {a.name: a for a in areas if a.level == AreaLevel.COMMUNITY}
        self.outside = next((a for a in areas if a.level == AreaLevel.OUTSIDE), None)
        self._grids: dict[int, list[Area]] = {}
        for area in areas:
            if area.level == AreaLevel.GRID and area.parent_id is not None:
                self._grids.setdefault(area.parent_id, []).append(area)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of communities; rosters find them in titles, sections and addresses."""
        return tuple(self.communities)

    def path(self, area_id: int | None) -> str:
        """农林二社区 第1网格; "" for none."""
        area = self.by_id.get(area_id or 0)
        if area is None:
            return ""
        parent = self.by_id.get(area.parent_id or 0) if area.level == AreaLevel.GRID else None
        return f"{parent.name} {area.name}" if parent else area.name

    def community_of(self, area_id: int | None) -> int | None:
        """The community above an area, or the area itself when it is one."""
        area = self.by_id.get(area_id or 0)
        if area is None:
            return None
        return area.parent_id if area.level == AreaLevel.GRID else area.id

    def find(self, row: RosterRow, default_id: int | None) -> AreaFound:
        """The area of a row. Faults: area_missing, area_unknown, grid_unknown; nothing is created."""
        if row.community in OUTSIDE_WORDS and self.outside:
            return AreaFound(self.outside.id)
        community = self._community(row.community)
        if row.community and community is None:
            return AreaFound(None, "area_unknown", row.community)
        if community is None:
            default = self.by_id.get(default_id or 0)
            if default is None:
                return AreaFound(None, "area_missing")
            if default.level != AreaLevel.COMMUNITY or not row.grid_text:
                return AreaFound(default.id)
            community = default
        if not row.grid_text:
            return AreaFound(community.id)
        grid = self._grid(community.id, row)
        if grid is None:
            return AreaFound(None, "grid_unknown", f"{community.name} {row.grid_text}")
        return AreaFound(grid.id)

    def _community(self, name: str) -> Area | None:
        if not name:
            return None
        found = self.communities.get(name) or self.communities.get(f"{name}社区")
        if found is None:
            bare = name.removesuffix("社区")
            like = [a for n, a in self.communities.items() if n.removesuffix("社区") == bare]
            found = like[0] if len(like) == 1 else None
        return found

    def _grid(self, community_id: int, row: RosterRow) -> Area | None:
        grids = self._grids.get(community_id, [])
        for grid in grids:
            if grid.name == row.grid_text:
                return grid
        if row.grid is None:
            return None
        numbered = [g for g in grids if read_grid(g.name).number == row.grid]
        if len(numbered) == 1:
            return numbered[0]
        coded = [g for g in grids if g.code.rpartition(".")[2].lstrip("0") == str(row.grid)]
        return coded[0] if len(coded) == 1 and not numbered else None
