"""Questions and services of any text: an answer, never an error."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.directories import Directory, service, site

QUESTIONS = [
    '"', '""', "NEAR(", "NEAR(a b, 2)", "a AND", "OR", "NOT food", "food*", "-food", "^food", "name:food", "{food}", "'",
    "food'; DROP TABLE tenant; --", "food & !bank | (", "<->", ":*", "\\", "%", "_", "\0", "fo\0od", "food\ud800",
    "🙂", "🙂 food 🙂", "x" * 10_000, "food " * 3_000, "é" * 10_000, "\u202efood", "مأكل", "食物", "खाना", "…", "\n\t\r",
    " ".join(f"word{number}" for number in range(3_000)), "l'" * 5_000, "-" * 10_000, "a-" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(QUESTIONS)))
def test_any_question_is_answered(sqlite_database, number: int):
    ask(Directory(sqlite_database), QUESTIONS[number])


def test_any_question_is_answered_by_postgresql(postgresql_database):
    directory = Directory(postgresql_database)
    for question in QUESTIONS:
        ask(directory, question)


def ask(directory: Directory, question: str) -> None:
    if not directory.current:
        directory.load(service("Food bank", town="Toronto"), service("مأكل 食物 खाना"))
    result = directory.ask(question, near=question, within_km=1, language=question, stated=(question,))
    assert result.total == 0 or result.services
    assert directory.ask(question).total <= 2


def test_a_question_finds_what_it_names_in_any_script(directory: Directory):
    directory.load(service("مأكل 食物 खाना"), service("Food"))
    for word in ("مأكل", "食物", "खाना"):
        assert directory.ask(word).total == 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=300), number=st.integers(0, 10**9))
def test_any_text_is_indexed_and_found_by_itself(directory: Directory, text: str, number: int):
    document = service(
        f"{text} unmistakable{number}", native_id=f"{text}{number}", description=text, locations=[site(text, text)],
        service_areas=[{"name": text}], fees_description=text, interpretation_services=text,
        organization={"name": text}, languages=[{"name": text}],
        schedules=[{"byday": text, "opens_at": text, "closes_at": text}],
        capacities=[{"available": text, "description": text, "updated": text}], assured_date=text,
        attributes=[{"taxonomy_term": {"code": text, "name": text}}], target_populations=[text],
    )  # fmt: skip
    directory.load(document, number=directory.current.get("A", 0) + 1)
    assert document["id"] in [one["id"] for one in directory.ask(f"unmistakable{number}").services]
    directory.ask(text, near=text, language=text, stated=(text,), sources=("A",))


def test_what_is_out_of_range_is_left_out(directory: Directory):
    directory.load(
        service("Nowhere", locations=[{"latitude": 999, "longitude": 0}, {"latitude": 0, "longitude": 0}]),
        service("Old", minimum_age=500, maximum_age=-3),
        service("Many", locations=[site("Toronto", "M5V 2T6", 43.6, -79.4)] * 3000),
    )
    assert directory.ask(near=(43.6, -79.4), within_km=20000).total == 1
    assert directory.ask(age=3, limit=0).total == 2
    assert directory.ask(limit=-1).services == []
    assert directory.ask(limit=10**9, offset=-5).total == 3
