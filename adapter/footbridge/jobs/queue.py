"""The durable queue: every read and write of jobs and circuits, in the caller's transaction.

Messages are queued in the transaction that makes them true, and handed to workers, each to one at a time. A claim is a
lease with a token: the lease ends when its worker dies, the token is a number that grows with every claim. Whoever
settles a job must hold the newest token, so a worker that slept through its lease changes nothing, and is told so. Only
the oldest open message of a key can be claimed; a failed one blocks its key.

Leases follow the injected clock. Workers on several hosts need clocks that agree to well within one lease; where they
don't, a message may be sent twice, but is still settled once.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, CursorResult, Executable, Row, func, select, update

from footbridge import traces
from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _
from footbridge.jobs import statements
from footbridge.jobs.breaker import Circuit
from footbridge.jobs.job import (
    ABANDONED,
    DONE,
    FAILED,
    MAX_ERROR_LENGTH,
    READY,
    STATES,
    TRACE,
    Failure,
    Job,
    MessageSummary,
)
from footbridge.jobs.retry import Policy
from footbridge.store.dialect import ByDialect
from footbridge.store.tables import job as table

SUPERSEDED, DROPPED = "superseded", "dropped"
"""Codes of ``mappings/delivery.json`` that the queue itself writes."""
MAX_COUNTED = 1000  # jobs of one state that ``backlog`` counts

_RANDOM_TOKENS = 2**30
_SUMMARY = [table.c[name] for name in MessageSummary.__slots__]
_READY_AGAIN = {"state": READY, "attempts": 0, "finished": None, "last_status": None, "last_error": None, "why": None}


class JobQueue:
    """The jobs of all tenants, over a connection; it keeps nothing besides, so make one where you need it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enqueue(  # noqa: PLR0913 - a row has these columns, each named by the caller
        self,
        *,
        tenant: str,
        kind: str,
        partner: str,
        key: str,
        payload: Mapping[str, Any],
        dedupe: str,
        due: datetime,
        created: datetime | None = None,
        coalesce: bool = False,
    ) -> bool:
        """Queue a message, which leaves at ``due`` at the earliest.

        ``created`` is the present, when ``due`` is not. With ``coalesce``, unsent older messages of the same key and
        kind are superseded, failed ones too: for messages whose handler sends the state of that moment. A wait of one
        of them, such as a failed attempt imposed, passes to this one, and from it to the next. An abandoned one stays,
        and is marked.

        ``prescription`` and ``referral`` of the payload, where it has them, are ids of what the message is about.

        Returns False, and changes nothing, when the tenant has, or had, a message with this dedupe key.
        """
        now = created or due
        self._lock_key(tenant, key)
        row = {
            "tenant": tenant,
            "kind": kind,
            "partner": partner,
            "key": key,
            "dedupe": dedupe,
            "payload": orjson.dumps(_with_trace(payload)).decode(),
            "state": READY,
            "attempts": 0,
            "due": due,
            "lease_token": 0,
            "prescription": payload.get("prescription"),
            "referral": payload.get("referral"),
            "created": now,
        }
        number = self._run(statements.ENQUEUE, row).scalar()
        if number is None:
            return False
        if coalesce:
            older = {"whose": tenant, "queue": key, "what": kind, "before": number, "now": now, "reason": SUPERSEDED}
            overtaken = {name: older[name] for name in ("whose", "queue", "what", "before", "reason")}
            self._run(statements.OVERTAKE, overtaken | {"about": payload.get("prescription")})
            waits = [one.due for one in self._run(statements.SUPERSEDE, older)]
            if (wait := max(waits, default=due)) > due:
                self._run(statements.DELAY, {"of": number, "wait": wait})
        return True

    def _lock_key(self, tenant: str, key: str) -> None:
        """Let transactions that queue messages of one key commit in the order of their ids.

        PostgreSQL hands out an id when a row is inserted, not when it is committed: without this a later message could
        be seen, and sent, before an earlier one. SQLite has one writer at a time.
        """
        if self._connection.dialect.name == "postgresql":
            self._run(statements.LOCK_KEY, {"text": f"{tenant}\n{key}"})

    def plan(
        self, *, tenant: str, kind: str, subject: str, due: datetime, cursor: str | None = None, move: bool = True
    ) -> None:
        """Plan work for ``due``; what is planned already is moved (or stays, without ``move``) and keeps its cursor.

        Moving it withdraws a run that is under way: that run finds its token out of date and changes nothing.
        """
        row = {
            "tenant": tenant,
            "kind": kind,
            "subject": subject,
            "payload": "{}",
            "cursor": cursor,
            "state": READY,
            "attempts": 0,
            "due": due,
            "lease_token": secrets.randbelow(_RANDOM_TOKENS),  # that a run of what was cancelled does not hold
        }
        self._run(statements.PLAN_OR_MOVE if move else statements.PLAN_OR_KEEP, row)

    def hasten(self, *, tenant: str, kind: str, subject: str, due: datetime) -> None:
        """Let planned work that falls due later fall due at ``due``; a run that is under way goes on."""
        self._run(statements.HASTEN, {"whose": tenant, "what": kind, "about": subject, "next": due})

    def is_planned(self, *, tenant: str, kind: str, subject: str) -> bool:
        """Whether due work of this kind and subject is still to come."""
        return self._run(statements.PLANNED, {"whose": tenant, "what": kind, "about": subject}).first() is not None

    def cancel(self, *, tenant: str, kind: str, subject: str) -> bool:
        """Take back what was planned; False when there is no such job."""
        return self._run(statements.CANCEL, {"whose": tenant, "what": kind, "about": subject}).rowcount == 1

    def has_due(self, kinds: Collection[str], now: datetime) -> bool:
        """Whether a claim may find something; needs no write lock, so that idle workers disturb nobody."""
        return bool(self._run(statements.HAS_DUE, {"now": now, "kinds": sorted(kinds)}).scalar())

    def claim(
        self,
        *,
        owner: str,
        kinds: Collection[str],
        now: datetime,
        lease: timedelta,
        limit: int = 1,
        busy: Collection[tuple[str, str]] = (),
    ) -> list[Job]:
        """Claim up to ``limit`` jobs of these kinds that are due, in the order in which they fell due.

        Leaves out messages to partners whose circuit is open; of each that may be back it takes one as a probe. Leaves
        out all that waits for the partners of ``busy`` (tenant, name), polls too.
        """
        terms = {"owner": owner, "kinds": sorted(kinds), "now": now, "until": now + lease}
        terms["busy"] = [f"{tenant}\n{partner}" for tenant, partner in busy]
        jobs = self._claim_probes(terms, limit)
        if len(jobs) < limit:
            rows = self._run(statements.CLAIM, {**terms, "limit": limit - len(jobs)}).all()
            jobs += [_job(row) for row in sorted(rows, key=lambda row: (row.due, row.id))]
        return jobs

    def _claim_probes(self, terms: dict[str, Any], limit: int) -> list[Job]:
        jobs: list[Job] = []
        for half_open in self._run(statements.HALF_OPEN, {"now": terms["now"]}).all()[:limit]:
            at = {"whose": half_open.tenant, "at": half_open.partner}
            row = self._run(statements.CLAIM_PROBE, {**terms, **at, "limit": 1}).one_or_none()
            if row is not None:
                self._run(statements.RESERVE_CIRCUIT, {**at, "until": terms["until"]})
                jobs.append(_job(row, probe=True))
        return jobs

    def renew(self, jobs: Sequence[Job], *, until: datetime) -> list[Job]:
        """Extend leases; returns the jobs whose claim stands."""
        return [job for job in jobs if self._settled(statements.RENEW, job, until=until)]

    def release(self, job: Job) -> bool:
        """Give a job back without an attempt; False when the claim stood no more, as for every method below."""
        return self._settled(statements.RELEASE, job)

    def finish(self, job: Job, *, now: datetime) -> bool:
        """A message was sent, and its row stays until it is purged; of due work no run follows, and its row goes."""
        if not job.is_message:
            return self._settled(statements.DELETE, job)
        return self._settle(job, DONE, due=now, end=now)

    def retry(self, job: Job, *, due: datetime, failure: Failure) -> bool:
        """The attempt failed; the next one is due at ``due``, from the same cursor."""
        return self._settle(job, READY, due=due, failure=failure)

    def fail(self, job: Job, *, now: datetime, failure: Failure) -> bool:
        """Leave a message to a person; its key waits."""
        return self._settle(job, FAILED, due=now, end=now, failure=failure)

    def give_up(self, job: Job, *, now: datetime, failure: Failure) -> bool:
        """A message will not be sent again by itself; later messages of its key go on."""
        return self._settle(job, ABANDONED, due=now, end=now, failure=failure)

    def reschedule(self, job: Job, *, due: datetime, cursor: str | None) -> bool:
        """The run went well; the next one is due at ``due`` and starts from ``cursor``."""
        return self._settle(job, READY, due=due, attempts=0, cursor=cursor)

    def _settle(self, job: Job, state: str, *, due: datetime, failure: Failure | None = None, **changed: Any) -> bool:  # noqa: ANN401 - columns
        return self._settled(
            statements.SETTLE,
            job,
            to=state,
            tried=changed.get("attempts", job.attempt),
            next=due,
            place=changed.get("cursor", job.cursor),
            end=changed.get("end"),
            status=failure.status if failure else None,
            code=failure.code if failure else None,
            error=failure.text if failure else None,
        )

    def _settled(self, statement: Executable, job: Job, **values: object) -> bool:
        return self._run(statement, {"of": job.id, "token": job.lease_token, **values}).rowcount == 1

    def record_answer(self, tenant: str, partner: str) -> None:
        """A partner answered: its circuit is closed and its failures are forgotten."""
        self._run(statements.CLOSE_CIRCUIT, {"whose": tenant, "at": partner})

    def record_no_answer(
        self,
        tenant: str,
        partner: str,
        *,
        now: datetime,
        policy: Policy,
        probe: bool = False,
        retry_after: float | None = None,
    ) -> datetime | None:
        """A partner gave no answer; returns until when its circuit is open, None while it stays closed."""
        at = {"whose": tenant, "at": partner}
        self._run(statements.ADD_CIRCUIT, {"tenant": tenant, "partner": partner, "failures": 0})
        before = Circuit(*self._run(statements.LOCK_CIRCUIT, at).one())
        after = before.after_failure(now, policy, probe=probe, retry_after=retry_after)
        if after != before:
            self._run(statements.SAVE_CIRCUIT, {**at, "failed": after.failures, "until": after.open_until})
        return after.open_until

    def open_circuits(self, now: datetime) -> list[tuple[str, str]]:
        """Tenant and partner of each circuit that is open."""
        return [(row.tenant, row.partner) for row in self._run(statements.OPEN_CIRCUITS, {"now": now})]

    def forget_circuit(self, tenant: str, partner: str) -> None:
        """A partner is removed: what is known of its health goes too."""
        self._run(statements.DELETE_CIRCUIT, {"whose": tenant, "at": partner})

    def list(
        self, *, state: str | None = None, partner: str | None = None, tenant: str | None = None, limit: int = 100
    ) -> Sequence[MessageSummary]:
        """The newest messages that meet every filter, newest first."""
        is_open = state in statements.OPEN_STATES  # few: their index serves, where none of the tenant is in the way
        here = _messages(state=state, partner=partner, tenant=None if is_open else tenant)
        if is_open:
            here.append(statements.IS_OPEN)
            here += [] if tenant is None else [func.coalesce(table.c.tenant, "") == tenant]
        rows = self._run(select(*_SUMMARY).where(*here).order_by(table.c.id.desc()).limit(limit))
        return [_summary(row) for row in rows]

    def find(self, message: int, *, tenant: str | None = None) -> MessageSummary:
        """One message. Raises NotFoundError for an unknown id, or another tenant's."""
        row = self._run(select(*_SUMMARY).where(*_messages(id=message, tenant=tenant))).one_or_none()
        if row is None:
            raise NotFoundError(_("There is no message {message}.", message=message))
        return _summary(row)

    def counts(self, *, tenant: str | None = None, partner: str | None = None) -> dict[str, int]:
        """How many messages are in each state, of one tenant or partner or of all."""
        here = _messages(partner=partner, tenant=tenant)
        grouped = select(table.c.state, func.count().label("number")).where(*here).group_by(table.c.state)
        return dict.fromkeys(STATES, 0) | {row.state: row.number for row in self._run(grouped)}

    def backlog(self) -> dict[str, int]:
        """How many messages are ready and how many failed, of all tenants; 1000 stands for 1000 or more.

        Reads the small indexes of these states only, however many messages were sent before.
        """
        counted = {READY: statements.COUNT_READY, FAILED: statements.COUNT_FAILED}
        return {state: self._run(count, {"most": MAX_COUNTED}).scalar_one() for state, count in counted.items()}

    def retry_again(
        self, message: int | None = None, *, now: datetime, partner: str | None = None, tenant: str | None = None
    ) -> Sequence[MessageSummary]:
        """Send a failed or abandoned message again, at once, with all its attempts; or every failed one.

        Of many, abandoned ones stay: each was given up by a person. Returns those that are sent again. Raises
        NotFoundError for an unknown id (or another tenant's), ConflictError for a message in another state.
        """
        states = [FAILED] if message is None else [FAILED, ABANDONED]
        return self._change(message, states, {**_READY_AGAIN, "due": now}, partner=partner, tenant=tenant)

    def abandon(
        self,
        message: int | None = None,
        *,
        by: str,
        now: datetime,
        partner: str | None = None,
        tenant: str | None = None,
    ) -> Sequence[MessageSummary]:
        """Give a ready or failed message up, or every failed one; the row says who did it.

        A worker that is sending it will find its claim gone. Returns those that were given up. Raises NotFoundError for
        an unknown id (or another tenant's), ConflictError for a message that is done or abandoned.
        """
        states = [FAILED] if message is None else [READY, FAILED]
        values = {
            "state": ABANDONED,
            "finished": now,
            "last_error": f"Dropped by {by}."[:MAX_ERROR_LENGTH],
            "why": DROPPED,
            "lease_owner": None,
            "lease_until": None,
            "lease_token": table.c.lease_token + 1,
        }
        return self._change(message, states, values, partner=partner, tenant=tenant)

    def _change(
        self, message: int | None, states: Sequence[str], values: Mapping[str, object], **filters: str | None
    ) -> Sequence[MessageSummary]:
        here = _messages(id=message, **filters)
        change = update(table).where(*here, table.c.state.in_(states)).values(**values).returning(*_SUMMARY)
        changed = sorted(map(_summary, self._run(change)), key=lambda one: one.id)
        if message is None or changed:
            return changed
        state = self._run(select(table.c.state).where(*here)).scalar()
        if state is None:
            raise NotFoundError(_("There is no message {message}.", message=message))
        raise ConflictError(
            _(
                "Message {message} is {state}; this needs one that is {states}.",
                message=message,
                state=state,
                states=" or ".join(states),
            )
        )

    def purge(self, before: datetime, limit: int) -> int:
        """Delete up to ``limit`` messages that were done before that moment; returns how many."""
        return self._run(statements.PURGE, {"before": before, "most": limit}).rowcount

    def _run(self, statement: Executable | ByDialect, values: Mapping[str, Any] | None = None) -> CursorResult[Any]:
        chosen = statement if isinstance(statement, Executable) else statement[self._connection.dialect.name]
        return self._connection.execute(chosen, values)


def _messages(**filters: object) -> list[ColumnElement[bool]]:
    """SQL: the messages, not the due work, that meet each filter which is not None."""
    wanted = [table.c[name] == value for name, value in filters.items() if value is not None]
    return [statements.MESSAGE, *wanted]


def _summary(row: Row[Any]) -> MessageSummary:
    return MessageSummary(**row._mapping)  # noqa: SLF001 - the public name of a row's columns


def _with_trace(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The payload, and the trace in which it is queued, so that the attempts can link to it."""
    parent = traces.current_parent()
    return payload if parent is None else {**payload, TRACE: parent}


def _job(row: Row[Any], *, probe: bool = False) -> Job:
    return Job(
        id=row.id,
        tenant=row.tenant,
        kind=row.kind,
        partner=row.partner,
        subject=row.subject,
        key=row.key,
        payload=orjson.loads(row.payload),
        cursor=row.cursor,
        attempt=row.attempts + 1,
        lease_token=row.lease_token,
        created=row.created,
        probe=probe,
    )
