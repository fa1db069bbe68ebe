"""Two machines out of a bare Debian, as `docs/two-machines.md` sets them up: `python -m tests.machines`.

roots ──▶ a Debian root by debootstrap, and the packages of the page in it; a copy for each machine
network ─▶ a bridge, and a network namespace for each machine
machine ─▶ systemd boots in the root, in namespaces of its own: services are those of Debian and of deploy/
runbook ─▶ the blocks of the page, each run on the machines that it names
papers ──▶ made-up documents with what they say; senders submit them by both proxies
deeds ───▶ a process of each kind dies meanwhile; counting ──▶ what became of every job"""
