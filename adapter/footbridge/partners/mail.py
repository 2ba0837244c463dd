"""Sends e-mail by the server of the setting ``smtp_url``; without one, writes it to a folder, for development.

SMTP: https://www.rfc-editor.org/rfc/rfc5321, submission over TLS: https://www.rfc-editor.org/rfc/rfc8314. Nothing of a
message, nor an address, is logged.
"""

import smtplib
import ssl
import uuid
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

import platformdirs

from footbridge.errors import PartnerUnavailable
from footbridge.i18n import _
from footbridge.private_files import make_folder, write_file
from footbridge.settings import settings

SECONDS = 15.0
_LOCAL = {"localhost", "127.0.0.1", "::1"}


def send(to: str, subject: str, text: str, *, language: str, pdf: tuple[str, bytes] | None = None) -> None:
    """Send a message in plain words, maybe with a PDF (its name and content).

    Raises PartnerUnavailable when the server does not take it; try again later.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings().mail_from, to, subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="footbridge.invalid")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message["Content-Language"] = language  # after the content, with which such headers go
    if pdf is not None:
        message.add_attachment(pdf[1], maintype="application", subtype="pdf", filename=pdf[0])
    url = settings().smtp_url
    if url is None:
        _write(message)
        return
    try:
        _submit(message, url.get_secret_value())
    except (OSError, smtplib.SMTPException) as error:
        raise PartnerUnavailable(_("The mail server did not accept the message.")) from error


def is_configured() -> bool:
    """Whether messages leave by a server."""
    return settings().smtp_url is not None


def _submit(message: EmailMessage, url: str) -> None:
    parts = urlsplit(url)
    host, secure = parts.hostname or "localhost", parts.scheme == "smtps"
    context = ssl.create_default_context()
    port = parts.port or (465 if secure else 587)
    made = (
        smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
        if secure
        else smtplib.SMTP(host, port, timeout=SECONDS)
    )
    with made as server:
        if not secure and host not in _LOCAL:
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _write(message: EmailMessage) -> None:
    folder = settings().mail_folder or Path(platformdirs.user_data_dir("footbridge", appauthor=False)) / "mail"
    make_folder(folder)
    write_file(folder / f"{uuid.uuid4()}.eml", message.as_bytes())
