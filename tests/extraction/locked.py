"""PDFs behind a password: the standard security handler of PDF 1.4 (ISO 32000-1, 7.6.3, revision 3), 128 bits."""

from __future__ import annotations

import hashlib
import re
from functools import partial
from pathlib import Path

from tests.extraction.pdfs import Sheet, lines, pdf, stream, written

PASSWORD = "open sesame"
PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
IDENTITY = bytes(range(16))
RIGHTS = -4
OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj\n", re.DOTALL)
STREAM = re.compile(rb"(?<=stream\n).*(?=\nendstream)", re.DOTALL)
AES = (Path(__file__).parent / "aes256.pdf").read_bytes()
"""A page that says `Total 12.50`, behind the password `Schlüssel` and AES of 256 bits (PDF 2.0)."""


def rc4(key: bytes, data: bytes) -> bytes:
    """RC4, which is its own inverse."""
    state, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def locked(password: str = PASSWORD, data: bytes | None = None, packs_catalog: bool = False) -> bytes:
    """A PDF that this password opens; a page of one total unless another is given."""
    padded = (password.encode("latin-1") + PAD)[:32]
    owner = _twenty(_fifty(padded), padded)
    key = _fifty(padded + owner + (RIGHTS & 0xFFFFFFFF).to_bytes(4, "little") + IDENTITY)
    user = _twenty(key, hashlib.md5(PAD + IDENTITY, usedforsecurity=False).digest()) + bytes(16)
    objects = {int(number): body for number, body in OBJECT.findall(data or pdf(Sheet(lines("Total 12.50"))))}
    if packs_catalog:
        objects[max(objects) + 1] = stream(b"1 0 " + objects.pop(1), "/Type /ObjStm /N 1 /First 4")
    for number, body in objects.items():
        objects[number] = STREAM.sub(partial(_as_stream, _of_object(key, number)), body)
    number = max(objects) + 1
    entries = f"/Filter /Standard /V 2 /R 3 /Length 128 /P {RIGHTS} /O <{owner.hex()}> /U <{user.hex()}>"
    objects[number] = f"<< {entries} >>".encode()
    trailer = f"/Encrypt {number} 0 R /ID [<{IDENTITY.hex()}> <{IDENTITY.hex()}>]"
    return _with_packed_catalog(objects, trailer) if packs_catalog else written(objects, trailer)


def _as_stream(key: bytes, found: re.Match[bytes]) -> bytes:
    return rc4(key, found[0])


def _with_packed_catalog(objects: dict[int, bytes], trailer: str) -> bytes:
    """The file with a stream for its cross-references (ISO 32000-1, 7.5.8), whose first object is in the last stream
    but one."""
    out, last = bytearray(b"%PDF-1.7\n"), max(objects) + 1
    places = dict.fromkeys(range(last + 1), b"\0" + bytes(5)) | {1: b"\2" + (last - 2).to_bytes(4, "big") + b"\0"}
    for number, body in objects.items():
        places[number] = b"\1" + len(out).to_bytes(4, "big") + b"\0"
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    places[last], start = b"\1" + len(out).to_bytes(4, "big") + b"\0", len(out)
    entries = f"/Type /XRef /Size {last + 1} /W [1 4 1] /Root 1 0 R {trailer}"
    out += f"{last} 0 obj\n".encode() + stream(b"".join(places.values()), entries) + b"\nendobj\n"
    return bytes(out + f"startxref\n{start}\n%%EOF\n".encode())


def _fifty(data: bytes) -> bytes:
    digest = hashlib.md5(data, usedforsecurity=False).digest()
    for _ in range(50):
        digest = hashlib.md5(digest, usedforsecurity=False).digest()
    return digest


def _twenty(key: bytes, data: bytes) -> bytes:
    for turn in range(20):
        data = rc4(bytes(byte ^ turn for byte in key), data)
    return data


def _of_object(key: bytes, number: int) -> bytes:
    return hashlib.md5(key + number.to_bytes(3, "little") + bytes(2), usedforsecurity=False).digest()
