"""A town with a service that gets letters, and whoever reads them: in a folder, or in a mailbox."""

import email
import email.policy
import re
import subprocess
from dataclasses import replace

from support.portal import House

from footbridge.i18n import Language
from footbridge.partners.networks import Networks, Surroundings
from footbridge.referrals.onboarding import register_partner
from footbridge.store.letters import LetterSetting, digest_of_code, put_setting
from footbridge.store.partners import Partner
from footbridge.store.routes import set_route
from footbridge.validation import Validator

HUB = "letter-hub"


class Town(House):
    """A house whose prescriptions go to a service by letter."""

    def add_letters(self, address, *, code=None, attach=False, language: Language | None = None):
        partner = Partner(HUB, "letter", "recipient", "Food Bank", str(address))
        with self.database.write() as connection:
            added = register_partner(connection, "north", partner, self.clock.now())
            Networks(Surroundings(self.database, self.clock, Validator())).of("north", added)
            set_route(connection, "north", "*", [HUB])
            setting = LetterSetting(language, None if code is None else digest_of_code(code), attach)
            put_setting(connection, "north", HUB, setting)
        return added

    def ask(self, example="01-good-food-box", **changes):
        """Prescribe for the service, and let the worker send."""
        service = {"partner": HUB, "description": "Good Food Box, large"}
        found = self.prescribe(example, service=service, **changes)
        self.work()
        return found

    def set_language(self, language):
        with self.database.write() as connection:
            put_setting(connection, "north", HUB, replace(LetterSetting(), language=language))


def pdf_text(path_or_bytes):
    """The words of a PDF, by pdftotext."""
    data = path_or_bytes if isinstance(path_or_bytes, bytes) else path_or_bytes.read_bytes()
    done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=data, capture_output=True, check=True)
    return done.stdout.decode()


def link_in(text):
    """The secret of the reply link in a text."""
    (found,) = set(re.findall(r"/portal/reply/([A-Z0-9-]+)", text))
    return found


def code_in(text):
    """The code in a letter."""
    return re.search(r"Code\s?: ([A-Z0-9]{4}-[A-Z0-9]{4})", text).group(1)


def mails(folder):
    """The e-mails in a folder, oldest first."""
    files = sorted(folder.glob("*.eml"), key=lambda one: one.stat().st_mtime_ns) if folder.is_dir() else []
    return [email.message_from_bytes(one.read_bytes(), policy=email.policy.default) for one in files]
