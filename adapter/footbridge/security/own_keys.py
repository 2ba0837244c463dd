"""Our own keys, with which we log on at partners: made once, the same on every process, rotated by a command.

For each algorithm one key signs, and the next one is published beside it, so that partners know it before it does. A
rotation makes the next key the one that signs, and makes another next one; the private part of the key before goes at
once, its public part stays published for a day, for what it signed.

Private parts are in the database, or, where FOOTBRIDGE_KEY_FOLDER names a folder that every process can read, in files
there (``KID.json``, mode 0600). https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from footbridge.errors import ConfigurationError, ConflictError
from footbridge.i18n import _
from footbridge.private_files import make_folder, write_file
from footbridge.security.key_sets import ALGORITHMS, Algorithm
from footbridge.settings import settings
from footbridge.store import signing_keys
from footbridge.store.engine import Database
from footbridge.store.signing_keys import SigningKeyRow

PUBLISHED_AFTER: Final = timedelta(days=1)
"""How long a retired key is published: more than partners cache it for, and than an assertion is valid."""
USUAL: Final[Algorithm] = "ES384"
RSA_BITS: Final = 3072


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs: its id in our JWK Set, its algorithm, and the key for joserfc."""

    kid: str
    algorithm: str
    key: RSAKey | ECKey


def keys(database: Database, now: datetime) -> list[SigningKeyRow]:
    """Every key; the first ones are made by whoever asks first."""
    with database.read() as connection:
        found = signing_keys.list_keys(connection)
    if found:
        return found
    made = [_made(algorithm, generation, now) for algorithm in ALGORITHMS for generation in (1, 2)]
    with suppress(ConflictError), database.write() as connection:
        signing_keys.add_keys(connection, made)
        for key in made:
            if key.generation == 1:
                signing_keys.activate(connection, key.kid, now)
    with database.read() as connection:
        return signing_keys.list_keys(connection)


def published(database: Database, now: datetime) -> list[dict[str, Any]]:
    """The public keys as JWKs: those that sign, the next ones, and those that were retired a short time ago."""
    shown = [key for key in keys(database, now) if key.retired is None or now - key.retired < PUBLISHED_AFTER]
    return [orjson.loads(key.public) for key in shown]


def rotate(database: Database, now: datetime) -> list[SigningKeyRow]:
    """Let the next keys sign from now on; returns every key. Raises ConflictError where another rotation runs."""
    before = keys(database, now)
    made = [_made(key.algorithm, key.generation + 1, now) for key in before if key.state == "next"]
    with database.write() as connection:
        for key in before:
            if key.state == "next":
                signing_keys.activate(connection, key.kid, now)
            elif key.state == "active":
                signing_keys.retire(connection, key.kid, now)
        signing_keys.add_keys(connection, made)
        gone = signing_keys.forget_retired(connection, now - PUBLISHED_AFTER)
        after = signing_keys.list_keys(connection)
    for kid in [*gone, *(key.kid for key in after if key.state == "retired")]:
        _delete_file(kid)
    return after


def signer(database: Database, now: datetime, algorithm: str | None = None) -> Signer:
    """The key that signs now. Raises ConfigurationError where its private part is not to be found."""
    wanted = algorithm or USUAL
    row = next(key for key in keys(database, now) if (key.algorithm, key.state) == (wanted, "active"))
    return Signer(row.kid, row.algorithm, _private(row))


def _made(algorithm: str, generation: int, now: datetime) -> SigningKeyRow:
    kid = f"{now:%Y-%m-%d}-{algorithm.lower()}-{secrets.token_hex(4)}"
    parameters = {"kid": kid, "alg": algorithm, "use": "sig"}
    key: RSAKey | ECKey = (
        ECKey.generate_key("P-384", parameters)  # type: ignore[arg-type]  # a TypedDict of theirs
        if algorithm == "ES384"
        else RSAKey.generate_key(RSA_BITS, parameters)  # type: ignore[arg-type]  # as above
    )
    private = orjson.dumps(key.as_dict(private=True)).decode()
    public = orjson.dumps(key.as_dict(private=False)).decode()
    folder = settings().key_folder
    if folder is not None:
        _write(folder, kid, private)
    return SigningKeyRow(kid, algorithm, generation, public, None if folder is not None else private, now)


def _write(folder: Path, kid: str, private: str) -> None:
    try:
        make_folder(folder)
        write_file(folder / f"{kid}.json", private.encode())
    except OSError as error:
        raise ConfigurationError(
            _("A key cannot be written to the folder {folder} (FOOTBRIDGE_KEY_FOLDER).", folder=folder)
        ) from error


def _private(row: SigningKeyRow) -> RSAKey | ECKey:
    place = _file(row.kid)
    try:
        text = row.private or (place.read_text() if place is not None else "")
        found = orjson.loads(text)
        return ECKey.import_key(found) if row.algorithm == "ES384" else RSAKey.import_key(found)
    except (OSError, JoseError, ValueError, TypeError, KeyError):  # without `from`: a cause may quote the key
        raise ConfigurationError(
            _(
                "The private key {kid} cannot be read: set FOOTBRIDGE_KEY_FOLDER as where it was made, or run "
                "`footbridge keys rotate` twice.",
                kid=row.kid,
            )
        ) from None


def _file(kid: str) -> Path | None:
    folder = settings().key_folder
    return None if folder is None else folder / f"{kid}.json"


def _delete_file(kid: str) -> None:
    place = _file(kid)
    if place is not None:
        with suppress(OSError):
            place.unlink(missing_ok=True)
