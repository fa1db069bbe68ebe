"""`python -m tests.machines [--documents 10000] [--keep FOLDER]`: as root, on Linux, with debootstrap, bubblewrap and
iproute2. `docs/two-machines.md` says what is set up; at the end stands a table, and nothing else is left."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from bench.papers import SHARES, papers
from tests.machines import counting, machine, network, roots, setting_up, spreading
from tests.machines.counting import Count
from tests.machines.deeds import DEEDS
from tests.machines.senders import Senders
from tests.machines.setting_up import Service

LOOK_SECONDS = 10.0
END_SECONDS = 1800.0


class Log:
    """Lines of progress, each with the time since the begin."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def __call__(self, text: str) -> None:
        print(f"[{int(self.seconds) // 60:2d}:{int(self.seconds) % 60:02d}] {text}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.machines", description="Two machines of a bare Debian.")
    parser.add_argument("--documents", type=int, default=10_000, help="how many are submitted, at least 100")
    parser.add_argument(
        "--keep", type=Path, help="a folder that keeps the Debian root and its packages for another run"
    )
    parser.add_argument(
        "--spread", action="store_true", help="1, 2 and 4 processes of each kind instead (docs/capacity.md)"
    )
    given = parser.parse_args()
    worker = os.fork()
    if not worker:
        # no signal of a terminal comes there: whoever waits for it ends it
        os.setsid()
        os._exit(worked(given))
    sys.exit(awaited(worker))


def awaited(worker: int) -> int:
    """The exit code of the process that works. Whatever happens to it or to this one, nothing of it is left."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
    finally:
        # who is impatient twice would leave half of it
        for impatience in (signal.SIGINT, signal.SIGTERM):
            signal.signal(impatience, signal.SIG_IGN)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        machine.clear(worker)
        network.clear(worker)
        shutil.rmtree(folder_of(worker), ignore_errors=True)


def worked(given: argparse.Namespace) -> int:
    """Does what is asked for and prints what came of it; 0 where all of it is good."""
    log, own = Log(), folder_of(os.getpid())
    try:
        service = running(given.keep or own, own, log)
        if given.spread:
            print(spreading.measured(service, given.documents, log), flush=True)
            return 0
        found = [*counted(service, given.documents, log), Count("all of it", f"{log.seconds:.0f} s", True)]
    except BaseException:
        traceback.print_exc()
        return 1
    for one in found:
        print(f"{one.name:45} {one.found}{'' if one.good else '   NOT GOOD'}", flush=True)
    return int(not all(one.good for one in found))


def running(kept: Path, own: Path, log: Log) -> Service:
    """From the Debian root to a service on two machines."""
    own.mkdir()
    kept.mkdir(parents=True, exist_ok=True)
    below = roots.installed(kept.resolve(), own)
    log("Debian, and the packages of the page in it")
    network.build()
    machines = machine.booted(below, own)
    log("both machines have booted")
    service = setting_up.set_up(machines)
    log("both proxies answer")
    # clients of ix trust what this names
    os.environ["SSL_CERT_FILE"] = str(service.certificates(own))
    return service


def counted(service: Service, documents: int, log: Log) -> list[Count]:
    """Has documents submitted and processes die, and counts what became of them."""
    began = log.seconds
    done = work(service, documents, log)
    took = log.seconds - began
    log(f"all {documents:,} have ended; counting")
    return [
        *(Count(f"killed: {name}", f"back in {seconds:.1f} s", True) for name, seconds in done.items()),
        *counting.counts(service, done.senders),
        Count("set up in", f"{began:.0f} s", True),
        Count("submitted and ended in", f"{took:.0f} s ({documents / took:.1f} documents/s)", True),
    ]


class Done(dict[str, float]):
    """Seconds of each deed by its name, and the senders."""

    senders: Senders


def work(service: Service, documents: int, log: Log) -> Done:
    """Submits all, does the deeds meanwhile, and waits for every end."""
    mixed = ", ".join(f"{share:.0%} {kind}" for kind, share in SHARES.items())
    log(f"submitting {documents:,} documents: {mixed}")
    done, left, looked = Done(), list(DEEDS), 0.0
    done.senders = senders = Senders(service.urls, service.key, papers(documents))
    senders.start()
    while log.seconds < END_SECONDS:
        over = senders.are_done
        if left and len(senders.acknowledged) >= left[0].share * documents:
            deed = left.pop(0)
            log(f"SIGKILL: {deed.name}")
            done[deed.name] = deed.do(service.machines)
            log(f"back after {done[deed.name]:.1f} s")
            continue
        if time.monotonic() - looked > LOOK_SECONDS or over:
            looked, [row] = time.monotonic(), counting.ask(service, counting.ENDED)
            log(f"{len(senders.acknowledged):,} acknowledged, {row['ended']:,} of {row['jobs']:,} jobs ended")
            if over and not left and row["jobs"] == row["ended"]:
                return done
        time.sleep(0.2 if not over else 2)
    raise AssertionError(f"not all has ended within {END_SECONDS:.0f} s")


def folder_of(run: int) -> Path:
    """What a run writes, on a disk: it is how long a disk takes that is measured."""
    return Path(f"/var/tmp/ix-machines-{run}")


if __name__ == "__main__":
    main()
