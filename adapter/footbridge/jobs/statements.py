"""The SQL of ``JobQueue``, built once when the module is loaded: building a statement costs as much as running it.

Two rules keep a claim fast. The partial indexes serve only statements that name the states as literals, not as
parameters. And OFFSET 0 keeps PostgreSQL from turning the look-up of each row into a join over the whole table: it
plans from statistics that are always out of date for a queue that is empty most of the time.
"""

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    String,
    TextClause,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from footbridge.store.dialect import Insert, inserting, unless_there
from footbridge.store.tables import NOT_DELIVERED, Instant, circuit, job

_READY: ColumnElement[str] = literal_column("'ready'")
_FAILED: ColumnElement[str] = literal_column("'failed'")
OPEN_STATES = ("ready", "failed")
IS_OPEN: ColumnElement[bool] = and_(job.c.state.in_([_READY, _FAILED]), job.c.key.is_not(None))
"""Beside the state that is asked for: in the words of the index of open messages."""
_NO_JOIN: ColumnElement[int] = literal_column("0")

_now = bindparam("now", type_=Instant)
_until = bindparam("until", type_=Instant)

# ---- queueing

ENQUEUE = inserting(
    job, lambda statement: statement.on_conflict_do_nothing(index_elements=["tenant", "dedupe"]).returning(job.c.id)
)
LOCK_KEY = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("text", type_=String), 0)))
DELAY = update(job).where(job.c.id == bindparam("of")).values(due=bindparam("wait", type_=Instant))
SUPERSEDE = (
    update(job)
    .where(
        job.c.tenant == bindparam("whose"),
        job.c.key == bindparam("queue"),
        job.c.kind == bindparam("what"),
        job.c.state.in_([_READY, _FAILED]),
        job.c.id < bindparam("before"),
        or_(job.c.lease_until.is_(None), job.c.lease_until <= _now),
    )
    .values(
        state="done",
        lease_owner=None,
        lease_until=None,
        last_status=None,
        last_error=None,
        why=bindparam("reason"),
        finished=_now,
    )
    .returning(job.c.due, job.c.attempts)
)
OVERTAKE = (
    update(job)
    .where(
        job.c.tenant == bindparam("whose"),
        job.c.key == bindparam("queue"),
        job.c.kind == bindparam("what"),
        job.c.prescription == bindparam("about"),
        job.c.state == "abandoned",
        text(NOT_DELIVERED),
        job.c.id < bindparam("before"),
    )
    .values(why=bindparam("reason"))
)

_SUBJECT = ("tenant", "kind", "subject")
_HAS_SUBJECT = text("subject is not null")


def _keep(statement: Insert) -> Executable:
    return statement.on_conflict_do_nothing(index_elements=_SUBJECT, index_where=_HAS_SUBJECT)


def _move(statement: Insert) -> Executable:
    changes = {
        "due": statement.excluded.due,
        "attempts": 0,
        "lease_owner": None,
        "lease_until": None,
        "lease_token": job.c.lease_token + 1,
        "last_status": None,
        "last_error": None,
        "why": None,
    }
    return statement.on_conflict_do_update(index_elements=_SUBJECT, index_where=_HAS_SUBJECT, set_=changes)


PLAN_OR_MOVE = inserting(job, _move)
PLAN_OR_KEEP = inserting(job, _keep)
HASTEN = (
    update(job)
    .where(
        job.c.tenant == bindparam("whose"),
        job.c.kind == bindparam("what"),
        job.c.subject == bindparam("about"),
        job.c.due > bindparam("next", type_=Instant),
    )
    .values(due=bindparam("next", type_=Instant))
)
PLANNED = select(job.c.id).where(
    job.c.tenant == bindparam("whose"), job.c.kind == bindparam("what"), job.c.subject == bindparam("about")
)
CANCEL = delete(job).where(
    job.c.tenant == bindparam("whose"), job.c.kind == bindparam("what"), job.c.subject == bindparam("about")
)

# ---- claiming

_candidate = job.alias("candidate")
_older = job.alias("older")

_DUE = and_(
    _candidate.c.state == _READY,
    _candidate.c.due <= _now,
    or_(_candidate.c.lease_until.is_(None), _candidate.c.lease_until <= _now),
    _candidate.c.kind.in_(bindparam("kinds", expanding=True)),
)
_NOT_BUSY = (_candidate.c.tenant + "\n" + func.coalesce(_candidate.c.partner, _candidate.c.subject)).not_in(
    bindparam("busy", expanding=True)
)
# Due work has no key, and so nothing is older of its key; it has no partner, and so no circuit holds it.
_HEAD_OF_KEY = ~(
    select(_older.c.id)
    .where(
        _older.c.tenant == _candidate.c.tenant,
        _older.c.key == _candidate.c.key,
        _older.c.key.is_not(None),
        _older.c.state.in_([_READY, _FAILED]),
        _older.c.id < _candidate.c.id,
    )
    .offset(_NO_JOIN)
    .exists()
)
_CIRCUIT_CLOSED = ~(
    select(circuit.c.partner)
    .where(
        circuit.c.tenant == _candidate.c.tenant,
        circuit.c.partner == _candidate.c.partner,
        circuit.c.open_until.is_not(None),
    )
    .offset(_NO_JOIN)
    .exists()
)
_OF_PARTNER = and_(_candidate.c.tenant == bindparam("whose"), _candidate.c.partner == bindparam("at"))


_CLAIMED = (
    *(job.c.id, job.c.tenant, job.c.kind, job.c.partner, job.c.subject, job.c.key, job.c.payload, job.c.cursor),
    *(job.c.attempts, job.c.lease_token, job.c.due, job.c.created),
)


def _claim(condition: ColumnElement[bool]) -> Update:
    picked = (
        select(_candidate.c.id)
        .where(_DUE, condition, _NOT_BUSY, _HEAD_OF_KEY)
        .order_by(_candidate.c.due, _candidate.c.id)
        .limit(bindparam("limit", type_=Integer, literal_execute=True))  # a plan for a few rows, not for any number
        .with_for_update(skip_locked=True, of=_candidate)
        .cte("picked")
    )
    return (
        update(job)
        .where(job.c.id.in_(select(picked.c.id)))
        .values(lease_owner=bindparam("owner"), lease_until=_until, lease_token=job.c.lease_token + 1)
        .returning(*_CLAIMED)
    )


HAS_DUE = select(exists().where(_DUE))
CLAIM = _claim(_CIRCUIT_CLOSED)
CLAIM_PROBE = _claim(_OF_PARTNER)

# ---- settling

_CLAIM_STANDS = and_(
    job.c.id == bindparam("of"),
    job.c.lease_token == bindparam("token"),
    job.c.state == _READY,
    job.c.lease_owner.is_not(None),  # not settled or released by this very claim
)
RENEW = update(job).where(_CLAIM_STANDS).values(lease_until=_until)
RELEASE = update(job).where(_CLAIM_STANDS).values(lease_owner=None, lease_until=None)
DELETE = delete(job).where(_CLAIM_STANDS)
SETTLE = (
    update(job)
    .where(_CLAIM_STANDS)
    .values(
        state=bindparam("to"),
        attempts=bindparam("tried"),
        due=bindparam("next", type_=Instant),
        cursor=bindparam("place"),
        last_status=bindparam("status"),
        last_error=bindparam("error"),
        why=bindparam("code"),
        finished=bindparam("end", type_=Instant),
        lease_owner=None,
        lease_until=None,
    )
)

# ---- circuits

_CIRCUIT = and_(circuit.c.tenant == bindparam("whose"), circuit.c.partner == bindparam("at"))

HALF_OPEN = (
    select(circuit.c.tenant, circuit.c.partner)
    .where(circuit.c.open_until <= _now)
    .order_by(circuit.c.open_until)
    .with_for_update(skip_locked=True)
)
OPEN_CIRCUITS = select(circuit.c.tenant, circuit.c.partner).where(circuit.c.open_until > _now)
ADD_CIRCUIT = unless_there(circuit)
LOCK_CIRCUIT = select(circuit.c.failures, circuit.c.open_until).where(_CIRCUIT).with_for_update()
SAVE_CIRCUIT = update(circuit).where(_CIRCUIT).values(failures=bindparam("failed"), open_until=_until)
RESERVE_CIRCUIT = update(circuit).where(_CIRCUIT).values(open_until=_until)
CLOSE_CIRCUIT = update(circuit).where(_CIRCUIT, circuit.c.failures > 0).values(failures=0, open_until=None)
DELETE_CIRCUIT = delete(circuit).where(_CIRCUIT)

# ---- looking and purging

MESSAGE = job.c.subject.is_(None)
_MOST = bindparam("most", type_=Integer)


def _some(*conditions: ColumnElement[bool] | TextClause) -> Executable:
    """How many jobs meet the conditions, counted no further than ``most``."""
    some = select(job.c.id).where(*conditions).limit(_MOST).subquery()
    return select(func.count()).select_from(some)


_OPEN = text("state in ('ready', 'failed') and key is not null")  # the words of the index

COUNT_READY = _some(_OPEN, job.c.state == "ready")
COUNT_FAILED = _some(text("state = 'failed'"))
_OLD = (
    select(job.c.id)
    .where(text("state = 'done'"), job.c.finished <= bindparam("before", type_=Instant))
    .order_by(job.c.finished)
    .limit(_MOST)
)
PURGE = delete(job).where(job.c.id.in_(_OLD))
