"""A model as an ONNX graph of one step, for programs without PyTorch.

The graph (https://onnx.ai/onnx/operators/, opset 17) reads one id of each stream::

    ids     (streams,) int64               logits        (streams, vocabulary)
    hidden  (layers, streams, units)  ->   hidden_after  as hidden
    cell    the same, of an LSTM           cell_after    as cell

Before a piece the state is zero and the id is 0, the boundary; 0 is drawn where the piece ends. The
metadata of the graph holds the header of the checkpoint under ``textmusic``: characters, codec.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from textmusic.errors import MissingDependencyError
from textmusic.format import write_atomic
from textmusic.lm.model import CharRNN

__all__ = ["export"]

_OPSET, _IR = 17, 8
_ORDERS = {"gru": (1, 0, 2), "lstm": (0, 3, 1, 2), "rnn": (0,)}
"""Where PyTorch has the gates that ONNX has in the order z r h, and i o f c."""
_OPERATORS = {"gru": "GRU", "lstm": "LSTM", "rnn": "RNN"}
_STATES = {"gru": ("hidden",), "lstm": ("hidden", "cell"), "rnn": ("hidden",)}


def export(model: CharRNN, path: str | Path, meta: Mapping[str, Any] | None = None) -> None:
    """Write a model as an ONNX graph of one step.

    Args:
        model: read only.
        path: of the file.
        meta: JSON values to store in it, such as the header of the checkpoint.

    Raises:
        MissingDependencyError: onnx is not installed.
        FormatError: the file cannot be written.
    """
    try:
        from onnx import checker, helper
    except ImportError as error:
        raise MissingDependencyError("an ONNX file", "onnx", "onnx") from error
    made = helper.make_model(
        _graph(model),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR,
        producer_name="textmusic",
    )
    helper.set_model_props(made, {"textmusic": json.dumps(dict(meta or {}), ensure_ascii=False)})
    checker.check_model(made, full_check=True)
    write_atomic(Path(path), made.SerializeToString())


def _graph(model: CharRNN) -> Any:
    from onnx import TensorProto, helper, numpy_helper

    config, states = model.config, _STATES[model.config.kind]
    weights = {name: value.detach().cpu().numpy() for name, value in model.named_parameters()}
    constants: dict[str, NDArray[Any]] = {
        "embedding": weights["embedding.weight"],
        "output": weights["output.weight"],
        "bias": weights["output.bias"],
        "front": np.array([0]),
    }
    layers = range(config.layers)
    node, tensor = helper.make_node, helper.make_tensor_value_info
    shape = (config.layers, "streams", config.hidden)
    nodes = [
        node("Gather", ["embedding", "ids"], ["embedded"]),
        node("Unsqueeze", ["embedded", "front"], ["read"]),
        *(node("Split", [s], [f"{s}_{i}" for i in layers], axis=0) for s in states),
        *(_layer(model, layer, weights, constants) for layer in layers),
        *(
            node("Concat", [f"{s}_{i}_after" for i in layers], [f"{s}_after"], axis=0)
            for s in states
        ),
        node("Squeeze", [f"hidden_{config.layers - 1}_after", "front"], ["last"]),
        node("Gemm", ["last", "output", "bias"], ["logits"], transB=1),
    ]
    return helper.make_graph(
        nodes,
        "step",
        [
            tensor("ids", TensorProto.INT64, ("streams",)),
            *(tensor(s, TensorProto.FLOAT, shape) for s in states),
        ],
        [
            tensor("logits", TensorProto.FLOAT, ("streams", config.vocabulary)),
            *(tensor(f"{s}_after", TensorProto.FLOAT, shape) for s in states),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )


def _layer(
    model: CharRNN,
    layer: int,
    weights: Mapping[str, NDArray[np.float32]],
    constants: dict[str, NDArray[Any]],
) -> Any:
    """The node of a layer; its weights go to the constants, gates in the order of ONNX."""
    from onnx import helper

    config, states = model.config, _STATES[model.config.kind]
    order = list(_ORDERS[config.kind])

    def gates(name: str) -> NDArray[np.float32]:
        value = weights[f"rnn.{name}_l{layer}"]
        each = value.reshape(len(order), config.hidden, *value.shape[1:])
        return each[order].reshape(value.shape)

    biases = np.concatenate([gates("bias_ih"), gates("bias_hh")])
    for name, value in (("w", gates("weight_ih")), ("r", gates("weight_hh")), ("b", biases)):
        constants[f"{name}_{layer}"] = value[None]
    # A state after one step is the sequence of one step that the next layer reads.
    reads = f"hidden_{layer - 1}_after" if layer else "read"
    before = [f"{state}_{layer}" for state in states]
    # PyTorch multiplies by the reset gate after the recurrent product.
    reset: dict[str, Any] = {"linear_before_reset": 1} if config.kind == "gru" else {}
    return helper.make_node(
        _OPERATORS[config.kind],
        [reads, f"w_{layer}", f"r_{layer}", f"b_{layer}", "", *before],
        ["", *(f"{name}_after" for name in before)],
        hidden_size=config.hidden,
        **reset,
    )
