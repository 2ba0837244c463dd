"""Long strings against every regular expression that a value can meet."""

import json
from collections.abc import Iterator

from benchmarks.hostile import Hostile, Json

LONG = 900_000
DIV = '<div xmlns="http://www.w3.org/1999/xhtml">'
TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}
PATIENT = {"resourceType": "Patient"}
PIECES = (
    "a",
    " ",
    "a ",
    "\n",
    "9",
    "-",
    ".",
    "<",
    "<a",
    "<a ",
    "<a href='",
    "&",
    "&a",
    "#",
    "/",
    "//",
    "http://",
    "urn:oid:2.",
    ".0",
    "A/",
    "=",
    "==",
    "A",
    "AAAA",
    "\u00e9",
    "\U0001f600",
    "0.",
    "e",
    "(",
    "a+",
    "|",
    "%41",
    "{",
    "[",
    "\\",
    "\x00",
    "\u2028",
    ":",
    "a:",
)


def inputs() -> Iterator[Hostile]:
    """Each piece repeated, in each kind of element, good to the last character and bad there."""
    for piece in PIECES:
        text = piece * (LONG // 6 // len(json.dumps(piece).strip('"').encode()))
        for end in ("", "!"):
            for name, resource in _holders(text + end):
                data = json.dumps(resource, ensure_ascii=False).encode("utf-8", "surrogatepass")
                yield Hostile(f"{name}: {piece!r} repeated{', then !' if end else ''}", data)


def _holders(text: str) -> Iterator[tuple[str, Json]]:
    yield "string", TASK | {"description": text}
    yield "markdown", TASK | {"note": [{"text": text}]}
    yield "code", TASK | {"status": text}
    yield "id", TASK | {"id": text}
    yield "instant", TASK | {"meta": {"lastUpdated": text}}
    yield "dateTime", TASK | {"authoredOn": text}
    yield "date", PATIENT | {"birthDate": text}
    yield "uri", TASK | {"implicitRules": text}
    yield "canonical", TASK | {"instantiatesCanonical": text}
    yield "profile", TASK | {"meta": {"profile": [text]}}
    yield "base64Binary", PATIENT | {"photo": [{"data": text}]}
    yield "oid", TASK | {"extension": [{"url": "http://x.test", "valueOid": text}]}
    yield "reference", TASK | {"for": {"reference": text}}
    yield "identifier", TASK | {"identifier": [{"system": "urn:ietf:rfc:3986", "value": text}]}
    yield "coding", TASK | {"code": {"coding": [{"system": "http://snomed.info/sct", "code": text, "display": text}]}}
    yield (
        "unit",
        {"resourceType": "Observation", "valueQuantity": {"system": "http://unitsofmeasure.org", "code": text}},
    )
    yield "language", PATIENT | {"language": text}
    yield "mime type", PATIENT | {"photo": [{"contentType": text}]}
    yield "narrative", PATIENT | {"text": {"status": "generated", "div": text}}
    yield "inside the narrative", PATIENT | {"text": {"status": "generated", "div": f"{DIV}{text}</div>"}}
    yield "member", PATIENT | {text: 1}
    yield "resource type", {"resourceType": text}
