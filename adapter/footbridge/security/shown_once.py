"""A secret that a page shows once, the same for a form that is sent twice.

A second click makes its own answer take the place of the first one's, so a secret made by chance at each click would be
seen by nobody. It follows from the portal's secret, from who sent the form, from what it is for and from the key of the
form, which is made by chance with the page: the same form has the same secret, and nobody else can know it. Nothing of
it is stored but its digest, where it is stored at all.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Final

AGAIN: Final = timedelta(minutes=10)
"""How long a form that is sent again shows its secret again: a second click, a reload, another language."""


def secret_of_form(key: bytes, user: str, what: str, form_key: str) -> str:
    """43 characters: letters, digits, - and _.

    Args:
        key: the portal's secret (``sign_in.form_key``).
        user: who sent the form.
        what: what the secret is for.
        form_key: of the form.
    """
    message = f"shown-once\0{user}\0{what}\0{form_key}".encode()
    return base64.urlsafe_b64encode(hmac.new(key, message, hashlib.sha256).digest()).rstrip(b"=").decode()
