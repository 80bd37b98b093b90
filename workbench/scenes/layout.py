"""Where nodes are drawn: deterministic positions in Python, so that a picture is data.

Cells are clusters; within one, each account stands on a ring around the identifier that explains it
best. Nothing here moves a node that is drawn already: ``place_new`` only finds free places.
Units are canvas pixels at zoom 1; y grows downwards.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from workbench.scenes.tiling import WIDE, Box, Point, Points, block, tile

__all__ = ["Point", "Spot", "first_layout", "place_new"]


RING = 62.0  # radius of the first ring of accounts: the identifier's label fits inside
SMALL_RING = 42.0  # for up to three accounts, which would look lost on the wide one
RING_STEP = 30.0
GAP = 25.0  # between neighbours on a ring: three radii of an account dot
CLEAR = 36.0  # least distance of a free place from any node, so that glyph and label stay apart
LARGE_STAR = 12  # an identifier on more accounts than this explains less and less of each
GOLDEN = math.pi * (3 - math.sqrt(5))
STAR_GAP = 26.0  # an identifier fits between two stars
HULL = 26.0  # the canvas draws a cell's hull that far around its nodes
LANE = 235.0  # hubs are parked this far right of everything else


@dataclass(frozen=True)
class Spot:
    """What the layout must know of one node; ``role`` is account, identifier, bundle or hub.

    ``weight`` is how telling a shared identifier is (bits): the most telling one becomes a centre,
    one without weight never does and takes what place is left.
    """

    id: str
    role: str
    cell: str = ""
    radius: float = 0.0
    weight: float = 1.0


@dataclass(frozen=True)
class Disc:
    """Points around their own origin, with the radius that holds them."""

    points: Mapping[str, Point]
    radius: float
    name: str


def first_layout(spots: Sequence[Spot], edges: Iterable[tuple[str, str]]) -> dict[str, Point]:
    """Positions of all spots; the same input in any order gives the same picture."""
    spots = sorted(spots, key=lambda spot: spot.id)
    near = _neighbours(edges, {spot.id for spot in spots})
    stars, satellites = _stars(spots, near)
    cells = [_pack(name, discs) for name, discs in sorted(stars.items())]
    cells, between = _with_inner(cells, satellites, near)
    blocks = [block(cell.points, HULL) for cell in cells]
    blocks += [
        block({spot.id: (0.0, 0.0)}, spot.radius + 42) for spot in spots if spot.role == "bundle"
    ]
    placed, covered = tile(blocks)
    _add_satellites(placed, between, near, covered)
    _park(placed, [spot.id for spot in spots if spot.role == "hub"])
    return {name: (round(x, 1), round(y, 1)) for name, (x, y) in placed.items()}


def place_new(drawn: Mapping[str, Point], anchor: str, new: Sequence[str]) -> dict[str, Point]:
    """Free places for new nodes around ``anchor``, on the side away from the crowd."""
    start = drawn.get(anchor, (0.0, 0.0))
    taken = np.array(list(drawn.values()) or [start], dtype=np.float64)
    away = np.subtract(start, taken.mean(axis=0))
    heading = math.atan2(away[1], away[0]) if np.hypot(*away) > 1 else -math.pi / 2
    found: dict[str, Point] = {}
    places = _fan(start, heading, limit=40 + 30 * len(new) + 2 * len(taken))
    gaps = _gaps(places, taken)
    for name in new:
        place = places[_first_free(gaps)]
        gaps = np.minimum(gaps, np.hypot(*(places - place).T))
        found[name] = (round(float(place[0]), 1), round(float(place[1]), 1))
    return found


def _fan(start: Point, heading: float, *, limit: int) -> Points:
    """Candidate places ring by ring; on each ring those nearest to the heading come first."""
    places: list[Point] = []
    radius = RING + 14
    while len(places) < limit:
        steps = max(8, int(2 * math.pi * radius / (CLEAR + 2)))
        for step in range(steps):
            turn = (step + 1) // 2 * (1 if step % 2 else -1)
            angle = heading + turn * 2 * math.pi / steps
            places.append(
                (start[0] + radius * math.cos(angle), start[1] + radius * math.sin(angle))
            )
        radius += CLEAR
    return np.array(places)


def _gaps(places: Points, taken: Points) -> NDArray[np.float64]:
    """How far each place is from the nearest that is taken."""
    return np.asarray(cKDTree(taken).query(places)[0], dtype=np.float64)


def _first_free(gaps: NDArray[np.float64]) -> int:
    """The first place with room around it, or else the one with the most."""
    free = np.flatnonzero(gaps >= CLEAR)
    return int(free[0]) if len(free) else int(gaps.argmax())


def _neighbours(edges: Iterable[tuple[str, str]], known: set[str]) -> dict[str, list[str]]:
    near: dict[str, set[str]] = defaultdict(set)
    for a, b in edges:
        if a in known and b in known and a != b:
            near[a].add(b)
            near[b].add(a)
    return {name: sorted(others) for name, others in near.items()}


def _stars(
    spots: Sequence[Spot], near: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[Disc]], list[str]]:
    """Discs by cell, and the identifiers that are no disc's centre."""
    cell_of = {spot.id: spot.cell for spot in spots if spot.role == "account"}
    identifiers = [spot.id for spot in spots if spot.role == "identifier"]
    weight = {spot.id: spot.weight for spot in spots}
    home = {name: _home(near.get(name, ()), cell_of) for name in identifiers}
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for account, cell in cell_of.items():
        members[cell, _centre_for(near.get(account, ()), cell, home, weight)].append(account)
    stars: dict[str, list[Disc]] = defaultdict(list)
    for (cell, centre), accounts in sorted(members.items()):
        stars[cell].append(_star(centre, accounts))
    centres = {centre for _, centre in members}
    satellites = [name for name in identifiers if name not in centres]
    satellites.sort(key=lambda name: (-weight[name], name))
    return dict(stars), satellites


def _home(accounts: Sequence[str], cell_of: Mapping[str, str]) -> tuple[str, int]:
    """The cell that most users of an identifier belong to, and how many those are."""
    counts = Counter(cell_of[name] for name in accounts if name in cell_of)
    return min(counts.items(), key=lambda item: (-item[1], item[0])) if counts else ("", 0)


def _centre_for(
    used: Sequence[str],
    cell: str,
    home: Mapping[str, tuple[str, int]],
    weight: Mapping[str, float],
) -> str:
    """The telling identifier that gathers most accounts of the cell without gathering everybody."""
    options = [n for n in used if n in home and home[n][0] == cell and weight[n] > 0]
    if not options:
        return ""

    def worth(name: str) -> tuple[float, str]:
        count = home[name][1]
        gathered = count if count <= LARGE_STAR else LARGE_STAR**2 / count
        return (-weight[name] * gathered, name)

    return min(options, key=worth)


def _star(centre: str, accounts: Sequence[str]) -> Disc:
    points: dict[str, Point] = {centre: (0.0, 0.0)} if centre else {}
    near = RING if len(accounts) > 3 else SMALL_RING
    radius, left = (near if centre else GAP), list(accounts)
    while left:
        room = max(1, int(2 * math.pi * radius / GAP))
        ring, left = left[:room], left[room:]
        turn = len(points) * GOLDEN / 7 - math.pi / 2  # rings do not line up with each other
        for step, name in enumerate(ring):
            angle = 2 * math.pi * step / len(ring) + turn
            points[name] = (radius * math.cos(angle), radius * math.sin(angle))
        radius += RING_STEP
    return Disc(points, radius - RING_STEP + 22, centre)


def _pack(name: str, discs: Sequence[Disc]) -> Disc:
    """Put the largest disc in the middle and the others, by size, in the nearest free place."""
    ordered = sorted(discs, key=lambda disc: (-disc.radius, disc.name))
    centres: list[Point] = []
    for disc in ordered:
        apart = [other.radius + disc.radius + STAR_GAP for other in ordered[: len(centres)]]
        centres.append(_nearest_place(centres, apart))
    points = {
        point: (x + cx, y + cy)
        for disc, (cx, cy) in zip(ordered, centres, strict=True)
        for point, (x, y) in disc.points.items()
    }
    return Disc(points, 0.0, name)


def _nearest_place(centres: Sequence[Point], apart: Sequence[float]) -> Point:
    """The free place nearest to the middle that is ``apart`` from each centre."""
    if not centres:
        return (0.0, 0.0)
    taken, needed = np.array(centres), np.array(apart)
    angles = np.linspace(0, 2 * math.pi, 48, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    # A free place touches a disc that stands already: try all around each of them.
    places = (taken[:, None, :] + needed[:, None, None] * ring[None, :, :]).reshape(-1, 2)
    gaps = np.hypot(places[:, None, 0] - taken[None, :, 0], places[:, None, 1] - taken[None, :, 1])
    free = places[(gaps >= needed - 1e-6).all(axis=1)]
    distance = np.hypot(free[:, 0] / WIDE, free[:, 1]).round(3)
    best = free[np.lexsort((free[:, 1].round(3), free[:, 0].round(3), distance))[0]]
    return (float(best[0]), float(best[1]))


def _with_inner(
    cells: Sequence[Disc], satellites: Sequence[str], near: Mapping[str, Sequence[str]]
) -> tuple[list[Disc], list[str]]:
    """Identifiers that only one cell uses stand inside it; the others are for later."""
    cell_of = {point: place for place, cell in enumerate(cells) for point in cell.points}
    inner: dict[int, list[str]] = defaultdict(list)
    between: list[str] = []
    for name in satellites:
        used_by = {cell_of[other] for other in near.get(name, ()) if other in cell_of}
        inner[used_by.pop()].append(name) if len(used_by) == 1 else between.append(name)
    grown = []
    for place, cell in enumerate(cells):
        points = dict(cell.points)
        _add_satellites(points, inner[place], near, ())
        grown.append(Disc(points, 0.0, cell.name))
    return grown, between


def _add_satellites(
    placed: dict[str, Point],
    satellites: Sequence[str],
    near: Mapping[str, Sequence[str]],
    covered: Sequence[Box],
) -> None:
    """Each in the free place nearest to the middle of those that use it, outside ``covered``."""
    taken = np.array(list(placed.values()) or [(1e9, 1e9)], dtype=np.float64)
    for name in satellites:
        others = [placed[other] for other in near.get(name, ()) if other in placed]
        middle = np.mean(others, axis=0) if others else taken.mean(axis=0)
        places = _outside(_spiral(middle), covered)
        place = places[_first_free(_gaps(places, taken))]
        placed[name] = (float(place[0]), float(place[1]))
        taken = np.vstack([taken, place])


def _outside(places: Points, covered: Sequence[Box]) -> Points:
    inside = np.zeros(len(places), dtype=bool)
    for left, top, right, bottom in covered:
        x, y = places[:, 0], places[:, 1]
        inside |= (x > left - 14) & (x < right + 14) & (y > top - 22) & (y < bottom + 14)
    return places[~inside] if not inside.all() else places


def _spiral(middle: Points) -> Points:
    steps = np.arange(1500)
    radius, angle = 12.0 * np.sqrt(steps), steps * GOLDEN
    return np.stack(
        [middle[0] + radius * np.cos(angle), middle[1] + radius * np.sin(angle)], axis=1
    )


def _park(placed: dict[str, Point], hubs: Sequence[str]) -> None:
    points = np.array(list(placed.values()) or [(0.0, 0.0)])
    x, middle = float(points[:, 0].max()) + LANE, float(points[:, 1].mean())
    for step, name in enumerate(hubs):
        placed[name] = (x, middle + (step - (len(hubs) - 1) / 2) * 88.0)
