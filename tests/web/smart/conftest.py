"""A partner with keys, who asks our token endpoint as its software would."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from footbridge.store.smart_clients import set_smart_client

AUDIENCE = "http://localhost/fhir/token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEYS = {
    "RS384": RSAKey.generate_key(2048, {"kid": "rsa-1"}),
    "ES384": ECKey.generate_key("P-384", {"kid": "ec-1"}),
}


def jwks(*keys) -> str:
    """The public key set."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys or KEYS.values()]})


@dataclass
class Software:
    """What the partner lakeside-services of the tenant north runs."""

    office: Any
    client_id: str = "north.lakeside-services"
    keys: dict = field(default_factory=lambda: dict(KEYS))

    def assertion(self, algorithm="ES384", header=(), key=None, **changes) -> str:
        """A valid assertion, but for what is changed; a claim of None is left out."""
        key = key or self.keys[algorithm]
        now = int(self.office.clock.now().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": AUDIENCE,
            "exp": now + 240,
            "jti": str(uuid.uuid4()),
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        head = {"alg": algorithm, "typ": "JWT", "kid": key.kid} | dict(header)
        head = {name: value for name, value in head.items() if value is not None}
        return jwt.encode(head, claims, key, algorithms=[algorithm])

    def ask(self, assertion=None, scope="system/Task.rs", client=None, **changes):
        """Ask for a token."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion or self.assertion(),
            "scope": scope,
        }
        form = {name: value for name, value in (form | changes).items() if value is not None}
        return (client or self.office.client).post("/fhir/token", data=form)

    def register(self, text=None, url=None):
        """As `footbridge partner set --jwks`."""
        keys = (None, url) if url else (text or jwks(), None)
        with self.office.database.write() as connection:
            set_smart_client(connection, "north", "lakeside-services", keys, self.office.clock.now())


@pytest.fixture
def software(office):
    """Its keys are registered by value; on SQLite."""
    made = Software(office)
    made.register()
    return made


@pytest.fixture
def software_on_both(both):
    """The same, once on each database."""
    made = Software(both)
    made.register()
    return made
