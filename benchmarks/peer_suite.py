"""Runs the official FHIR validator test cases and compares verdicts.

    python -m benchmarks.peer_suite --cases CASES.json --files DIR [--json OUT]

Prints, for the core and the extended set, verdict agreement, valid accepted, invalid recall, the F1 of locations, and
every disagreement by name. OUT gets a list of {"name", "mode", "set", "expected", "verdict", "issues"}.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from footbridge.validation import Validator
from footbridge.validation.core.options import Options
from footbridge.validation.reading import read

Case = dict[str, Any]
REFERENCES = {
    "CHECK_VALID": "valid",
    "CHECK_TYPE_IF_EXISTS": "type",
    "CHECK_EXISTS_AND_TYPE": "type",
    "CHECK_EXISTS": "exists",
}
_DECORATION = re.compile(r"/\*.*?\*/|\.ofType\([^)]*\)|\[url='[^']*'\]")
_CHOICE = re.compile(r"\bvalue[A-Z][A-Za-z0-9]*")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=Path, required=True)
    parser.add_argument("--files", type=Path, required=True)
    parser.add_argument("--json", type=Path, help="where to write every result")
    parser.add_argument("--only", help="a part of the names of the cases to run; prints their issues")
    arguments = parser.parse_args()
    cases = json.loads(arguments.cases.read_text())
    started = time.perf_counter()
    results = []
    for case in cases:
        if arguments.only and arguments.only not in case["name"]:
            continue
        result = judge(case, arguments.files)
        results.append(result)
        if arguments.only:
            print_issues(case, result)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1))
    for name in ("core", "extended"):
        report(name, [(case, result) for case, result in paired(cases, results) if case["set"] == name])
    print(f"{len(results)} judgements in {time.perf_counter() - started:.1f} s")
    return 0


def paired(cases: list[Case], results: list[Case]) -> Iterator[tuple[Case, Case]]:
    by_key = {(result["name"], result["mode"]): result for result in results}
    for case in cases:
        if (case["name"], case["mode"]) in by_key:
            yield case, by_key[case["name"], case["mode"]]


def judge(case: Case, files: Path) -> Case:
    """Validate one case as its settings ask."""
    validator, profiles = prepare(case, files)
    outcome = validator.check_text((files / case["file"]).read_bytes(), profiles)
    return {
        "name": case["name"],
        "mode": case["mode"],
        "set": case["set"],
        "expected": case["expected"],
        "verdict": "valid" if outcome.valid else "invalid",
        "issues": [
            {"rule": row.rule, "severity": row.severity, "expression": row.expression, "message": row.message}
            for row in outcome.issues
        ],
    }


def prepare(case: Case, files: Path) -> tuple[Validator, list[str]]:
    """The validator of a case, with its definitions, and the profiles to check."""
    settings = case["settings"]
    names = [*settings.get("profiles", ()), *settings.get("supporting", ()), *settings.get("supporting5", ())]
    profile = case.get("profile") or {} if case["mode"] == "profile" else {}
    names += profile.get("supporting", ())
    source = load(files, profile["source"]) if profile.get("source") else None
    definitions = [load(files, name) for name in names]
    if source is not None:
        definitions.append(source)
    options = options_of(settings, files)
    profiles = [source["url"]] if source is not None else []
    return Validator(packages=settings.get("packages", ()), definitions=definitions, options=options), profiles


def options_of(settings: dict[str, Any], files: Path) -> Options:
    policy = REFERENCES.get(settings.get("validateReference", ""), "ignore")

    def fetch(reference: str) -> dict[str, Any] | None:
        kind, _, identity = reference.rpartition("/")
        for stem in (identity, f"{kind.lower()}-{identity}"):
            for suffix in (".json", ".xml"):
                if (files / (stem + suffix)).is_file():
                    return load(files, stem + suffix)
        return None

    return Options(
        allow_example_urls=settings.get("examples", True) is not False,
        references=policy,
        fetch=None if policy == "ignore" else fetch,
        best_practice=str(settings.get("best-practice", "ignore")).lower(),
        security_checks=bool(settings.get("security-checks")),
        html_in_markdown=not settings.get("noHtmlInMarkdown"),
        allow_comments=bool(settings.get("allow-comments")),
        assume_rest=bool(settings.get("assumeValidRestReferences", True)),
    )


LOADED: dict[Path, dict[str, Any]] = {}


def load(files: Path, name: str) -> dict[str, Any]:
    """A file of the suite as JSON, whatever it is written in."""
    path = files / name
    if path not in LOADED:
        LOADED[path] = read(path.read_bytes(), Validator().types, allow_comments=True).resource
    return LOADED[path]


def report(name: str, rows: list[tuple[Case, Case]]) -> None:
    if not rows:
        return
    good = [row for row in rows if row[0]["expected"] == "valid"]
    bad = [row for row in rows if row[0]["expected"] == "invalid"]
    agreed = [row for row in rows if row[0]["expected"] == row[1]["verdict"]]
    accepted = [row for row in good if row[1]["verdict"] == "valid"]
    refused = [row for row in bad if row[1]["verdict"] == "invalid"]
    print(f"\n{name}: agreement {share(agreed, rows)}, valid accepted {share(accepted, good)}, ", end="")
    print(f"invalid recall {share(refused, bad)}, location F1 {location_f1(refused):.2f}")
    for case, result in rows:
        if case["expected"] != result["verdict"]:
            print_disagreement(case, result)


def share(part: list[Any], whole: list[Any]) -> str:
    return f"{len(part)}/{len(whole)} = {len(part) / max(1, len(whole)):.1%}"


def print_disagreement(case: Case, result: Case) -> None:
    print(f"  {case['name']} ({case['mode']}): expected {case['expected']}, found {result['verdict']}")
    if case["expected"] == "invalid":
        for row in case["errors"][:4]:
            print(f"      missed  {row['id']} at {row['expr']}")
    else:
        for row in [row for row in result["issues"] if row["severity"] in {"error", "fatal"}][:4]:
            print(f"      found   {row['rule']} at {row['expression']}: {row['message'][:110]}")


def print_issues(case: Case, result: Case) -> None:
    print(f"{case['name']} ({case['mode']}): expected {case['expected']}, found {result['verdict']}")
    for row in case["errors"]:
        print(f"    expected {row['id']} at {row['expr']}")
    for row in result["issues"]:
        print(f"    {row['severity']:8}{row['rule']} at {row['expression']}: {row['message'][:160]}")


def location_f1(rows: list[tuple[Case, Case]]) -> float:
    hits = found = wanted = 0
    for case, result in rows:
        theirs = {plain(row["expr"]) for row in case["errors"] if row["expr"] and not row.get("tx")}
        ours = {
            plain(row["expression"])
            for row in result["issues"]
            if row["severity"] in {"error", "fatal"} and row["expression"]
        }
        hits, found, wanted = hits + len(theirs & ours), found + len(ours), wanted + len(theirs)
    return 2 * hits / max(1, found + wanted)


def plain(expression: str) -> str:
    """An expression without decoration, so that two validators' ways of writing compare."""
    return _CHOICE.sub("value", _DECORATION.sub("", expression))


if __name__ == "__main__":
    sys.exit(main())
