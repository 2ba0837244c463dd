"""``footbridge partner letter``: how a service without a system gets its letters, and the code that opens them."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import database, partner_of, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.i18n import Language


@click.command("letter")
@click.argument("name")
@click.option("--language", type=click.Choice(["en", "fr", "auto"]), help="Language of its letters; auto: as written.")
@click.option("--new-code", is_flag=True, help="Make one code for all its letters; it is shown once.")
@click.option("--no-code", is_flag=True, help="Each letter has a code of its own; the portal makes it.")
@click.option("--attach/--no-attach", default=None, help="Send the letter itself with the e-mail, as a PDF.")
@tenant_option
@json_option("one JSON object: partner, language, has_code, code, attach; the code only when it is made")
def letter_(  # noqa: PLR0913, PLR0917 - one parameter an option
    name: str,
    language: str | None,
    new_code: bool,
    no_code: bool,
    attach: bool | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Set or show how the service NAME gets its letters.

    An e-mail holds only a link. The letter opens with a code that the service got another way: one for all its letters,
    which you give when you confirm the address (--new-code), or one a letter, which a navigator reads out by phone.

    \b
    Example:
      footbridge partner letter food-bank --new-code --language fr
      footbridge partner letter food-bank
    """
    from footbridge.errors import ConfigurationError
    from footbridge.store import letters

    if new_code and no_code:
        raise click.UsageError(_("Specify --new-code or --no-code, not both."))
    made = letters.new_code() if new_code else None
    found = database()
    owner = tenant_of(found, tenant)
    with found.write() as connection:
        partner = partner_of(connection, owner, name)
        if partner.network != "letter":
            raise ConfigurationError(_("Partner {name} is not of the network letter.", name=name))
        setting = letters.setting_of(connection, owner, name)
        if language is not None:
            setting = replace(setting, language=_LANGUAGES[language])
        if made is not None:
            setting = replace(setting, code=letters.digest_of_code(made))
        if no_code:
            setting = replace(setting, code=None)
        if attach is not None:
            setting = replace(setting, attach=attach)
        letters.put_setting(connection, owner, name, setting)
    if attach:
        warning = _(
            "Warning: health data leave by e-mail, which others may read on the way. Ask your privacy officer first."
        )
        click.echo(warning, err=True)
    if as_json:
        shown = {"language": setting.language, "has_code": setting.code is not None, "code": made}
        print_json({"partner": name, **shown, "attach": setting.attach})
        return
    _tell(setting.language, made, has_code=setting.code is not None, attach=setting.attach)


_LANGUAGES: "dict[str, Language | None]" = {"en": "en", "fr": "fr", "auto": None}


def _tell(language: str | None, made: str | None, *, has_code: bool, attach: bool) -> None:
    click.echo(_("Language: {language}", language=language or _("as the prescription is written")))
    if made is not None:
        click.echo(_("Code: {code}  (shown only now; give it by phone or in person)", code=made))
    elif has_code:
        click.echo(_("Code: one for all letters; --new-code makes another one"))
    else:
        click.echo(_("Code: one for each letter; the referral's page in the portal makes it"))
    click.echo(_("PDF with the e-mail: yes") if attach else _("PDF with the e-mail: no"))
