"""JSON and XML that are too deep, too wide or too large."""

import json
from collections.abc import Iterator

from benchmarks.hostile import LARGEST, Hostile, Json

TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
BOMB = '<!DOCTYPE Task [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12)
)


def inputs() -> Iterator[Hostile]:
    """Depth, width, bombs."""
    for text in ('{"a":', "[", '{"contained":[', '{"resourceType":"Task","contained":[', '{"extension":[', '[{"x":['):
        yield Hostile(f"open {text} to the end", (text * (LARGEST // len(text))).encode())
    for depth in (90, 200, 1000, 14_000):
        yield Hostile(f"extensions {depth} deep", _nested("extension", depth))
        yield Hostile(f"contained {depth} deep", _nested("contained", depth, {"resourceType": "Patient", "id": "a"}))
        yield Hostile(f"questionnaire items {depth} deep", _nested("item", depth, {"linkId": "a", "type": "group"}))
        yield Hostile(f"bundles {depth} deep", _bundles(depth))
        yield Hostile(f"xml elements {depth} deep", _xml("<extension url='a'>" * depth + "</extension>" * depth))
        yield Hostile(f"xhtml {depth} deep", _task(text={"status": "generated", "div": _div("<b>" * depth)}))
    yield Hostile("array of 400,000 nulls", _task(note=[None] * 190_000))
    yield Hostile("array of empty objects", _task(note=[{}] * 240_000))
    yield Hostile("array of numbers", _task(note=[1] * 300_000))
    yield Hostile("array of arrays", _task(note=[[]] * 240_000))
    yield Hostile("extensions, all unknown", _task(extension=[{"url": "http://x.test/y"}] * 28_000))
    yield Hostile("extensions, all relative", _task(extension=[{"url": "y"}] * 60_000))
    yield Hostile("codings, all unknown", _task(code={"coding": [{"system": "http://x.test", "code": "y"}] * 19_000}))
    yield Hostile("references, all local", _task(basedOn=[{"reference": "#a"}] * 40_000))
    yield Hostile("profiles claimed", _task(meta={"profile": [f"http://x.test/{n}" for n in range(35_000)]}))
    yield Hostile("contained, none referred to", _task(contained=_people(18_000)))
    yield Hostile("unknown members", _task(**{f"k{n}": n for n in range(50_000)}))
    yield Hostile("one member 60,000 times", b'{"resourceType":"Task"' + b',"status":"a"' * 60_000 + b"}")
    yield Hostile("faults behind a long array", _task(note=[{}] * 200_000, extension=[{"url": "y"}] * 1_000))
    yield Hostile("an integer of 900,000 digits", b'{"resourceType":"Task","priority":' + b"9" * 900_000 + b"}")
    yield Hostile("an exponent", b'{"resourceType":"Observation","valueQuantity":{"value":1e999999999}}')
    yield Hostile(
        "a decimal with an exponent", b'{"resourceType":"Observation","valueQuantity":{"value":1E-400000000}}'
    )
    yield Hostile("billion laughs", f"{BOMB}]>{_xml_text('&m;')}".encode())
    yield Hostile(
        "quadratic entity", f'<!DOCTYPE a [<!ENTITY a "{"a" * 50_000}">]>{_xml_text("&a;" * 50_000)}'.encode()
    )
    yield Hostile(
        "external entity", f'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>{_xml_text("&a;")}'.encode()
    )
    attributes = " ".join(f"a{n}=''" for n in range(80_000))
    yield Hostile("xml attributes", f"<Task xmlns='http://hl7.org/fhir' {attributes}/>".encode())
    yield Hostile("xml siblings", _xml("<note/>" * 140_000))
    yield Hostile(
        "billion laughs in the narrative", _task(text={"status": "generated", "div": f"{BOMB}]>{_div('&m;')}"})
    )


def _nested(key: str, depth: int, members: Json = None) -> bytes:
    inner = json.dumps(members or {"url": "a"})[:-1]
    kind = {"extension": '{"resourceType":"Task"', "contained": '{"resourceType":"Patient"'}.get(
        key, '{"resourceType":"Questionnaire","status":"draft"'
    )
    return (f'{kind},"{key}":[' + f'{inner},"{key}":[' * depth + "]}" * (depth + 1)).encode()


def _bundles(depth: int) -> bytes:
    opened = '{"resourceType":"Bundle","type":"collection","entry":[{"resource":'
    return (opened * min(depth, 10_000) + "{}" + "}]}" * min(depth, 10_000)).encode()


def _people(count: int) -> list[Json]:
    return [{"resourceType": "Patient", "id": f"p{n}"} for n in range(count)]


def _task(**members: Json) -> bytes:
    return json.dumps(TASK | members, separators=(",", ":")).encode()


def _div(inner: str) -> str:
    return f"{DIV}{inner}{inner.replace('<', '</')}</div>"


def _xml(inner: str) -> bytes:
    return f'<Task xmlns="http://hl7.org/fhir">{inner}</Task>'.encode()[:LARGEST]


def _xml_text(value: str) -> str:
    return f'<Task xmlns="http://hl7.org/fhir"><description value="{value}"/></Task>'
