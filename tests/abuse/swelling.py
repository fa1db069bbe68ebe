"""Bytes that say little and unpack to much."""

from __future__ import annotations

import io
import zipfile
import zlib

MIB = 1024 * 1024


def deflated(piece: bytes, size: int, before: bytes = b"", after: bytes = b"") -> bytes:
    """At least `size` bytes of the piece over and over, packed, without ever being whole: one packed mebibyte is
    repeated. The checksum at the end is wrong, but a reader that looks at it has unpacked everything by then."""
    packer = zlib.compressobj(9)
    start = packer.compress(before) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(piece * (MIB // len(piece) + 1)) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + block * (size // MIB + 1) + packer.compress(after) + packer.flush()


def zipped(name: str = "zeros.txt", size: int = 64 * MIB) -> bytes:
    """A ZIP of 66 kB that holds so much."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open(name, "w", force_zip64=True) as entry,
    ):
        for _ in range(size // MIB):
            entry.write(b"0" * MIB)
    return buffer.getvalue()


def laughing_xml(encoding: str = "utf-8", before: str = "") -> bytes:
    """Ten to the power of twelve laughs, as entities of entities."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 13))
    return f'{before}<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{entities}]><x>&l12;</x>'.encode(encoding)
