"""What was not read of a resource is named at its highest place."""

from footbridge.mapping.tracked_reader import Cursor, expression, unread


def nothing(_path, _name, _value, _is_whole):
    return False


def test_what_nobody_took_is_named_once_at_the_top():
    root = Cursor({"a": 1, "b": {"c": 2, "d": {"e": 3}}, "f": [{"g": 1}, {"h": 2}]})
    root.get("a")
    root.at("b").get("c")
    next(root.each("f")).get("g")
    assert list(unread(root, nothing)) == [("b", "d"), ("f", 1)]


def test_what_was_taken_whole_is_done():
    root = Cursor({"a": {"b": [1, 2]}})
    root.get("a")
    assert list(unread(root, nothing)) == []


def test_what_is_ignored_is_not_named():
    root = Cursor({"id": "1", "x": 1})
    assert list(unread(root, lambda path, *_: path == ("id",))) == [("x",)]


def test_the_parts_of_a_place_where_something_was_read_come_one_by_one():
    root = Cursor({"a": {"b": 1, "c": 2}, "d": {"e": 3}})
    root.at("a").get("b")
    asked = []
    assert list(unread(root, lambda path, _name, _value, is_whole: asked.append((path, is_whole)) or False)) == [
        ("a", "c"),
        ("d",),
    ]
    assert asked == [(("a",), False), (("a", "c"), True), (("d",), True)]


def test_a_place_is_written_as_fhirpath():
    assert expression("Bundle.entry[3].resource", ("code", "coding", 1)) == "Bundle.entry[3].resource.code.coding[1]"
    assert expression("%resource", ("_birthDate", "extension", 0)) == "%resource.birthDate.extension[0]"


def test_lists_and_single_values_read_alike_and_junk_is_stepped_over():
    assert [one.value for one in Cursor({"a": {"b": 1}}).each("a")] == [{"b": 1}]
    assert [one.value for one in Cursor({"a": [1, {"b": 1}, None]}).each("a")] == [{"b": 1}]
    assert Cursor({"a": ["x", 1, "y"]}).texts("a") == ["x", "y"]
    assert Cursor({"a": [1]}).peek("a") is None
