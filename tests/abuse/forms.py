"""Forms (RFC 7578) written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

BOUNDARY = "edge"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
CONTENT = b"Total 12.50"
END = b"--edge--\r\n"

Part = tuple[bytes, bytes]
"""The fields of a part's head, and its body."""


class Case(NamedTuple):
    """A form: its parts beside those that every submission has, or all of its bytes; and what may be answered."""

    expected: set[int]
    parts: Sequence[Part] = ()
    content: bytes = CONTENT
    content_type: str = TYPE
    whole: bytes | None = None
    end: bytes = END

    def made(self, request_id: bytes) -> tuple[bytes, str]:
        """Its bytes and its type."""
        if self.whole is not None:
            return self.whole, self.content_type
        return written([*fields(request_id), *self.parts]) + self.end, self.content_type


def field(name: bytes, value: bytes, more: bytes = b"") -> Part:
    return b'content-disposition: form-data; name="%s"%s' % (name, more), value


def file(
    content: bytes = CONTENT, filename: bytes = b"a.txt", name: bytes = b"documents", kind: bytes = b"text/plain"
) -> Part:
    return b'content-disposition: form-data; name="%s"; filename="%s"\r\ncontent-type: %s' % (
        name,
        filename,
        kind,
    ), content


def fields(request_id: bytes) -> list[Part]:
    """What every submission says."""
    return [field(b"client_id", b"abuse"), field(b"request_id", request_id), field(b"use_case", b"drill")]


def written(parts: Sequence[Part]) -> bytes:
    """The form without its end."""
    return b"".join(b"--edge\r\n%s\r\n\r\n%s\r\n" % part for part in parts)


def cases() -> dict[str, Case]:
    """By what is wrong, or odd, with each."""
    no = {400, 422}
    half = written([*fields(b"half"), file()])
    return {
        "good": Case({201}, [file()]),
        "cut off before its end": Case({400}, [file()], end=b""),
        "cut off in its end": Case({400}, [file()], end=b"--edge-"),
        "cut off in a part": Case({400}, whole=half[:-20]),
        "cut off in a head": Case({400}, whole=half[: half.rindex(b"filename")]),
        "cut off after a boundary": Case({400}, whole=b"--edge"),
        "empty": Case({400}, whole=b""),
        "only an end": Case(no, whole=END),
        "no boundary": Case({400, 415}, [file()], content_type="multipart/form-data"),
        "another boundary": Case({400}, [file()], content_type="multipart/form-data; boundary=other"),
        "an empty boundary": Case({400}, [file()], content_type='multipart/form-data; boundary=""'),
        "a boundary of 10,000": Case({400}, [file()], content_type=f"multipart/form-data; boundary={'b' * 10_000}"),
        "a boundary with odd bytes": Case({400}, [file()], content_type="multipart/form-data; boundary=\udcff\udcfe"),
        "10,000 fields": Case(no, [field(b"f%d" % n, b"") for n in range(10_000)]),
        "10,000 files": Case(no, [file()] * 10_000),
        "10,000 options": Case(no, [field(b"options", b"{}")] * 10_000),
        "10,000 empty parts": Case(no, whole=b"--edge\r\n\r\n\r\n" * 10_000 + END),
        "10,000 boundaries": Case(no, whole=b"--edge\r\n" * 10_000 + END),
        "10,000 heads in a part": Case(no, [(b"x: y\r\n" * 10_000 + b'content-disposition: form-data; name="a"', b"")]),
        "a head of 1 MB": Case(
            no, [(b"x: " + b"y" * 1_000_000 + b'\r\ncontent-disposition: form-data; name="a"', b"")]
        ),
        "a name of 1 MB": Case(no, [field(b"n" * 1_000_000, b"")]),
        "a part without a name": Case(no, [(b"content-disposition: form-data", b"x")]),
        "a part without a head": Case(no, whole=b"--edge\r\n\r\nx\r\n" + END),
        "a field given twice": Case({422}, [field(b"client_id", b"other")]),
        "an unknown field": Case({422}, [field(b"admin", b"true")]),
        "a file as a field": Case({422}, [field(b"documents", b"x")]),
        "a file of another name": Case({422}, [file(name=b"scan")]),
        "options that are no JSON": Case({422}, [field(b"options", b"{")]),
        "options with a NUL": Case({422}, [field(b"options", rb'{"result": {"a": "\u0000"}}')]),
        "options in each other": Case({422}, [field(b"options", b"[" * 100_000)]),
        "options of 5,000 digits": Case({422}, [field(b"options", b'{"result": {"a": %s}}' % (b"7" * 5_000))]),
        "a NUL in a field": Case({422}, [field(b"callback_url", b"http://a\x00b/")]),
        "a NUL in a name": Case(no, [field(b"a\x00b", b"x")]),
        "no UTF-8 in a field": Case(no, [field(b"callback_url", b"\xff\xfe\xed\xa0\x80")]),
        "an unknown charset": Case({201}, [file()], content_type=f"{TYPE}; charset=nonsense"),
        "a charset that refuses": Case({201, 400}, [file()], content_type=f"{TYPE}; charset=undefined"),
        "a charset of names": Case({201, 400}, [file()], content_type=f"{TYPE}; charset=idna"),
        "a charset of bytes": Case({201, 400}, [file()], content_type=f"{TYPE}; charset=hex"),
        "a charset of two bytes": Case({201, 400, 422}, [file()], content_type=f"{TYPE}; charset=utf-16"),
        "a charset with a NUL": Case({201, 400}, [file()], content_type=f'{TYPE}; charset="a%00b"'),
        "a charset with an escaped NUL": Case({201, 400}, [file()], content_type=f"{TYPE}; charset*=utf-8''a%00b"),
        "a file name with a path": Case({201}, [file(filename=b"../../etc/passwd")]),
        "a file name with a NUL": Case({201, 400}, [file(filename=b"a\x00.pdf")]),
        "a file name that is no UTF-8": Case({201}, [file(filename=b"\xff\xfe")]),
        "a file name of 20,000": Case({201, 400}, [file(filename=b"n" * 20_000)]),
        "an empty file name": Case({201, 422}, [file(filename=b"")]),
        "a media type of 20,000": Case({201, 400}, [file(kind=b"a/" + b"b" * 20_000)]),
        "an empty file": Case({422}, [file(b"")]),
        "a file with the boundary in it": Case({201}, [file(b"a --edge b")], content=b"a --edge b"),
        "a file that is all bytes": Case({201}, [file(bytes(range(256)) * 40)], content=bytes(range(256)) * 40),
        "a file in quoted-printable": Case(
            {201, 400}, [(file()[0] + b"\r\ncontent-transfer-encoding: quoted-printable", CONTENT)]
        ),
        "a form in a form": Case(no, [file(half + END)]),
        "text before and after": Case({201, 400}, whole=b"hello\r\n" + half + END + b"bye"),
        "bare newlines": Case(no, whole=half.replace(b"\r\n", b"\n") + END),
    }
