"""The app factory: ``footbridge serve``, the demo and the tests all get their app here.

What it answers to whom is the table of front doors (``web.front_doors``).
"""

import threading
from collections.abc import Callable

from flask import Flask

from footbridge import metrics
from footbridge.directory.asking import Asker
from footbridge.directory.resources import DirectoryResources
from footbridge.model.clock import Clock
from footbridge.partners.key_sets import KeySets
from footbridge.partners.openid import Issuer
from footbridge.referrals.intake import Intake
from footbridge.security.audit import AuditWriter
from footbridge.settings import settings
from footbridge.store.engine import Database
from footbridge.store.probe import DatabaseProbe
from footbridge.terminology.loaded import Loaded
from footbridge.validation import Validator
from footbridge.web import audit as auditing
from footbridge.web import front_doors, front_page, language, middleware
from footbridge.web.context import EXTENSION, AppContext
from footbridge.web.fhir.open_address import without_segment
from footbridge.web.rate_limits import FailedTokens, LineLimit


def create_app(
    database: Database,
    clock: Clock,
    *,
    validator: Validator | None = None,
    loaded: Loaded | None = None,
    wake: Callable[[], None] | None = None,
    listeners: int = 4,
) -> Flask:
    """Make the WSGI app of one process.

    Args:
        database: migrated.
        clock: the time that everything goes by.
        validator: for what is mapped; one of its own when None.
        loaded: the user's own value sets and code systems.
        wake: called when a message to a partner was queued: ``Worker.wake`` of a worker in this process.
        listeners: how many requests may wait for changes at a time; keep it below the number of threads.
    """
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = settings().max_body_bytes
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False
    checks = validator or Validator()
    app.extensions[EXTENSION] = AppContext(
        database=database,
        clock=clock,
        intake=Intake(database, clock, validator, loaded),
        wake=wake or _nobody,
        listeners=threading.Semaphore(listeners),
        failed_tokens=FailedTokens(),
        probe=DatabaseProbe(database),
        asker=Asker(database, clock),
        audit=AuditWriter(database, clock),
        refused_clients=LineLimit(),
        key_sets=KeySets(clock, allow_http=settings().allow_http),
        issuer=Issuer(clock),
        validator=checks,
        beside=DirectoryResources(checks),
    )
    metrics.enable()
    language.register(app)
    middleware.register(app)
    auditing.register(app)
    front_page.register(app)
    front_doors.register(app)
    app.wsgi_app = without_segment(app.wsgi_app)  # type: ignore[assignment, method-assign]
    return app


def _nobody() -> None:
    """No worker in this process to wake."""
