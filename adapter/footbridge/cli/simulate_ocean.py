"""``footbridge simulate ocean``: Ontario's Ocean on this machine, to test an integration against."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from typing import Any

import click

PORT, SITE = 9103, "1234"
_RATE = click.FloatRange(0, 1)


@click.command("ocean")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port on 127.0.0.1; 0 takes a free one.",
)
@click.option("--site", default=SITE, show_default=True, help="Number of the site that receives referrals.")
@click.option(
    "--receiver",
    metavar="URL",
    help="Request URL of the receiver, such as 'http://127.0.0.1:8080/ocean/1234/$process-message'. Left out: "
    "referrals stay in Ocean, and its page plays the receiving site.",
)
@click.option("--token-url", metavar="URL", help="Token endpoint of the receiver; left out: messages have no token.")
@click.option("--client-id", default="ocean", show_default=True, help="Client id of Ocean at the receiver.")
@click.option(
    "--client-secret",
    metavar="SECRET",
    envvar="OCEAN_CLIENT_SECRET",
    help="Its secret; better in the environment variable OCEAN_CLIENT_SECRET.",
)
@click.option(
    "--external-service", default="link-worker", show_default=True, help="External Service ID of the listing."
)
@click.option("--site-secret", metavar="SECRET", help="Secret of the site's credentials; a new one when left out.")
@click.option(
    "--v010", is_flag=True, help="Write messages of v0.10.0, as older integrations get them; v0.11.1 otherwise."
)
@click.option(
    "--shape",
    default="composed",
    show_default=True,
    type=click.Choice(["composed", "lean", "changed", "loose"]),
    help="Shape of the messages that no public document shows: all but add-service-request.",
)
@click.option("--refer", type=click.IntRange(0, 10_000), default=0, metavar="N", help="Send N referrals at the start.")
@click.option("--seed", type=int, help="The same seed makes the same referrals; a new one when left out.")
@click.option("--duplicate", type=_RATE, default=0.0, metavar="RATE", help="Share of messages delivered twice, 0 to 1.")
@click.option("--reorder", type=_RATE, default=0.0, metavar="RATE", help="Share that later ones overtake.")
@click.option("--drop", type=_RATE, default=0.0, metavar="RATE", help="Share of tries that do not reach the receiver.")
@click.option("--lose", type=_RATE, default=0.0, metavar="RATE", help="Share of tries whose answer is lost.")
def ocean(**options: Any) -> None:  # noqa: ANN401 - all options go on by name
    """Play Ocean, the eReferral network of Ontario: clinics refer, a site receives and answers.

    Built from public documents, not certified by OceanMD. It sends FHIR messages to the receiver and tries again for
    96 hours, takes answers at $process-messages from the current target only, and returns each change to it.

    Its page shows the folders of both sides, the history of each referral and the raw messages. There you refer,
    accept, book, decline, cancel, re-open, forward, reply and resend, and move its clock. The same by JSON is under
    /control. It prints what the other side needs: addresses, site, listing, credentials.

    \b
    Example:
      footbridge simulate ocean
      footbridge simulate ocean --refer 6 --seed 7
      footbridge simulate ocean --duplicate 0.2 --reorder 0.2
      footbridge simulate ocean --v010 --shape lean
    """
    from footbridge.cli.simulate_ocean_run import Options, simulate

    simulate(Options(**options))
