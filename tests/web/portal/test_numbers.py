"""The numbers of a person on a referral's page: a word for each, none twice."""

import re

import pytest

ONTARIO = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn"


@pytest.mark.parametrize(
    ("identifiers", "shown"),
    [
        (
            [(ONTARIO, "9950313407"), (ONTARIO, "9950 313 407-AB"), ("https://emr.invalid/cards", "9950313407-AB")],
            [("Health card (Ontario)", "9950313407")],
        ),
        (
            [(ONTARIO, "9950313407"), ("https://ocean.invalid/NamingSystem/id-referral-reference", "9d7788fb-c232")],
            [("Health card (Ontario)", "9950313407"), ("Number of the referral", "9d7788fb-c232")],
        ),
        (
            [("https://emr.invalid/mrn", "42"), ("urn:oid:2.16.840.1.113883.4.50", "43")],
            [("Number at emr.invalid", "42"), ("Number in another system", "43")],
        ),
    ],
)
def test_each_number_has_a_word_and_is_there_once(house, identifiers, shown):
    client = {
        "name": {"family": "Lind"},
        "identifiers": [{"system": system, "value": value} for system, value in identifiers],
    }
    _prescription, referral = house.prescribe(client=client)
    page = house.browser("kit").get(f"/portal/referrals/{referral}").text
    person = re.search(r'<h2 id="person">.*?</section>', page, re.DOTALL)[0]
    rows = re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)</dd>", person)
    assert [row for row in rows if "Health card" in row[0] or "Number" in row[0]] == shown
