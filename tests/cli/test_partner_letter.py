"""``footbridge partner add --network letter`` and ``footbridge partner letter``."""

import re


def test_a_service_with_letters_is_added_set_and_shown(run, tenant, tmp_path):
    added = run("partner", "add", "soup", "mailto:office@soup.test", "--network", "letter", "--title", "Soup")
    assert added.code == 0, added.err
    made = run("partner", "letter", "soup", "--new-code", "--language", "fr")
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", made.out).group()
    shown = run("partner", "letter", "soup")
    assert code not in shown.out
    assert "fr" in shown.out
    attached = run("partner", "letter", "soup", "--attach", "--json")
    assert attached.json == {"partner": "soup", "language": "fr", "has_code": True, "code": None, "attach": True}
    assert "Warning" in attached.err
    assert run("partner", "letter", "soup", "--no-code", "--json").json["has_code"] is False
    (tmp_path / "fax").mkdir()
    assert run("partner", "add", "fax", str(tmp_path / "fax"), "--network", "letter").code == 0
    assert run("partner", "test", "fax").code == 0
    (tmp_path / "fax").rmdir()
    assert run("partner", "test", "fax").code == 1


def test_what_no_letter_could_use_is_refused_and_nothing_stays(run, tenant):
    for address, more in (("https://soup.test", ()), ("fax", ()), ("mailto:office@soup.test", ("--role", "requester"))):
        refused = run("partner", "add", "soup", address, "--network", "letter", *more)
        assert refused.code != 0
        assert len(refused.err.strip().splitlines()) == 1
    assert "soup" not in run("partner", "list", "--json").out
    added = run("partner", "add", "hub", "--network", "hosted")
    assert added.code == 0
    assert run("partner", "letter", "hub").code != 0
    assert run("partner", "letter", "nobody").code != 0
