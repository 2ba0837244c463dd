"""What cannot be shown or done is said in plain words, in the reader's language, and leads on."""

import html
import re

import pytest
from support.portal import Forms


def text_of(answer):
    main = re.search(r"<main.*</main>", answer.text, re.DOTALL).group()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/portal/sign-out", "/portal"),
        ("/portal/prescribe/find", "/portal/prescribe"),
        ("/portal/admin/messages/3/retry", "/portal/admin/messages"),
        ("/portal/referrals/{referral}/letter-code", "/portal/referrals/{referral}"),
    ],
)
def test_the_address_of_a_button_leads_to_its_page_and_does_nothing(house, path, above):
    _prescription, referral = house.prescribe()
    kit = house.browser("kit")
    answer = kit.get(path.format(referral=referral))
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "It belongs to a button of another page. Nothing was done." in text_of(answer)
    assert f'href="{above.format(referral=referral)}"' in answer.text
    assert kit.get("/portal").status_code == 200  # still signed in


def test_an_unknown_address_keeps_the_navigation_and_the_language(house):
    kit = house.browser("kit")
    kit.send(kit.get("/portal"), "/portal/language", language="fr")
    answer = kit.get("/portal/nowhere")
    assert answer.status_code == 404
    assert "Page introuvable" in text_of(answer)
    assert "Liste de travail" in answer.text
    stranger = house.browser().get("/portal/nowhere", **{"Accept-Language": "fr"})
    assert (stranger.status_code, "Liste de travail" in stranger.text) == (404, False)


@pytest.mark.parametrize("path", ["/portal/", "/portal/search/", "/portal/admin/users/"])
def test_a_slash_too_many_leads_to_the_page(house, path):
    answer = house.browser("root").get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, path.rstrip("/"))


@pytest.mark.parametrize(
    ("who", "path", "words"),
    [
        ("ana", "/portal/admin", "Your role is: Service worker. This is for: Directory manager, Administrator."),
        ("ana", "/portal/prescribe", "Your role is: Service worker. This is for: Prescriber, Navigator."),
        ("dee", "/portal/admin/users", "Your role is: Directory manager. This is for: Administrator."),
    ],
)
def test_what_is_for_other_roles_names_them_as_people_do(house, who, path, words):
    answer = house.browser(who).get(path)
    assert answer.status_code == 403
    assert words in text_of(answer)


def test_too_much_at_once_is_said_in_megabytes(house):
    kit = house.browser("kit")
    form = kit.get("/portal/search")
    fields = dict(Forms(form.text).forms[0]["fields"])
    answer = kit.client.post("/portal/search", data=fields | {"words": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "larger than the limit of 1 MB" in text_of(answer)


def test_a_filter_of_no_known_value_is_an_error_and_a_page_past_the_end_is_the_first(house):
    house.prescribe()
    kit = house.browser("kit")
    for query in ("list=nothing", "category=x", "list=to-answer&priority=x", "list=to-answer&service=nobody"):
        answer = kit.get(f"/portal?{query}")
        assert answer.status_code == 400, query
        assert "Arne Lindqvist" not in answer.text
    answer = kit.get("/portal?list=to-answer&from=75")
    assert answer.status_code == 200
    assert "Arne Lindqvist" in answer.text
    assert "Previous" not in answer.text


def test_another_language_in_mid_form_loses_nothing_and_does_nothing(house):
    _prescription, referral = house.prescribe()
    ana = house.browser("ana")
    form = ana.get(f"/portal/referrals/{referral}/do/reject")
    assert 'form="act" name="form_speak" value="fr"' in form.text
    answer = ana.send(form, "/do/reject", reason="Full until May", form_speak="fr")
    assert answer.status_code == 200
    assert 'lang="fr"' in answer.text
    assert "Full until May" in answer.text
    assert "error" not in re.findall(r'class="([a-z ]+)"', answer.text)  # what is not done yet is not wrong yet
    assert house.referrals(_prescription)[0].status == "requested"
    assert ana.send(answer, "/do/reject", why="full").status_code == 303
    assert "Refusé" in ana.get(f"/portal/referrals/{referral}").text  # the choice stays
    assert house.referrals(_prescription)[0].status == "rejected"


def test_another_language_while_prescribing_keeps_the_draft(house):
    kit = house.browser("kit")
    place = kit.send(kit.get("/portal/prescribe"), "/prescribe/new").headers["Location"]
    answer = kit.send(kit.get(place), place, family="Lindqvist", form_speak="fr")
    assert answer.status_code == 303
    page = kit.get(place)
    assert 'lang="fr"' in page.text
    assert 'value="Lindqvist"' in page.text
