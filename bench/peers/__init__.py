"""The contestants beside ix: one file each, behind `host.Peer`.

These run in an environment of their own (`.venv-bench`), as subprocesses, and import nothing of ix. Each file's
`settings` says which of the peer's documented settings it uses, and `docs/benchmarks.md` why."""

NAMES = ("floor", "pgqueuer", "chancy", "procrastinate", "dbos", "celery", "arq", "dramatiq")
"""Every peer, and the floor, which is measured like one."""
