"""What keeps an engine and its database in order beside the work: one loop a file.

heartbeat    says that the engine lives while its listener cannot
poller       does from time to time what notifications would have asked for
sweeper      rescues the jobs of engines that are gone
retention    erases old jobs, and forgets engines that are gone
limits       puts the limits of use cases into force, and learns of those that others brought
promoter     makes scheduled jobs pending when their time comes
deliverer    calls clients back
binder       makes PDFs of jobs' pages for people to keep
painter      draws pages for people to look at
operator     does to many jobs what somebody has asked for, and moves those of use cases that are paused
progress     tells event streams what long jobs are doing
warm_up      loads the models, and keeps the engine's health current
timed        what `promoter`, `deliverer`, `painter`, `binder` and `operator` are made of: a loop that sleeps until
             something is due
"""
