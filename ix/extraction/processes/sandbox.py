"""What a child process may not do, taken from it before it sees a document: a parser that a hostile one took over finds
no network, no files but the code that it runs, no programs, no memory of its parent's, and no rights to regain any.

    no new privileges   for good, and ahead of all that needs it                            prctl(2)
    network             a namespace of its own with nothing in it, where ix is root         network_namespaces(7)
    user                `nobody`, where ix is root                                          capabilities(7)
    files               the folders of the code to read, nothing to write                   landlock(7)
    calls               sockets, programs, other processes and the like fail                seccomp(2)

Each is done where the kernel offers it, and the others hold alone. `ix doctor` says which of it holds, as
`ix.extraction.processes.escapes` finds out by trying."""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from ix.extraction.processes import syscalls
from ix.extraction.processes.syscalls import Argument

PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 8, 22, 38
"""Options of prctl(2) (linux/prctl.h)."""
SECCOMP_MODE_FILTER = 2
CLONE_NEWNET, CLONE_THREAD = 0x40000000, 0x10000
NOBODY = 65534
"""The user and group that nothing belongs to (DEFAULT_OVERFLOWUID, linux/highuid.h)."""
CAP_DAC_READ_SEARCH = 1 << 2
"""May read files that only others may (linux/capability.h)."""
CAPABILITIES_VERSION = 0x20080522
"""_LINUX_CAPABILITY_VERSION_3: two words of 32 bits each."""
LANDLOCK = {"create": 444, "add": 445, "restrict": 446}
"""Its system calls, the same on every machine."""
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many rights to files each version of Landlock knows; later ones know those of the fifth (linux/landlock.h)."""
NETWORK_RIGHTS = 0b11
"""Binding and connecting TCP, from version 4 on."""
SCOPES = 0b11
"""Sockets without a path, and signals, to processes outside: from version 6 on."""
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

OUTSIDE = (
    *("socket", "connect", "accept", "accept4", "bind", "listen", "sendto", "sendmsg"),
    *("ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal"),
    *("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "process_madvise", "shmget", "msgget", "semget", "mq_open"),
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount", "fsopen", "fsmount"),
    *("fsconfig", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "acct", "syslog"),
    *("personality", "add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
)
"""Calls that reach other processes, machines, or much of the kernel, and that nothing needs which reads documents.
`socketpair` is not among them: asyncio makes one for itself, and it leads nowhere else."""
CHANGES = (
    *("creat", "truncate", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "rmdir", "link", "linkat", "unlink"),
    *("unlinkat", "symlink", "symlinkat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "chown", "fchown"),
    *("lchown", "fchownat", "setxattr", "lsetxattr", "fsetxattr"),
)
"""Calls that change files."""
PROGRAMS = ("execve", "execveat", "fork", "vfork")
"""Calls that start others."""
NEEDED = (
    *("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/share", "/etc/ld.so.cache", "/etc/fonts"),
    *("/etc/localtime", "/etc/tesseract", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat"),
    *("/proc/sys/vm/overcommit_memory", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/urandom"),
)
"""What libraries read beside code: shared objects, fonts, trained data, how many processors and how much memory there
are."""


def hide_memory() -> None:
    """Makes this process unreadable to every other one of its user: memory, environment, open files, core dumps."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_DUMPABLE, 0)


def confine(readable: Iterable[str] = (), programs: bool = False) -> None:
    """Takes from this process what is in the list above; `readable` are files and folders that it needs beside code,
    `programs` lets it start some, which are as confined as it is. Before any thread is started: some of it holds for
    threads to come alone."""
    if sys.platform != "linux":
        return
    paths = list(_existing([*sys.path, sys.prefix, sys.base_prefix, *NEEDED, *readable]))
    _libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.geteuid() == 0:
        _libc().unshare(CLONE_NEWNET)
        # with Landlock alone may a user that is nobody read what only root may: the code, and nothing else
        _become_nobody(_restrict_files(paths, programs), paths)
    else:
        _restrict_files(paths, programs)
    if not programs:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _restrict_calls(programs)
    hide_memory()


def _existing(paths: Iterable[str]) -> Iterator[str]:
    return (path for path in dict.fromkeys(paths) if path and os.path.exists(path))


# User


def _become_nobody(files_are_restricted: bool, paths: Sequence[str]) -> None:
    if files_are_restricted:
        _libc().prctl(PR_SET_KEEPCAPS, 1)
    elif not _may_read(paths):
        # its code lies in a folder of root's: it stays root, without any of root's rights
        _keep_capabilities(0)
        return
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    _keep_capabilities(CAP_DAC_READ_SEARCH if files_are_restricted else 0)


def _may_read(paths: Sequence[str]) -> bool:
    """Whether nobody may read the code, as far as its folders tell."""
    os.seteuid(NOBODY)
    try:
        return all(os.access(path, os.R_OK, effective_ids=True) for path in paths)
    finally:
        os.seteuid(0)


def _keep_capabilities(capabilities: int) -> None:
    header = (ctypes.c_uint32 * 2)(CAPABILITIES_VERSION, 0)
    # effective, permitted and inheritable of the first 32, then of the others
    _libc().capset(header, (ctypes.c_uint32 * 6)(capabilities, capabilities, 0, 0, 0, 0))


# Files


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def _restrict_files(paths: Sequence[str], programs: bool) -> bool:
    """Whether from now on only these can be read, and none be written."""
    call = _libc().syscall
    version = call(LANDLOCK["create"], None, 0, 1)
    if version < 1:
        return False
    rights = (1 << FILE_RIGHTS.get(version, 16)) - 1
    attributes = _Ruleset(rights, NETWORK_RIGHTS if version >= 4 else 0, SCOPES if version >= 6 else 0)
    # members that an older version does not know are 0, and so may be there
    ruleset = call(LANDLOCK["create"], ctypes.byref(attributes), ctypes.c_size_t(ctypes.sizeof(attributes)), 0)
    if ruleset < 0:
        return False
    folders = READ_FILE | READ_DIR | (EXECUTE if programs else 0)
    for path in [*paths, *(_existing(["/usr/bin", "/bin", "/usr/local/bin"]) if programs else ())]:
        _allow_beneath(ruleset, path, folders if os.path.isdir(path) else folders & ~READ_DIR)
    _allow_beneath(ruleset, os.devnull, READ_FILE | WRITE_FILE)
    restricted: bool = call(LANDLOCK["restrict"], ruleset, 0) == 0
    os.close(ruleset)
    return restricted


def _allow_beneath(ruleset: int, path: str, rights: int) -> None:
    # a folder that cannot be opened cannot be read either
    with suppress(OSError):
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = _Beneath(rights, folder)
            _libc().syscall(LANDLOCK["add"], ruleset, 1, ctypes.byref(rule), 0)
        finally:
            os.close(folder)


# Calls


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_char_p))


def _restrict_calls(programs: bool) -> None:
    machine = syscalls.MACHINES.get(platform.machine())
    if machine is None:
        return
    own = os.getpid()
    judged = [
        # abort() sends itself a signal
        *(Argument(call, 0, own, same=True) for call in ("kill", "tgkill")),
        Argument("prlimit64", 0, 0xFFFFFFFF),
    ]
    refused: Sequence[str] = OUTSIDE
    if not programs:
        refused = (*OUTSIDE, *CHANGES, *PROGRAMS)
        judged += [
            Argument("open", 1, WRITES),
            Argument("openat", 2, WRITES),
            Argument("clone", 0, CLONE_THREAD, bits_needed=True),
        ]
    # their arguments lie in memory, which a filter cannot see: libraries fall back to `clone` and `openat`
    code = syscalls.program(machine, refused, ("openat2",) if programs else ("openat2", "clone3"), judged)
    filter_ = _Program(syscalls.instructions(code), code)
    _libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filter_), 0, 0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
