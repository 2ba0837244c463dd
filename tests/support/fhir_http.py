"""A partner's system that speaks FHIR over HTTP with our ``/fhir``: it has a base URL and a token, and nothing else."""

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from support.spine import TENANT, World

from footbridge.cli.partner_token import make_partner_token
from footbridge.store.partners import get_partner
from footbridge.validation import Validator

Json = dict[str, Any]
JSON = "application/fhir+json"
XML = "application/fhir+xml"
_VALIDATOR = Validator()


@dataclass
class System:
    """One partner's system.

    Attributes:
        conforms: whether every answer must conform; off where the partner stored what does not.
    """

    app: Flask
    token: str | None
    base: str = "/fhir"
    conforms: bool = True
    address: str = "127.0.0.1"
    said: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One request; the response of Flask's client. Header names have _ for -."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", JSON)
        url = path if path.startswith(("http://", "https://")) else f"{self.base}/{path}" if path else self.base
        answer = self.app.test_client().open(
            url, method=method, data=data, headers=sent, environ_base={"REMOTE_ADDR": self.address}
        )
        assert answer.status_code != 500, (method, path, answer.text)
        self.said.append(answer.text if "gzip" not in answer.headers.get("Content-Encoding", "") else "")
        if answer.data and answer.mimetype == JSON and "gzip" not in answer.headers.get("Content-Encoding", ""):
            kind = answer.json["resourceType"]
            if self.conforms or kind in {"OperationOutcome", "CapabilityStatement"}:
                errors = [one for one in _VALIDATOR.validate(answer.json) if one.is_error]
                assert not errors, (method, path, errors[:3])
        return answer

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def read(self, reference: str) -> Json:
        answer = self.get(reference)
        assert answer.status_code == 200, answer.text
        return answer.json

    def create(self, resource: Json, **headers: str) -> Json:
        answer = self.ask("POST", resource["resourceType"], resource, **headers)
        assert answer.status_code == 201, answer.text
        return answer.json

    def put(self, resource: Json, **headers: str) -> Any:
        """Write what was read and changed, with the version that it follows."""
        headers.setdefault("If_Match", f'W/"{resource["meta"]["versionId"]}"')
        return self.ask("PUT", f"{resource['resourceType']}/{resource['id']}", resource, **headers)

    def found(self, query: str, mode: str = "match", **headers: str) -> list[Json]:
        """The resources of a search, by their mode."""
        answer = self.get(query, **headers)
        assert answer.status_code == 200, answer.text
        return [one["resource"] for one in answer.json.get("entry", []) if one["search"]["mode"] == mode]

    def task(self) -> Json:
        """The one Task that there is."""
        (task,) = self.found("Task")
        return task

    def move(self, status: str, **members: Any) -> Any:
        """Write a status of the one Task."""
        return self.put({**self.task(), "status": status, **members})


def system_of(world: World, app: Flask, name: str, **more: Any) -> System:
    """The system of a partner that was taken on, with a token of its own."""
    with world.database.write() as connection:
        token = make_partner_token(connection, TENANT, get_partner(connection, TENANT, name))
    return System(app, token, **more)
