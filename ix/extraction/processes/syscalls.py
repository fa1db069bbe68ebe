"""Numbers of Linux's system calls, by machine (syscall_64.tbl of arch/x86; asm-generic/unistd.h for aarch64), and how a
filter of them is written for seccomp (seccomp(2); struct sock_filter of linux/filter.h).

A filter is a program for the kernel's packet filter: it loads words of `struct seccomp_data` (the call's number, the
machine, the arguments), compares them, and gives what is to become of the call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from struct import Struct
from typing import NamedTuple


class Machine(NamedTuple):
    """A machine's name in seccomp (AUDIT_ARCH_…, linux/audit.h), and its calls by name."""

    audit: int
    calls: Mapping[str, int]


def _numbers(table: str) -> dict[str, int]:
    return {name: int(number) for name, _, number in (entry.partition("=") for entry in table.split())}


_SINCE_424 = _numbers(
    """
    pidfd_send_signal=424 io_uring_setup=425 io_uring_enter=426 io_uring_register=427 open_tree=428 move_mount=429
    fsopen=430 fsconfig=431 fsmount=432 fspick=433 pidfd_open=434 clone3=435 openat2=437 pidfd_getfd=438
    process_madvise=440 mount_setattr=442
    """
)
"""From here on every machine has the same numbers."""
X86_64 = (
    _numbers(
        """
    open=2 shmget=29 socket=41 connect=42 accept=43 sendto=44 sendmsg=46 bind=49 listen=50 clone=56 fork=57
    vfork=58 execve=59 kill=62 semget=64 msgget=68 truncate=76 rename=82 mkdir=83 rmdir=84 creat=85 link=86
    unlink=87 symlink=88 chmod=90 fchmod=91 chown=92 fchown=93 lchown=94 ptrace=101 syslog=103 rt_sigqueueinfo=129
    mknod=133 personality=135 pivot_root=155 chroot=161 acct=163 mount=165 umount2=166 setxattr=188 lsetxattr=189
    fsetxattr=190 tkill=200 tgkill=234 mq_open=240 add_key=248 request_key=249 keyctl=250 openat=257 mkdirat=258
    mknodat=259 fchownat=260 unlinkat=263 renameat=264 linkat=265 symlinkat=266 fchmodat=268 unshare=272
    accept4=288 rt_tgsigqueueinfo=297 perf_event_open=298 prlimit64=302 name_to_handle_at=303
    open_by_handle_at=304 setns=308 process_vm_readv=310 process_vm_writev=311 kcmp=312 renameat2=316 bpf=321
    execveat=322 userfaultfd=323
    """
    )
    | _SINCE_424
)
AARCH64 = (
    _numbers(
        """
    setxattr=5 lsetxattr=6 fsetxattr=7 mknodat=33 mkdirat=34 unlinkat=35 symlinkat=36 linkat=37 renameat=38
    umount2=39 mount=40 pivot_root=41 truncate=45 chroot=51 fchmod=52 fchmodat=53 fchownat=54 fchown=55 openat=56
    acct=89 personality=92 unshare=97 syslog=116 ptrace=117 kill=129 tkill=130 tgkill=131 rt_sigqueueinfo=138
    mq_open=180 msgget=186 semget=190 shmget=194 socket=198 bind=200 listen=201 accept=202 connect=203 sendto=206
    sendmsg=211 add_key=217 request_key=218 keyctl=219 clone=220 execve=221 rt_tgsigqueueinfo=240
    perf_event_open=241 accept4=242 prlimit64=261 name_to_handle_at=264 open_by_handle_at=265 setns=268
    process_vm_readv=270 process_vm_writev=271 kcmp=272 renameat2=276 bpf=280 execveat=281 userfaultfd=282
    """
    )
    | _SINCE_424
)
MACHINES = {"x86_64": Machine(0xC000003E, X86_64), "aarch64": Machine(0xC00000B7, AARCH64)}

ALLOW = 0x7FFF0000
"""SECCOMP_RET_ALLOW: the call is made."""
EPERM, ENOSYS = 1, 38
_ERRNO = 0x00050000
"""SECCOMP_RET_ERRNO: the call fails with the error number in the low 16 bits."""
_OTHER_NUMBERING = 0x40000000
"""From here on x86_64 takes numbers of its 32-bit variant x32, which would go around a list of numbers."""
_INSTRUCTION = Struct("=HBBI")
_LOAD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""BPF_LD|BPF_W|BPF_ABS, BPF_JMP with BPF_JEQ, BPF_JGE and BPF_JSET and a constant, BPF_RET (linux/bpf_common.h)."""
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in `struct seccomp_data`; an argument has 8 bytes, the low ones first on these machines."""


class Argument(NamedTuple):
    """A call that is refused, or else allowed, by the low 32 bits of an argument: `same` allows it where it equals
    `value`, otherwise it is refused where it has one of the value's bits, or (`bits_needed`) where it has none."""

    call: str
    number: int
    value: int
    same: bool = False
    bits_needed: bool = False


def program(machine: Machine, refused: Iterable[str], unknown: Iterable[str], judged: Sequence[Argument]) -> bytes:
    """A filter that refuses some calls with EPERM, some with ENOSYS, so that callers fall back to older ones, and some
    by an argument; all others are allowed. Calls that the machine does not have are left out."""
    calls = machine.calls
    parts = [
        _step(_LOAD, _MACHINE),
        _step(_JUMP_EQUAL, machine.audit, 1, 0),
        _step(_RETURN, _ERRNO | EPERM),
        _step(_LOAD, _NUMBER),
        _step(_JUMP_GREATER_EQUAL, _OTHER_NUMBERING, 0, 1),
        _step(_RETURN, _ERRNO | EPERM),
        *(_fails(calls[name], EPERM) for name in refused if name in calls),
        *(_fails(calls[name], ENOSYS) for name in unknown if name in calls),
        *(_judged(calls[one.call], one) for one in judged if one.call in calls),
        _step(_RETURN, ALLOW),
    ]
    return b"".join(parts)


def _step(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return _INSTRUCTION.pack(code, if_true, if_false, constant)


def _fails(number: int, error: int) -> bytes:
    return _step(_JUMP_EQUAL, number, 0, 1) + _step(_RETURN, _ERRNO | error)


def _judged(number: int, one: Argument) -> bytes:
    test = _JUMP_EQUAL if one.same else _JUMP_SET
    # what follows the test: the refusal, then the permission
    allowed_if_true = one.same or one.bits_needed
    judge = (
        _step(_LOAD, _FIRST_ARGUMENT + 8 * one.number)
        + _step(test, one.value, int(allowed_if_true), int(not allowed_if_true))
        + _step(_RETURN, _ERRNO | EPERM)
        + _step(_RETURN, ALLOW)
    )
    return _step(_JUMP_EQUAL, number, 0, len(judge) // _INSTRUCTION.size) + judge


def instructions(code: bytes) -> int:
    """How many instructions a program has."""
    return len(code) // _INSTRUCTION.size
