"""What real exports hold (CC0 and BC 211): how much of it is read, and that nothing public is taken for private."""

import collections
import csv
import json
import re
from pathlib import Path

import pytest
from lxml import etree

from footbridge.directory import privacy
from footbridge.directory.cleaning import clean
from footbridge.directory.cleaning.hours_text import parse_hours
from footbridge.directory.cleaning.text import cleaned
from footbridge.directory.preparation import prepare
from footbridge.directory.records import Record

LIKE_HOURS = re.compile(r"\d ?[ap]\.?m|noon|midnight|\bby app|\d:\d\d", re.IGNORECASE)
WITH_DAYS = re.compile(r"\b(?:mon|tue|wed|thu|fri|sat|sun)", re.IGNORECASE)


@pytest.fixture(scope="module")
def bc211(test_data):
    return etree.parse(test_data / "samples" / "airs" / "bc211" / "BC211_data_excerpt.xml")


def strings(value):
    if isinstance(value, dict):
        for entry in value.values():
            yield from strings(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from strings(entry)
    elif isinstance(value, str):
        yield value


@pytest.fixture(scope="module")
def harvest(test_data):
    lines = (test_data / "samples" / "hsds" / "haarrrvest-cc0" / "processed_results.ndjson").read_text().splitlines()
    return sorted({text for line in lines for text in strings(json.loads(line))})


def test_hours_of_the_cc0_set_are_read_as_a_person_reads_them(harvest):
    """``real_hours.json`` was read by a person, line by line; a parser that reads more must be read again."""
    texts = [text for text in harvest if LIKE_HOURS.search(text) and not re.match(r"[\d:TZ-]+$", text)]
    read = {text: hours for text in texts if (hours := parse_hours(text))}
    expected = json.loads(Path(__file__).with_name("real_hours.json").read_text())["hours"]
    got = {text: [f"{o.byday} {o.opens_at}-{o.closes_at}" for o in hours.openings] for text, hours in read.items()}
    assert got == expected
    short = [text for text in texts if len(text) < 60 and WITH_DAYS.search(text)]
    share = sum(text in read for text in short) / len(short)
    print(f"hours read whole: {len(read)} of {len(texts)} texts with a time; of {len(short)} short ones {share:.0%}")  # noqa: T201
    assert share > 0.25  # the others are sentences of prose ("Provides meals on ...")


def test_phones_of_bc211(bc211):
    numbers = collections.Counter(e.text for e in bc211.iter("PhoneNumber") if e.text)
    unread = set()
    for number in numbers:
        data = clean(Record("service", "1", {"phones": [{"number": number}]}, "f"), country="CA")[0].data
        for phone in data["phones"]:
            if not re.fullmatch(r"(1-)?\d{3}-\d{3}-\d{4}", phone["number"]):
                unread.add(phone["number"])
    assert len(numbers) == 78
    assert unread == {"Local 114", "Local 661110 (c: 604-760-1385)"}


def test_the_phone_of_a_safe_house_of_bc211_is_dropped(bc211):
    types = collections.Counter(
        phone.findtext("Type") for phone in bc211.iter("Phone") if (phone.findtext("PhoneNumber") or "").strip()
    )
    kept = collections.Counter()
    for phone in bc211.iter("Phone"):
        number = (phone.findtext("PhoneNumber") or "").strip()
        source = Record("service", "1", {"phones": [{"number": number or "211", "type": phone.findtext("Type")}]}, "f")
        kept[phone.findtext("Type")] += len(privacy.apply(source)[0].data["phones"])
    assert "Safe House" in {phone.findtext("Type") for phone in bc211.iter("Phone")}
    assert kept["Safe House"] == 0
    assert all(kept[kind] > 0 for kind in types if kind != "Safe House")


def test_no_markup_is_left_in_bc211(bc211):
    texts = {e.text for e in bc211.iter() if isinstance(e.tag, str) and e.text and "&" in e.text}
    assert texts
    for text in texts:
        assert not re.search(r"<\w|&\w+;", cleaned(text)[0])


SECOND_STAGE = "Independent living suites for women"
"""A shelter by its text: suites for women who seek safety from violence."""


def test_no_public_text_of_the_samples_is_taken_for_private(bc211, harvest, test_data):
    texts = {e.text for e in bc211.iter() if isinstance(e.tag, str) and e.text and len(e.text) > 15} | set(harvest)
    for name in ("services", "locations", "organizations"):
        with (test_data / "samples" / "hsds" / "ohana-csv" / f"{name}.csv").open(encoding="utf-8") as file:
            texts |= {value for row in csv.DictReader(file) for value in row.values() if isinstance(value, str)}
    assert len(texts) > 2_000
    for text in texts:
        source = Record("service", "1", {"name": text[:80], "description": text}, "f")
        assert privacy.apply(source) == (source, []), text
        assert not privacy.withholds_place(source) or text.startswith(SECOND_STAGE), text


def test_every_record_of_the_samples_can_be_prepared_twice(harvest):
    for text in harvest[::3]:
        once = prepare(
            Record("service", "1", {"name": text, "description": text, "schedules": [{"description": text}]}, "f")
        )
        again = prepare(once.record)
        assert again.record == once.record
