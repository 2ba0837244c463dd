"""What the kept demo leaves to do in the portal: a service whose people work there, with referrals at every stage.

The play ends with all its stories told, and its services act by themselves; so nobody would have anything to do. What
is left here is the table ``mappings/demo.json``. A small directory is imported too, to prescribe from.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import orjson

from footbridge.cli.demo.api import Api
from footbridge.cli.demo.stage import TENANT, Stage
from footbridge.data import folder, read_json
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.model.principals import Principal
from footbridge.referrals.onboarding import register_partner
from footbridge.store.drafts import new_draft
from footbridge.store.partners import Partner
from footbridge.store.tenants import make_token
from footbridge.store.users import User

_A_WHILE: Final = timedelta(seconds=1)
WORKER: Final = "Ana Silva"
_CARD: Final = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn"
_DIRECTORY: Final = ("directory", "loon-bay.ndjson")


def table() -> Mapping[str, Any]:
    """The table."""
    found: dict[str, Any] = read_json("mappings", "demo.json")
    return found


def service() -> str:
    """The name of the service whose people work in the portal."""
    return str(table()["service"]["name"])


def set_the_desk(stage: Stage) -> None:
    """Add the service, its referrals and the directory."""
    now = stage.clock.now()
    partner = Partner(service(), "hosted", "recipient", table()["service"]["title"], "")
    with stage.database.write() as connection:
        register_partner(connection, TENANT, partner, now)
        who = Principal("recipient", partner.name, name=WORKER, tenant=TENANT)
        token = make_token(connection, who, now)
    with Api(stage.prescriber.base_url, token) as worker:
        for row in table()["prescriptions"]:
            given = stage.prescriber.prescribe(_document(row, now.date()), f"demo-{row['number']}")
            stage.worker.step()
            for event in row["acts"]:
                stage.clock.advance(_A_WHILE)  # two events of one moment have no order
                worker.send(given.body["id"], {"event": event})
    stage.worker.step()
    _import_directory(stage)


def begin_draft(stage: Stage, user: User) -> None:
    """What a prescriber has begun to write."""
    with stage.database.write() as connection:
        new_draft(connection, TENANT, user.id, table()["draft"], stage.clock.now())


def _document(row: Mapping[str, Any], today: date) -> bytes:
    """The prescription of a row of the table, as an example with other people."""
    said = orjson.loads(folder("examples").joinpath(row["example"]).read_bytes())
    said["identifier"]["value"] = row["number"]
    said["authored"] = f"{today.isoformat()}T09:00:00-05:00"
    card = {"system": _CARD, "value": f"90{row['number'][-8:].replace('-', '')}"}
    said["client"] |= row["client"] | {"identifiers": [card]}
    said["client"]["name"] = row["client"]["name"]
    said["service"] = {"partner": service(), "description": row["service"]}
    said["consent"] = {name: value for name, value in said["consent"].items() if name != "until"}
    said["consent"]["given"] = today.isoformat()
    said["followUp"]["due"] = (today + timedelta(days=row["followUp"])).isoformat()
    return orjson.dumps(said)


def _import_directory(stage: Stage) -> None:
    place = Path(str(folder("examples").joinpath(*_DIRECTORY)))
    opened = open_path(place, None, ReadOptions())
    terms = Terms(opened.format, place.name, "CA", "America/Toronto")
    run_import(stage.database, stage.clock, Plan(TENANT, "loon-bay", terms, processes=0), opened.records)
