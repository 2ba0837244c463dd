"""How a letter gets to its service: as a file in a folder that a fax gateway watches, or announced by an e-mail.

The e-mail holds no word about a person or a need: only a link, behind which the letter opens with a code. A file
appears whole or not at all, under a name of chance.
"""

import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from footbridge.errors import ConfigurationError, PartnerUnavailable
from footbridge.i18n import Language, _, in_language
from footbridge.partners import mail
from footbridge.settings import settings

MAIL: Final = "mailto:"
NAME: Final = "letter.pdf"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that somebody else empties."""

    path: Path

    def put(self, content: bytes) -> None:
        """Write a file that appears whole. Raises PartnerUnavailable where the folder cannot be written to."""
        name = f"{uuid.uuid4()}.pdf"
        part = self.path / f".{name}.part"
        try:
            with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o660), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path / name)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise PartnerUnavailable(_("The folder for letters cannot be written to.")) from error

    def problem(self) -> str | None:
        """Why it is not fit for use; None when all is well."""
        if not self.path.is_dir():
            return str(_("The folder {path} is not there.", path=self.path))
        if not os.access(self.path, os.W_OK | os.X_OK):
            return str(_("The folder {path} cannot be written to.", path=self.path))
        return None


@dataclass(frozen=True, slots=True)
class Mail:
    """An address of e-mail."""

    address: str

    def announce(
        self, link: str, language: Language, *, sender: Sequence[str], attachment: bytes | None, own_code: bool
    ) -> None:
        """Say that a letter is there, and who wrote it. Raises PartnerUnavailable; the job is repeated later."""
        code = (
            _("The sender gives you the code by phone. If you have none, phone the sender.")
            if own_code
            else _("Use the code that you were given for these letters. If you have none, phone the sender.")
        )
        text = _(
            "A letter is waiting for you. Open it here, and answer it on the same page:\n\n{link}\n\n{code}\n\n"
            "The sender: {sender}\n\nYou need no account. This message holds nothing of the letter itself.\n",
            link=link,
            sender="; ".join(sender),
            code=in_language(code, language),
        )
        subject = in_language(_("A letter is waiting for you"), language)
        file = None if attachment is None else (NAME, attachment)
        mail.send(self.address, subject, in_language(text, language), language=language, pdf=file)


def way_of(base_url: str) -> Folder | Mail:
    """The way that a partner's address names: ``mailto:ADDRESS``, or the path of a folder (``file:`` before it or not).

    Raises ConfigurationError for anything else.
    """
    if base_url.startswith(MAIL):
        address = unquote(base_url.removeprefix(MAIL))
        name, sep, host = address.partition("@")
        if parseaddr(address)[1] != address or not (name and sep and host) or not address.isprintable():
            raise ConfigurationError(_("After mailto: one address of e-mail is needed."))
        return Mail(address)
    path = Path(unquote(urlsplit(base_url).path) if base_url.startswith("file:") else base_url)
    if not path.is_absolute():
        message = _("Letters need mailto:ADDRESS, or the whole path of a folder such as /var/spool/fax/north-end-hub.")
        raise ConfigurationError(message)
    return Folder(path)


def reply_address(secret: str) -> str:
    """Where a letter is answered: at the setting ``public_url``, never at what a request says of itself."""
    return f"{settings().own_url}/portal/reply/{secret}"
