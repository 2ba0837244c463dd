"""``directory show``: one service, whole, as a person reads it."""

import json


def test_all_that_a_person_needs_is_shown(run, tenant, tmp_path):
    service = {
        "id": "s",
        "name": "Counselling",
        "status": "active",
        "alert": "Closed in July.",
        "wait_time": "Two weeks",
        "organization": {"id": "o", "name": "Helping Hands"},
        "contacts": [{"name": "Ann Lee", "title": "Intake", "phones": [{"number": "705-555-0100"}]}],
        "additional_urls": [{"url": "https://x.example/form", "label": "Form"}],
        "cost_options": [{"option": "Sliding scale", "amount": 5, "currency": "CAD"}],
        "required_documents": [{"document": "Health card"}],
        "program": {"id": "p", "name": "Families"},
        "languages": [{"name": "Cree"}, {"note": "Others on request"}],
    }
    (tmp_path / "h.json").write_text(json.dumps([service]))
    assert run("directory", "import", tmp_path / "h.json", "--source", "feed").code == 0
    lines = run("directory", "show", "feed:s").out.splitlines()
    for line in (
        "Notice: Closed in July.",
        "Wait: Two weeks",
        "Web: https://x.example/form Form",
        "Cost: Sliding scale, 5 CAD",
        "Bring: Health card",
        "Program: Families",
    ):
        assert line in lines
    assert any(line.startswith("Contact: Ann Lee, Intake, ") for line in lines)
    assert not any(", ," in line for line in lines)
