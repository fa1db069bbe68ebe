"""Writes eyes for the tiny model: a vision encoder of a few kB that llama.cpp loads beside it (`clip` in GGUF, the form
of LLaVA 1.5: tools/mtmd of llama.cpp). All weights are zero but the norms, so that every picture looks alike; what it
shows is that a picture was taken, decoded and counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.extraction.models.tiny_gguf import BOOL, FLOAT32, STRING, UINT32, WIDTH, Matrix, array, pair, save

SIDE, PATCH, WIDE, HIDDEN = 32, 16, 32, 32
"""Of a picture and of a patch of it, pixels; of an embedding; of a layer."""
TOKENS = (SIDE // PATCH) ** 2
"""Tokens that a picture takes."""


def write(path: Path) -> Path:
    """Writes the encoder to `path` and gives it back."""
    sizes = {
        "image_size": SIDE,
        "patch_size": PATCH,
        "embedding_length": WIDE,
        "feed_forward_length": HIDDEN,
        "projection_dim": WIDE,
        "block_count": 2,
        "attention.head_count": 1,
    }
    head = [
        pair("general.architecture", STRING, "clip"),
        pair("clip.has_vision_encoder", BOOL, True),
        pair("clip.projector_type", STRING, "mlp"),
        pair("clip.use_gelu", BOOL, True),
        *(pair(f"clip.vision.{name}", UINT32, size) for name, size in sizes.items()),
        pair("clip.vision.attention.layer_norm_epsilon", FLOAT32, 1e-5),
        array("clip.vision.image_mean", FLOAT32, [0.5] * 3),
        array("clip.vision.image_std", FLOAT32, [0.5] * 3),
    ]
    return save(path, head, _tensors())


def _tensors() -> dict[str, Matrix]:
    layers = [_layer(number) for number in range(2)]
    return {
        "v.class_embd": _zeros(WIDE),
        "v.patch_embd.weight": _zeros(WIDE, 3, PATCH, PATCH),
        "v.position_embd.weight": _zeros(TOKENS + 1, WIDE),
        "v.pre_ln.weight": np.ones(WIDE, np.float32),
        "v.pre_ln.bias": _zeros(WIDE),
        **{name: tensor for layer in layers for name, tensor in layer.items()},
        "mm.0.weight": _zeros(HIDDEN, WIDE),
        "mm.0.bias": _zeros(HIDDEN),
        "mm.2.weight": _zeros(WIDTH, HIDDEN),
        "mm.2.bias": _zeros(WIDTH),
    }


def _layer(number: int) -> dict[str, Matrix]:
    matrices = {name: _zeros(WIDE, WIDE) for name in ("attn_q", "attn_k", "attn_v", "attn_out", "ffn_down", "ffn_up")}
    norms = {name: np.ones(WIDE, np.float32) for name in ("ln1", "ln2")}
    tensors: dict[str, Matrix] = {}
    for name, weight in (matrices | norms).items():
        tensors |= {f"v.blk.{number}.{name}.weight": weight, f"v.blk.{number}.{name}.bias": _zeros(WIDE)}
    return tensors


def _zeros(*shape: int) -> Matrix:
    return np.zeros(shape, np.float32)
