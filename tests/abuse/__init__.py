"""Abuse: what hostile clients and documents may try, done to real processes through their sockets, and what held.

Every test fills in a row of a table. `make abuse` runs all at full size and prints it; `make test` runs them small.
Seeds are fixed."""
