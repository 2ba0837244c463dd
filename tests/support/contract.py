"""Holds answers against docs/openapi.yaml: status, media type, headers, and the body with no member more."""

import copy
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
BASE = "https://footbridge.test/docs/openapi.yaml"


def closed(part):
    """The description with every object that lists its members closed, so that no answer has one more."""
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    part = {name: closed(item) for name, item in part.items()}
    if "schemas" in part:
        part["schemas"] = {name: shut(schema) for name, schema in part["schemas"].items()}
    return shut(part) if "schema" in part and isinstance(part["schema"], dict) else part


def shut(schema):
    if isinstance(schema, list):
        return [shut(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {"pattern" if name == "x-pattern" else name: shut(item) for name, item in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        schema["unevaluatedProperties"] = False
    return schema


class Contract:
    """The description, as a judge of answers."""

    def __init__(self):
        self.document = yaml.safe_load(DESCRIPTION.read_text())
        strict = closed(copy.deepcopy(self.document))
        self._registry = Registry().with_resource(
            BASE, Resource.from_contents(strict, default_specification=DRAFT202012)
        )

    def resolve(self, part):
        while "$ref" in part and part["$ref"].startswith("#/"):
            found = self.document
            for step in part["$ref"][2:].split("/"):
                found = found[step]
            part = found
        return part

    def template(self, rule):
        """The path of the description for a rule of the app."""
        return (
            rule.replace("<uuid:identity>", "{id}")
            .replace("<type_name>", "{type}")
            .replace("<id>", "{id}")
            .replace("<vid>", "{vid}")
            .replace("<site>", "{site}")
        )

    def check(self, rule, method, response):
        path = self.template(rule)
        operation = self.document["paths"][path]["get" if method == "HEAD" else method.lower()]
        where = f"{method} {path} {response.status_code}"
        assert str(response.status_code) in operation["responses"], f"{where} is not described: {response.text}"
        described = self.resolve(operation["responses"][str(response.status_code)])
        headers = {name: self.resolve(header) for name, header in described.get("headers", {}).items()}
        for name, header in headers.items():
            assert name in response.headers or not header.get("required"), f"{where} lacks {name}"
            if name in response.headers:
                self.validate(response.headers[name], header["schema"])
        if not response.data and (path.startswith("/fhir") or "content" not in described):
            assert not response.mimetype, f"{where} has no body, and is {response.mimetype}"
            return
        assert response.mimetype in described["content"], f"{where} is {response.mimetype}"
        if method != "HEAD" and response.is_json:
            self.validate(response.json, described["content"][response.mimetype]["schema"])

    def check_problem(self, response):
        """What has no route of its own is a problem all the same."""
        assert response.mimetype == "application/problem+json"
        if response.request.method != "HEAD":
            self.validate(response.json, {"$ref": "#/components/schemas/Problem"})

    def validate(self, value, schema):
        schema = {"$id": BASE + "/answer", **shut(self._absolute(schema))}
        Draft202012Validator(schema, registry=self._registry, format_checker=FormatChecker()).validate(value)

    def _absolute(self, schema):
        if isinstance(schema, list):
            return [self._absolute(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        whole = {name: self._absolute(item) for name, item in schema.items()}
        if isinstance(schema.get("$ref"), str):
            whole["$ref"] = BASE + schema["$ref"]
        return whole
