"""What people read in answers is in the language of Accept-Language; what programs read is the same in both."""

import concurrent.futures
import json

import pytest

from footbridge.i18n import current

FRENCH = "fr-CA, en;q=0.5"
NBSP = "\u00a0"


def ask(office, path, who="emr", language=FRENCH, **options):
    method = options.pop("method", "GET")
    headers = {**office.as_(who), **({} if language is None else {"Accept-Language": language})}
    return office.client.open(path, method=method, headers=headers, **options)


def without_words(body):
    """What must not change with the language."""
    words = {"title", "detail", "message", "text", "action", "request"}
    if isinstance(body, dict):
        return {name: without_words(value) for name, value in body.items() if name not in words}
    return [without_words(one) for one in body] if isinstance(body, list) else body


def test_a_refused_prescription(office):
    document = office.prescription() | {"kind": "wish", "authored": "yesterday"}
    document.pop("language")
    french, english = (
        office.submit(document, **({"Accept-Language": wanted} if wanted else {})) for wanted in (FRENCH, None)
    )
    assert (french.status_code, french.headers["Content-Language"], english.headers["Content-Language"]) == (
        422,
        "fr",
        "en",
    )
    assert french.headers["Vary"] == english.headers["Vary"] == "Accept-Language"
    assert french.json["title"] == "Document non valide"
    assert french.json["detail"] == "Le document a 3 erreurs; rien n'a été enregistré."
    assert english.json["detail"] == "The document has 3 errors; nothing was stored."
    told = {one["pointer"]: one["message"] for one in french.json["errors"]}
    assert told["/language"] == "Le membre 'language' est obligatoire."
    assert told["/kind"].startswith(f"Valeur non valide; permises{NBSP}: ")
    assert told["/authored"].startswith("Un instant avec des secondes et un décalage était attendu")
    assert without_words(french.json) == without_words(english.json)


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/api/v1/nowhere", 404, "Introuvable"),
        ("DELETE", "/api/v1/prescriptions", 405, "Méthode non permise"),
        ("GET", "/api/v1/changes?since=x", 400, "Requête incorrecte"),
        ("GET", "/api/v1/prescriptions?limit=0", 400, "Requête incorrecte"),
        ("POST", "/api/v1/prescriptions", 415, "Type de média non pris en charge"),
    ],
)
def test_problems(office, method, path, status, title):
    answer = ask(office, path, method=method)
    assert (answer.status_code, answer.json["title"]) == (status, title)
    assert answer.headers["Content-Language"] == "fr"
    english = ask(office, path, method=method, language="en")
    assert english.json["title"] != title
    assert without_words(answer.json) == without_words(english.json)
    assert answer.json["detail"] != english.json["detail"]


def test_parameters_are_told_with_what_was_expected(office):
    answer = ask(office, "/api/v1/prescriptions?limit=0&color=red")
    told = {one["parameter"]: one["message"] for one in answer.json["errors"]}
    assert told["limit"].startswith("Un nombre entier de 1 à ")
    assert told["color"].startswith(f"Paramètre inconnu{NBSP}: 'color'. Les paramètres sont ici ")


def test_who_is_not_known(office):
    answer = office.client.get("/api/v1/changes", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer.json["title"]) == (401, "Non autorisé")
    assert answer.json["detail"] == "Envoyez l'en-tête Authorization: Bearer TOKEN."


def test_a_transition_that_is_not_allowed(office):
    place = office.taken_in()
    answer = ask(office, f"{place}/events", method="POST", json={"event": "complete"})
    english = ask(office, f"{place}/events", method="POST", json={"event": "complete"}, language=None)
    assert answer.status_code == english.status_code == 409
    assert answer.json["title"] == "Non permis dans cet état"
    assert answer.json["detail"].startswith("Le rôle requester ne permet pas ceci")
    assert english.json["detail"].startswith("A requester cannot complete a referral that is requested")
    assert answer.json["reason"] == english.json["reason"]


def test_success_has_warnings_in_french(office):
    document = office.prescription("02-bereavement-network", number=7)
    document.pop("followUp", None)
    answer = office.submit(document, **{"Accept-Language": FRENCH})
    assert (answer.status_code, answer.headers["Content-Language"]) == (201, "fr")
    told = [one["message"] for one in answer.json["warnings"]]
    assert "Il n'y a pas de suivi, donc personne ne saura si cela a aidé." in told


def test_a_repeat_gets_the_first_answer_whatever_it_asks_for(office):
    document = office.prescription("02-bereavement-network", number=8)
    document.pop("followUp", None)
    first = office.submit(document, **{"Accept-Language": "fr", "Idempotency-Key": "k-1"})
    again = office.submit(document, **{"Accept-Language": "en", "Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Content-Language" not in again.headers
    assert "Accept-Language" in again.headers["Vary"]


def test_what_waits_is_explained_in_french(office):
    with office.database.write() as connection:
        from footbridge.store.routes import set_route

        set_route(connection, "north", "*", [])
    document = office.prescription("04-art-class", number=9)
    document.pop("service", None)
    assert office.submit(document).status_code == 201
    (french,), (english,) = (ask(office, "/api/v1/waiting", language=one).json["waiting"] for one in (FRENCH, "en"))
    assert (french["text"], english["text"]) == ("Aucun service n'est encore sollicité.", "No service is asked yet.")
    assert french["action"] == "L'acheminer vers un service, ou s'en charger comme navigateur."
    assert without_words(french) == without_words(english)


def test_a_stored_reason_stays_as_it_was_written(office):
    place = office.taken_in()
    assert (
        ask(
            office, f"{place}/events", method="POST", json={"event": "cancel", "reason": "No longer wanted"}
        ).status_code
        == 200
    )
    told = ask(office, f"{place}/timeline").json["events"]
    assert "No longer wanted" in [one["reason"] for one in told]


def test_a_refusal_that_is_stored_is_english(office):
    """The timeline has no language: whoever reads it next may read another."""
    place = office.taken_in()
    ask(office, f"{place}/events", method="POST", json={"event": "complete"})
    french, english = (ask(office, f"{place}/timeline", language=one).json for one in (FRENCH, "en"))
    assert french == english


def test_outcomes_of_fhir(office):
    french = ask(office, "/fhir/Nothing/$validate", method="POST", json={"resourceType": "Task"})
    english = ask(office, "/fhir/Nothing/$validate", method="POST", json={"resourceType": "Task"}, language=None)
    assert french.status_code == english.status_code == 404
    assert french.headers["Content-Language"] == "fr"
    assert set(french.headers["Vary"].replace(" ", "").split(",")) == {"Accept", "Accept-Language"}
    assert (
        french.get_json(force=True)["issue"][0]["details"]["text"]
        != english.get_json(force=True)["issue"][0]["details"]["text"]
    )
    assert "FHIR R4 n'a pas de tel type de ressource." in french.text
    unknown = office.client.post("/fhir/Task/$validate", json={}, headers={"Accept-Language": "fr"})
    assert unknown.get_json(force=True)["issue"][0]["details"]["text"].startswith("Non autorisé. Envoyez l'en-tête")


def test_the_validator_speaks_english(office):
    body = json.dumps({"resourceType": "Task", "status": "maybe", "intent": "order"})
    found = [
        ask(
            office, "/fhir/Task/$validate", method="POST", data=body, content_type="application/fhir+json", language=one
        )
        for one in ("fr", "en")
    ]
    assert found[0].data == found[1].data


@pytest.mark.parametrize("header", ["", "x" * 10_000, ";;;", "fr;q=nan", "de-DE"])
def test_an_odd_header_gets_english(office, header):
    answer = ask(office, "/api/v1/nowhere", language=header)
    assert (answer.json["title"], answer.headers["Content-Language"]) == ("Not found", "en")


def test_languages_do_not_leak_between_requests_and_threads(office):
    """As gunicorn's threads do: each takes many requests, of either language, one after the other."""

    def one(number):
        language, title = (("fr", "Introuvable"), ("en", "Not found"), (None, "Not found"))[number % 3]
        headers = {} if language is None else {"Accept-Language": language}
        answer = office.app.test_client().get("/api/v1/nowhere", headers=office.as_("emr", **headers))
        return answer.get_json()["title"] == title and current() == "en"

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        assert all(pool.map(one, range(60)))
