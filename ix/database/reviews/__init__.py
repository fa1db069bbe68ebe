"""Reviews: what people made of the answers of jobs, who looks at which, and what that says of the bar.

find     all there is of a review, with the answer that it is about
write    corrections and decisions, each against the version that was seen
lease    who looks at which job, and the next one
bar      how many values would pass at which bar, and how many of those were wrong"""

from __future__ import annotations

from ix.database.reviews.bar import Bar, BarField, BarPoint, ReadBar
from ix.database.reviews.find import Correction, Decided, FindReviews, Lease, StoredReview
from ix.database.reviews.lease import LEASE_SECONDS, LeaseReviews, Where
from ix.database.reviews.write import Decision, WriteReviews


class Reviews(FindReviews, WriteReviews, LeaseReviews, ReadBar):
    """The tables of reviews and of corrections."""


__all__ = [
    "LEASE_SECONDS",
    "Bar",
    "BarField",
    "BarPoint",
    "Correction",
    "Decided",
    "Decision",
    "Lease",
    "Reviews",
    "StoredReview",
    "Where",
]
