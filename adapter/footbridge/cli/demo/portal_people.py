"""People of every role in the kept demo, each with a link that signs them in to the portal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from footbridge.cli.demo.desk import WORKER, begin_draft, service
from footbridge.cli.demo.play import Play
from footbridge.cli.demo.stage import TENANT, Stage
from footbridge.store.sessions import put_link
from footbridge.store.users import add_user, new_user

LIFE: Final = timedelta(hours=12)
PEOPLE: Final = (
    ("Prescriber", "Dr. Louis Tremblay", "prescriber", None),
    ("Navigator", "Kit Moreau", "navigator", None),
    ("Service worker", WORKER, "service-worker", service()),
    ("Directory manager", "Dee Okoye", "directory-manager", None),
    ("Administrator", "Rob Root", "administrator", None),
)
"""What each is called in the list, name, role, and the service that they work for."""


def sign_in_links(stage: Stage) -> dict[str, str]:
    """Add the people; a one-time link for each, by what they are called."""
    now = stage.clock.now()
    found, made = {}, {}
    with stage.database.write() as connection:
        for called, name, role, partner in PEOPLE:
            user = new_user(TENANT, f"{role}@riverside.example", name, role, partner, now)
            add_user(connection, user)
            secret = put_link(connection, user.id, now, LIFE)
            found[called] = f"{stage.prescriber.base_url}/portal/link/{secret}"
            made[role] = user
    begin_draft(stage, made["prescriber"])
    return found


def worth_a_look(play: Play) -> Iterator[tuple[str, str]]:
    """Journeys of the play, by the title of their example, each with its address for whoever is signed in."""
    for run in play.runs[:4]:
        yield run.scene.file.removesuffix(".json"), f"{play.stage.prescriber.base_url}/portal/prescribe/sent/{run.id}"
