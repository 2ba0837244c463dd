"""One whole worker that the chaos test starts, kills and starts again: ``spine_process.py DATABASE_URL``."""

import logging
import sys
import threading
from datetime import timedelta

import structlog

from footbridge.jobs.retry import Backoff, Policy
from footbridge.model.clock import SystemClock
from footbridge.referrals.build import build_worker
from footbridge.store.engine import open_database

POLICY = Policy(
    lease=timedelta(seconds=3),
    retry=Backoff(timedelta(milliseconds=20), timedelta(milliseconds=500)),
    circuit=Backoff(timedelta(milliseconds=200), timedelta(seconds=1)),
)


def main():
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    worker = build_worker(open_database(sys.argv[1]), SystemClock(), policy=POLICY)
    worker.run(threading.Event())  # until it is killed


if __name__ == "__main__":
    main()
