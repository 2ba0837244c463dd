"""Judged questions: how good an answer is by the grades of what it holds."""

import math
from collections.abc import Mapping, Sequence

PAGE = 10
RIGHT = 3


def gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain (https://en.wikipedia.org/wiki/Discounted_cumulative_gain), with 2^grade - 1."""
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(grades))


def ndcg(ids: Sequence[str], judged: Mapping[str, int]) -> float:
    """The gain of a page of ten, as a part of the best that there could be."""
    return gain([judged.get(one, 0) for one in ids]) / gain(sorted(judged.values(), reverse=True)[:PAGE])


def is_right(ids: Sequence[str], judged: Mapping[str, int]) -> bool:
    """Whether a page has a service that answers the question."""
    return any(judged.get(one) == RIGHT for one in ids)
