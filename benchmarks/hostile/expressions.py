"""FHIRPath that a definition might bring along, on values that suit it ill."""

import json
from collections.abc import Iterator

from benchmarks.hostile import Hostile

EXPRESSIONS = (
    "description.matches('(a+)+$')",
    "description.matches('(a|aa)+$')",
    "description.matches('(.*a){25}')",
    "description.matches('([a-z]+)*!')",
    "description.matches('^(([a-z])+.)+[A-Z]([a-z])+$')",
    "description.matches('(a?){40}a{40}')",
    "description.matches('(\\\\w+\\\\s?)+$')",
    "description.replaceMatches('(a+)+$', 'b').length() >= 0",
    "description.replaceMatches('', 'xxxxxxxxxx').length() > 0",
    "description.replace('', description).length() > 0",
    "description.toChars().count() > 0",
    "description.split('').count() > 0",
    "description.toChars().distinct().count() > 0",
    "description.toChars().repeat($this).count() > 0",
    "description.toChars().select($this + %resource.description).count() > 0",
    "repeat(%resource).count() > 0",
    "repeat($this).exists()",
    "descendants().descendants().descendants().count() > 0",
    "descendants().select(%resource.descendants()).count() > 0",
    "descendants().where(%resource.descendants().exists($this = 'x')).empty()",
    "note.select(%resource.note).select(%resource.note).count() > 0",
    "note.all(%resource.note.all(text = text))",
    "(note | note).count() > 0",
    "note.combine(note).combine(note).distinct().count() > 0",
    "note.text.join(%resource.description).length() > 0",
    "note.aggregate($total + %resource.description, '').length() >= 0",
    "note.aggregate($total & $total & 'x', 'x').length() >= 0",
    "note.aggregate($total.combine($total), 1).count() > 0",
    "iif(true, " * 200 + "true" + ", false)" * 200,
    "(" * 2_000 + "true" + ")" * 2_000,
    "not " * 10 + "true",
    "true" + ".not()" * 3_000,
    " and ".join(["true"] * 5_000),
    "-" * 3_000 + "1 > 0",
    "2.power(1000000) > 0",
    "9999999999.power(9999999).toString().length() > 0",
    "1.5.power(99999.5) > 0",
    "1e9 > 0",
    "9" * 100_000 + " > 0",
    "2.toString().toInteger().power(31).power(31).power(31) > 0",
    "'" + "a" * 100_000 + "' = description",
    "description.encode('base64').encode('hex').length() > 0",
    "@9999-12-31 + 99999999 years > today()",
    "@0001-01-01 - 1 day < today()",
    "today() + 2147483647 days > today()",
    "1.lowBoundary(999) > 0",
    "1.5.highBoundary(2147483647) > 0",
    "1.round(2147483647) = 1",
    "(0.1).round(-5) = 0",
    "100000000000000000000.sqrt() > 0",
    "description.substring(2147483648).empty()",
    "description.indexOf('') = 0",
    "children().children().children().children().count() >= 0",
    "description.trace('x').exists()",
    "defineVariable('a', descendants()).select(%a.select(%a)).count() > 0",
    "description.memberOf(%resource.description)",
    "conformsTo(%resource.description)",
)
PROFILE = "http://x.test/StructureDefinition/rule"


def inputs() -> Iterator[Hostile]:
    """Each expression as an invariant of Task, on a long text and many notes."""
    notes = [{"text": f"n{n}"} for n in range(2_000)]
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "description": "a" * 20_000 + "!",
        "note": notes,
    }
    data = json.dumps(task).encode()
    for expression in EXPRESSIONS:
        row = {"key": "own-1", "severity": "error", "human": "x", "expression": expression}
        definition = {
            "resourceType": "StructureDefinition",
            "url": PROFILE,
            "name": "Rule",
            "status": "draft",
            "kind": "resource",
            "abstract": False,
            "type": "Task",
            "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Task",
            "derivation": "constraint",
            "differential": {"element": [{"path": "Task", "constraint": [row]}]},
        }
        yield Hostile(f"invariant {expression[:80]}", data, (definition,), (PROFILE,))
