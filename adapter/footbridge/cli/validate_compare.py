"""``footbridge validate --compare-hl7``: where this validation and the HL7 validator differ, by file and place.

Both get the same documents, packages, definitions, profiles and options; the HL7 validator no terminology server.
Errors are compared: two are the same where they are at the same element, or one is at the parent of the other's. An
error of the HL7 validator at an element where this validation left a rule unchecked is shown apart, and is no
difference: without a terminology server one of the two does not decide what the other calls an error. What the HL7
validator says is shown by the id of its message, since its texts hold values; ``--show-values`` shows them.
https://confluence.hl7.org/display/FHIR/Using+the+FHIR+Validator
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from footbridge.cli.validate_asked import Asked, read_items
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _
from footbridge.model.operation_outcome import FILE, MESSAGE_ID
from footbridge.validation.bulk import Item
from footbridge.validation.reports.text import printable

MAIN_CLASS = "org.hl7.fhir.validation.ValidatorCli"
_NOISE = re.compile(r"/\*[^*]*\*/|\.ofType\([^)]*\)|\[url='[^']*'\]|:[A-Za-z][^.\[]*|\[x\]|\$this")
_THROWN = re.compile(r'^(?:Exception in thread "[^"]*" |Caused by: )([A-Za-z0-9_.$]+)', re.MULTILINE)
Json = Any


@dataclass(frozen=True, slots=True)
class Said:
    """An error of one of the two: its place as it wrote it, and the rule or message id."""

    place: str
    rule: str
    text: str


@dataclass(slots=True)
class Difference:
    """One document: the errors of both at the same place, and those of one alone.

    ``unchecked`` are those of the HL7 validator where this validation left a rule unchecked.
    """

    source: str
    ours_valid: bool
    theirs_valid: bool
    agree: list[tuple[Said, Said]] = field(default_factory=list)
    only_ours: list[Said] = field(default_factory=list)
    only_theirs: list[Said] = field(default_factory=list)
    unchecked: list[Said] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether the two say different things."""
        return bool(self.only_ours or self.only_theirs)


def compare(asked: Asked, jar: str) -> tuple[list[str], int]:
    """The lines of the report, and the exit code: 0 where both agree, 1 where they differ.

    Raises ConfigurationError where there is no Java, no validator, or it cannot run.
    """
    items = list(read_items(asked.paths))
    check = asked.setup().checker()
    with tempfile.TemporaryDirectory(prefix="footbridge-") as folder:
        place = Path(folder).resolve()
        theirs = _theirs(asked, jar, place, items)
    found = []
    for item, said in zip(items, theirs, strict=True):
        outcome = check(item).outcome
        ours = [Said(one.expression or "$this", one.rule, one.message) for one in outcome.issues if one.is_error]
        undecided = [one.expression or "$this" for one in outcome.unchecked]
        found.append(_difference(item.source, ours, said, undecided))
    code = int(any(one.differs for one in found))
    return (_json(found, asked) if asked.style == "json" else _text(found, asked)), code


def _theirs(asked: Asked, jar: str, place: Path, items: list[Item]) -> list[list[Said]]:
    """The errors of the HL7 validator in each document."""
    (place / "in").mkdir()
    for number, item in enumerate(items):
        data = item.data or b""
        ending = "xml" if data.lstrip()[:1] == b"<" else "json"
        (place / "in" / f"{number:06}.{ending}").write_bytes(data)
    report = place / "out.json"
    words = [*_program(jar), *_options(asked), "-output", str(report), str(place / "in")]
    ran = subprocess.run(words, cwd=place, capture_output=True, check=False)  # noqa: S603 - the jar that was named
    if not report.is_file():
        raise ConfigurationError(
            _(
                "--compare-hl7: the HL7 validator wrote no report (exit code {code}): {reason}",
                code=ran.returncode,
                reason=_reason(ran.stderr.decode(errors="replace")),
            )
        )
    try:
        outcomes = _outcomes(json.loads(report.read_bytes()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigurationError(_("--compare-hl7: the report of the HL7 validator cannot be read.")) from error
    return [outcomes.get(number, []) for number in range(len(items))]


def _reason(said: str) -> str:
    """Why Java ended: what its launcher says, else the name of the last exception, for its text may hold values."""
    for line in said.splitlines():
        if line.startswith("Error: "):
            return printable(line.removeprefix("Error: ")[:200])
    names = _THROWN.findall(said)
    return names[-1] if names else _("it does not say why")


def _program(jar: str) -> list[str]:
    java = shutil.which("java")
    if java is None:
        raise ConfigurationError(_("--compare-hl7 needs Java 17 or later: there is no `java` on the PATH."))
    path = Path(jar)
    if path.is_dir() and any(path.glob("*.jar")):
        return [java, "-cp", str(path.resolve() / "*"), MAIN_CLASS]
    if not path.is_file():
        raise ConfigurationError(
            _("--compare-hl7 {jar}: file not found. It is validator_cli.jar of the HL7 validator.", jar=jar)
        )
    return [java, "-jar", str(path.resolve())]


def _options(asked: Asked) -> list[str]:
    words = ["-version", "4.0.1", "-tx", "n/a", "-best-practice", asked.best_practice]
    words += ["-allow-example-urls", str(asked.allow_example_urls).lower()]
    for name in (*asked.packages, *asked.definitions):
        words += ["-ig", str(Path(name).resolve()) if Path(name).exists() else name]
    for profile in asked.profiles:
        words += ["-profile", profile]
    return [*words, *(["-extension", "any"] if asked.allow_unknown_extensions else [])]


def _outcomes(report: Json) -> dict[int, list[Said]]:
    """The errors by number of the document; of one document the report is an OperationOutcome alone."""
    rows = [one["resource"] for one in report.get("entry", ())] if report["resourceType"] == "Bundle" else [report]
    found: dict[int, list[Said]] = {}
    for row in rows:
        names = [one["valueString"] for one in row.get("extension", ()) if one.get("url") == FILE]
        found[int(Path(names[0]).stem) if names else 0] = list(_errors(row))
    return found


def _errors(outcome: Json) -> Iterator[Said]:
    for issue in outcome.get("issue", ()):
        if issue.get("severity") in {"error", "fatal"}:
            ids = [one.get("valueString") or one.get("valueCode") for one in issue.get("extension", ())
                   if one.get("url") == MESSAGE_ID]  # fmt: skip
            place = next(iter(issue.get("expression") or issue.get("location") or ()), "$this")
            yield Said(
                place, next(iter(ids), None) or issue.get("code", ""), (issue.get("details") or {}).get("text", "")
            )


def _difference(source: str, ours: list[Said], theirs: list[Said], undecided: list[str]) -> Difference:
    found = Difference(source, not ours, not theirs)
    left = list(theirs)
    for one in ours:
        other = next((said for said in left if _steps(said.place) == _steps(one.place)), None)
        other = other or next((said for said in left if _near(one.place, said.place)), None)
        if other is not None:
            left.remove(other)
            found.agree.append((one, other))
        elif not any(_near(one.place, said.place) for _one, said in found.agree):  # two of ours may be one of theirs
            found.only_ours.append(one)
    mine = [one.place for one in ours]
    for said in left:
        if not any(_near(place, said.place) for place in mine):
            is_unchecked = any(_near(place, said.place) for place in undecided)
            (found.unchecked if is_unchecked else found.only_theirs).append(said)
    return found


def _near(one: str, other: str) -> bool:
    """Whether two places are the same element, or one is the other's parent."""
    steps, others = sorted((_steps(one), _steps(other)), key=len)
    return len(others) - len(steps) <= 1 and others[: len(steps)] == steps


def _steps(place: str) -> list[str]:
    """A place as both would write it: no types of choices, no ids, no slices, no root."""
    return [part for part in _NOISE.sub("", place).split(".")[1:] if part]


def _text(found: Iterable[Difference], asked: Asked) -> list[str]:
    lines, alike, differing = [], 0, 0
    for one in found:
        alike, differing = alike + (not one.differs), differing + one.differs
        if one.differs or not asked.quiet:
            verdict = _("agree") if not one.differs else _("differ")
            lines.append(f"{one.source}: {verdict}")
            lines += [_("  only ours:   {place}: {rule}", place=said.place, rule=said.rule) for said in one.only_ours]
            lines += [
                _("  only theirs: {place}: {rule}", place=said.place, rule=said.rule)
                + (f" {said.text}" if asked.show_values else "")
                for said in one.only_theirs
            ]
            lines += [
                _("  not checked here: {place}: {rule}", place=said.place, rule=said.rule) for said in one.unchecked
            ]
    lines.append(_("Documents that agree: {alike}; that differ: {differing}", alike=alike, differing=differing))
    return [printable(line) for line in lines]


def _json(found: Iterable[Difference], asked: Asked) -> list[str]:
    def shown(said: Said, *, theirs: bool = False) -> dict[str, str]:
        row = {"place": said.place, "rule": said.rule}
        return row | {"message": said.text} if asked.show_values or not theirs else row

    rows = [
        {
            "source": one.source, "valid": {"ours": one.ours_valid, "theirs": one.theirs_valid},
            "agree": [{"ours": shown(ours), "theirs": shown(said, theirs=True)} for ours, said in one.agree],
            "onlyOurs": [shown(said) for said in one.only_ours],
            "onlyTheirs": [shown(said, theirs=True) for said in one.only_theirs],
            "notCheckedHere": [shown(said, theirs=True) for said in one.unchecked],
        }
        for one in found
    ]  # fmt: skip
    return [json.dumps(rows, ensure_ascii=False, indent=1)]
