"""Faults: what may break while ix works, done to real processes over a real PostgreSQL, and what held.

Every test fills in a row of a table. `make chaos` runs all at full size and prints it; `make test` runs them small.
Seeds are fixed, and times are read from the database's clock unless a row says otherwise."""
