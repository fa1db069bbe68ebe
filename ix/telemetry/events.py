"""What ix logs: each event is a member, with its level and its words."""

from __future__ import annotations

import logging
from enum import Enum


class Event(Enum):
    """Every kind of line: (level, sentence). The member's name in small letters is the `event` of a JSON line, and
    stable."""

    WEB_LISTENING = logging.INFO, "web listens"
    WEB_NOT_STARTED = logging.ERROR, "web did not start"
    TRACES_ON = logging.INFO, "spans are exported"
    TRACES_OFF = logging.WARNING, "spans are asked for, but OpenTelemetry is not installed"
    METRICS_ON = logging.INFO, "metrics are exported"
    METRICS_OFF = logging.WARNING, "metrics are asked for, but OpenTelemetry is not installed"
    TLS_RENEWED = logging.INFO, "the certificate was read anew"
    TLS_NOT_RENEWED = logging.WARNING, "the renewed certificate is not usable; the old one stays"
    WEB_STOPPED = logging.INFO, "web stopped"
    ENGINE_NOT_STARTED = logging.ERROR, "the engine inside the web process did not start; the API goes on without it"
    OVERLOADED = logging.WARNING, "requests refused: there is too much to do"
    CLIENT_REFUSED = logging.DEBUG, "connection refused or cut off"
    BODY_REFUSED = logging.WARNING, "a body was refused: the process that read it ended"
    SIGN_IN_REFUSED = logging.WARNING, "a sign-in was refused"
    JOB_ACCEPTED = logging.INFO, "job accepted"
    REQUEST_ANSWERED = logging.DEBUG, "request answered"
    REQUEST_FAILED = logging.ERROR, "request failed"
    STREAM_BROKEN_OFF = logging.WARNING, "an event stream was broken off"
    REPLICA_PASSED_OVER = logging.WARNING, "lists are asked of the database itself"
    DATABASE_UNREACHABLE = logging.WARNING, "PostgreSQL does not answer"

    ENGINE_STARTED = logging.INFO, "engine started"
    ENGINE_DRAINING = logging.INFO, "engine drains"
    ENGINE_STOPPED = logging.INFO, "engine stopped"
    ENGINE_DECLARED_DEAD = logging.WARNING, "this engine was taken for dead; it registers again"
    ENGINE_STUCK = logging.ERROR, "the engine stands still, since something computes without end; it is ended"
    PULSE_LOST = logging.WARNING, "the process that beats for an engine which stands still ended; another one starts"
    LISTENER_CONNECTED = logging.INFO, "listener connected"
    LISTENER_LOST = logging.WARNING, "listener lost its connection; it reconnects"
    NOTIFICATIONS_MISSING = (
        logging.WARNING,
        "notifications do not arrive, as through PgBouncer in transaction mode; ix polls instead",
    )
    NOTIFICATIONS_ARRIVE = logging.INFO, "notifications arrive again"
    POOLER_FOUND = logging.INFO, "a pooler stands between ix and PostgreSQL; statements are not kept prepared"
    LOOP_FAILED = logging.ERROR, "a loop failed and goes on"
    WARM_UP_FAILED = logging.ERROR, "a part of the engine did not warm up; jobs that need it will end in error"

    JOB_STARTED = logging.DEBUG, "job started"
    JOB_PROGRESS = logging.DEBUG, "job progress"
    JOB_FINISHED = logging.INFO, "job finished"
    JOB_RAISED = logging.ERROR, "use case raised"
    JOB_SPLIT = logging.INFO, "job split into the documents in it"
    PARENT_ENDED = logging.INFO, "job finished with the last of its parts"
    BATCH_ENDED = logging.INFO, "all jobs of a batch have ended"
    JOB_POSTPONED = logging.WARNING, "job failed in a way that may pass; it is tried again"
    JOB_INTERRUPTED = logging.INFO, "job interrupted: it was cancelled, or is not this engine's any more"
    JOB_RELEASED = logging.INFO, "job given back, no attempt spent"
    FINISH_REFUSED = logging.WARNING, "finish refused: the claim is stale"
    FINISH_DELAYED = logging.WARNING, "finish delayed: PostgreSQL does not take it now; it is tried again"
    ORPHAN_RESCUED = logging.WARNING, "orphan rescued"
    ORPHAN_ENDED = logging.ERROR, "orphan ended: no attempt left"

    PAGES_NOT_KEPT = logging.WARNING, "pages that were read are not kept; another attempt would read them again"
    PAGES_UNREADABLE = logging.WARNING, "what was read of a job before cannot be had; it is read again"
    PDF_NOT_MADE = logging.INFO, "a PDF of a job's pages that somebody wants cannot be made"
    PICTURE_NOT_DRAWN = logging.INFO, "a page that somebody wants to see cannot be drawn"
    PAGES_DROPPED = logging.INFO, "words of jobs that ended long ago dropped"

    ACTION_DONE = logging.INFO, "what was asked for many jobs is done"
    ACTION_NOT_UNDERSTOOD = (
        logging.WARNING,
        "asked for many jobs by another version of ix: left to its engines",
    )

    OBJECTS_DELETED = logging.INFO, "objects deleted that no document names any more"
    STORE_UNAVAILABLE = logging.WARNING, "the object store does not answer"
    JOBS_EXPIRED = logging.INFO, "jobs erased that were to be kept no longer"
    DOCUMENTS_ERASED = logging.INFO, "documents of ended jobs erased, whose results stay"
    RESULTS_ERASED = logging.INFO, "results of ended jobs erased, which stay"
    AUDIT_ERASED = logging.INFO, "entries of the audit log past their term erased"
    JOBS_PRUNED = logging.INFO, "jobs past their retention erased"

    CALLBACK_TRIED = logging.INFO, "callback tried"

    LIBRARY_WARNED = logging.WARNING, "a library warns"
