"""What was done, for people: a code in the words of the reader's language, and what was written about it.

The words of codes are the table ``procedures`` of ``mappings/portal.json``; of another code its own text is shown. What
a Procedure has as ``note`` is what the service said of the outcome
(https://hl7.org/fhir/R4/procedure-definitions.html#Procedure.note).
"""

from footbridge.i18n import LANGUAGES, current
from footbridge.mapping.references import Resource
from footbridge.mapping.terms import own_system, own_text
from footbridge.model.prescription import Coding
from footbridge.referrals.outputs import outputs_with_notes
from footbridge.store.resource_rows import Scope
from footbridge.terminology import designation
from footbridge.uris import own_uri
from footbridge.web.portal import words


def what_was_done(scope: Scope, task: Resource) -> list[str]:
    """A line for each output of a Task of ours, and for each note; none twice."""
    lines: list[str] = []
    for output, notes in outputs_with_notes(scope, task):
        lines += [_line(output.code, output.text), *notes]
    return list(dict.fromkeys(line for line in lines if line))


def _line(code: Coding | None, text: str | None) -> str:
    known = None if code is None else _words_of(code)
    if known is None:
        return text or (code.code if code is not None else "")
    named = str(known[current()])
    return named if text is None or text in known.values() else f"{named}: {text}"


def _words_of(code: Coding) -> dict[str, str] | None:
    """Our words for a code by language; None where we have none."""
    if str(code.system).startswith(own_uri("CodeSystem/")):
        found = {one: designation(str(code.system), code.code, one) for one in LANGUAGES}
        before = dict.fromkeys(LANGUAGES, "")
        if code.system == own_system("not-linked-reason"):
            before = {one: f"{own_text('task-output', 'not-linked', one)}. " for one in LANGUAGES}
        return {one: before[one] + text for one, text in found.items() if text is not None} or None
    listed: dict[str, str] | None = words.table()["procedures"].get(code.code)
    return listed
