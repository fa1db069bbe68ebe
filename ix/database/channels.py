"""What the parts of the repository share: the channels that the SQL names, the lock space."""

from __future__ import annotations

from datetime import timedelta

JOBS_CHANNEL = "ix_jobs"
"""Named in the SQL of this room. Tells engines that there may be work. A hint, never the truth."""
SCHEDULED_CHANNEL = "ix_scheduled"
"""Named in the SQL of this room. Tells engines that a job waits for its time."""
ENDED_CHANNEL = "ix_ended"
"""Named in the SQL of this room. Tells waiters which jobs have ended: ix_ids separated by spaces."""
LOCK_SPACE = 26936
"""Named in the SQL of this room. First key of every advisory lock of ix: the letters "ix" as a 16-bit number."""


def interval(seconds: float) -> timedelta:
    """What the database takes for a time span."""
    return timedelta(seconds=seconds)


CANCELLED_CHANNEL = "ix_cancelled"
"""Named in the SQL below. Tells engines which jobs nobody waits for any more: one ix_id a notification."""


CHANGED_CHANNEL = "ix_changed"
"""Named in the SQL of the migrations. Tells which job is pending or scheduled again: one ix_id a notification."""


PROGRESS_CHANNEL = "ix_progress"
"""Named in the SQL below. Tells what jobs of one client are doing: a `ProgressNews` in JSON."""


DELIVERIES_CHANNEL = "ix_deliveries"
"""Named in the SQL of the migrations and below. Tells engines that there may be a callback to deliver."""


KEYS_CHANNEL = "ix_keys"
"""Named in the SQL below. Tells that a key was made or revoked."""
