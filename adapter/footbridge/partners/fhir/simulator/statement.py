"""What a simulated server declares of itself (https://hl7.org/fhir/R4/capabilitystatement.html)."""

from footbridge import __version__
from footbridge.data import read_json
from footbridge.model.clock import Clock, instant
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.simulator.faults import Quirks


def capability_statement(name: str, quirks: Quirks, clock: Clock) -> Resource:
    """The CapabilityStatement of a server that does what the store does, less what its quirks take away."""
    types = read_json("profiles", "search-parameters.json")["resources"]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(clock.now()),
        "kind": "instance",
        "software": {"name": f"Footbridge simulator {name}", "version": __version__},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "resource": [_resource(type_, parameters, quirks) for type_, parameters in types.items()],
            }
        ],
    }


def _resource(type_: str, parameters: dict[str, Resource], quirks: Quirks) -> Resource:
    common = [{"name": "_id", "type": "token"}, {"name": "_lastUpdated", "type": "date"}]
    own = [{"name": name, "type": parameter["type"]} for name, parameter in parameters.items()]
    return {
        "type": type_,
        "interaction": [
            {"code": code}
            for code in ("read", "vread", "update", "delete", "history-instance", "create", "search-type")
        ],
        "versioning": "versioned-update",
        "conditionalCreate": quirks.conditional_create,
        "searchParam": common + own,
    }
