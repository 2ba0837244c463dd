"""Whatever stands in a member, reading never raises anything but DirectoryError, and never depends on the order."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.directory_readers import read

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.hsds_types import table, types

NAMES = sorted(
    {
        name
        for row in table()["objects"].values()
        for name in [*row["members"], *row.get("aliases", {}), *row.get("lists", {}), *row.get("relations", {})]
    }
)
ROOTS = [
    *table()["documents"]["containers"],
    *table()["documents"]["besides"],
    *table()["documents"]["wrappers"],
    *table()["documents"]["envelopes"],
    *table()["documents"]["lookups"],
]
LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["1", "2", "Monday", "yes", "no", "physical"])
)
VALUE = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECT = st.dictionaries(st.sampled_from(NAMES), VALUE, max_size=8)
QUICK = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def records(value, name="feed.json", reader="json"):
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / name
        place.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8", errors="surrogatepass")
        return read(reader, place)


@QUICK
@given(
    st.dictionaries(
        st.sampled_from(ROOTS) | st.sampled_from(NAMES), st.lists(OBJECT, max_size=3) | OBJECT | VALUE, max_size=4
    )
)
def test_any_value_in_any_member_is_read(value):
    found = records([value])
    for record in found.records:
        assert record.native_id
        assert record.data["id"] == record.native_id
        assert len(record.native_id) <= 600
    identities = [(record.kind, record.native_id) for record in found.records]
    assert len(identities) == len(set(identities))


@QUICK
@given(st.sampled_from(sorted(types())), st.data())
def test_any_value_for_any_member_of_each_type(kind, data):
    spec = types()[kind]
    member = data.draw(
        st.sampled_from(sorted([*spec.members, *spec.lists, *spec.one, *spec.aliases, *spec.relations]) or ["id"])
    )
    value = data.draw(VALUE)
    core = kind if kind in table()["documents"]["containers"] else "service"
    carrier = next((name for name, child in types()[core].lists.items() if child == kind), None)
    raw = {member: value} if core == kind else {carrier or "phones": [{member: value}]}
    records({core: [{"id": "1", "name": "x", **raw}]})


@QUICK
@given(st.lists(st.fixed_dictionaries({"id": st.sampled_from(["1", "2"]), "name": st.sampled_from(["A", "B"])}, optional={"description": st.sampled_from(["x", "yy"]), "organization": st.fixed_dictionaries({"id": st.sampled_from(["o", "p"]), "name": st.sampled_from(["H", "I"])})}), min_size=1, max_size=6), st.randoms())  # fmt: skip
def test_the_order_of_documents_does_not_matter(documents, random):
    shuffled = list(documents)
    random.shuffle(shuffled)
    keys = [dict(reversed(each.items())) for each in shuffled]
    one, other = (
        records("\n".join(json.dumps({**each, "status": "active"}) for each in items) + "\n", "feed.ndjson")
        for items in (documents, keys)
    )
    assert _set(one) == _set(other)
    names = {(data["id"].split("~")[0], data["name"]) for data in one.of("service").values()}
    assert names == {(each["id"], each["name"]) for each in documents}  # nothing is lost


def _set(found):
    return {(record.kind, record.native_id, json.dumps(record.data, sort_keys=True)) for record in found.records}


@QUICK
@given(
    st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=6), max_size=6),
    st.sampled_from(["services.csv", "phones.csv", "organizations.csv", "locations.csv"]),
)
def test_any_cells_are_read_or_refused(rows, name):
    header = "id,organization_id,location_id,service_id,name,status,confidential\n"
    text = header + "\n".join(",".join(cell for cell in row) for row in rows)
    try:
        found = records(text.encode("utf-8", "replace").decode(), name, "tabular")
    except DirectoryError:
        return
    for record in found.records:
        assert record.native_id
