"""What is not for the public is told by no command: search, show, report, diff, corrections, sources, export, logs.

Values are public in a first import, and private in each way in the second one: none of them stays anywhere.
"""

import json
import zipfile
from pathlib import Path

import pytest
from support import canary_feeds, canary_hsds
from support.canaries import Canaries, all_of

KINDS = ("service", "organization", "location", "service_at_location")
MARKS = (("confidential", "true"), ("is_private", "true"), ("visible", "false"), ("ne_pas_publier", "true"))
ALWAYS = ("internal_notes", "editor_notes", "staff_notes")


def feed(canaries, *, private):
    """Services of which a kind of record, or each child of one, is private in the second import; the names stay."""
    made = []
    for kind in KINDS:
        whole, parts = canary_feeds.frame(len(made))
        name = parts[kind].get("name")
        parts[kind] |= canary_hsds.planted(canaries, kind, aliases=False)
        if name:
            parts[kind]["name"] = name
        if private:
            parts[kind]["exclude_from_website"] = True
        made.append(whole)
        whole, parts = canary_feeds.frame(len(made))
        for number, (member, child) in enumerate(canary_hsds.children(kind)):
            flag = canary_hsds.flag(*MARKS[number % len(MARKS)]) if private else {}
            parts[kind][member] = [canary_hsds.planted(canaries, child, f"{kind}.{member}", aliases=False) | flag]
        made.append(whole)
    return made


@pytest.fixture
def told(run, tenant, tmp_path):
    """All that the commands say of the directory, as one text."""

    def files(*words):
        place = tmp_path / f"out.{len(list(tmp_path.iterdir()))}"
        ran = run("directory", *(place if word is ... else word for word in words))
        assert ran.code == 0, ran.err
        if zipfile.is_zipfile(place):
            with zipfile.ZipFile(place) as book:
                return ran.out + ran.err + "".join(book.read(name).decode(errors="replace") for name in book.namelist())
        return ran.out + ran.err + place.read_text("utf-8")

    def told():
        commands = [
            ("search", "--json", "--limit", "200"), ("search",), ("search", "--near", "46.00001,-81.0", "--json"),
            ("sources", "--json"), ("sources",), ("report",), ("report", "--json"), ("diff",), ("diff", "--json"),
            ("gaps", "--json"), ("corrections", "--json"), ("corrections",), ("export",), ("export", "--hsds"),
            ("export", "--fhir"),
        ]  # fmt: skip
        said = {" ".join(words): (ran := run("directory", *words)).out + ran.err for words in commands}
        for words in (("report", "--xlsx"), ("report", "--csv"), ("report", "--html"), ("corrections", "--csv")):
            said[" ".join(words)] = files(*words, ...)
        said["corrections --hsds"] = files("corrections", "--hsds", ...)
        for number in range(2 * len(KINDS)):
            for form in ((), ("--json",), ("--fhir",)):
                ran = run("directory", "show", f"feed:s{number}", *form)
                said[f"show {number} {form}"] = ran.out + ran.err
        return said

    return told


def test_no_command_tells_what_was_public_and_is_private_now(run, tenant, home, tmp_path, told):
    canaries = Canaries()
    place = tmp_path / "h.json"
    place.write_text(json.dumps(feed(canaries, private=False)), "utf-8")
    assert run("directory", "import", place, "--source", "feed", "--format", "hsds-json").code == 0
    seen = canaries.found_in("\n".join(told().values()))
    assert len(seen) > len(canaries.about) / 2  # the commands do tell what is public
    for number in range(2 * len(KINDS)):
        assert run("directory", "correct", f"feed:s{number}", "phones", "211", "--by", "A. Roy").code == 0
    again = Canaries()
    place.write_text(json.dumps(feed(again, private=True)), "utf-8")
    assert again.about == canaries.about
    ran = run("directory", "import", place, "--source", "feed", "--format", "hsds-json", "--allow-removal")
    assert ran.code == 0, ran.err
    said = {**told(), "import": ran.out + ran.err}
    leaks = {how: canaries.told(found) for how, text in said.items() if (found := canaries.found_in(text))}
    assert leaks == {}
    words = sorted({number for number in seen if number % 9 == 0})
    for number in words:
        found = run("directory", "search", f"Zq{number:05d}q", "--json").json
        assert (number, found["total"]) == (number, 0)
        assert canaries.found_in(json.dumps(found)) <= {number}
    database = Path(home / "footbridge.sqlite3")
    assert canaries.told(canaries.found_in(all_of(database))) == []


def test_an_organization_whose_name_is_withheld_breaks_no_command(run, tenant, tmp_path):
    """A house that is named by its address, which is confidential."""
    place = tmp_path / "h.json"
    hidden = {"address_1": "9 Zanzibar Road", "city": "Sudbury", "confidential": True}
    service = {
        "id": "s",
        "name": "Counselling",
        "status": "active",
        "organization": {"id": "o", "name": "9 Zanzibar Road", "description": "Help"},
        "program": {"id": "p", "name": "9 Zanzibar Road"},
        "service_at_locations": [{"id": "x", "location": {"id": "l", "name": "Office", "addresses": [hidden]}}],
    }
    place.write_text(json.dumps([service]), "utf-8")
    assert run("directory", "import", place, "--source", "feed").code == 0
    for words in (
        ("show", "feed:s"), ("show", "feed:s", "--json"), ("show", "feed:s", "--fhir"), ("export",), ("export", "--hsds"),
        ("export", "--fhir"), ("search", "counselling"), ("search", "counselling", "--json"), ("report",), ("diff",),
    ):  # fmt: skip
        ran = run("directory", *words)
        assert (words, ran.code) == (words, 0), ran.err
        assert "anzibar" not in ran.out + ran.err
