"""One worker that the chaos test starts, kills and starts again: ``worker_process.py DATABASE_URL PARTNER_FILE``.

Its handler plays the partner: an SQLite file that takes each business identifier once, and writes down every
arrival. One try in ten fails, half of these after the partner took the message, so that its answer is lost.
"""

import logging
import os
import random
import sqlite3
import sys
import threading
import time
from datetime import timedelta

import structlog

from footbridge.errors import PartnerUnavailable
from footbridge.jobs.retry import Backoff, Policy
from footbridge.jobs.worker import Worker
from footbridge.model.clock import SystemClock
from footbridge.store.engine import open_database

FAILURES = 0.1
POLICY = Policy(
    lease=timedelta(seconds=3),
    retry=Backoff(timedelta(milliseconds=20), timedelta(milliseconds=500)),
    circuit=Backoff(timedelta(milliseconds=200), timedelta(seconds=1)),
)


class Partner:
    """Idempotent by business identifier, as a conditional create is."""

    def __init__(self, place):
        self._connection = sqlite3.connect(place, timeout=60, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=OFF")

    def take(self, message):
        fate = random.random()
        if fate < FAILURES / 2:
            self._note("failed")
            raise PartnerUnavailable("The partner answered 503.", status=503)
        time.sleep(random.random() * 0.006)
        identifier, key, number = message.payload["identifier"], message.key, message.payload["number"]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("INSERT INTO arrival (key, number, pid) VALUES (?, ?, ?)", (key, number, os.getpid()))
        self._connection.execute(
            "INSERT OR IGNORE INTO effect (identifier, key, number) VALUES (?, ?, ?)", (identifier, key, number)
        )
        self._connection.execute("COMMIT")
        if fate < FAILURES:
            self._note("answer lost")
            raise PartnerUnavailable("The partner did not answer in time.")
        time.sleep(random.random() * 0.003)

    def _note(self, what):
        self._connection.execute("INSERT INTO failure (what) VALUES (?)", (what,))


def main():
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    url, place = sys.argv[1:]
    worker = Worker(open_database(url), SystemClock(), {"deliver": Partner(place).take}, policy=POLICY)
    worker.run(threading.Event())  # until it is killed


if __name__ == "__main__":
    main()
