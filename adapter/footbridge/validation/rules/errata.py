"""What R4 and US Core publish with a mistake, and what is meant.

Each is read as the later versions of the specification have it; the key is the published expression.
"""

_REFERENCE = (
    "reference.startsWith('#').not() or "
    "(reference.substring(1).trace('url') in {0}.contained.id.trace('ids'))"
)  # fmt: skip
_LOCAL = (
    "reference.hasValue() implies (reference = '#' or reference.startsWith('#').not() or "
    "reference.substring(1) in %rootResource.contained.id)"
)

MEANT = {
    # without a reference there is nothing to resolve; '#' is the container
    _REFERENCE.format("%rootResource"): _LOCAL,
    _REFERENCE.format("%resource"): _LOCAL,
    # enableBehavior is needed from the second condition on
    "enableWhen.count() > 2 implies enableBehavior.exists()": "enableWhen.count() >= 2 implies enableBehavior.exists()",
    # the rule speaks of probabilities that are there and are decimals
    "probability is decimal implies (probability as decimal) <= 100": (
        "probability.empty() or (probability is decimal).not() or (probability as decimal) <= 100"
    ),
    # an element that is missing breaks no rule about its form
    "fullUrl.contains('/_history/').not()": "fullUrl.empty() or fullUrl.contains('/_history/').not()",
    "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')": "name.empty() or name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')",
    # of the times that an observation may have only a dateTime is to be precise to the day
    "($this as dateTime).toString().length() >= 8": (
        "($this is dateTime).not() or ($this as dateTime).toString().length() >= 8"
    ),
    # 'when' repeats
    "offset.empty() or (when.exists() and ((when in ('C' | 'CM' | 'CD' | 'CV')).not()))": (
        "offset.empty() or (when.exists() and when.where($this in ('C' | 'CM' | 'CD' | 'CV')).empty())"
    ),
    # elements stand where booleans are meant
    "telecom or endpoint": "telecom.exists() or endpoint.exists()",
    "(code or value.empty()) and (system.empty() or system = 'urn:iso:std:iso:4217')": (
        "(code.exists() or value.empty()) and (system.empty() or system = 'urn:iso:std:iso:4217')"
    ),
    "(code or value.empty()) and (system.empty() or system = %ucum) and (value.empty() or value > 0)": (
        "(code.exists() or value.empty()) and (system.empty() or system = %ucum) and (value.empty() or value > 0)"
    ),
    "(component.empty() and hasMember.empty()) implies (dataAbsentReason or value)": (
        "(component.empty() and hasMember.empty()) implies (dataAbsentReason.exists() or value.exists())"
    ),
    "isModifier implies isModifierReason.exists()": (
        "(isModifier.exists() and isModifier) implies isModifierReason.exists()"
    ),
    "differential.element.all(id) and differential.element.id.trace('ids').isDistinct()": (
        "differential.element.all(id.exists()) and differential.element.id.isDistinct()"
    ),
    "snapshot.element.all(id) and snapshot.element.id.trace('ids').isDistinct()": (
        "snapshot.element.all(id.exists()) and snapshot.element.id.isDistinct()"
    ),
    "element.all(definition and min and max)": (
        "element.all(definition.exists() and min.exists() and max.exists())"
    ),
    # a value of an element is a boolean of FHIR; R5 says so
    "operator = 'exists' implies (answer is Boolean)": "operator = 'exists' implies (answer is boolean)",
    "generated='generated' implies source.empty()": "generation='generated' implies source.empty()",
}  # fmt: skip


def meant(expression: str) -> str:
    """What an expression is read as."""
    return MEANT.get(expression, expression)


# CapabilityStatement.format is "xml, json, ttl or mime type"; its binding knows media types alone.
# The vital signs profile binds every component's value to the units of vital signs, whatever it measures and of
# whatever type it is; later versions have dropped that.
BINDINGS_NOT_MEANT = frozenset(
    {
        ("CapabilityStatement.format", "http://hl7.org/fhir/ValueSet/mimetypes|4.0.1"),
        ("Observation.component.value[x]", "http://hl7.org/fhir/ValueSet/ucum-vitals-common|4.0.1"),
    }
)
