"""Extracts the messages of the code into the French catalogue, and compiles it.

Run ``python scripts/catalogue.py update`` after a message was added or changed: what is new is added to
``locale/fr/LC_MESSAGES/footbridge.po`` with an empty translation, what is gone is removed. Write the French into the
file, then run ``python scripts/catalogue.py compile``. ``tests/i18n`` fails on a message without French, on one whose
fields differ, and on a compiled catalogue that is not that of the file.

Messages come from four places: literals in ``_()``, ``_n()`` and ``lazy()``, in code and
pages; the helps of all commands, paragraph by
paragraph; tables (heads of columns, settings, rules of consent, forms of codes); and click's own sentences.
"""

import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from footbridge.cli import directory, failures, language, main, output, root
from footbridge.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / "adapter" / "footbridge"
PO = ROOT / "locale" / "fr" / "LC_MESSAGES" / "footbridge.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {"_": None, "_n": (1, 2), "lazy": None}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
CLICK_KEYWORDS = {"_": None, "ngettext": (1, 2)}

Message = str | tuple[str, str]
"""The English; with a number its form for one, and for several."""

HEADER = """\
# The French of Footbridge: Canadian French, plain and short; the words are in docs/reference/french.md.
# Made by scripts/catalogue.py; write translations here, then run `python scripts/catalogue.py compile`."""


def messages() -> dict[Message, list[str]]:
    """Every message, with the places that it comes from."""
    found: dict[Message, list[str]] = {}
    for place, message in (*_literals(), *_of_commands(), *_of_tables(), *_of_click()):
        places = found.setdefault(message, [])
        if place not in places:
            places.append(place)
    return found


def _literals() -> Iterator[tuple[str, Message]]:
    for name, _line, message, _comments, _context in extract_from_dir(CODE, METHODS, keywords=KEYWORDS):
        if message:
            yield name, message


def commands(group: click.Group = main, path: str = "footbridge") -> Iterator[tuple[str, click.Command]]:
    """Every command with its name on the command line."""
    yield path, group
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, f"{path} {name}")
        elif found is not None:
            yield f"{path} {name}", found


def _of_commands() -> Iterator[tuple[str, str]]:
    for place, command in commands():
        yield from ((place, language.message_of(part)) for part in language.paragraphs(command.help or "") if part)
        yield from ((place, text) for text in (command.short_help, command.epilog) if text)
        for option in (one for one in command.params if isinstance(one, click.Option)):
            yield from ((place, text) for text in (option.help, option.show_default) if isinstance(text, str))


def _of_tables() -> Iterator[tuple[str, str]]:
    yield from (("cli/root.py", what) for what in root.COMMANDS.values())
    yield from (("cli/directory/__init__.py", what) for what in directory.COMMANDS.values())
    yield from (("cli/output.py", head) for head in output.HEADS)
    yield from (("cli/failures.py", reason) for reason in failures.REASONS)
    yield from (("settings.py", field.description) for field in Settings.model_fields.values() if field.description)
    consent = json.loads((ROOT / "mappings" / "consent.json").read_bytes())
    yield from (("mappings/consent.json", law["reason"]) for law in consent["implied"].values())
    systems = json.loads((ROOT / "terminology" / "systems.json").read_bytes())["systems"]
    for system in systems if isinstance(systems, list) else systems.values():
        yield from (("terminology/systems.json", text) for text in _texts_of(system))
    yield from (("cli/client.py", word) for word in COUNTED)
    yield from _of_ocean()


def _of_ocean() -> Iterator[tuple[str, str]]:
    """What our constraints on Ocean's messages say, and what its status map loses."""
    for file in sorted((ROOT / "profiles" / "ocean").glob("*.json")):
        rows = json.loads(file.read_bytes())["differential"]["element"][0]["constraint"]
        yield from ((f"profiles/ocean/{file.name}", row["human"]) for row in rows)
    for group in json.loads((ROOT / "mappings" / "ocean" / "status.json").read_bytes())["group"][:2]:
        for element in group["element"]:
            comments = (target["comment"] for target in element["target"] if "comment" in target)
            yield from (("mappings/ocean/status.json", comment) for comment in comments)


COUNTED = ("prescriptions", "open", "referrals", "resources", "messages", "events", "tenants", "jobs", "copies")
"""What is counted in a sentence: rows of a backup, what is held on a client."""


def _texts_of(system: dict[str, object]) -> Iterator[str]:
    if isinstance(system.get("formText"), str):
        yield str(system["formText"])
    aliases = system.get("aliases")
    if isinstance(aliases, dict):
        yield from map(str, aliases.values())


def _of_click() -> Iterator[tuple[str, Message]]:
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        found = extract("python", io.BytesIO(path.read_bytes()), keywords=CLICK_KEYWORDS)
        for _line, message, _comments, _context in found:
            if message and not _is_unused(message):
                yield f"click/{path.name}", message


def _is_unused(message: Message) -> bool:
    """Whether a sentence of click is for developers, or of a feature that no command of ours has."""
    text = message if isinstance(message, str) else message[0]
    return any(re.search(pattern, text) for pattern in UNUSED)


UNUSED = (
    r"[Dd]eprecat|[Ee]ditor|[Ss]hell completion|Bash|feature switch",
    r"^Choice\(|Boolean option|Could not determine name|Name '|exactly one parameter|Invalid start character",
    r"Unknown color|standard stream|Windows error|iterable|Press any key|Confirm the action|Repeat for|two entered",
    r"Do you want to continue|\(dynamic\)|UUID|match the format|%\(prog\)s|Positional arguments|secondary flag|^d$",
    r"^Argument \{name!r\} takes|values are required|Takes \{nargs\}",
)


def template() -> Catalog:
    """The messages as a catalogue without translations, in the order of the English."""
    made = Catalog(domain="footbridge", fuzzy=False, charset="utf-8")  # two forms, as in English; CLDR has a third
    for message, places in sorted(messages().items(), key=lambda item: str(item[0])):
        made.add(message, locations=[(place, 0) for place in places], flags=())
    return made


def stored() -> Catalog:
    """The catalogue as the file has it."""
    with PO.open("rb") as file:
        return read_po(file, domain="footbridge", abort_invalid=True)


def updated() -> Catalog:
    """All messages of the code, with the translations that the file has of them."""
    before = stored() if PO.is_file() else Catalog()
    made = template()
    for message in made:
        known = before.get(message.id) if message.id else None
        if known is not None and known.id == message.id and "fuzzy" not in known.flags:
            message.string = known.string
        message.flags.discard("python-format")
        message.flags.discard("python-brace-format")
    return made


def written(catalogue: Catalog) -> bytes:
    """A catalogue as a ``.po`` file, without dates, so that only a message changes it."""
    file = io.BytesIO()
    write_po(file, catalogue, width=120, include_lineno=False, omit_header=True)
    head = f'{HEADER}\nmsgid ""\nmsgstr ""\n' + "".join(f'"{line}\\n"\n' for line in FIELDS)
    return f"{head}\n".encode() + file.getvalue()


FIELDS = (
    "Language: fr",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 8bit",
    "Plural-Forms: nplurals=2; plural=(n > 1);",
)


_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)  # so that only a message changes the file


def compiled(catalogue: Catalog) -> bytes:
    """A catalogue as a ``.mo`` file."""
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def without_french(catalogue: Catalog) -> list[str]:
    """The messages that have no translation, or not in every form."""
    return [str(one.id) for one in catalogue if one.id and not all(_forms(one.string))]


def _forms(string: str | Iterable[str] | None) -> tuple[str, ...]:
    return (string or "",) if isinstance(string, str | None) else tuple(string)


def run(arguments: list[str]) -> int:
    """The exit code: 0 done, 1 messages lack French, 2 wrong use."""
    match arguments:
        case ["update"]:
            PO.parent.mkdir(parents=True, exist_ok=True)
            PO.write_bytes(written(updated()))
        case ["compile"]:
            MO.write_bytes(compiled(stored()))
        case _:
            print("usage: python scripts/catalogue.py update | compile", file=sys.stderr)
            return 2
    missing = without_french(stored())
    for message in missing:
        print(f"no French: {message}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
