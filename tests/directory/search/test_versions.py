"""What an import writes is seen when it is current, all at once; until then, and if it fails, nothing changes."""

from sqlalchemy import func, select, text
from support.directories import Directory, service

from footbridge.directory.search.index import remove_source
from footbridge.directory.search.publish import publish
from footbridge.store.tables.directory_search import directory_entry, directory_snapshot


def entries(directory: Directory) -> int:
    with directory.database.read() as connection:
        return connection.scalar(select(func.count()).select_from(directory_entry)) or 0


def found(directory: Directory) -> dict[str, int]:
    return {word: directory.ask(word).total for word in ("guitar", "piano", "violin")}


def begun(directory: Directory) -> None:
    """A first import, and a second that changes one service, removes one, adds one."""
    directory.load(service("Guitar", native_id="1"), service("Piano", native_id="2"))
    removed = service("Piano", native_id="2")["id"]
    directory.write(2, [service("Violin", native_id="1"), service("Violin too", native_id="3")], ended=[removed])


def test_before_it_is_current_nothing_changes(directory: Directory):
    begun(directory)
    assert found(directory) == {"guitar": 1, "piano": 1, "violin": 0}
    publish(directory.database, directory.tenant, "A", 2)
    assert found(directory) == {"guitar": 1, "piano": 1, "violin": 0}


def test_when_it_is_current_all_has_changed(directory: Directory):
    begun(directory)
    publish(directory.database, directory.tenant, "A", 2)
    directory.current["A"] = 2
    assert found(directory) == {"guitar": 0, "piano": 0, "violin": 2}


def test_who_began_before_still_reads_the_old(directory: Directory):
    begun(directory)
    publish(directory.database, directory.tenant, "A", 2)
    directory.current["A"] = 2
    found(directory)
    directory.current["A"] = 1
    assert found(directory) == {"guitar": 1, "piano": 1, "violin": 0}


def test_a_failed_import_leaves_nothing(directory: Directory):
    begun(directory)
    publish(directory.database, directory.tenant, "A", 2)
    directory.discard()
    assert found(directory) == {"guitar": 1, "piano": 1, "violin": 0}
    assert entries(directory) == 2
    directory.load(service("Violin", native_id="4"), number=3)
    assert found(directory) == {"guitar": 1, "piano": 1, "violin": 1}


def test_a_number_without_changes_shows_what_was(directory: Directory):
    directory.load(service("Guitar"))
    directory.current["A"] = 5
    assert found(directory)["guitar"] == 1


def test_a_repeated_batch_does_no_harm(directory: Directory):
    begun(directory)
    removed = service("Piano", native_id="2")["id"]
    directory.write(2, [service("Violin", native_id="1"), service("Violin too", native_id="3")], ended=[removed])
    publish(directory.database, directory.tenant, "A", 2)
    publish(directory.database, directory.tenant, "A", 2)
    directory.current["A"] = 2
    assert found(directory) == {"guitar": 0, "piano": 0, "violin": 2}


def test_a_purge_removes_what_nobody_sees_and_its_slots_serve_again(directory: Directory):
    directory.load(*(service(f"Guitar {number}", native_id=str(number), town="Toronto") for number in range(700)))
    for number in range(2, 6):
        directory.load(
            *(service(f"Piano {number} {one}", native_id=str(one), town="Ottawa") for one in range(700)), number=number
        )
        assert directory.purge() == 700
        assert found(directory) == {"guitar": 0, "piano": 700, "violin": 0}
        assert directory.ask(near="Ottawa", within_km=1).total == 700
        assert directory.ask(near=(43.65, -79.38), within_km=50).total == 0
    assert entries(directory) == 700
    with directory.database.read() as connection:
        assert connection.scalar(select(func.max(directory_entry.c.id))) & 0xFFFFFFFF < 1400
        assert connection.scalar(select(func.count(func.distinct(directory_snapshot.c.number)))) == 1
        assert connection.scalar(text("SELECT count(*) FROM directory_point")) == 700


def test_a_source_can_be_removed(directory: Directory):
    directory.load(service("Guitar", town="Toronto"))
    directory.load(service("Piano", source="B"), source="B")
    removed = True
    while removed:
        with directory.database.write() as connection:
            removed = remove_source(connection, directory.tenant, "A")
    del directory.current["A"]
    assert found(directory) == {"guitar": 0, "piano": 1, "violin": 0}
    assert entries(directory) == 1


def test_another_process_sees_what_was_published(directory: Directory):
    directory.load(service("Guitar"))
    other = Directory.__new__(Directory)
    other.__dict__.update(directory.__dict__, searching=type(directory.searching)(directory.searching._clock))
    assert other.names("guitar") == ["Guitar"]
    directory.load(service("Piano"), number=2)
    assert other.names("piano") == ["Piano"]
