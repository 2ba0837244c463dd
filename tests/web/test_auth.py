"""A token says who calls: tenants are apart, and a recipient sees its own referrals alone."""

import pytest

from footbridge.store.tenants import revoke_token

ALL = "/api/v1/prescriptions"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer fb_unknown",
        "Bearer \xff\xfe",
        "bearer a b",
        "Bearer " + "x" * 5000,
    ],
)
def test_without_a_valid_token_nothing_is_answered(office, header):
    answer = office.client.get(ALL, headers={} if header is None else {"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="footbridge"')


def test_the_scheme_may_be_written_small(office):
    assert office.client.get(ALL, headers={"Authorization": f"bearer {office.tokens['emr']}"}).status_code == 200


def test_a_revoked_token_is_worth_nothing(office):
    with office.database.write() as connection:
        revoke_token(connection, "north", office.tokens["emr"], office.clock.now())
    answer = office.get(ALL)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_the_database_holds_no_token(office):
    with office.database.read() as connection:
        rows = str(connection.exec_driver_sql("SELECT * FROM token").all())
    assert not any(token in rows or token[3:] in rows for token in office.tokens.values())


def test_another_tenant_sees_nothing(both):
    place = both.taken_in()
    for tail in ("", "/bundle", "/timeline"):
        assert both.get(place + tail, who="southerner").status_code == 404
    assert both.say(place, "cancel", who="southerner", reason="x").status_code == 404
    assert both.get(ALL, who="southerner").json["prescriptions"] == []
    assert both.get("/api/v1/changes", who="southerner").json["changes"] == []
    assert both.get(place).json["status"] == "active"


def test_a_recipient_sees_what_its_partner_is_asked(both):
    place = both.taken_in(number=1)
    both.taken_in("01-good-food-box", number=2)
    seen = both.get(ALL, who="lakeside").json["prescriptions"]
    assert [one["id"] for one in seen] == [place.rpartition("/")[2]]
    assert both.get(place, who="lakeside").status_code == 200
    for tail in ("", "/timeline"):
        assert both.get(place + tail, who="hub").status_code == 404
    assert both.say(place, "accept", who="hub").status_code == 404


def test_a_recipient_sees_the_document_cut(office):
    place = office.taken_in()
    whole, cut = (office.get(place, who=who).json for who in ("emr", "lakeside"))
    assert "notes" in whole["prescription"]
    assert "notes" not in cut["prescription"]
    assert "identifiers" not in cut["prescription"]["client"]
    assert cut["prescription"]["client"]["name"] == whole["prescription"]["client"]["name"]
    assert (cut["goals"], cut["followUp"]) == ([], None)
    assert office.get(f"{place}/bundle", who="lakeside").status_code == 403


def test_a_recipient_sees_nothing_of_another_try(both):
    place = both.taken_in(service={"description": "Circle"})
    both.say(place, "reject", who="lakeside", reason="No room.")
    first, second = both.get(place).json["referrals"]
    assert (first["partner"], second["partner"]) == ("lakeside-services", "north-end-hub")
    for who, mine, other in [("lakeside", first, second), ("hub", second, first)]:
        assert [one["id"] for one in both.get(place, who=who).json["referrals"]] == [mine["id"]]
        for path in (f"{place}/timeline", "/api/v1/changes"):
            body = both.get(path, who=who).json
            entries = body["events"] if "events" in body else body["changes"]
            assert {entry["referral"] for entry in entries} <= {mine["id"]}
        assert both.say(place, "accept", who=who, referral=other["id"]).status_code == 404


def test_the_admin_reads_and_puts_right(office):
    place = office.taken_in()
    assert office.get(place, who="admin").status_code == 200
    assert office.get(f"{place}/bundle", who="admin").status_code == 200
    assert office.say(place, "complete", who="admin").status_code == 409
    assert office.say(place, "enter-in-error", who="admin").status_code == 200
