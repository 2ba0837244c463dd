"""Ocean's own bearer tokens: OAuth 2.0 client credentials of a site (https://www.rfc-editor.org/rfc/rfc6749#section-4.4).

No document says how long Ocean's tokens last; ``Habits.token_seconds`` does.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.state import Site


class Tokens:
    """The tokens that were issued and have not expired."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._issued: dict[str, tuple[str, datetime]] = {}
        self.count = 0
        """Tokens issued so far."""

    def issue(self, client_id: str, client_secret: str) -> str | None:
        """A token for the site with these credentials; None when no site has them."""
        with self._ledger.lock:
            for site in self._ledger.sites.values():
                same_id = hmac.compare_digest(site.client_id.encode(), client_id.encode())
                if hmac.compare_digest(site.client_secret.encode(), client_secret.encode()) and same_id:
                    token = secrets.token_urlsafe(24)
                    until = self._ledger.clock.now() + timedelta(seconds=self._ledger.habits.token_seconds)
                    self._issued[token] = (site.number, until)
                    self.count += 1
                    return token
            return None

    def site(self, token: str) -> Site | None:
        """The site that a token is of; None for one that is unknown or has expired."""
        with self._ledger.lock:
            number, until = self._issued.get(token, ("", None))
            if until is None or self._ledger.clock.now() >= until:
                self._issued.pop(token, None)
                return None
            return self._ledger.sites.get(number)

    def expire(self) -> None:
        """Let every token expire now."""
        with self._ledger.lock:
            self._issued.clear()
