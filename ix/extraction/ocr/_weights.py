"""The weights of PP-OCR out of rapidocr's wheel, made smaller in memory when they are loaded:

    grey      the first convolution took three equal channels; its kernels summed over them take one
    letters   the last layer weighs 18,710 characters, nearly all of them Chinese, for every eighth column of a line;
              it is cut down to Latin and Greek, and the whole one is kept apart, for lines that these do not fit

Both are exact but for the characters left out. What is edited are messages of ONNX: the numbers of fields below are
those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from ix.errors import OcrError
from ix.extraction.ocr import _wire
from ix.extraction.ocr._wire import BYTES, VARINT, Field

MISSING = "the models of rapidocr are missing: pip install 'rapidocr>=3.4' 'onnxruntime>=1.20'"
GRAPH, METADATA = 7, 14
"""Fields of ModelProto. Those of metadata: key 1, value 2."""
NODE, INITIALIZER, INPUT, OUTPUT, VALUE_INFO = 1, 5, 11, 12, 13
"""Fields of GraphProto. Those of a node: inputs 1, outputs 2, operator 4."""
DIMS, NAME, RAW_DATA = 1, 8, 9
"""Fields of TensorProto; its numbers are little-endian floats of 32 bits."""
BLANK = ""
"""The class of a column in which no character begins; the first (CTC)."""

GREY_MIDDLE = 127.5
"""What 8-bit grey is scaled by to -1..1, as the models were trained on it."""

Floats: TypeAlias = npt.NDArray[np.float32]


class Model(Protocol):
    """A model of one input, by whatever runs it."""

    def __call__(self, values: Floats) -> list[Floats]:
        """The model's outputs in their order."""


class Node(NamedTuple):
    """A node of the graph: which operator, and the names of what goes in and comes out."""

    operator: str
    inputs: list[str]
    outputs: list[str]


class Head(NamedTuple):
    """The last layer: features (columns, 120) to a weight for each character of `alphabet`."""

    weights: Floats
    bias: Floats
    alphabet: list[str]


class Recogniser(NamedTuple):
    """The model that reads lines: `model` gives the features of a line's columns, and how probable each of `alphabet`
    is there; `whole` is the head for every character."""

    model: bytes
    alphabet: list[str]
    whole: Head


def folder() -> Path:
    """Where rapidocr's wheel keeps its models; it is not imported. Raises `OcrError` `ocr_missing`."""
    found = find_spec("rapidocr")
    if found is None or found.origin is None:
        raise OcrError(MISSING, code="ocr_missing")
    return Path(found.origin).parent / "models"


def model(models: Path, kind: str) -> bytes:
    """The model of a kind: `det` finds lines, `rec` reads them, `cls` tells which way up they are. Raises `OcrError`
    `ocr_missing`."""
    found = sorted(models.glob(f"*_{kind}_*.onnx"))
    if not found:
        raise OcrError(MISSING, code="ocr_missing")
    return found[-1].read_bytes()


def grey(model: bytes) -> bytes:
    """The model, taking one channel where it took three. Raises `ValueError` where it is made otherwise."""
    return _with_graph(model, _grey)


def recogniser(model: bytes) -> Recogniser:
    """What reads lines, from the wheel's model. Raises `ValueError` where it is made otherwise."""
    alphabet = _alphabet(model)
    graph = _graph(model)
    product, bias = _last_layer(graph)
    tensors = _tensors(graph)
    # copies: views would keep the whole file
    whole = Head(_values(tensors[product.inputs[1]]).copy(), _values(tensors[bias]).copy(), alphabet)
    kept = [number for number, character in enumerate(alphabet) if is_common(character)]
    smaller = {product.inputs[1]: whole.weights[:, kept], bias: whole.bias[kept]}
    outputs = [product.inputs[0], _names(graph, OUTPUT)[0]]
    model = _with_graph(grey(model), lambda graph: _with_outputs(_with_tensors(graph, smaller), outputs))
    return Recogniser(model, [alphabet[number] for number in kept], whole)


def is_common(character: str) -> bool:
    """Whether a character is Latin or Greek, or a digit, sign or currency that stands among such letters."""
    if len(character) != 1:
        return character == BLANK
    common = ((0, 0x24F), (0x370, 0x3FF), (0x1E00, 0x206F), (0x20A0, 0x20CF), (0x2100, 0x214F))
    return any(a <= ord(character) <= b for a, b in common) or unicodedata.category(character) == "Sc"


# Messages


def _alphabet(model: bytes) -> list[str]:
    """The characters of the recogniser's classes: blank, those that the model names, space."""
    named = dict(_pair(field) for field in _wire.fields(model) if field.number == METADATA)
    return [BLANK, *named["character"].split("\n"), " "]


def _pair(field: Field) -> tuple[str, str]:
    key, value = (bytes(part.content).decode() for part in _wire.fields(field.content))
    return key, value


def _graph(model: bytes) -> list[Field]:
    return list(_wire.fields(next(one.content for one in _wire.fields(model) if one.number == GRAPH)))


def _with_graph(model: bytes, change: Callable[[list[Field]], list[Field]]) -> bytes:
    return _wire.message(
        Field(GRAPH, BYTES, _wire.message(change(list(_wire.fields(field.content)))))
        if field.number == GRAPH
        else field
        for field in _wire.fields(model)
    )


def _nodes(graph: list[Field]) -> list[Node]:
    return [_node(field) for field in graph if field.number == NODE]


def _node(field: Field) -> Node:
    parts = [(part.number, part.content) for part in _wire.fields(field.content) if part.number in (1, 2, 4)]
    inputs, outputs, operators = ([bytes(text).decode() for number, text in parts if number == n] for n in (1, 2, 4))
    return Node(operators[0], inputs, outputs)


def _names(graph: list[Field], number: int) -> list[str]:
    """The names of the graph's inputs or outputs; a name is the first field of either."""
    firsts = (next(_wire.fields(field.content)) for field in graph if field.number == number)
    return [bytes(first.content).decode() for first in firsts]


def _tensors(graph: list[Field]) -> dict[str, Field]:
    return {_name(field): field for field in graph if field.number == INITIALIZER}


def _name(tensor: Field) -> str:
    return next(bytes(part.content).decode() for part in _wire.fields(tensor.content) if part.number == NAME)


def _values(tensor: Field) -> Floats:
    parts = list(_wire.fields(tensor.content))
    shape = [part.value for part in parts if part.number == DIMS and isinstance(part.value, int)]
    raw = next(part.content for part in parts if part.number == RAW_DATA)
    return np.frombuffer(raw, np.float32).reshape(shape)


def _with_values(tensor: Field, values: Floats) -> Field:
    kept = [part for part in _wire.fields(tensor.content) if part.number not in (DIMS, RAW_DATA)]
    dims = [Field(DIMS, VARINT, size) for size in values.shape]
    raw = Field(RAW_DATA, BYTES, np.ascontiguousarray(values, np.float32).tobytes())
    return Field(INITIALIZER, BYTES, _wire.message([*dims, *kept, raw]))


def _with_tensors(graph: list[Field], values: Mapping[str, Floats]) -> list[Field]:
    """The graph with other values in some of its tensors; what it said of shapes in between is left out."""
    return [
        _with_values(field, values[name]) if field.number == INITIALIZER and (name := _name(field)) in values else field
        for field in graph
        if field.number != VALUE_INFO
    ]


def _with_outputs(graph: list[Field], names: list[str]) -> list[Field]:
    outputs = [Field(OUTPUT, BYTES, _wire.message([Field(1, BYTES, name.encode())])) for name in names]
    return [*(field for field in graph if field.number != OUTPUT), *outputs]


# Graphs


def _grey(graph: list[Field]) -> list[Field]:
    (image,) = _names(graph, INPUT)
    first = [node for node in _nodes(graph) if image in node.inputs]
    if [node.operator for node in first] != ["Conv"]:
        raise ValueError("the model does not begin with one convolution")
    kernels = first[0].inputs[1]
    summed = _values(_tensors(graph)[kernels]).sum(axis=1, keepdims=True)
    changed = _with_tensors(graph, {kernels: summed})
    return [_with_one_channel(field) if field.number == INPUT else field for field in changed]


def _with_one_channel(field: Field) -> Field:
    """An input (ValueInfoProto: name 1, type 2) of floats (TypeProto.Tensor: elem_type 1, shape 2), of whose four
    dimensions (TensorShapeProto: dim 1, in it dim_value 1, dim_param 2) the second is 1 and the others are not told."""
    name = next(part for part in _wire.fields(field.content) if part.number == 1)
    dimensions = [Field(2, BYTES, b"n"), Field(1, VARINT, 1), Field(2, BYTES, b"h"), Field(2, BYTES, b"w")]
    shape = _wire.message(Field(1, BYTES, _wire.message([dimension])) for dimension in dimensions)
    tensor = _wire.message([Field(1, VARINT, 1), Field(2, BYTES, shape)])
    kind = _wire.message([Field(1, BYTES, tensor)])
    return Field(INPUT, BYTES, _wire.message([name, Field(2, BYTES, kind)]))


def _last_layer(graph: list[Field]) -> tuple[Node, str]:
    """The product of features and weights, and the name of the bias that is added to it."""
    product = [node for node in _nodes(graph) if node.operator == "MatMul"][-1]
    added = next(node for node in _nodes(graph) if node.operator == "Add" and product.outputs[0] in node.inputs)
    return product, next(name for name in added.inputs if name != product.outputs[0])
