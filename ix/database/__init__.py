"""All that is SQL: one `Database`, which hands out what stands in it.

address                 where the database is, on one server or on several
connect, pool, jsonb    connections: how one is made, how one is borrowed, how JSON travels
faults                  whom an error concerns: the data, one statement, or all
repository              what every table's class shares: a pool, and statements that are transactions of their own
jobs, documents, engines, deliveries, expiries, keys, sessions, limits, pages, pictures, pdfs, audit, pauses, actions,
reviews, tallies, batches, caps, configurations, retention, retained   the tables, a class each
objects                 the store beside the database that large documents may go to
exports, metrics        reads over all of them
replica                 what is read of many jobs, of a standby where there is one
channels, listener      notifications: which there are, and the one connection that hears them
inspection              what the database says of itself
migrate, dbmate, roles  how the tables come to be, and who may do what with them
embedded                a PostgreSQL of ix's own, for one machine
"""

from __future__ import annotations

from typing import Self

from ix.config import Settings
from ix.database.actions import Actions
from ix.database.audit import Audit
from ix.database.batches import Batches
from ix.database.caps import Caps
from ix.database.configurations import Configurations
from ix.database.connect import Pool
from ix.database.deliveries import Deliveries
from ix.database.documents import Documents
from ix.database.engines import Engines
from ix.database.expiries import Expiries
from ix.database.exports import Exports
from ix.database.jobs import Jobs
from ix.database.keys import Keys
from ix.database.limits import Limits
from ix.database.metrics import Metrics
from ix.database.objects import ObjectStore, open_store
from ix.database.pages import Pages
from ix.database.pauses import Pauses
from ix.database.pdfs import Pdfs
from ix.database.pictures import Pictures
from ix.database.pool import close_pool, open_pool, ping
from ix.database.retained import Retained
from ix.database.retention import Retention
from ix.database.reviews import Reviews
from ix.database.sessions import Sessions
from ix.database.tallies import Tallies


class Database:
    """The way to everything in the database, over one pool: `jobs`, `documents`, `engines`, `deliveries`,
    `expiries`, `keys`, `sessions`, `limits`, `pages`, `pictures`, `pdfs`, `audit`, `pauses`, `actions`, `reviews`,
    `exports`, `metrics`, `tallies`, `batches`, `caps`, `configurations`, `retention` and `retained`. `acquire_timeout`:
    seconds that a statement may wait for a free connection. `store`: where documents of `least_bytes` go."""

    def __init__(
        self, pool: Pool, acquire_timeout: float = 5.0, store: ObjectStore | None = None, least_bytes: int = 0
    ) -> None:
        self.pool = pool
        self.documents = Documents(pool, acquire_timeout, store, least_bytes)
        self.jobs = Jobs(pool, acquire_timeout)
        self.engines = Engines(pool, acquire_timeout)
        self.deliveries = Deliveries(pool, acquire_timeout)
        self.expiries = Expiries(pool, acquire_timeout)
        self.keys = Keys(pool, acquire_timeout)
        self.limits = Limits(pool, acquire_timeout)
        self.pages = Pages(pool, acquire_timeout)
        self.pictures = Pictures(pool, acquire_timeout)
        self.pdfs = Pdfs(pool, acquire_timeout)
        self.sessions = Sessions(pool, acquire_timeout)
        self.audit = Audit(pool, acquire_timeout)
        self.pauses = Pauses(pool, acquire_timeout)
        self.actions = Actions(pool, acquire_timeout)
        self.reviews = Reviews(pool, acquire_timeout)
        self.exports = Exports(pool, acquire_timeout)
        self.metrics = Metrics(pool, acquire_timeout)
        self.tallies = Tallies(pool, acquire_timeout)
        self.caps = Caps(pool, acquire_timeout)
        self.retained = Retained(pool, acquire_timeout)
        self.batches = Batches(pool, acquire_timeout)
        self.retention = Retention(pool, acquire_timeout)
        self.configurations = Configurations(pool, acquire_timeout)
        self._acquire_timeout = acquire_timeout

    @classmethod
    async def open(cls, settings: Settings, pool: Pool | None = None) -> Self:
        """The database at `settings.postgres_url`, or over a pool that is there, and the store of documents. Raises
        `ConfigError` where one is no address; what is down is found down later."""
        store = open_store(settings)
        return cls(pool or await open_pool(settings), settings.acquire_timeout, store, settings.s3_least_bytes)

    async def close(self) -> None:
        """Closes the pool, politely where the database answers."""
        await close_pool(self.pool)

    async def ping(self, channel: str, payload: str) -> None:
        """Sends a notification the way that all others take. Raises `Overloaded`."""
        await ping(self.pool, self._acquire_timeout, channel, payload)
