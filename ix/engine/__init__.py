"""Runs jobs: hears of work, claims it, runs its use case, stores the answer, rescues what other engines dropped.

    listener ──wake──▶ claimer ──claims──▶ slots ──▶ attempt ──use case──▶ answer ──▶ finisher ──▶ callbacks
    poller   ──wake──▶                                  └─step─▶ progress
    maintenance: what looks from time to time, among it the sweeper, which rescues orphans

process     the command `ix engine`: signals
pulse       a process beside it, that beats for an engine which stands still, and ends it
engine      puts it all together
listener    hears notifications, holds the engine's lock, carries its heartbeat
worker      claims, runs and drains: the three below as one
claimer     how many jobs to claim and when (`prefetch`: how many beyond the free slots; `quarantine`: when none)
slots       tasks that run one claim after the other
finisher    stores what jobs came to, many with one commit
attempt     one job, from its claim to its answer
runner      its use case, under its time limit (`worktime`: of work alone; `context`: what that sees of the engine)
keeping     what is read of it is kept for its next attempt
stacks      documents that are several, each of which becomes a job
answer      its response, as JSON that PostgreSQL can store
"""
