"""Names that SQL and Python have in common: the channels of notifications, and the space of advisory locks.

A channel says that something may have happened: a hint, never the truth. The SQL of this package and of the migrations
writes these names out; who listens takes them from here."""

from __future__ import annotations

JOBS_CHANNEL = "ix_jobs"
"""To engines: there may be work, or a free slot."""
SCHEDULED_CHANNEL = "ix_scheduled"
"""To engines: a job waits for its time, or the part of one has ended, which may have been the last."""
CANCELLED_CHANNEL = "ix_cancelled"
"""To engines: nobody waits for this job any more; one ix_id a notification."""
DELIVERIES_CHANNEL = "ix_deliveries"
"""To engines: there may be a callback to deliver."""
BATCHES_CHANNEL = "ix_batches"
"""To engines: a job of a batch has ended or is gone, or a batch takes no more: all of it may have ended."""
PICTURES_CHANNEL = "ix_pictures"
"""To engines: somebody wants to see a page."""
OPERATIONS_CHANNEL = "ix_operations"
"""To engines: something is to be done to many jobs, or a use case was paused or goes on."""
ENDED_CHANNEL = "ix_ended"
"""To web: these jobs have ended; ix_ids separated by spaces."""
CHANGED_CHANNEL = "ix_changed"
"""To web: this job is pending or scheduled again; one ix_id a notification."""
PROGRESS_CHANNEL = "ix_progress"
"""To web: what jobs of one client are doing; an `ix.database.jobs.ProgressNews` in JSON."""
REVIEWS_CHANNEL = "ix_reviews"
"""To web: the review of a job has changed; an `ix.database.jobs.ReviewNews` in JSON."""
CONFIGURATIONS_CHANNEL = "ix_configurations"
"""To web: a configuration was saved or deleted."""
KEYS_CHANNEL = "ix_keys"
"""To web: a key was made, changed or revoked, or the session of a browser began or ended."""

LOCK_SPACE = 26936
"""First number of every advisory lock of ix: the letters "ix" as a 16-bit number. The second one is 0 for migrations,
else an engine's `lock_key`."""
