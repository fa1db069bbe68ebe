"""Writes a language model of half a megabyte that llama.cpp loads: a table that says which byte follows which.

The file is GGUF version 3 (the format's description is `docs/gguf.md` of ggml). The model is of the `llama`
architecture with one layer whose weights are all zero, so that only the last token counts: its embedding is its own
dimension, and the output matrix holds, for each token, how much it likes to follow that one. Greedy decoding is then a
walk along `LIKES`, and a grammar only leaves out steps. Every string ends after two letters, every number after one
digit, every list after one row: an answer never runs into the limit on its length.

Tokens are single bytes, so a prompt has as many tokens as bytes, and two more for each space, which SentencePiece
writes as U+2581."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME, DIGIT = "IX", 7
"""What the model writes: this for every text, this for every number."""
CONTEXT = 32_768
LIKES = {'"': "I", "I": "X", "X": '"', "7": "},", "e": "}", "l": "l}"}
"""The bytes that follow a byte, dearest first; what the grammar does not allow is passed over for the next, then for
`ALWAYS`."""
ALWAYS = '"7{]},:-0123456tIXrue'
"""The bytes that follow any other, dearest first."""
SPECIAL = ("<unk>", "<s>", "</s>")
EOS = 2
TOKENS = (*SPECIAL, *(f"<0x{byte:02X}>" for byte in range(256)))
WIDTH = 288
"""Size of an embedding: one dimension a token, rounded up to a multiple of 32."""
HEAD, HIDDEN = 8, 32
TEMPLATE = "{% for message in messages %}{{ message.role }}: {{ message.content }}\n{% endfor %}assistant: "
UINT32, INT32, FLOAT32, BOOL, STRING = 4, 5, 6, 7, 8
_ARRAY = 9
_ALIGNMENT = 32

Matrix = NDArray[np.float32]


def write(path: Path) -> Path:
    """Writes the model to `path` and gives it back."""
    return save(path, _metadata(), _tensors())


def save(path: Path, metadata: Sequence[bytes], tensors: Mapping[str, Matrix]) -> Path:
    """Writes a file of `pair`s, `array`s and tensors."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(metadata)) + b"".join(metadata) + _directory(tensors)
    path.write_bytes(_padded(head) + b"".join(_padded(tensor.tobytes()) for tensor in tensors.values()))
    return path


def _metadata() -> list[bytes]:
    sizes = {
        "context_length": CONTEXT,
        "embedding_length": WIDTH,
        "block_count": 1,
        "feed_forward_length": HIDDEN,
        "attention.head_count": 1,
        "attention.head_count_kv": 1,
        "attention.key_length": HEAD,
        "attention.value_length": HEAD,
        "rope.dimension_count": HEAD,
        "vocab_size": len(TOKENS),
    }
    return [
        pair("general.architecture", STRING, "llama"),
        *(pair(f"llama.{name}", UINT32, size) for name, size in sizes.items()),
        pair("llama.attention.layer_norm_rms_epsilon", FLOAT32, 1e-5),
        pair("tokenizer.ggml.model", STRING, "llama"),
        array("tokenizer.ggml.tokens", STRING, TOKENS),
        array("tokenizer.ggml.scores", FLOAT32, [0.0] * len(TOKENS)),
        array("tokenizer.ggml.token_type", INT32, [2, 3, 3] + [6] * 256),
        pair("tokenizer.ggml.bos_token_id", UINT32, 1),
        pair("tokenizer.ggml.eos_token_id", UINT32, EOS),
        pair("tokenizer.chat_template", STRING, TEMPLATE),
    ]


def _tensors() -> dict[str, Matrix]:
    """Rows first, as numpy has them."""
    one = np.ones(WIDTH, np.float32)
    return {
        "token_embd.weight": np.eye(len(TOKENS), WIDTH, dtype=np.float32),
        "blk.0.attn_norm.weight": one,
        "blk.0.attn_q.weight": _zeros(HEAD, WIDTH),
        "blk.0.attn_k.weight": _zeros(HEAD, WIDTH),
        "blk.0.attn_v.weight": _zeros(HEAD, WIDTH),
        "blk.0.attn_output.weight": _zeros(WIDTH, HEAD),
        "blk.0.ffn_norm.weight": one,
        "blk.0.ffn_gate.weight": _zeros(HIDDEN, WIDTH),
        "blk.0.ffn_up.weight": _zeros(HIDDEN, WIDTH),
        "blk.0.ffn_down.weight": _zeros(WIDTH, HIDDEN),
        "output_norm.weight": one,
        "output.weight": _liking(),
    }


def _liking() -> Matrix:
    """How much each token (row) likes to follow each other (column)."""
    table = _zeros(len(TOKENS), WIDTH)
    for byte in range(256):
        followers = LIKES.get(chr(byte), "") + ALWAYS
        for rank, follower in reversed(list(enumerate(followers))):
            table[len(SPECIAL) + ord(follower), len(SPECIAL) + byte] = 1.0 - rank / 64
    table[EOS] = 0.1
    return table


def _zeros(rows: int, columns: int) -> Matrix:
    return np.zeros((rows, columns), np.float32)


def _directory(tensors: Mapping[str, Matrix]) -> bytes:
    entries, offset = b"", 0
    for name, tensor in tensors.items():
        # dimensions are written fastest first; 0 is the type F32
        entries += _text(name) + struct.pack(f"<I{tensor.ndim}QIQ", tensor.ndim, *reversed(tensor.shape), 0, offset)
        offset += len(_padded(tensor.tobytes()))
    return entries


def pair(key: str, kind: int, value: Any) -> bytes:
    """A value of the head."""
    return _text(key) + struct.pack("<I", kind) + _value(kind, value)


def array(key: str, kind: int, values: Sequence[Any]) -> bytes:
    """Values of the head."""
    return (
        _text(key) + struct.pack("<IIQ", _ARRAY, kind, len(values)) + b"".join(_value(kind, value) for value in values)
    )


def _value(kind: int, value: Any) -> bytes:
    forms = {UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}
    return _text(value) if kind == STRING else struct.pack(forms[kind], value)


def _text(text: str) -> bytes:
    return struct.pack("<Q", len(text.encode())) + text.encode()


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGNMENT)
