"""`ix web` and `ix engine`: the two processes of the service, against the database that `IX_POSTGRES_URL` names. Each
imports its own packages when it starts: neither waits for those of the other, nor has to have them."""

from __future__ import annotations

import argparse
import os
from typing import NoReturn

from ix.config import Settings
from ix.database.connect import require_url
from ix.telemetry import log, tracing


def declare_web(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_web)


def declare_engine(command: argparse.ArgumentParser) -> None:
    command.set_defaults(run=_engine)


def _web(parsed: argparse.Namespace) -> int:
    from ix.api.app import create_app
    from ix.api.server.serve import serve

    settings = Settings.from_env()
    require_url(settings)
    with tracing.exported("ix-web"):
        serve(create_app(settings=settings), settings)
    _end()


def _engine(parsed: argparse.Namespace) -> int:
    from ix.engine.process import serve

    settings = Settings.from_env()
    require_url(settings)
    with tracing.exported("ix-engine"):
        serve(settings)
    _end()


def _end() -> NoReturn:
    """Ends this process, whatever threads still run: an exit that waits for them may wait for ever. Everything is
    stopped in good order by now, so that nothing but unwritten lines could be lost."""
    log.flush()
    os._exit(0)
