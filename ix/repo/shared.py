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
