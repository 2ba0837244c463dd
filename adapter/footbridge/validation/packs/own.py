"""The door for rules of your own: a Python file, a module, or an entry point of the group ``footbridge.rules``.

    from footbridge.validation.packs.own import rule

    @rule("clinic.phone", "Patient", severity="warning")
    def phone(patient):
        if not patient.get("telecom"):
            yield "telecom", "The patient has no phone number."

A rule is given a copy of each resource of its types, wherever it is in the document, and yields what it finds: the
element (FHIRPath below the resource, empty for the resource itself) and a sentence. A sentence repeats no value of the
resource. ``load`` checks a pack as a whole before the first document.
"""

import importlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

from footbridge.data import read_json
from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.model.issues import Severity
from footbridge.validation.fhirpath import fhir_type

GROUP = "footbridge.rules"
"""The group of entry points (https://packaging.python.org/en/latest/specifications/entry-points/)."""
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
Check = Callable[[dict[str, Any]], Iterable[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class OwnRule:
    """One rule: its id, the resource types that it is about (none: all), its severity, and its check."""

    id: str
    types: frozenset[str]
    severity: Severity
    spec: str | None
    check: Check


@dataclass(frozen=True, slots=True)
class Pack:
    """Rules under the name by which they were given."""

    name: str
    rules: tuple[OwnRule, ...]


def rule(
    identity: str, *types: str, severity: Severity = "error", spec: str | None = None
) -> Callable[[Check], OwnRule]:
    """Make a rule of a function.

    Args:
        identity: ``family.name`` in small letters; the id in reports. The family must not be one of ours.
        types: of resources, such as ``Patient``; none: every resource.
        severity: of an issue: error, warning or information.
        spec: URL of the text that the rule comes from.
    """
    return lambda check: OwnRule(identity, frozenset(types), severity, spec, check)


def load(name: str) -> Pack:
    """The pack of a file, a module or an entry point. Raises ConfigurationError for one that cannot be used."""
    module = _imported(name)
    rules = tuple(dict.fromkeys(value for value in vars(module).values() if isinstance(value, OwnRule)))
    if not rules:
        raise ConfigurationError(_("--pack {name}: there is no rule in it; see docs/guides/add-a-rule.md.", name=name))
    seen: set[str] = set()
    for one in rules:
        if (fault := _fault(one, seen)) is not None:
            raise ConfigurationError(_("--pack {name}: rule {rule!r}: {fault}", name=name, rule=one.id, fault=fault))
        seen.add(one.id)
    return Pack(name, rules)


def _fault(one: OwnRule, seen: set[str]) -> str | None:
    if not isinstance(one.id, str) or not _ID.fullmatch(one.id):
        return _("the id must be family.name, in small letters.")
    if one.id in seen:
        return _("the id is there twice.")
    if one.id.partition(".")[0] in _families():
        return _("the family {family!r} is one of Footbridge's own.", family=one.id.partition(".")[0])
    unknown = [name for name in sorted(one.types) if (kind := fhir_type(name)) is None or kind.kind != "resource"]
    if unknown:
        return _("{type} is no resource type of FHIR R4.", type=unknown[0])
    if one.severity not in get_args(Severity) or one.severity == "fatal":
        return _("the severity must be error, warning or information.")
    if not callable(one.check) or not _takes_one(one.check):
        return _("it must be a function of one argument, the resource.")
    return None


def _takes_one(check: Check) -> bool:
    try:
        inspect.signature(check).bind({})
    except (TypeError, ValueError):
        return False
    return True


def _families() -> frozenset[str]:
    table = read_json("profiles", "rule-examples.json")
    return frozenset(one.partition(".")[0] for part in ("examples", "notes") for one in table[part])


def _imported(name: str) -> ModuleType:
    path = Path(name)
    try:
        if path.suffix == ".py" or path.is_file():
            return _of_file(path)
        from importlib.metadata import entry_points  # noqa: PLC0415 - slow to import

        for point in entry_points(group=GROUP, name=name):
            found = point.load()
            return found if isinstance(found, ModuleType) else _module_of(name, found)
        return importlib.import_module(name)
    except ConfigurationError:
        raise
    except FileNotFoundError as error:
        raise ConfigurationError(_("--pack {name}: file not found.", name=name)) from error
    except ModuleNotFoundError as error:
        what = _("--pack {name}: no file, module or entry point of this name ({reason}).", name=name, reason=str(error))
        raise ConfigurationError(what) from error
    except (Exception, SystemExit) as error:
        what = _("--pack {name}: it cannot be loaded: {reason}", name=name, reason=place_of(error, path.name))
        raise ConfigurationError(what) from error


def _of_file(path: Path) -> ModuleType:
    name = f"footbridge_pack_{path.stem.replace('-', '_')}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(_("--pack {name}: this is no Python file.", name=path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _module_of(name: str, found: Any) -> ModuleType:  # noqa: ANN401 - whatever an entry point leads to
    module = ModuleType(name)
    rows = found if isinstance(found, list | tuple) else [found]
    vars(module).update({f"rule{at}": row for at, row in enumerate(rows)})
    return module


def place_of(error: BaseException, file: str) -> str:
    """The kind of an error and the line of the pack that it comes from; no text of it, which may hold values."""
    if isinstance(error, SyntaxError):
        return f"SyntaxError, line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).name == file]
    return f"{type(error).__name__}, line {lines[-1]}" if lines else type(error).__name__
