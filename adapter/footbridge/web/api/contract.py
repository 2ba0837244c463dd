"""The contract itself: the API's description and the schema of a prescription. Both need no token."""

import functools
from importlib.resources import files
from pathlib import Path

import orjson
from flask import Blueprint, Response

from footbridge.model.prescription.schema import json_schema
from footbridge.web.responses import SCHEMA_JSON, YAML, written

routes = Blueprint("contract", __name__)


@routes.get("/api/v1/openapi.yaml")
def openapi() -> Response:
    """The description of this API, OpenAPI 3.1."""
    return written(description(), media_type=YAML)


@routes.get("/api/v1/prescription.schema.json")
def schema() -> Response:
    """The JSON Schema of a prescription, draft 2020-12."""
    return written(_schema(), media_type=SCHEMA_JSON)


@functools.cache
def description() -> bytes:
    """The text of ``docs/openapi.yaml``.

    Raises FileNotFoundError when the installation lacks it.
    """
    packed = files("footbridge") / "_data" / "docs" / "openapi.yaml"
    place = packed if packed.is_file() else Path(__file__).resolve().parents[4] / "docs" / "openapi.yaml"
    return place.read_bytes()


@functools.cache
def _schema() -> bytes:
    return orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2)
