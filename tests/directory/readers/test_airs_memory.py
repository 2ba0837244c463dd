"""86 MB of AIRS XML in less than 60 MB of memory, however it is nested, measured in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.airs_xml import NAMESPACE_31, service, site, source
from support.directory_sources import read
from support.soak import SOAK

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs import AirsReader

MEGABYTES = 86 if SOAK else 25
MEASURE = r"""
import re, sys
from pathlib import Path
from footbridge.directory.files import LocalFile
from footbridge.directory.readers import ReadOptions
from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs import AirsReader
from footbridge.directory.records import Record
path = Path(sys.argv[1])
counts, last = {}, None
for one in AirsReader().read([LocalFile(path.name, path)], ReadOptions(strict=sys.argv[2] == "strict")):
    if isinstance(one, Record):
        counts[one.kind] = counts.get(one.kind, 0) + 1
        last = one if one.kind == "service" else last
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())  # ru_maxrss counts the parent's, too
print(int(peak[1]) // 1024, counts.get("service"), last.data.get("restrictions"))
"""
WORDS = "<Description>" + "Helps people with food, and with more than food. " * 200 + "</Description>"
BODY = f'{WORDS}<Phone TollFree="false" Confidential="false"><PhoneNumber>211</PhoneNumber></Phone><Taxonomy><Code>BD-1800</Code></Taxonomy>'
ADDRESS = '<PhysicalAddress Confidential="false"><Line1>1 A St</Line1></PhysicalAddress>'
AFTER = '<ResourceInfo AvailableForReferral="false"/>'


def write(path: Path, shape: str) -> int:
    """The number of services in a file of ``MEGABYTES``."""
    count = MEGABYTES * 1_000_000 // len(BODY)
    begin, end = source("|", namespace=NAMESPACE_31).split("|")
    with path.open("w") as file:
        file.write(begin)
        if shape != "agencies":
            file.write("<Agency><Key>1</Key><Name>A</Name>")
        if shape == "site":
            file.write("<Site><Key>1</Key><Name>S</Name>")
        for number in range(count):
            one = service(BODY, key=str(number), name=f"Service {number}").replace("<Key>", "<Key>")
            if shape == "agencies" and number % 4 == 0:
                file.write(f"<Agency><Key>{number}</Key><Name>A</Name>")
            if shape == "children":
                one = f"<Agency><Key>{number + 2}</Key><Name>A</Name><Site><Key>{number}</Key>{ADDRESS}{one}</Site></Agency>\n"
            file.write(one if shape in {"site", "children"} else site(ADDRESS, one, key=str(number)))
            if shape == "agencies" and (number % 4 == 3 or number == count - 1):
                file.write(f"{AFTER}</Agency>\n")
        file.write({"agencies": "", "site": f"</Site>{AFTER}</Agency>"}.get(shape, f"{AFTER}</Agency>"))
        file.write(end)
    return count


@pytest.mark.parametrize(
    ("shape", "mode"),
    [
        ("agencies", "lenient"),
        ("agencies", "strict"),
        ("agency", "lenient"),
        ("site", "lenient"),
        ("children", "lenient"),
    ],
)
def test_memory_stays_small(tmp_path, shape, mode):
    path = tmp_path / "large.xml"
    count = write(path, shape)
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, path, mode], capture_output=True, text=True, timeout=300, check=True
    )
    megabytes, services, restrictions = ran.stdout.split(maxsplit=2)
    assert int(services) == count
    assert int(megabytes) < 60
    # What the agency says of itself after its sites holds for each of them, though they were given before it.
    assert restrictions.strip() == "['no-referral']"


@pytest.mark.soak
@pytest.mark.parametrize("shape", ["agency", "site", "children"])
def test_a_large_agency_gives_what_a_small_one_gives(tmp_path, shape, monkeypatch):
    """Read part by part or whole: the same records but for their order."""
    path = tmp_path / "large.xml"
    monkeypatch.setattr(sys.modules[__name__], "MEGABYTES", 3)
    write(path, shape)
    monkeypatch.setattr("footbridge.directory.readers.airs_document.LARGE", 10**9)
    monkeypatch.setattr("footbridge.directory.readers.airs_text.LARGEST_PART", 10**9)
    whole = read(AirsReader(), path)
    assert "airs.large" not in whole.rules()
    monkeypatch.undo()
    parts = read(AirsReader(), path)
    assert "airs.large" in parts.rules()
    assert as_rows(parts) == as_rows(whole)


@pytest.mark.soak
def test_what_was_given_does_not_stay(tmp_path, monkeypatch):
    """Of 300 sites no more than a few are in memory at a time; 300 phones of the agency itself are too many."""
    path = tmp_path / "large.xml"
    monkeypatch.setattr(sys.modules[__name__], "MEGABYTES", 3)
    monkeypatch.setattr("footbridge.directory.readers.airs_document.LARGEST_PART", 100_000)
    monkeypatch.setattr("footbridge.directory.readers.airs_document.MOST_CHILDREN", 150)
    count = write(path, "agency")
    assert count > 250
    assert len(read(AirsReader(), path).of("service")) == count
    phones = "<Phone><PhoneNumber>211</PhoneNumber></Phone>" * 300
    path.write_text(path.read_text().replace("<Agency><Key>1</Key>", f"<Agency><Key>1</Key>{phones}"))
    with pytest.raises(DirectoryError, match="more than 150 elements"):
        read(AirsReader(), path)


def as_rows(found):
    return sorted(
        (record.kind, record.native_id, str(record.data), record.path, record.line) for record in found.records
    )
