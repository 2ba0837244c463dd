"""What the views of one app share, put together once by the app factory."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app

from footbridge.model.clock import Clock
from footbridge.referrals.intake import Intake
from footbridge.store.engine import Database

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
    """

    database: Database
    clock: Clock
    intake: Intake
    wake: Callable[[], None]
    listeners: threading.Semaphore


def app_context() -> AppContext:
    """The site of the request that is being answered."""
    return cast("AppContext", current_app.extensions[EXTENSION])
