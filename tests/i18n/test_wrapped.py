"""Every text that a person may read goes through ``_()``, so that it can be said in French.

A mechanical look at the code: a string with words in it, which is not in ``_()``, not a docstring, not a help (those are
translated when they are shown) and not one of the constructs of ``NEVER_SHOWN``, must be in ``EXCEPTIONS`` with its
reason. A folder is added to ``ROOMS`` when it is done.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from footbridge import cli

CODE = Path(cli.__file__).resolve().parents[1]

ROOMS = (
    "cli",
    "directory",
    "fhirserver",
    "jobs",
    "mapping",
    "model/lifecycle",
    "model/prescription",
    "partners",
    "referrals",
    "security",
    "store",
    "terminology",
    "validation/packages",
    "web",
    "error_kinds.py",
    "errors.py",
    "settings.py",
)
NOT_YET = ("cli/demo", "partners/fhir/simulator", "store/migrations")
"""The narration of ``footbridge demo``, what the simulators print and the titles of migrations are English."""

TRANSLATED = {"_", "_n", "lazy", "translated"}
NEVER_SHOWN = {
    # Errors of programming: whoever raises one has called wrongly, and a caller sees the kind "internal".
    *("ValueError", "TypeError", "LookupError", "RuntimeError", "TimeoutError", "FileNotFoundError", "KeyError"),
    # Statements, patterns, names, paths and the log.
    *(
        "text",
        "execute",
        "literal_column",
        "exec_driver_sql",
        "_run_sqlite",
        "compile",
        "joinpath",
        "own_uri",
        "TypeVar",
        "removesuffix",
        "cast",
    ),
    *("debug", "info", "warning", "error", "exception", "critical", "startswith", "endswith", "strptime", "Literal"),
    # Descriptions of members and settings, which the reference pages and ``translated`` take from their tables.
    *("member", "Field", "_help", "json_option", "option", "argument", "version_option", "_rule"),
    *("Counter", "Gauge", "Histogram", "_gauge"),
}


def strings(tree: ast.Module) -> Iterator[tuple[ast.AST, str]]:
    """Each string of a module that may be shown, with its words; the fields of an f-string are X."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if not (is_text or isinstance(node, ast.JoinedStr)) or isinstance(parents[node], ast.Expr | ast.JoinedStr):
            continue
        if not any(hidden(one, parents.get(one), node) for one in up(node, parents)):
            yield node, said(node)


def up(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in parents:
        node = parents[node]
        yield node


def hidden(node: ast.AST, parent: ast.AST | None, inner: ast.AST) -> bool:
    match node:
        case ast.Call():
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            return name in TRANSLATED | NEVER_SHOWN
        case ast.keyword(
            arg="help"
            | "epilog"
            | "short_help"
            | "metavar"
            | "description"
            | "spec"
            | "show_default"
            | "json_schema_extra"
        ):
            return True
        case ast.arguments() | ast.Subscript(value=ast.Name(id="Literal")):
            return True
        case ast.AnnAssign():
            return any(one is inner for one in ast.walk(node.annotation))
        case ast.FunctionDef():
            return node.returns is not None and any(one is inner for one in ast.walk(node.returns))
    return False


def said(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(str(one.value) if isinstance(one, ast.Constant) else "X" for one in node.values)


def has_words(text: str) -> bool:
    """Whether a text is for people: two words or more, or one that ends like a sentence."""
    words = re.findall(r"[A-Za-z][a-z']+", text.replace("X", " "))
    return (len(words) >= 2 and " " in text.strip()) or re.fullmatch(r"[A-Z][a-z]+[.!?:]", text.strip()) is not None


def files() -> list[Path]:
    found = [
        file
        for room in ROOMS
        for file in ([CODE / room] if room.endswith(".py") else sorted((CODE / room).rglob("*.py")))
        if not any(file.is_relative_to(CODE / one) for one in NOT_YET)
    ]
    assert len(found) > 200
    return found


_STORED = "stored with the event as it is, whoever reads it later"
_TABLE = "a fault in a data file of ours, which a test finds"
_PROTOCOL = "of a protocol or a file format"
_SQL = "SQL, or what a database's driver would say"
_CODE = "for programs"
_EARLY = "before the request can be read, so in no language of its own"
_HELP = "part of a help, which is translated as a whole"
_KEPT = "kept with a finding, for the source: what its record had and where, whoever reads it later"
_WORDS_READ = "words that are read in a source's texts"
_KEY = "a key of mappings/directory/fhir.json, which has its words in both languages"
_VALUE = "a value of a record, in the language of the record"
_METRIC = "the help of a metric, for operators' tools"

EXCEPTIONS: dict[str, dict[str, str]] = {
    "cli/audit.py": {"recorded, interaction": _HELP},
    "cli/client.py": {"command line": _STORED},
    "cli/doctor.py": {"`footbridge partner test X`": _CODE},
    "cli/doctor_checks.py": {"`footbridge outbox list`": _CODE},
    "cli/keys.py": {"kid, algorithm": _HELP},
    "cli/validate_compare.py": {"Error: ": "what the launcher of Java writes"},
    "cli/partner_smart.py": {"client_id, token_endpoint": _HELP},
    "cli/partner_changes.py": {
        "name, network": _HELP,
        "Where its bearer token is": _HELP,
        "Of a hosted partner. strict": _HELP,
        "Of a hosted requester: what consent": _HELP,
    },
    "cli/partner_token.py": {"fhir_base_url, token_endpoint": _HELP},
    "cli/partner_listing.py": {"target, external": _HELP},
    "cli/partner_message.py": {"number, partner": _HELP},
    "cli/partner_site.py": {"site, message_url": _HELP},
    "partners/ocean/own_forms.py": {"name, ": _KEY, "fields": _KEY},
    "partners/ocean/answering.py": {"Footbridge (automatic)": _STORED},
    "cli/partner_webhook.py": {"env:NAME or file:PATH": _HELP},
    "web/portal/documents.py": {"default-src 'none'": _PROTOCOL},
    "cli/root.py": {"": "the list of commands, translated when it is shown"},
    "cli/directory/__init__.py": {"": "the list of subcommands, translated when it is shown"},
    "cli/directory/columns_.py": {"  footbridge directory import": "a command to be copied"},
    "cli/failures.py": {"": "the system's words, translated when they are shown"},
    "cli/terminology.py": {"a list of JSON objects": _HELP},
    "cli/validate_hints.py": {" is not loaded": "the end of the validator's sentence, which is English"},
    "directory/cleaning/ages.py": {"": _WORDS_READ},
    "directory/cleaning/costs.py": {"": _WORDS_READ},
    "directory/importing/findings_file.py": {"": _SQL},
    "directory/importing/statistics.py": {"": _SQL},
    "directory/readers/column_proposal.py": {"Toll free": _VALUE, "postal address": _VALUE},
    "directory/readers/column_trial.py": {"Proposed from": "the source of a mapping file, which its author corrects"},
    "directory/search/snapshot.py": {"for information": _CODE},
    "directory/search/search.py": {"houzing suport": "a question that warms the search up"},
    "directory/importing/documents.py": {"X hsds-json": _KEY},
    "directory/importing/preloaded.py": {"Banque alimentaire": "a text that loads the tables of cleaning"},
    "directory/readers/hsds_copies.py": {"SELECT": _PROTOCOL},
    "directory/cleaning/places.py": {"postal_code: ": _KEPT, "state_province: ": _KEPT},
    "directory/fhir/location.py": {"by phone or online": _KEY},
    "directory/fhir/service.py": {"up to": _KEY, "known as": _KEY},
    "directory/importing/staging.py": {"": _SQL},
    "directory/privacy/walk.py": {"internal note": _KEPT},
    "directory/readers/airs_document.py": {"X in Source": _KEPT},
    "directory/readers/airs_people.py": {"X in ": _KEPT},
    "directory/readers/airs_schema.py": {"XThe value ": "part of the schema's own sentence, which is English"},
    "directory/readers/delimited.py": {"cells: ": _KEPT, "field limit": "the csv module's words"},
    "directory/readers/hsds_children.py": {"": _SQL},
    "directory/readers/icarol_json.py": {"contact of type": _KEPT},
    "directory/readers/staging.py": {"": _SQL},
    "directory/report.py": {"<": _PROTOCOL, "body{": _PROTOCOL},
    "directory/search/dialect.py": {"": _SQL},
    "directory/search/hits.py": {"id, service": _SQL},
    "directory/search/index.py": {"id, words": _SQL},
    "directory/search/nearby.py": {"about by point": _CODE},
    "directory/search/names.py": {
        "id, sort": _SQL,
        "names of an earlier": "a name in memory",
        "ranks of names": "a name in memory",
    },
    "fhirserver/capability.py": {"If-Match is required.": "in the CapabilityStatement, which is one for all"},
    "jobs/job.py": {"Unexpected X while": _STORED},
    "jobs/queue.py": {"Dropped by X.": _STORED},
    "mapping/narrative.py": {"<div": _PROTOCOL, " lang=": _PROTOCOL},
    "mapping/references.py": {"not shared": "in a reference that a partner gets; a narrative of its own has none"},
    "mapping/request.py": {"Social service procedure": "the display of a code"},
    "model/lifecycle/answer_table.py": {"": _TABLE},
    "model/lifecycle/checking.py": {"": _TABLE},
    "model/lifecycle/rollup.py": {"The roll-up table": _TABLE},
    "model/prescription/document.py": {"Social prescription": "the title of the JSON Schema"},
    "model/prescription/rules.py": {"client requester": _CODE},
    "model/prescription/schema.py": {"": "the JSON Schema, which is one for all"},
    "partners/directories/canada.py": {"POST /": _PROTOCOL},
    "partners/directories/hsds_api.py": {"GET /": _PROTOCOL},
    "partners/directories/ndp.py": {"GET /": _PROTOCOL, "X: GET /": _PROTOCOL, "X: /export": _PROTOCOL},
    "partners/directories/transport.py": {"application/": _PROTOCOL},
    "partners/fhir/capabilities.py": {"conditional create": _CODE, "poll by _lastUpdated": _CODE},
    "partners/key_sets.py": {"(key set)": _CODE},
    "partners/timed_http.py": {"": "told apart by its class; the network's own sentence is shown"},
    "referrals/client_data.py": {"The prescription was cancelled.": _STORED},
    "referrals/door.py": {"Prescriptions come from": _STORED},
    "referrals/events.py": {"The whole referral was cancelled.": _STORED},
    "referrals/inbound.py": {"": _STORED},
    "security/audit_events.py": {"": "in AuditEvents, which are one for all: displays of codes"},
    "referrals/requester_changes.py": {"": _STORED},
    "settings.py": {"Value error, ": "pydantic's words"},
    "store/backup.py": {"database is locked": _SQL},
    "store/dialect.py": {"WITH wanted": _SQL},
    "store/remote_ids.py": {"link.id IS NOT NULL": _SQL},
    "store/interactions/read.py": {"204 No Content": _PROTOCOL},
    "store/person_erasure.py": {"Erased with": _STORED},
    "store/postgresql.py": {"": _SQL},
    "store/postgresql_backup.py": {"SET lock_timeout": _SQL},
    "store/resource_rows.py": {"": _SQL},
    "store/smart_servers.py": {"system/": _PROTOCOL},
    "store/tables/messages.py": {"state in": _SQL},
    "store/tables/ocean.py": {"": _SQL},
    "store/tables/prescriptions.py": {"": _SQL},
    "store/tables/parties.py": {"contact = 'prohibited'": _SQL},
    "store/writer_lock.py": {"": "told apart by its class; the front door's own sentence is shown"},
    "terminology/loaded.py": {"expansion of ": _CODE},
    "web/api/metrics.py": {"": _METRIC},
    "web/api/prescriptions.py": {"<X>; rel=": _PROTOCOL},
    "web/ocean/site_auth.py": {", error=": _PROTOCOL, "Bearer realm=": _PROTOCOL},
    "web/ocean/token.py": {
        "Send the client's secret": _PROTOCOL,
        "client_id and client_secret": _PROTOCOL,
        "grant_type must be": _PROTOCOL,
        "These credentials failed": _PROTOCOL,
        "The client is unknown": _PROTOCOL,
        "Basic realm=": _PROTOCOL,
    },
    "web/auth.py": {", error=": _PROTOCOL, "Bearer realm=": _PROTOCOL},
    "web/front_doors.py": {"default-src": _PROTOCOL},
    "web/smart/discovery.py": {"public, max-age": _PROTOCOL},
    "web/smart/enforcement.py": {"Bearer realm=": _PROTOCOL},
    "web/smart/token.py": {"Bearer realm=": _PROTOCOL},
    "web/gunicorn_worker.py": {"": _EARLY},
    "web/api/worklist.py": {"<": _PROTOCOL},
    "web/portal/door.py": {"default-src": _PROTOCOL, "camera=()": _PROTOCOL},
    "web/portal/pages.py": {"text/html": _PROTOCOL},
    "web/portal/static_files.py": {"text/": _PROTOCOL, "public, max-age": _PROTOCOL},
}
"""By file: how a text begins, and why it is not translated; an empty beginning is every text of the file."""


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(CODE)))
def test_every_text_is_translated(file):
    name = str(file.relative_to(CODE))
    known = EXCEPTIONS.get(name, {})
    shown = [(node.lineno, text) for node, text in strings(ast.parse(file.read_text("utf-8"))) if has_words(text)]
    assert [f"{line}: {text}" for line, text in shown if not any(text.startswith(one) for one in known)] == []
    unused = [one for one in known if not any(text.startswith(one) for _line, text in shown)]
    assert unused == [], "an exception that nothing needs any more"


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(CODE)))
def test_nothing_hides_the_function_that_translates(file):
    """A local ``_`` would be called in its place, and only when the message is needed."""
    for function in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {one.id for one in _own(function) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
            names |= {one.arg for one in _own(function) if isinstance(one, ast.arg)}
            calls = [one.lineno for one in _own(function) if isinstance(one, ast.Call) and ast.unparse(one.func) == "_"]
            assert not ("_" in names and calls), f"{function.name}, line {calls}"


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """What is in a function's own scope: comprehensions have one of their own."""
    for node in ast.iter_child_nodes(function):
        yield node
        if not isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda):
            yield from _own(node)


def test_the_look_finds_a_text():
    tree = ast.parse('raise Problem("bad-request", f"The name {name} is wrong.")')
    assert [text for _node, text in strings(tree) if has_words(text)] == ["The name X is wrong."]
    assert [text for _node, text in strings(ast.parse('echo(_("All is well."))')) if has_words(text)] == []
