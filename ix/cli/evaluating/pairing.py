"""Which answered row is which labelled one: the pairs that agree most when all are taken together."""

from __future__ import annotations

from collections.abc import Sequence

MOST_ROWS = 300
"""Rows of a list up to which all pairs are weighed against each other; longer lists are paired in their order."""


def assigned(gains: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """Pairs of a row and a column of the matrix, each in one pair at most, whose sum of gains is the largest there is;
    pairs that gain nothing are left out. Hungarian algorithm, with potentials (Kuhn 1955, Munkres 1957)."""
    height, width = len(gains), len(gains[0]) if gains else 0
    if not height or not width:
        return []
    # each row must find a column of its own
    if height > width:
        return sorted((row, column) for column, row in assigned(list(zip(*gains, strict=True))))
    row_of = _matched(gains, height, width)
    return sorted((row, column) for column, row in row_of.items() if gains[row][column] > 0)


def _matched(gains: Sequence[Sequence[float]], height: int, width: int) -> dict[int, int]:
    """The row of each column that has one. Rows are added one by one, each by the cheapest way that makes room."""
    of_row, of_column = [0.0] * height, [0.0] * width
    row_of: dict[int, int] = {}
    for added in range(height):
        least, came_from = [float("inf")] * width, [-1] * width
        used, column, row = set[int](), -1, added
        while True:
            row = added if column < 0 else row_of[column]
            nearest, step = -1, float("inf")
            for other in range(width):
                if other in used:
                    continue
                cost = -gains[row][other] - of_row[row] - of_column[other]
                if cost < least[other]:
                    least[other], came_from[other] = cost, column
                if least[other] < step:
                    nearest, step = other, least[other]
            # what is reached already pays the step, what is not comes nearer by it
            of_row[added] += step
            for other in range(width):
                if other in used:
                    of_row[row_of[other]] += step
                    of_column[other] -= step
                else:
                    least[other] -= step
            used.add(nearest)
            column = nearest
            if column not in row_of:
                break
        # back along the way, each column takes the row of the one before
        while column >= 0:
            before = came_from[column]
            row_of[column] = added if before < 0 else row_of[before]
            column = before
    return row_of
