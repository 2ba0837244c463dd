"""What the views of one app share, put together once by the app factory."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app

from footbridge.directory.asking import Asker
from footbridge.directory.resources import DirectoryResources
from footbridge.model.clock import Clock
from footbridge.partners.key_sets import KeySets
from footbridge.partners.openid import Issuer
from footbridge.referrals.intake import Intake
from footbridge.security.audit import AuditWriter
from footbridge.store.engine import Database
from footbridge.store.probe import DatabaseProbe
from footbridge.validation import Validator
from footbridge.web.rate_limits import FailedTokens, LineLimit

EXTENSION = "footbridge"


@dataclass(frozen=True, slots=True)
class AppContext:
    """One adapter behind HTTP.

    Attributes:
        database: migrated.
        clock: the time that everything goes by.
        intake: takes prescriptions in.
        wake: called when something was owed to a partner, so that a worker in this process looks at once.
        listeners: how many requests may wait for changes at a time, so that the others find a free thread.
        failed_tokens: which wrong tokens are tried too often.
        probe: whether the database is fit for work.
        asker: answers questions to the directory.
        audit: stores what callers read, once it is started; whoever starts it stops it.
        refused_clients: limits what is noted of clients that are refused a token.
        key_sets: keys of partners that publish them at a URL.
        issuer: the issuer at which people sign in by OpenID Connect, where one is set.
        validator: for what hosted partners write.
        beside: the directory, as hosted partners read it.
    """

    database: Database
    clock: Clock
    intake: Intake
    wake: Callable[[], None]
    listeners: threading.Semaphore
    failed_tokens: FailedTokens
    probe: DatabaseProbe
    asker: Asker
    key_sets: KeySets
    issuer: Issuer
    audit: AuditWriter
    refused_clients: LineLimit
    validator: Validator
    beside: DirectoryResources


def app_context() -> AppContext:
    """The site of the request that is being answered."""
    return cast("AppContext", current_app.extensions[EXTENSION])
