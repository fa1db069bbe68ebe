"""Runs jobs: hears of work, claims it, runs its use case, stores the answer, rescues what other engines dropped.

listener ──wake──▶ worker ──claim──▶ runner ──use case──▶ response ──finish──▶ callbacks
lookout  ──wake──▶   ▲                     └─step─▶ teller      sweeper: rescues orphans
"""
