"""Rectangles side by side: cells and bundles of a picture, without overlap, in a wide frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["WIDE", "Block", "Box", "Point", "Points", "block", "tile"]

Point = tuple[float, float]
Points = NDArray[np.float64]
Box = tuple[float, float, float, float]  # left, top, right, bottom

WIDE = 1.7  # the canvas is about that much wider than high
CELL_GAP = 64.0  # identifiers that join two cells stand between them


@dataclass(frozen=True)
class Block:
    """Points with the rectangle that holds them and their labels."""

    points: Mapping[str, Point]
    low: Point
    high: Point

    @property
    def size(self) -> Point:
        """Width and height."""
        return (self.high[0] - self.low[0], self.high[1] - self.low[1])

    @property
    def area(self) -> float:
        """In square pixels."""
        return round(self.size[0] * self.size[1], 3)


def block(points: Mapping[str, Point], pad: float) -> Block:
    """The points with the rectangle that lies ``pad`` around them."""
    at = np.array(list(points.values()))
    low, high = at.min(axis=0) - pad, at.max(axis=0) + pad
    return Block(points, (float(low[0]), float(low[1])), (float(high[0]), float(high[1])))


def tile(blocks: Sequence[Block]) -> tuple[dict[str, Point], list[Box]]:
    """Put blocks side by side without overlap, the largest first, into a wide rectangle."""
    ordered = sorted(blocks, key=lambda block: (-block.area, min(block.points)))
    placed: dict[str, Point] = {}
    boxes: list[Box] = []
    for block in ordered:
        left, top = _corner(boxes, block.size)
        boxes.append((left, top, left + block.size[0], top + block.size[1]))
        for name, (x, y) in block.points.items():
            placed[name] = (x - block.low[0] + left, y - block.low[1] + top)
    return placed, boxes


def _corner(boxes: Sequence[Box], size: Point) -> Point:
    """The free corner that keeps the whole most compact for the canvas."""
    if not boxes:
        return (0.0, 0.0)
    wide, high = size
    options = []
    for left, top, right, bottom in boxes:
        tops = (top, (top + bottom - high) / 2, bottom - high)
        lefts = (left, (left + right - wide) / 2, right - wide)
        options += [(right + CELL_GAP, y) for y in tops] + [
            (left - CELL_GAP - wide, y) for y in tops
        ]
        options += [(x, bottom + CELL_GAP) for x in lefts] + [
            (x, top - CELL_GAP - high) for x in lefts
        ]
    free = [at for at in options if not _overlaps(boxes, (*at, at[0] + wide, at[1] + high))]
    taken = np.array(boxes)

    def cost(at: Point) -> tuple[float, float, Point]:
        right = max(float(taken[:, 2].max()), at[0] + wide)
        bottom = max(float(taken[:, 3].max()), at[1] + high)
        whole = (right - min(float(taken[:, 0].min()), at[0]),
                 bottom - min(float(taken[:, 1].min()), at[1]))  # fmt: skip
        return (round(max(whole[0] / WIDE, whole[1]), 2), round(sum(whole), 2), at)

    return min(free, key=cost)


def _overlaps(boxes: Sequence[Box], box: Box) -> bool:
    gap = CELL_GAP - 1
    return any(
        box[0] < right + gap
        and box[2] > left - gap
        and box[1] < bottom + gap
        and box[3] > top - gap
        for left, top, right, bottom in boxes
    )
