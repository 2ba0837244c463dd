"""A cluster gives the same verdicts as one process, in the same order."""

import json
import pickle

import pytest

from footbridge.validation.bulk import Item, Setup, check_all
from footbridge.validation.bulk.partition import CheckLines
from footbridge.validation.reports import report

GOOD = {"resourceType": "Task", "status": "requested", "intent": "order"}
BAD = {"resourceType": "Task", "status": "nonsense"}
PROFILE = "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-TaskForReferralManagement"


def lines(count):
    return [json.dumps((GOOD if number % 3 else BAD) | {"id": str(number)}) for number in range(count)]


def expected(texts, setup=None):
    items = (Item("-", text.encode()) for text in texts)
    return [line.rstrip("\n") for line in report("ndjson")(check_all(items, setup or Setup()))]


def test_a_partition_is_answered_line_by_line():
    texts = lines(20)
    assert CheckLines()(texts) == expected(texts)
    assert CheckLines()([text.encode() for text in texts]) == expected(texts)


def test_empty_lines_are_passed_over_and_files_are_named():
    [found] = CheckLines()(["\n", "", (json.dumps(GOOD), "export.ndjson")])
    assert json.loads(found)["source"] == "export.ndjson"


def test_the_setup_travels():
    setup = Setup(profiles=(PROFILE,))
    sent = pickle.loads(pickle.dumps(CheckLines(setup)))
    assert sent(lines(5)) == expected(lines(5), setup)


def test_two_workers_of_a_dask_cluster_give_the_same_in_order(tmp_path):
    bag = pytest.importorskip("dask.bag", reason="the extra 'dask' is not installed")
    distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
    texts = lines(300)
    for number in range(6):
        part = "\n".join(texts[number * 50 : number * 50 + 50])
        (tmp_path / f"part-{number}.ndjson").write_text(part + "\n")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
    ):
        found = bag.read_text(str(tmp_path / "part-*.ndjson")).map_partitions(CheckLines()).compute()
    assert found == expected(texts)


def test_lines_without_a_file_are_numbered_under_a_name():
    texts = [json.dumps(GOOD), "", json.dumps(BAD)]
    assert [json.loads(found)["source"] for found in CheckLines(source="export")(texts)] == ["export:1", "export:3"]
