"""The rules that span members of a prescription: one table, one small function a rule.

A rule yields findings, each a place and a sentence; its row says how grave they are and which members it
reads, so that it is left out where one of them could not be read. Sentences never repeat a value.
"""

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from footbridge.model.issues import Issue, Severity
from footbridge.model.prescription import rules_of_consent, rules_of_people, rules_of_plan, rules_of_time
from footbridge.model.prescription.document import Prescription
from footbridge.model.prescription.pointers import Path, pointer_to

Finding = tuple[Path, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    Attributes:
        name: the issue's rule is ``prescription.`` and this.
        severity: of each finding.
        code: FHIR issue type (https://hl7.org/fhir/R4/valueset-issue-type.html).
        reads: members of the document (its own names) that the rule looks at.
        find: yields the findings.
    """

    name: str
    severity: Severity
    code: str
    reads: frozenset[str]
    find: Callable[[Prescription], Iterator[Finding]]


def _rule(
    name: str, severity: Severity, code: str, reads: str, find: Callable[[Prescription], Iterator[Finding]]
) -> Rule:
    return Rule(name, severity, code, frozenset(reads.split()), find)


_WITH_CONTACTS = "client requester navigator service"

RULES: tuple[Rule, ...] = (
    _rule("client-unidentified", "error", "required", "client", rules_of_people.client_unidentified),
    _rule("name-empty", "error", "required", "client requester navigator", rules_of_people.name_empty),
    _rule("requester-unnamed", "error", "required", "requester", rules_of_people.requester_unnamed),
    _rule("address-empty", "error", "required", _WITH_CONTACTS, rules_of_people.address_empty),
    _rule("identifier-repeated", "warning", "duplicate", "client requester", rules_of_people.identifier_repeated),
    _rule("contact-preferred-twice", "error", "invariant", _WITH_CONTACTS, rules_of_people.contact_preferred_twice),
    _rule("contact-use", "error", "invariant", _WITH_CONTACTS, rules_of_people.contact_use),
    _rule("contact-form", "warning", "value", _WITH_CONTACTS, rules_of_people.contact_form),
    _rule("language-preferred-twice", "error", "invariant", "client", rules_of_people.language_preferred_twice),
    _rule("language-repeated", "error", "duplicate", "client", rules_of_people.language_repeated),
    _rule("before-authored", "error", "invariant", "authored goals followUp consent", rules_of_time.before_authored),
    _rule(
        "after-authored",
        "error",
        "invariant",
        "authored client needs inTheirWords consent",
        rules_of_time.after_authored,
    ),
    _rule("consent-ends-first", "error", "invariant", "consent", rules_of_time.consent_ends_first),
    _rule("index", "error", "invariant", "needs goals barriers supports", rules_of_plan.index_out_of_range),
    _rule("evidence-unanswered", "warning", "incomplete", "needs", rules_of_plan.evidence_unanswered),
    _rule("service-contradicts", "error", "invariant", "service", rules_of_plan.service_contradicts),
    _rule("self-directed-kind", "error", "invariant", "kind service", rules_of_plan.self_directed_kind),
    _rule("follow-up-missing", "warning", "incomplete", "followUp", rules_of_plan.follow_up_missing),
    _rule("follow-up-unsafe", "error", "invariant", "client followUp", rules_of_plan.follow_up_unsafe),
    _rule("consent-missing", "error", "required", "kind consent", rules_of_consent.missing),
    _rule("consent-not-given", "error", "business-rule", "kind consent", rules_of_consent.not_given),
    _rule("consent-scope", "error", "business-rule", "kind consent", rules_of_consent.does_not_cover),
    _rule("consent-no-contact", "warning", "business-rule", "kind consent client", rules_of_consent.does_not_reach),
    _rule("consent-implied", "error", "business-rule", "kind consent jurisdiction", rules_of_consent.implied_refused),
    _rule("consent-implied", "warning", "business-rule", "kind consent jurisdiction", rules_of_consent.implied_noted),
)


def check(prescription: Prescription, *, doubtful: AbstractSet[str] = frozenset()) -> list[Issue]:
    """Every finding of every rule, errors and warnings, in the order of the table.

    ``doubtful`` names members that hold no word of the caller (see ``reading.Reading``): rules that read
    one of them are left out. Where the prescription names no jurisdiction, the strictest one's rules hold.
    """
    return [
        Issue(f"prescription.{rule.name}", rule.severity, rule.code, message, pointer=pointer_to(path))
        for rule in RULES
        if not rule.reads & doubtful
        for path, message in rule.find(prescription)
    ]
