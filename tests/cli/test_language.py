"""Commands in French: help, errors, tables and successes; and English where nobody asks for French."""

import json
import re

import click
import pytest

from footbridge.cli import language, main

NBSP = "\u00a0"


def test_the_list_of_commands(run):
    ran = run("--lang", "fr", "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Utilisation{NBSP}: footbridge [OPTIONS] COMMAND [ARGS]...")
    assert f"\nOptions{NBSP}:\n" in ran.out
    assert f"\nCommandes{NBSP}:\n" in ran.out
    assert "Écrire une sauvegarde de la base de données" in ran.out
    assert "Montrer ce message et quitter." in ran.out
    assert "Usage" not in ran.out
    assert "Show" not in ran.out


def test_the_help_of_every_command_is_french_and_english_again_afterwards(run):
    def names(group, path=()):
        for name in group.list_commands(click.Context(group)):
            found = group.get_command(click.Context(group), name)
            yield (*path, name)
            if isinstance(found, click.Group):
                yield from names(found, (*path, name))

    for words in names(main):
        before = run(*words, "--help")
        french = run(*words, "--help", "--lang", "fr")
        assert french.out.startswith("Utilisation"), words
        assert "Montrer ce message et quitter." in french.out
        english = {line.strip() for line in before.out.splitlines() if re.search(r"\b(the|of|is|to|and)\b", line)}
        assert not english & {line.strip() for line in french.out.splitlines()}, words
        assert run(*words, "--help") == before


@pytest.mark.parametrize(
    "words",
    [
        ("--lang", "fr", "waiting", "--tenant", "nobody"),
        ("waiting", "--lang", "fr", "--tenant", "nobody"),
        ("waiting", "--tenant", "nobody", "--lang=fr-CA"),
    ],
)
def test_the_option_is_taken_wherever_it_stands(run, tenant, words):
    ran = run(*words)
    assert (ran.code, ran.err) == (2, f"Erreur{NBSP}: locataire 'nobody'{NBSP}: inconnu; connus{NBSP}: riverside.\n")


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"FOOTBRIDGE_LANG": "fr"}, "Utilisation"),
        ({"FOOTBRIDGE_LANG": "fr-CA"}, "Utilisation"),
        ({"LANG": "fr_CA.UTF-8"}, "Utilisation"),
        ({"LANG": "fr_CA.UTF-8", "LC_ALL": "C.UTF-8"}, "Usage"),
        ({"LANG": "fr_CA.UTF-8", "FOOTBRIDGE_LANG": "en"}, "Usage"),
        ({"LANG": "de_DE.UTF-8"}, "Usage"),
        ({}, "Usage"),
    ],
)
def test_the_environment_says_the_language(run, monkeypatch, environment, word):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    assert run("--help", env=environment).out.startswith(word)


def test_the_option_goes_before_the_environment(run):
    assert run("--lang", "en", "--help", env={"FOOTBRIDGE_LANG": "fr"}).out.startswith("Usage")


def test_a_language_that_is_not_ours_is_refused(run):
    ran = run("--lang", "de", "waiting")
    assert (ran.code, "'de' is not one of 'en', 'fr'." in ran.err) == (2, True)
    assert run("waiting", env={"FOOTBRIDGE_LANG": "de"}).code == 2


def test_what_follows_two_dashes_is_no_option():
    assert language.first(["a", "--lang", "fr", "--", "--lang", "en"]) == ["--lang", "fr", "a", "--", "--lang", "en"]
    assert language.language_for(["a", "--", "--lang", "fr"], {}) == "en"
    assert language.first(["a", "--lang"]) == ["a", "--lang"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nosuch",), "Il n'y a pas de commande 'nosuch'."),
        (("tenat",), "Vouliez-vous dire 'tenant'?"),
        (("map",), "Il manque l'argument 'FILE...'."),
        (("map", "--guide", "1", "x"), "'1' n'est pas l'un de '3.0.0', '2.3.0'."),
        (("map", "--nosuch", "x"), "Il n'y a pas d'option '--nosuch'."),
        (("backup",), "Il manque l'argument 'FILE'."),
        (("tenant", "token", "x"), "Il manque l'option '--actor'"),
        (("validate", "no-such-file.json"), ""),
        (("map", "no-such-file.json"), "Ce fichier ou dossier n'existe pas."),
        (("waiting",), "Il n'y a pas de base de données à"),
    ],
)
def test_errors(run, words, told):
    ran = run("--lang", "fr", *words)
    assert ran.code == 2
    assert told in ran.err
    assert f"Erreur{NBSP}: " in ran.err or not told


def test_a_success_and_a_table(run):
    ran = run("--lang", "fr", "tenant", "add", "riverside", "--jurisdiction", "ca")
    assert f"Locataire riverside (ca). Jeton de admin, requester; il ne sera plus montré{NBSP}:" in ran.err
    assert "a été créée." in ran.err
    heads, row = run("--lang", "fr", "tenant", "list").out.splitlines()
    assert heads.split("  ")[0] == "LOCATAIRE"
    assert row.startswith("riverside")
    assert run("--lang", "fr", "waiting").err == "Aucun aiguillage n'attend une personne.\n"
    assert run("--lang", "fr", "tenant", "set", "riverside", "--retention-days", "30").out == (
        "Les prescriptions de riverside sont effacées 30 jours après leur fin.\n"
    )


def test_json_has_the_same_members_in_both_languages(run, tenant):
    english, french = run("tenant", "list", "--json"), run("--lang", "fr", "tenant", "list", "--json")
    assert english.json == french.json


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "import",
            ("Importer un répertoire, ou l'importer de nouveau.", "Schémas officiels de HSDS", "--allow-removal"),
        ),
        ("search", ("Chercher des services par besoin, par mots et par lieu.", "Seulement ce qui ne coûte rien.")),
        ("report", ("Lister les constats sur les enregistrements d'une source.", "Écrire un tableur.")),
    ],
)
def test_the_help_of_the_directory(run, name, said):
    listed = run("--lang", "fr", "directory", "--help").out
    assert said[0].split(",")[0].rstrip(".") in " ".join(listed.split())
    assert not re.search(r"^  \w+ +(Import|Search|List|Show|Write|Remove|Suggest) ", listed, re.MULTILINE)
    ran = run("--lang", "fr", "directory", name, "--help")
    assert ran.code == 0
    assert all(text in " ".join(ran.out.split()) for text in said)


SERVICE = {
    "id": "s1",
    "name": "Food bank",
    "url": "not a url",
    "organization": {"id": "o1", "name": "North Food"},
    "locations": [
        {
            "id": "l1",
            "location_type": "physical",
            "latitude": 46.49,
            "longitude": -81.0,
            "addresses": [{"id": "a1", "city": "Sudbury", "state_province": "ON", "country": "CA"}],
        }
    ],
}


def test_a_directory_in_french(run, tenant, tmp_path):
    file = tmp_path / "services.json"
    file.write_text(json.dumps([SERVICE]))
    imported = run("--lang", "fr", "directory", "import", file, "--source", "north", "--country", "CA")
    assert imported.code == 0, imported.err
    lines = imported.out.splitlines()
    assert lines[0] == f"Source north (hsds-json){NBSP}: 1 service lu."
    assert lines[1].split() == ["dans", "le", "répertoire", "1"]
    assert f"avertissement{NBSP}: Ceci n" in imported.out
    assert "est pas une adresse web. (web.not-a-url)" in imported.out
    found = run("--lang", "fr", "directory", "search", "food", "--near", "Sudbury")
    assert f"Près de Sudbury, ON{NBSP}: ville." in found.err
    assert f"Son nom contient{NBSP}: food" in found.out
    assert "0,0 km" in found.out
    assert f"Aiguillages{NBSP}: oui" in run("--lang", "fr", "directory", "show", "north:s1").out
    table = run("--lang", "fr", "directory", "report").out
    assert table.splitlines()[0].split() == ["GRAVITÉ", "RÈGLE", "FOIS", "CONSTAT"]
    refused = run("--lang", "fr", "directory", "import", tmp_path / "none.json", "--source", "north")
    assert (refused.code, "ce fichier ou ce dossier n'existe pas" in refused.err) == (2, True)


def test_a_report_is_in_the_language_of_the_command(run, tenant, tmp_path):
    file = tmp_path / "services.json"
    file.write_text(json.dumps([SERVICE]))
    assert run("directory", "import", file, "--source", "north").code == 0
    french, english = tmp_path / "fr.html", tmp_path / "en.html"
    assert run("--lang", "fr", "directory", "report", "--html", french).code == 0
    assert run("directory", "report", "--html", english).code == 0
    page = french.read_text("utf-8")
    assert "<html lang=fr>" in page
    for text in (f"<h1>Répertoire north{NBSP}: constats</h1>", "<h2>Fréquence</h2>", "<h2>Chaque constat</h2>"):
        assert text in page
    for text in ("<th scope=col>Mesure prise</th>", "<td>avertissement</td>", "est pas une adresse web."):
        assert text in page
    page = english.read_text("utf-8")
    for text in ("<html lang=en>", "<h2>How often</h2>", "<td>warning</td>", "This is not a web address."):
        assert text in page


def test_a_refused_prescription_says_why_in_french(run, tmp_path, examples):
    document = json.loads((examples / "01-good-food-box.json").read_bytes())
    document["kindd"] = document.pop("kind")
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(document))
    english, french = run("map", file), run("--lang", "fr", "map", file)
    assert (english.code, french.code) == (1, 1)
    assert f"erreur{NBSP}: /kindd: 'kindd' n'est pas un membre ici; vouliez-vous dire 'kind'\u202f?" in french.err
    told = run("--lang", "fr", "map", "--json", file).findings[0]
    assert [one["rule"] for one in told["errors"]] == [
        one["rule"] for one in run("map", "--json", file).findings[0]["errors"]
    ]
    assert told["errors"][0]["message"] != run("map", "--json", file).findings[0]["errors"][0]["message"]


def test_the_validator_speaks_english(run, tmp_path):
    file = tmp_path / "task.json"
    file.write_text('{"resourceType": "Task", "status": "maybe", "intent": "order"}')
    assert run("--lang", "fr", "validate", file).out == run("validate", file).out


def test_narratives_in_french_read_back_the_same(run, tmp_path, examples):
    example = examples / "01-good-food-box.json"
    french, english = run("--lang", "fr", "map", example), run("map", example)
    assert french.json != english.json
    file = tmp_path / "bundle.json"
    file.write_text(french.out)
    (tmp_path / "english.json").write_text(english.out)
    assert run("read", file).json == run("read", tmp_path / "english.json").json


def test_french_costs_english_nothing(shell, monkeypatch):
    """No catalogue is read for an English command, by the modules that it loads."""
    code = (
        "import sys\nfrom footbridge.cli import main\n"
        "try: main(['validate', '--help'])\nfinally: print('footbridge.i18n.catalogue' in sys.modules, file=sys.stderr)"
    )
    import subprocess
    import sys

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.stderr.strip() == "False"


def test_the_setting_is_checked_and_listed(run, monkeypatch):
    listed = run("config", "show", "--json", env={"FOOTBRIDGE_LANG": "fr-CA"}).json
    assert listed["FOOTBRIDGE_LANG"]["value"] == "fr-CA"
    assert "réglage" not in listed["FOOTBRIDGE_LANG"]["meaning"]
    shown = run("config", "show", env={"FOOTBRIDGE_LANG": "fr"}).out
    assert "Port que `footbridge serve` écoute." in shown
