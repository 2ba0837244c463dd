"""Where each cell of a file is found again: in a service, in a finding (with its rule), or nowhere."""

import html
import json
import re
import unicodedata


def leaves(value):
    """Each text and number of a document."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    elif value is not None:
        yield str(value)


def _folded(text):
    return unicodedata.normalize("NFKC", html.unescape(html.unescape(text))).casefold()


class Trace:
    """What became of the cells: of the services shown and the lines of the report."""

    def __init__(self, services, lines, stored=()):
        texts = [_folded(one) for one in leaves([services, stored])]
        self.texts = "\n".join(texts)
        self.digits = "\n".join(re.sub(r"\D", "", one) for one in texts)
        self.lines = [(one, _folded(json.dumps([one.found, one.done], ensure_ascii=False))) for one in lines]

    def of(self, cell) -> str:
        """``kept``, ``said RULE`` (a finding quotes it), ``left out RULE`` (a finding names its column), or ``""``."""
        if self._stands(cell, self.texts, self.digits):
            return "kept"
        for line, text in self.lines:
            if self._stands(cell, text, re.sub(r"\D", "", text)):
                return f"said {line.rule}"
        names = {cell.column.strip().casefold(), *SAYS.get(cell.column, ())}
        for line, text in self.lines:
            member = (line.member or "").rpartition(".")[2].partition("[")[0].casefold()
            words = {member, *re.split(r"[^\w.]+", (line.found or "").casefold())}
            words.add((line.member or "").casefold())
            quoted = any(re.search(rf'"{re.escape(name)}( \(|: |\\\\?")', text) for name in names)
            if line.rule in NAMES_COLUMNS and (names & words or quoted):
                return f"left out {line.rule}"
            if line.rule in NAMES_TABLES and cell.table.removesuffix(".csv") in (line.path or ""):
                return f"left out {line.rule}"
            if line.rule == "icarol.program-place" and cell.table in {"Program.contact", "Program.mail"}:
                return f"left out {line.rule}"
        return ""

    def stands(self, cell) -> bool:
        """Whether the value of a cell is anywhere: in a record or in the report."""
        said = "\n".join(text for _, text in self.lines)
        return self._stands(cell, self.texts, self.digits) or self._stands(cell, said, re.sub(r"\D", "", said))

    @staticmethod
    def _stands(cell, text, digits):
        sought = cell.sought.casefold()
        if cell.kind == "phone":
            return sought in digits
        if cell.kind == "position":
            return sought.rstrip("0") in text
        if cell.kind == "postal":
            return sought in text or sought.replace(" ", "") in text
        return sought in text


NAMES_COLUMNS = {
    "table.column-left-out", "table.column-not-mapped", "table.cell-not-used", "table.names-not-used", "table.cell-not-read",
    "table.entry-not-read", "record.unknown-member", "hsds.unknown-member", "hsds.column-left-out", "canada.unknown-member",
    "canada.member-not-used", "ndp.member-left-out", "ndp.unknown-member", "icarol.unknown-member",
}  # fmt: skip
"""Rules whose findings name a column: what became of all of its cells, or of some."""
SAYS = {
    "fees": ["fees_description"], "applicationProcess": ["application_process"], "eligibility": ["eligibility_description"],
    "legalStatus": ["legal_status"], "fein": ["organization_identifiers"], "lastVerified": ["assured_date"],
    "target": ["targets.term"],
}  # fmt: skip
"""What a finding calls a member that the form calls otherwise."""
NAMES_TABLES = {"hsds.unknown-table", "hsds.table-left-out"}
"""Rules whose findings say of a whole table that it was not read."""
