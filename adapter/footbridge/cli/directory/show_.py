"""``footbridge directory show``: one service, whole."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import service_of
from footbridge.cli.output import json_option, print_json
from footbridge.directory.search.reasons import capacity_label
from footbridge.directory.search.values import capacity_state
from footbridge.i18n import current
from footbridge.i18n.eager import _

WIDTH = 78


@click.command("show")
@click.argument("service", metavar="ID|SOURCE:ID")
@click.option("--fhir", is_flag=True, help="Show it as FHIR R4 resources.")
@tenant_option
@json_option("one JSON object with HSDS 3.1's names; with --fhir a Bundle")
def command(service: str, fhir: bool, tenant: str | None, as_json: bool) -> None:
    """Show one service, whole.

    \b
    Example:
      footbridge directory show north-211:4711
    """
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        one = service_of(connection, owner, service)
        if fhir:
            from footbridge.directory.fhir import resources_of
            from footbridge.store.tenants import get_tenant
            from footbridge.validation import Validator

            made = resources_of(one, Validator(), get_tenant(connection, owner).jurisdiction)
            entries = [{"resource": resource} for resource in made.resources]
            print_json({"resourceType": "Bundle", "type": "collection", "entry": entries})
            return
    if as_json:
        print_json(one)
        return
    for label, text in _lines(one):
        click.echo(
            textwrap.fill(
                _("{label}: {text}", label=label, text=text), WIDTH, subsequent_indent="  ", replace_whitespace=False
            )
        )


def _lines(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield _("Service"), one["name"]
    if one.get("organization"):
        owner = one["organization"]
        yield _("Organization"), f"{owner.get('name', '')} ({one['source']}:{owner['native_id']})".strip()
    yield _("Id"), f"{one['id']} ({one['source']}:{one['native_id']})"
    yield _("Referrals"), _("yes") if one["can_refer"] else _("no, for information only")
    if one.get("categories"):
        yield _("Categories"), ", ".join(f"{match['code']} ({match['basis']})" for match in one["categories"])
    for name, label in (("description", _("What it is")), ("eligibility_description", _("For whom"))):
        if one.get(name):
            yield label, one[name]
    for phone in one.get("phones", []):
        extension = _(" ext. {extension}", extension=phone["extension"]) if phone.get("extension") else ""
        said = f" ({phone['description']})" if phone.get("description") else ""
        yield _("Phone"), f"{phone.get('number', '')}{extension}{said}"
    for name, label in (
        ("email", _("E-mail")),
        ("url", _("Web")),
        ("application_process", _("How to apply")),
        ("wait_time", _("Wait")),
        ("fees_description", _("Fees")),
    ):
        if one.get(name):
            yield label, one[name]
    yield from _more(one)
    for place in one.get("locations", []):
        address: Mapping[str, Any] = next(iter(place.get("addresses", [])), {})
        parts = (place.get("name"), address.get("address_1"), address.get("city"), address.get("postal_code"))
        withheld = _("address not shown") if place.get("address_withheld") else None
        yield _("Where"), ", ".join(part for part in (*parts, withheld) if part) or place.get("location_type", "")
    for schedule in one.get("schedules", []):
        hours = f"{schedule.get('byday', '')} {schedule.get('opens_at', '')}-{schedule.get('closes_at', '')}"
        yield _("Hours"), hours if schedule.get("opens_at") else schedule.get("description", "")
    if one.get("languages"):
        spoken = (row.get("name") or row.get("code") or row.get("note") or "" for row in one["languages"])
        yield _("Languages"), ", ".join(filter(None, spoken))
    yield from _capacity(one)
    if one.get("assured_date"):
        yield _("Verified"), one["assured_date"]


def _more(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Notices, people, other addresses, costs, documents and the program, one line each."""
    if one.get("alert"):
        yield _("Notice"), one["alert"]
    for person in one.get("contacts", []):
        numbers = [phone.get("number") for phone in person.get("phones", [])]
        said = (person.get("name"), person.get("title"), person.get("email"), *numbers)
        yield _("Contact"), ", ".join(part for part in said if part)
    for link in one.get("additional_urls", []):
        yield _("Web"), " ".join(part for part in (link.get("url"), link.get("label")) if part)
    for cost in one.get("cost_options", []):
        amount = f"{cost['amount']} {cost.get('currency', '')}".strip() if "amount" in cost else None
        yield (
            _("Cost"),
            ", ".join(part for part in (cost.get("option"), amount, cost.get("amount_description")) if part),
        )
    for document in one.get("required_documents", []):
        yield _("Bring"), document.get("document", "")
    if (one.get("program") or {}).get("name"):
        yield _("Program"), one["program"]["name"]


def _capacity(one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What its own partner said of free places."""
    for row in one.get("capacities", []):
        if row.get("status"):
            said = row.get("description") or ""
            yield (
                _("Capacity"),
                _(
                    "{state}, said by {partner} on {day} {words}",
                    state=capacity_label(capacity_state(row["status"]))[current()],
                    partner=row["stated_by"],
                    day=str(row["updated"])[:10],
                    words=f"({said})" if said else "",
                ).strip(),
            )
