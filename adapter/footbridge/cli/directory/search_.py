"""``footbridge directory search``: services, by need, words, place."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import current_of
from footbridge.cli.output import json_option, print_json
from footbridge.errors import ConfigurationError
from footbridge.i18n import current
from footbridge.i18n.eager import _

WIDTH = 78
_OPTIONS = {
    "needs": "--need", "near": "--near", "within_km": "--within", "language": "--language", "age": "--age",
    "free": "--free", "open_at": "--open-at", "can_refer": "--can-refer", "capacity": "--capacity",
    "verified_since": "--verified-since",
}  # fmt: skip


@click.command("search")
@click.argument("words", nargs=-1)
@click.option("--need", "needs", multiple=True, metavar="CATEGORY", help="SDOH category; may be repeated.")
@click.option("--near", metavar="PLACE", help="Postal code, town, or LAT,LON.")
@click.option("--within", type=click.FloatRange(min=0, min_open=True), metavar="KM", help="No farther than this.")
@click.option("--language", metavar="CODE", help="Language that it is offered in, such as fr.")
@click.option("--age", type=click.FloatRange(0, 130), metavar="N", help="Age of the client, in years.")
@click.option("--for", "stated", multiple=True, metavar="GROUP", help="What the client states: veterans, newcomers ...")
@click.option("--free", is_flag=True, help="Only what costs nothing.")
@click.option("--open-now", is_flag=True, help="Only what is known to be open now.")
@click.option("--open-at", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]), help="... or at that local time.")
@click.option("--can-refer", is_flag=True, help="Only what accepts referrals.")
@click.option(
    "--capacity",
    multiple=True,
    type=click.Choice(["available", "waitlist", "none", "unknown"]),
    help="What is known of free places; may be repeated.",
)
@click.option("--verified-since", type=click.DateTime(["%Y-%m-%d"]), help="Only what its source verified since.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Only this source; may be repeated.")
@click.option(
    "--limit", type=click.IntRange(1, 200), default=10, show_default=True, metavar="N", help="Maximum number to list."
)
@click.option("--offset", type=click.IntRange(0), default=0, metavar="N", help="Leave out the first N.")
@tenant_option
@json_option("one JSON object: total, services (id, source, nativeId, name, categories, distanceKm, why ...), facets")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    words: tuple[str, ...],
    needs: tuple[str, ...],
    near: str | None,
    within: float | None,
    language: str | None,
    age: float | None,
    stated: tuple[str, ...],
    free: bool,
    open_now: bool,
    open_at: Any,  # noqa: ANN401 - click's datetime
    can_refer: bool,
    capacity: tuple[str, ...],
    verified_since: Any,  # noqa: ANN401 - click's datetime
    sources: tuple[str, ...],
    limit: int,
    offset: int,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Search services by need, words and place.

    Words may be English or French, with or without accents, even misspelt. A town or postal code among them is where it
    is looked for, without --near; a 211 code or a phone number is read as that too. Nothing is inferred about the
    client: a service for a group is found first by what you state with --for.

    \b
    Example:
      footbridge directory search "food bank" --near Sudbury
      footbridge directory search --need food-insecurity --near "P3E 5J1" --language fr --open-now
    """
    from footbridge.directory.asking import Asker
    from footbridge.directory.search import Query
    from footbridge.model.clock import SystemClock

    _check(needs, near, within, words, language)
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        current_of(connection, owner, sources)
    clock = SystemClock()
    asker = Asker(found, clock)
    zone = asker.zone(owner)
    query = Query(
        words=" ".join(words),
        needs=needs,
        near=near,
        within_km=within,
        language=language,
        age=age,
        stated=stated,
        free=free,
        open_at=clock.now() if open_now else open_at.replace(tzinfo=zone) if open_at else None,
        zone=zone,
        can_refer=True if can_refer else None,
        capacity=capacity,
        verified_since=verified_since.date() if verified_since else None,
        sources=sources,
        limit=limit,
        offset=offset,
    )
    result = asker.ask(owner, query, by="command")
    answer = result.as_json()
    if as_json:
        print_json(answer)
        return
    _tell(answer, result.gap, offset)


def _check(
    needs: Sequence[str], near: str | None, within: float | None, words: Sequence[str], language: str | None
) -> None:
    """Raises ConfigurationError for what is no category, language or place, and for a distance from nowhere."""
    from footbridge.directory.search.geography import coordinates, is_on_earth
    from footbridge.directory.search.values import language_code
    from footbridge.terminology import category, nearest_category

    for need in needs:
        if category(need) is None:
            near_one = nearest_category(need)
            hint = _(" Did you mean {near!r}?", near=near_one) if near_one else ""
            raise ConfigurationError(_("--need {need}: not an SDOH category of the guide.{hint}", need=need, hint=hint))
    if language is not None and language_code(language) is None:
        raise ConfigurationError(
            _("--language {language}: give a code, such as fr, or a name in English or French.", language=language)
        )
    numbers = coordinates(near) if near else None
    if numbers and not is_on_earth(*numbers):
        raise ConfigurationError(
            _("--near {near}: no coordinates: latitude -90 to 90, longitude -180 to 180.", near=near)
        )
    if within is not None and not near and not words:  # a town may be among the words
        raise ConfigurationError(_("--within needs a place: give --near too."))


def _nothing(gap: str | None) -> str:
    """That nothing was found, for lack of what, and what finds more."""
    match gap:
        case "nothing-in-language":
            return _("No service was found in this language. Without --language there are some.")
        case "nothing-open":
            return _("No service was found that is known to be open then. Without that there are some.")
        case "nothing-near":
            return _("No service was found that near. A wider --within finds some.")
        case _:
            return _("No service was found. Fewer words, or a wider --within, find more.")


def _tell(answer: Mapping[str, Any], gap: str | None, offset: int) -> None:
    for word, read in answer["correctedWords"].items():
        click.echo(_("{word} was read as {read}.", word=word, read=_(" or ").join(read)), err=True)
    if answer["unmatchedWords"]:
        click.echo(_("No service has: {words}.", words=", ".join(answer["unmatchedWords"])), err=True)
    place = answer["place"]
    if place is not None:
        click.echo(_("Near {place}: {how}.", place=place["name"], how=place["text"][current()]), err=True)
    if not answer["total"]:
        click.echo(_nothing(gap), err=True)
        for name, count in answer["without"].items() if gap == "nothing-found" else ():
            option = _OPTIONS.get(name) or _("these words")
            click.echo(_("  without {option}: {count:,}", option=option, count=count), err=True)
        return
    for position, service in enumerate(answer["services"], offset + 1):
        known = service.get("distanceKm")
        distance = "" if known is None else _("  {distance:.1f} km", distance=known)
        click.echo(f"{position}. {service['name']}{distance}")
        if service.get("organization"):
            click.echo(f"   {_name(service['organization'])}")
        click.echo(f"   {service['id']}  ({service['source']}:{service['nativeId']})")
        if not service["canRefer"]:
            click.echo(_("   For information only: it takes no referrals."))
        why = "; ".join(_reason(reason) for reason in service["why"])
        if why:
            click.echo(textwrap.fill(why, WIDTH, initial_indent="   ", subsequent_indent="   "))
    shown = len(answer["services"])
    if not shown:
        click.echo(
            _("{total:,} services match; --offset {offset} is past the last.", total=answer["total"], offset=offset),
            err=True,
        )
    if answer["total"] > offset + shown:
        click.echo(_("{total:,} services match; --limit and --offset show more.", total=answer["total"]), err=True)


def _name(organization: object) -> str:
    return str(organization.get("name")) if isinstance(organization, Mapping) else str(organization)


def _reason(reason: Mapping[str, Any]) -> str:
    said = str(reason[current()])
    return f"{said} ({reason['words']})" if reason.get("words") else said
