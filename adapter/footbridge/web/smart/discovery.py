"""What a client has to know before it has a token: ``.well-known/smart-configuration``, and our own public keys.

https://hl7.org/fhir/smart-app-launch/conformance.html. The keys are those with which we log on at partners.
"""

from flask import Blueprint, Response

from footbridge.security import own_keys
from footbridge.security.backend_services import GRANT_TYPE
from footbridge.security.key_sets import ALGORITHMS
from footbridge.web.context import app_context
from footbridge.web.responses import answer
from footbridge.web.smart.addresses import JWKS, SMART_CONFIGURATION, public_base, token_url

CACHED = 3600  # seconds that the keys may be cached: the next one is published long before it signs

configuration = Blueprint("smart-configuration", __name__)
jwks = Blueprint("jwks", __name__)


@configuration.get(SMART_CONFIGURATION)
def smart_configuration() -> Response:
    """What our token endpoint takes."""
    return answer(
        {
            "token_endpoint": token_url(),
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
            "grant_types_supported": [GRANT_TYPE],
            "scopes_supported": ["system/*.rs", "system/*.cruds", "system/*.read", "system/*.write"],
            "capabilities": ["client-confidential-asymmetric", "permission-v1", "permission-v2"],
            "jwks_uri": f"{public_base()}{JWKS}",
        }
    )


@jwks.get(JWKS)
def key_set() -> Response:
    """Our public keys, the next ones among them."""
    keys = own_keys.published(app_context().database, app_context().clock.now())
    return answer({"keys": keys}, headers={"Cache-Control": f"public, max-age={CACHED}"})
