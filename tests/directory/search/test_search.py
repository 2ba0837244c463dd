"""What a question finds, in which order, and what it says about it; on both databases."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from support.directories import NOON, TOWNS, Directory, service, site

from footbridge.directory.search import ServiceSearch
from footbridge.model.clock import ManualClock

TORONTO = ZoneInfo("America/Toronto")
WEEKDAYS = [{"freq": "WEEKLY", "byday": "MO,TU,WE,TH,FR", "opens_at": "09:00", "closes_at": "17:00"}]
NIGHT = [{"freq": "WEEKLY", "byday": "SU,MO", "opens_at": "21:00", "closes_at": "07:00"}]


def codes(result, name: str) -> list[str]:
    """The codes of the reasons why a service was found."""
    return [reason["code"] for one in result.services if one["name"] == name for reason in one["why"]]


# Words


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("depannage", "Dépannage d'urgence"),
        ("aide a l\u2019emploi", "Aide à l'emploi des jeunes"),
        ("L'EMPLOI", "Aide à l'emploi des jeunes"),
        ("family", "Families Together"),
        ("womens", "Women's Circle"),
        ("coeur", "Les cœurs vaillants"),
        ("dropin", "Drop-in for all"),
        ("drop in", "Drop-in for all"),
    ],
)
def test_a_word_is_found_however_it_is_written(directory: Directory, question: str, name: str):
    every = ["Dépannage d'urgence", "Aide à l'emploi des jeunes", "Families Together", "Women's Circle",
             "Les cœurs vaillants", "Drop-in for all", "Something else"]  # fmt: skip
    directory.load(*map(service, every))
    assert directory.names(question)[0] == name
    assert "Something else" not in directory.names(question)


def test_name_goes_before_term_before_organization_before_description(directory: Directory):
    directory.load(
        service("In the text", description="We have a quilt."),
        service("By its organization", organization={"name": "Quilt House"}),
        service("By its term", attributes=[{"taxonomy_term": {"code": "X", "name": "Quilt making"}}]),
        service("The quilting of the north"),
        service("The quilt of the north"),
        service("Quilt"),
    )
    result = directory.ask("quilt")
    assert [one["name"] for one in result.services] == [
        "Quilt", "The quilt of the north", "The quilting of the north", "By its term", "By its organization",
        "In the text",
    ]  # fmt: skip
    assert codes(result, "Quilt") == ["exact-name", "name"]
    assert codes(result, "In the text") == ["text"]


def test_all_words_go_before_some(directory: Directory):
    directory.load(
        service("Guitar guitar", description="Guitar."),
        service("Lessons", description="We teach the guitar."),
        service("Lessons of singing"),
    )
    assert directory.names("guitar lessons")[0] == "Lessons"
    assert set(directory.names("guitar lessons")) == {"Guitar guitar", "Lessons", "Lessons of singing"}


def test_where_many_have_most_words_those_with_few_are_left_out(directory: Directory):
    directory.load(
        *(service(f"Guitar lessons {number}") for number in range(12)),
        *(service(f"Piano lessons {number}") for number in range(30)),
    )
    assert directory.ask("guitar lessons").total == 12


def test_an_english_question_finds_a_french_service_and_the_other_way_round(directory: Directory):
    directory.load(
        service("Banque alimentaire du Nord"), service("Northern Food Bank"), service("Bank of Canada museum")
    )
    assert directory.names("food bank")[:2] == ["Northern Food Bank", "Banque alimentaire du Nord"]
    assert directory.names("banque alimentaire")[:2] == ["Banque alimentaire du Nord", "Northern Food Bank"]
    assert "synonym" in codes(directory.ask("food bank"), "Banque alimentaire du Nord")


def test_everyday_words_lead_to_the_category(directory: Directory):
    directory.load(
        service("Le Partage", needs=["food-insecurity"]),
        service("Maybe", guesses=["food-insecurity"]),
        service("Other", needs=["stress"]),
    )
    result = directory.ask("hungry")
    assert [one["name"] for one in result.services] == ["Le Partage", "Maybe"]
    assert result.services[0]["why"][0]["category"] == "food-insecurity"


@pytest.mark.parametrize(
    ("question", "read"),
    [("transporation", "transportation"), ("acommodation", "accommodation"), ("alimantaire", "alimentaire"),
     ("lojement", "logement"), ("shleter", "shelter"), ("fod", "food"), ("vetran", "veteran"),
     ("modik", "modique"), ("shletr", "shelter"), ("skool", "school"), ("kouture", "couture")],
)  # fmt: skip
def test_misspellings_are_forgiven_and_said(directory: Directory, question: str, read: str):
    directory.load(service(f"{read} north"), service("Something else"))
    result = directory.ask(question)
    assert [one["name"] for one in result.services] == [f"{read} north"]
    assert read in result.corrected[question]
    assert "corrected" in codes(result, f"{read} north")


def test_words_written_as_one_are_two(directory: Directory):
    directory.load(service("Knitting circle of the North"), service("Something else"))
    assert directory.names("knittingcircle") == ["Knitting circle of the North"]


def test_words_written_apart_are_one_too(directory: Directory):
    directory.load(service("Wheelchair loan"), service("Meals on wheels"), service("Chair yoga"))
    assert directory.names("wheel chair")[0] == "Wheelchair loan"


def test_an_abbreviation_is_no_misspelling(directory: Directory):
    directory.load(service("Van pool"), service("CPE Les Lutins"))
    assert directory.ask("VAC").corrected == {}
    assert "CPE Les Lutins" not in directory.names("CPP")
    assert directory.names("VAN POUL") == ["Van pool"]  # who writes all in capitals abbreviates nothing


def test_a_rare_name_is_not_corrected_away(directory: Directory):
    directory.load(service("Maison Lojement"), *(service(f"Logement {number}") for number in range(3)))
    assert directory.names("lojement")[0] == "Maison Lojement"


def test_a_word_that_nothing_has_does_not_spoil_the_others(directory: Directory):
    directory.load(service("Guitar lessons"))
    result = directory.ask("guitar xyzzyplugh")
    assert [one["name"] for one in result.services] == ["Guitar lessons"]
    assert result.unmatched == ("xyzzyplugh",)


def test_words_that_say_little_need_not_be_there(directory: Directory):
    directory.load(
        service("Income tax clinic"),
        service("Help desk", description="We offer services and support to people."),
        service("Tax", description="Help with forms."),
    )
    assert directory.names("help with tax") == ["Tax", "Income tax clinic"]
    assert directory.names("help") == ["Help desk", "Tax"]


def test_a_phrase_is_more_than_the_word_that_stop_words_leave(directory: Directory):
    directory.load(service("The furnace people", needs=["utility-insecurity"]), service("Heat pumps"))
    assert directory.names("heat wave home") == ["Heat pumps", "The furnace people"]
    directory.load(service("Out of the cold", needs=["homelessness"]), number=2)
    assert "Out of the cold" not in directory.names("home")
    assert "Out of the cold" in directory.names("I have no home")


def test_of_two_with_the_category_the_text_decides(directory: Directory):
    directory.load(
        service("A place", needs=["medical-cost-burden"]),
        service("B place", needs=["medical-cost-burden"], description="Help with prescription drug costs."),
    )
    assert directory.names("dental") == ["A place", "B place"]
    assert directory.names("prescription cost") == ["B place", "A place"]


def test_the_town_is_a_word_too(directory: Directory):
    directory.load(service("Guitar", town="Ottawa"), service("Guitar club", town="Toronto"))
    assert directory.names("guitar toronto")[0] == "Guitar club"


# Restrictions


def test_need(directory: Directory):
    directory.load(
        service("Guess", guesses=["stress"]),
        service("Sure", needs=["stress"]),
        service("Other", needs=["homelessness"]),
    )
    result = directory.ask(needs=("stress",))
    assert [one["name"] for one in result.services] == ["Sure", "Guess"]
    assert codes(result, "Sure") == ["category-taxonomy"]
    assert codes(result, "Guess") == ["category-keyword"]
    assert result.services[1]["why"][0]["evidence"] == ["word"]
    assert directory.ask(needs=("stress", "homelessness")).total == 3


def test_language(directory: Directory):
    directory.load(
        service("Listed", languages=[{"code": "fr-CA"}, {"code": "en"}]),
        service("By name", languages=[{"name": "French"}]),
        service("Interpreted", interpretation_services="Interpreters for Arabic and French"),
        service("English", languages=[{"code": "eng"}]),
        service("Silent"),
    )
    for asked in ("fr", "French", "français", "fra"):
        assert sorted(directory.names(language=asked)) == ["By name", "Interpreted", "Listed"]
    assert codes(directory.ask(language="fr"), "Interpreted") == ["interpretation"]
    assert directory.ask().facets["language"] == {"fr": 3, "en": 2, "ar": 1}  # as many as the language then gives


@pytest.mark.parametrize(
    ("age", "names"),
    [(17, ["For all", "Youth"]), (18, ["Adults", "For all"]), (64, ["Adults", "For all"]), (65, ["For all", "Seniors"]),
     (17.9, ["For all", "Youth"])],
)  # fmt: skip
def test_age_leaves_out_what_is_for_others(directory: Directory, age: float, names: list[str]):
    directory.load(
        service("Youth", maximum_age=17), service("Adults", minimum_age=18, maximum_age=64),
        service("Seniors", minimum_age=65), service("For all"),
    )  # fmt: skip
    assert sorted(directory.names(age=age)) == names


def test_what_was_not_stated_is_shown_but_lower(directory: Directory):
    veterans = {"target_populations": ["YJ-1"], "attributes": [{"taxonomy_term": {"code": "YJ-1", "name": "Veterans"}}]}
    directory.load(service("Circle east", **veterans), service("Circle north"), service("Square"))
    plain = directory.ask("circle")
    assert [one["name"] for one in plain.services] == ["Circle north", "Circle east"]
    assert "for-group" in codes(plain, "Circle east")
    for stated in ("YJ-1", "veteran"):
        found = directory.ask(stated=(stated,))
        assert found.services[0]["name"] == "Circle east"
        assert found.total == 3
        assert "stated" in codes(found, "Circle east")


def test_a_group_that_is_only_a_code_is_shown_as_one(directory: Directory):
    directory.load(service("Circle", target_populations=["YZ-0200"]))
    (reason,) = [one for one in directory.ask("circle").services[0]["why"] if one["code"] == "for-coded-group"]
    assert reason["en"].endswith("by a 211 code alone: YZ-0200")


GROUPS = {
    "pregnant": "Femmes enceintes", "enceinte": "Pregnant Women", "veterans": "Anciens combattants",
    "ancien combattant": "Veterans", "newcomers": "Immigrants/Refugees", "2SLGBTQ+": "LGBTQ2 People",
    "lgbt": "Diversité sexuelle", "Indigenous": "Premières Nations", "Métis": "Indigenous Peoples",
    "aînés": "Older Adults", "deaf": "Personnes malentendantes", "youth": "Adolescents",
}  # fmt: skip


def test_a_group_has_many_names(directory: Directory):
    """What is stated is said of the services for it, and of no other; these stay there, but lower."""
    directory.load(
        *(
            service("Circle", native_id=label, target_populations=[code := f"Y{number}"],
                    attributes=[{"taxonomy_term": {"code": code, "name": label}}])
            for number, label in enumerate((*GROUPS.values(), "Musicians"))
        )
    )  # fmt: skip
    for stated, label in GROUPS.items():
        found = directory.ask("circle", stated=(stated,))
        said = [one["nativeId"] for one in found.services if "stated" in [why["code"] for why in one["why"]]]
        assert label in said
        assert found.services[0]["nativeId"] in said
        assert len(said) <= 2  # the same group, in the other language
        assert found.total == len(GROUPS) + 1


def test_a_group_that_only_the_name_says(directory: Directory):
    directory.load(service("Circle a"), service("Circle for newcomers"))
    assert directory.names("circle") == ["Circle a", "Circle for newcomers"]
    found = directory.ask("circle", stated=("nouvel arrivant",))
    assert [one["name"] for one in found.services] == ["Circle for newcomers", "Circle a"]
    assert "stated" in codes(found, "Circle for newcomers")
    assert "stated" not in codes(found, "Circle a")


def test_cost(directory: Directory):
    directory.load(
        service("Free", fees_description="Free"), service("Gratuit", fees_description="Gratuit pour tous"),
        service("Zero", cost_options=[{"amount": 0}]), service("Fee", fees_description="$20 a year"),
        service("Sliding", fees_description="Free or sliding scale"), service("Silent"),
        service("Amount", cost_options=[{"amount": "15.00"}]),
    )  # fmt: skip
    assert sorted(directory.names(free=True)) == ["Free", "Gratuit", "Zero"]
    assert directory.ask().facets["cost"] == {"fee": 3, "free": 3, "unknown": 1}


def test_open(directory: Directory):
    directory.load(
        service("Day", schedules=WEEKDAYS), service("Night", schedules=NIGHT), service("Silent"),
        service("By appointment", schedules=[{"description": "By appointment"}]),
        service("At its site", locations=[{**site("Toronto"), "schedules": WEEKDAYS}]),
    )  # fmt: skip
    noon = directory.ask(open_at=NOON, zone=TORONTO)
    assert sorted(one["name"] for one in noon.services) == ["At its site", "Day"]
    assert noon.unknown_hours == 2
    early = datetime(2026, 3, 3, 6, 30, tzinfo=TORONTO)
    assert directory.names(open_at=early, zone=TORONTO) == ["Night"]
    assert directory.ask(zone=TORONTO).facets["open"] == {"open": 2, "unknown": 2, "closed": 1}
    shown = {one["name"]: one["open"] for one in directory.ask(zone=TORONTO).services}
    assert shown == {"Day": True, "Night": False, "Silent": None, "By appointment": None, "At its site": True}


def test_referrals_and_capacity(directory: Directory):
    directory.load(
        service("Takes", capacities=[{"available": 3, "updated": "2026-02-01"}]),
        service("Full", capacities=[{"available": 0}]),
        service("Queue", capacities=[{"available": 0, "description": "Waiting list of 3 months"}]),
        service("Information", can_refer=False),
    )
    assert directory.names(can_refer=False) == ["Information"]
    assert len(directory.names(can_refer=True)) == 3
    assert directory.names(capacity=("available",)) == ["Takes"]
    assert sorted(directory.names(capacity=("waitlist", "none"))) == ["Full", "Queue"]
    assert directory.ask(capacity=("available",)).services[0]["capacity"] == {
        "state": "available",
        "updated": "2026-02-01",
    }
    assert directory.ask().facets["capacity"] == {"available": 1, "none": 1, "unknown": 1, "waitlist": 1}
    assert directory.ask().facets["canRefer"] == {"true": 3, "false": 1}


def test_verified_since(directory: Directory):
    directory.load(
        service("New", assured_date="2026-01-01"), service("Old", assured_date="2020-01-01"), service("Never")
    )
    assert directory.names(verified_since=date(2025, 1, 1)) == ["New"]
    assert directory.names(verified_since=date(2026, 1, 1)) == ["New"]
    assert directory.names(verified_since=date(2026, 1, 2)) == []


def test_what_finds_nothing_says_without_what_there_are_some(directory: Directory):
    directory.load(
        service("Guitar", languages=[{"code": "fr"}], fees_description="Free"),
        service("Guitar club", languages=[{"code": "en"}]),
        service("Banjo", languages=[{"code": "so"}]),
    )
    result = directory.ask("guitar", language="so")
    assert list(result.without.items()) == [("language", 2), ("words", 1)]  # what helps most goes first
    assert directory.ask("guitar", language="so", free=True).without == {"language": 1}
    assert directory.ask("banjo", language="fr", free=True).without == {"words": 1}
    assert directory.ask("saxophone").without == {}
    assert directory.ask("guitar", language="fr").without == {}


# Places


def test_within_keeps_the_near_the_serving_and_the_remote(directory: Directory):
    directory.load(
        service("Near", town="Toronto"),
        service("Next town", town="Mississauga"),
        service("Far", town="Ottawa"),
        service("Serves it", town="Ottawa", service_areas=[{"name": "City of Toronto; Peel Region"}]),
        service("Serves all", town="Ottawa", service_areas=[{"name": "Ontario"}]),
        service("Line", phones=[{"number": "1-800-555-0000"}]),
        service("Virtual", locations=[{"location_type": "virtual"}]),
        service("Only its town", locations=[site("Toronto")]),
    )
    result = directory.ask(near="Toronto", within_km=10)
    assert {one["name"]: one["distanceKm"] for one in result.services} == {
        "Near": 0.0, "Only its town": 0.0, "Serves it": 352.1, "Serves all": 352.1, "Line": None, "Virtual": None,
    }  # fmt: skip
    assert [one["name"] for one in result.services][:2] == ["Near", "Only its town"]
    assert codes(result, "Only its town") == ["near-about"]
    assert codes(result, "Serves it") == ["near", "area"]
    assert codes(result, "Line") == ["no-place"]
    assert codes(result, "Virtual") == ["remote"]
    assert {one["name"]: one["remote"] for one in result.services if one["distanceKm"] is None} == {
        "Line": False, "Virtual": True,
    }  # fmt: skip
    assert "Next town" in directory.names(near="Toronto", within_km=25)
    assert directory.ask(near="Toronto").total == 8


def test_relevance_goes_before_distance_and_distance_before_the_name(directory: Directory):
    directory.load(
        service("B guitar", town="Toronto"),
        service("A guitar", town="Mississauga"),
        service("Music", town="Toronto", description="Guitar."),
        service("C guitar", town="Ottawa"),
    )
    assert directory.names("guitar", near="Toronto") == ["B guitar", "A guitar", "Music", "C guitar"]
    assert directory.names("guitar", near="Ottawa")[0] == "C guitar"


def test_what_a_person_can_use_goes_before_what_has_more_words_elsewhere(directory: Directory):
    directory.load(
        service("Hot meals at home", town="Sudbury"),
        service("Meals", town="Ottawa", description="Cold, in our hall."),
        service("Hot meals by telephone", locations=[{"location_type": "virtual"}]),
    )
    assert directory.names("hot meals home", near="Ottawa") == [
        "Hot meals by telephone", "Meals", "Hot meals at home",
    ]  # fmt: skip
    assert directory.names("Hot meals at home", near="Ottawa")[0] == "Hot meals at home"  # who types the name wants it


def test_a_withheld_address_is_found_without_a_distance(directory: Directory):
    shelter = {"location_type": "physical", "latitude": 43.65, "longitude": -79.38, "address_withheld": True,
               "addresses": [{"city": "Toronto", "postal_code": "M5V 2T6"}]}  # fmt: skip
    directory.load(service("Shelter", locations=[shelter]), service("Elsewhere", town="Ottawa"))
    result = directory.ask(near=(43.65, -79.38), within_km=5)
    assert [(one["name"], one["distanceKm"], one["towns"]) for one in result.services] == [("Shelter", None, [])]
    assert codes(result, "Shelter") == ["withheld"]


def test_of_a_withheld_address_the_province_counts(directory: Directory):
    """Nobody knows how near it is; in another province, far from the border, it helps nobody here."""

    def shelter(region: str) -> dict[str, object]:
        return {"locations": [{"location_type": "physical", "address_withheld": True, "withheld_region": region}]}

    directory.load(
        service("Women shelter of Manitoba", **shelter("MB")),
        service("Women shelter of Ontario", **shelter("ON")),
        service("Women shelter somewhere", locations=[{"location_type": "physical", "address_withheld": True}]),
        service("Shelter for women downtown", town="Toronto"),
        service("Guitar", town="Toronto"),
    )
    near = directory.names("women shelter", near="Toronto", within_km=20)
    assert set(near) == {"Women shelter of Ontario", "Women shelter somewhere", "Shelter for women downtown"}
    assert directory.names("women shelter", near="Toronto")[-1] == "Women shelter of Manitoba"
    assert len(directory.names("women shelter")) == 4


def test_the_nearest_site_counts(directory: Directory):
    sites = [site(town, code, latitude, longitude) for town, (latitude, longitude, code) in TOWNS.items()]
    directory.load(service("Everywhere", locations=sites))
    for town in TOWNS:
        assert directory.ask(near=town, within_km=1).services[0]["distanceKm"] == 0.0


def test_across_the_180th_meridian(directory: Directory):
    directory.load(*(service(f"East {number}", locations=[site("", "", -16.8, 179.95)]) for number in range(2000)))
    assert directory.ask(near=(-16.8, -179.95), within_km=15).total == 2000
    assert directory.ask(near=(-16.8, -179.95), within_km=5).total == 0


# The page and the counts


def test_pages_follow_each_other_without_repeats(directory: Directory):
    directory.load(*(service(f"Guitar {number % 7}", native_id=str(number), town="Toronto") for number in range(50)))
    for near in (None, "Toronto"):
        pages = [directory.ask("guitar", near=near, limit=8, offset=offset).services for offset in range(0, 56, 8)]
        ids = [one["id"] for page in pages for one in page]
        assert len(ids) == len(set(ids)) == 50
        assert ids == [one["id"] for one in directory.ask("guitar", near=near, limit=60).services]


def test_many_equals_come_by_name(directory: Directory):
    directory.load(*(service(f"Guitar {number:04}", needs=["stress"]) for number in reversed(range(2000))))
    assert directory.names(needs=("stress",), limit=3, offset=1000) == ["Guitar 1000", "Guitar 1001", "Guitar 1002"]
    directory.load(*(service(f"Piano {number}") for number in range(3)), number=2)
    assert directory.names(needs=("stress",), limit=2) == ["Guitar 0000", "Guitar 0001"]


def test_facets_count_all_that_matches(directory: Directory):
    directory.load(
        service("Guitar A", town="Toronto", needs=["stress", "social-connection"]),
        service("Guitar B", town="Toronto", needs=["stress"]),
        service("Piano", town="Ottawa", needs=["stress"]),
    )
    facets = directory.ask("guitar", limit=1).facets
    assert facets["category"] == {"stress": 2, "social-connection": 1}
    assert facets["town"] == {"Toronto, ON": 2}
    assert facets["source"] == {"A": 2}


def test_an_empty_directory_answers(directory: Directory):
    result = directory.ask("food", near="Toronto", within_km=5, language="fr", open_at=NOON)
    assert (result.total, list(result.services), result.gap) == (0, [], "nothing-found")


@pytest.mark.parametrize(
    ("members", "gap"),
    [
        ({"words": "zzzz"}, "nothing-found"),
        ({"near": "Ottawa", "within_km": 5}, "nothing-near"),
        ({"near": "Ottawa"}, "nothing-near"),
        ({"language": "fr"}, "nothing-in-language"),
        ({"open_at": datetime(2026, 3, 1, 12, tzinfo=TORONTO), "zone": TORONTO}, "nothing-open"),
        ({"near": "Toronto", "within_km": 5}, None),
    ],
)
def test_why_nothing_fits(directory: Directory, members: dict[str, object], gap: str | None):
    directory.load(
        service("Day", town="Toronto", schedules=WEEKDAYS, needs=["stress"]),
        service("Place", town="Ottawa", needs=["homelessness"]),
    )
    assert directory.ask(**{"needs": ("stress",), **members}).gap == gap


def test_a_tenant_sees_its_own_directory(directory: Directory):
    other = Directory(directory.database, "other")
    directory.load(service("Guitar", town="Toronto"), service("Piano", town="Ottawa"))
    other.load(service("Piano of others", town="Ottawa"), service("Guitar of others", town="Toronto"))
    assert directory.names("guitar") == ["Guitar"]
    assert directory.names(near="Toronto", within_km=1) == ["Guitar"]
    assert other.names("guitar") == ["Guitar of others"]


@pytest.mark.parametrize("town", ["Sudbury", None])
def test_a_process_that_warms_up_answers_as_before(directory: Directory, town: str | None):
    directory.load(service("Food bank", town=town), service("Banque alimentaire", town=town))
    cold = directory.ask("food", near="Sudbury")
    directory.searching = ServiceSearch(ManualClock(NOON))
    with directory.database.read() as connection:
        directory.searching.warm_up(connection, directory.tenant, directory.current)
    assert directory.ask("food", near="Sudbury") == cold
    assert cold.total == (1 if town else 0)
