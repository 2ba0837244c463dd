"""How well words alone tell the categories of real services: 200 texts and 60 French ones, judged by hand beforehand.

The figures are printed. A category is right when the judgement expects or allows it; of what it expects, recall is the
part that was found.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from footbridge.directory.taxonomy.categories import by_words

HERE = Path(__file__).parent
NEARLY_ALL_FOOD = "haarrrvest-cc0"


@dataclass
class Score:
    """Counts over texts."""

    texts: int = 0
    right: int = 0
    wrong: int = 0
    expected: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.found / self.expected

    def __str__(self) -> str:
        return (
            f"{self.texts} texts, precision {self.precision:.1%} ({self.right}/{self.right + self.wrong}), "
            f"recall {self.recall:.1%} ({self.found}/{self.expected})"
        )


def _judged(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((HERE / name).read_text(encoding="utf-8"))["services"]
    return rows


def _score(rows: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> Score:
    score = Score()
    for row, text in rows:
        found = {match["code"] for match in by_words(text)}
        expected, allowed = set(row["expected"]), set(row.get("allowed", []))
        score.texts += 1
        score.right += len(found & (expected | allowed))
        score.wrong += len(found - expected - allowed)
        score.expected += len(expected)
        score.found += len(found & expected)
    return score


def test_two_hundred_real_texts(sample_texts: dict[Any, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(row, sample_texts[row["set"], row["kind"], row["id"]]) for row in _judged("judged_services.json")]
    various = [pair for pair in rows if pair[0]["set"] != NEARLY_ALL_FOOD]
    scores = {
        "all": _score(rows),
        "without haarrrvest-cc0, which is nearly all food": _score(various),
        "  of these half a, in view when the table was written": _score(p for p in various if p[0]["half"] == "a"),
        "  of these half b, whose errors were never looked at": _score(p for p in various if p[0]["half"] == "b"),
    }
    with capsys.disabled():
        print("\nKeywords over real texts:", *(f"  {name}: {score}" for name, score in scores.items()), sep="\n")  # noqa: T201
    assert scores["all"].texts == 200
    assert scores["all"].precision >= 0.9
    assert scores["without haarrrvest-cc0, which is nearly all food"].precision >= 0.9
    assert scores["all"].recall >= 0.9


def test_sixty_french_texts(capsys: pytest.CaptureFixture[str]) -> None:
    score = _score((row, row) for row in _judged("judged_french.json"))
    with capsys.disabled():
        print(f"\nKeywords over French texts: {score}")  # noqa: T201
    assert score.texts == 60
    assert score.precision >= 0.9
    assert score.recall >= 0.9


def test_the_judgements_name_categories() -> None:
    known = {
        row["code"]
        for row in json.loads((HERE.parents[2] / "terminology" / "categories.json").read_bytes())["categories"]
    }
    for row in [*_judged("judged_services.json"), *_judged("judged_french.json")]:
        assert {*row["expected"], *row.get("allowed", [])} <= known
        assert not set(row["expected"]) & set(row.get("allowed", []))
