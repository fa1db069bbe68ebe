"""`python -m bench`: ix and its peers side by side, on one PostgreSQL, in one run. See `docs/benchmarks.md`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from bench import drain, end_to_end, growth, idle, pickup, reading, recovery, report, submit
from bench.book import QUICK, Bench, Failure, Sizes
from bench.contestants import ContestantFailed
from bench.peer import Peer, check
from bench.peers import NAMES
from bench.servers import ServerError, postgres, redis
from bench.service import Ix

SECTIONS = {
    "pickup": pickup.run,
    "submit": submit.run,
    "drain": drain.run,
    "end_to_end": end_to_end.run,
    "growth": growth.run,
    "recovery": recovery.run,
    "idle": idle.run,
    "reading": reading.run,
}


def main() -> None:
    parsed = arguments()
    check()
    # an orderly end, which stops the servers too
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        # who reads takes no jobs: the peers' queues are not even made then
        peers = [] if parsed.only == [reading.SECTION] else parsed.peers
        with bench(peers, QUICK if parsed.quick else Sizes()) as made:
            for name in parsed.only:
                SECTIONS[name](made)
            report.write(made, parsed.quick)
    except ServerError as error:
        sys.exit(f"bench: {error}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="ix and its peers side by side.")
    parser.add_argument(
        "--only", type=Names(SECTIONS), default=list(SECTIONS), metavar="SECTIONS", help=f"of {', '.join(SECTIONS)}"
    )
    parser.add_argument(
        "--peers", type=Names(NAMES), default=list(NAMES), metavar="PEERS", help=f"beside ix, of {', '.join(NAMES)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a look at whether all of it works; the figures mean little"
    )
    return parser.parse_args()


class Names:
    """Comma-separated names out of those known; none given means all of them."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = list(known)

    def __call__(self, given: str) -> list[str]:
        names = [name for name in given.split(",") if name] or self._known
        if unknown := [name for name in names if name not in self._known]:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: choose from {', '.join(self._known)}")
        return [name for name in self._known if name in names]


@contextmanager
def bench(peers: Sequence[str], sizes: Sizes) -> Iterator[Bench]:
    """The servers and everybody who takes part."""
    with postgres() as server, redis() as other:
        made = Bench(server, other, [Ix(server)], sizes)
        beside = f"Redis {other.version}" if other else "no Redis: its peers are skipped"
        made.log(f"PostgreSQL {server.version}, durable; {beside}")
        for name in peers:
            try:
                made.contestants.append(Peer(name, server, other))
            except ContestantFailed as error:
                made.book.failures.append(Failure("all", name, str(error)))
                made.log(f"{name} left out: {error}")
        yield made


if __name__ == "__main__":
    main()
