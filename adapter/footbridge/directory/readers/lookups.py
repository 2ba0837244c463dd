"""What records refer to by id and that is no record itself: taxonomy terms, taxonomies, programs."""

from typing import Any

from footbridge.directory.readers.codes_211 import is_code
from footbridge.directory.readers.hsds_copies import Copies
from footbridge.directory.records import Kind


def _code_of_id(term: dict[str, Any], named: object) -> None:
    """Before HSDS 3 a term had no code: exports of 211s have the 211 code as its id."""
    own = term.get("id", named)
    if isinstance(own, str) and "-" in own and is_code(own):
        term["code"] = own


class Lookups:
    """Puts into records what they refer to by id: the taxonomy term of an attribute, the program of a service."""

    def __init__(self, staging: Copies) -> None:
        self._staging = staging

    def complete(self, kind: Kind, native_id: str, data: dict[str, Any]) -> None:  # noqa: ARG002 - a Complete
        """Complete one record, in place."""
        for attribute in data.get("attributes", ()):
            self.term(attribute)
        if "program" not in data and "program_id" in data:
            program = self._staging.look_up("program", data["program_id"])
            if program is not None:
                data["program"] = program

    def term(self, attribute: dict[str, Any]) -> None:
        """Give an attribute its taxonomy term, and the term the name of its taxonomy."""
        if "taxonomy_term" not in attribute and "taxonomy_term_id" in attribute:
            found = self._staging.look_up("taxonomy_term", attribute["taxonomy_term_id"])
            if found is not None:
                attribute["taxonomy_term"] = found
        term = attribute.get("taxonomy_term")
        if isinstance(term, dict) and "code" not in term:
            _code_of_id(term, attribute.get("taxonomy_term_id"))
        if isinstance(term, dict) and "taxonomy" not in term and "taxonomy_id" in term:
            taxonomy = self._staging.look_up("taxonomy", term["taxonomy_id"])
            if taxonomy is not None and "name" in taxonomy:
                term["taxonomy"] = taxonomy["name"]
