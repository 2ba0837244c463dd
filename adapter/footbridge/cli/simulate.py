"""``footbridge simulate``: a system to test with, which plays a medical record, a service, or Ocean."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.simulate_ocean import ocean

if TYPE_CHECKING:
    from footbridge.partners.fhir.simulator.actions import Plan

RECORD_PORT, SERVICE_PORT = 9101, 9102
RECORD, SERVICE = "emr", "north-end-hub"
PLAN = "accept,start,complete"
OUR_KEYS = "http://127.0.0.1:8080/.well-known/jwks.json"


class _Duration(click.ParamType[timedelta]):
    """A duration as a person writes it; becomes a timedelta."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:  # noqa: ANN401 - click's signature
        from footbridge.partners.fhir.simulator.plan_text import duration_of_text

        try:
            return value if isinstance(value, timedelta) else duration_of_text(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION = _Duration()


def _server_options(port: int, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options that both kinds have."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(
            (
                click.option(
                    "--port",
                    type=click.IntRange(0, 65535),
                    default=port,
                    show_default=True,
                    help="Port on 127.0.0.1; 0 takes a free one.",
                ),
                click.option("--name", default=name, show_default=True, help="Its name, such as 'North End Hub'."),
                click.option("--token", help="Bearer token that it requires; it needs none when left out."),
                click.option(
                    "--smart",
                    is_flag=True,
                    help="Require access tokens of SMART Backend Services, and give them at a token endpoint.",
                ),
                click.option(
                    "--jwks",
                    default=OUR_KEYS,
                    show_default=True,
                    metavar="FILE|URL",
                    help="With --smart: the client's public keys, such as those of `footbridge serve`.",
                ),
                click.option(
                    "--fail",
                    type=click.IntRange(0, 10_000),
                    default=0,
                    metavar="N",
                    help="Answer the first N requests with an error.",
                ),
                click.option(
                    "--fail-status",
                    type=click.IntRange(400, 599),
                    default=503,
                    show_default=True,
                    help="HTTP status of these errors.",
                ),
                click.option(
                    "--lose",
                    type=click.IntRange(0, 10_000),
                    default=0,
                    metavar="N",
                    help="Close the connection instead of answering the next N requests, which take effect.",
                ),
                click.option("--delay", type=DURATION, default="0s", help="Wait so long before each answer, e.g. 2s."),
            )
        ):
            command = option(command)
        return command

    return decorate


@click.group("simulate")
def command() -> None:
    """Run a simulated FHIR server or Ocean, to test without a partner.

    It listens on this machine only, stores what it gets in a temporary folder, and forgets it when it stops. Ctrl-C
    or SIGTERM stops it.

    \b
    Example:
      footbridge simulate record
      footbridge simulate service --plan accept,start,complete
      footbridge simulate ocean
    """


command.add_command(ocean)


@command.command("record")
@_server_options(RECORD_PORT, RECORD)
def record(port: int, name: str, **habits: Any) -> None:  # noqa: ANN401 - the other options
    """Play a medical record: the FHIR server that outcomes are written to.

    Prints its address and the command that adds it as a partner, then one line for each request: method, types and
    ids, never data of a person.

    \b
    Example:
      footbridge simulate record
      footbridge simulate record --port 9111 --name second-emr --token secret --fail 3
      footbridge simulate record --smart
    """
    from footbridge.cli.simulator_run import Habits, simulate

    simulate(port, name, Habits(**habits), role="requester", plans=())


@command.command("service")
@_server_options(SERVICE_PORT, SERVICE)
@click.option(
    "--plan",
    "plans",
    multiple=True,
    default=(PLAN,),
    metavar="STEPS",
    help=f"What it does with a referral ({PLAN}): steps separated by commas. Given several times: the first referral "
    "follows the first plan, the next one the second; later ones follow the last.",
)
@click.option("--after", type=DURATION, default="2s", show_default=True, help="Delay of the first step.")
@click.option("--each", type=DURATION, default="5s", show_default=True, help="Delay of each later step.")
@click.option("--outcome", help="Text of the Procedure that says what was done.")
def service(
    port: int,
    name: str,
    plans: tuple[str, ...],
    after: timedelta,
    each: timedelta,
    outcome: str | None,
    **habits: Any,  # noqa: ANN401 - the other options
) -> None:
    """Play a service: it takes referrals and works on each by a plan.

    Steps: accept, schedule, start, hold, complete, reject, fail, repeat (say the same again); or only silent. hold,
    complete, reject and fail may have a text: reject:"No places". A text with a comma is in double quotes.

    \b
    Example:
      footbridge simulate service
      footbridge simulate service --plan 'reject:"No places"' --after 30s
      footbridge simulate service --after 2s --each 1m --outcome "Three boxes given"
      footbridge simulate service --port 9103 --name lakeside-services --plan silent
    """
    from footbridge.cli.simulator_run import Habits, simulate

    read = tuple(_plan(text, after, each, outcome) for text in plans)
    simulate(port, name, Habits(**habits), role="recipient", plans=read)


def _plan(text: str, after: timedelta, each: timedelta, outcome: str | None) -> "Plan":
    from footbridge.partners.fhir.simulator.plan_text import plan_of_text

    try:
        return plan_of_text(text, after=after, each=each, outcome=outcome)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--plan") from error
