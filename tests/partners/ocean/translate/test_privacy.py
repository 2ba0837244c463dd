"""Health card, chart and letter stay behind, unless the recipient is a custodian."""

from typing import Any

import pytest
from support.ocean_messages import HCN, add_service_request, item, resource

from footbridge.mapping.validate_input import accept
from footbridge.partners.ocean.translate.privacy import without_health_card
from footbridge.security.disclosure import disclose


def _message(reason: str) -> dict[str, Any]:
    bundle = add_service_request()
    resource(bundle, "request")["note"] = [{"text": reason}]
    resource(bundle, "form")["item"] += [
        item("rx", "Warfarin", hidden=True),
        item("x", "See 9000 000 404", text="Number"),
    ]
    return bundle


@pytest.mark.parametrize("written", [HCN, "9000-000-404", "9000 000 404 AB", "hcn9000.000.404."])
def test_a_health_card_number_in_words_is_taken_out(translated: Any, written: str) -> None:
    document = translated(_message(f"No groceries. Card {written} expires.")).document
    bare = str({name: value for name, value in document.items() if name != "client"})
    assert HCN not in "".join(sign for sign in bare if sign.isdigit())
    assert "[health card number withheld]" in document["needs"][0]["statement"]
    assert document["client"]["identifiers"][0]["value"] == HCN  # our own side has it, and custodians


def test_other_numbers_stay(translated: Any) -> None:
    document = translated(_message(f"Call 416 555 0134, not 1{HCN}")).document
    assert f"1{HCN}" in document["needs"][0]["statement"]


def test_the_chart_is_beside_the_prescription_and_not_in_it(translated: Any) -> None:
    made = translated(_message("No groceries"))
    assert "Warfarin" in made.chart
    assert "Warfarin" not in str(made.document)


def test_what_is_disclosed_of_the_stored_prescription_has_no_number_either(translated: Any) -> None:
    prescription = accept(translated(_message(f"No groceries, card {HCN}")).document).prescription
    text = disclose(prescription, role="recipient", custodian=False).model_dump_json()
    assert HCN not in text
    assert "Warfarin" not in text
    assert HCN in disclose(prescription, role="recipient", custodian=True).model_dump_json()


def test_a_document_without_identifiers_is_left_as_it_is() -> None:
    document = {"client": {"name": {"family": "A"}}, "notes": [{"text": "1234567890"}]}
    assert without_health_card(document) == document
