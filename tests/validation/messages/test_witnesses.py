"""One witness a message: ours gives the verdict of the HL7 validator, with an issue at the same place.

What does not agree is listed in ``open.txt``, a line an id, and must stay open: who mends one takes its line out.
``differs.json`` says of some why the two are to differ.
"""

import pytest
from support.hl7_messages import FOLDER, agreement, catalogue, shown_by

OPEN = frozenset((FOLDER / "open.txt").read_text().split())
# asked of the catalogue: https://github.com/hapifhir/org.hl7.fhir.core, 400 witnessed
LEAST = 400


@pytest.mark.parametrize("message", sorted(shown_by()))
def test_both_validators_agree(message):
    difference = agreement(message)
    if message in OPEN:
        assert difference, f"{message} agrees now: take it out of open.txt"
    else:
        assert difference == "", shown_by()[message][0].key


def test_enough_of_the_catalogue_is_witnessed():
    inside = [row for row in catalogue() if row["scope"] == "in" and row["id"] in shown_by()]
    assert len(inside) >= LEAST


def test_what_is_open_is_witnessed():
    assert sorted(OPEN - set(shown_by())) == []
