"""Rows times weights, such that a row does not depend on those beside it, to the last bit.

The inner kernel keeps a tile of the result, some rows by a panel's columns, in registers while it
goes along the common dimension, as that of `tiles` does; but however many rows a tile has, each sum
is taken in the same order. One row alone costs the reading of the weights, which stand in the order
in which they are read; a panel stays in the nearest cache for all rows.

Weights are float32, or bfloat16 (their bits), and sums float32. Or weights are whole numbers of 8
bits, and so are the rows (`whole`): their sums are exact. Terms are taken in units of one float32,
two bfloat16 or four whole numbers, or of two where the processor multiplies no four at once.
"""

# ruff: noqa: ARG001, PLR0917 - numba wants all arguments, by name and position

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload
from numpy.typing import NDArray

from textmusic.lm.kernels.lanes import (
    FLOAT,
    INT,
    INTS,
    LANES,
    SHORT,
    VECTOR,
    Code,
    address,
    constant,
    instruction,
    ir,
    splat,
)
from textmusic.lm.kernels.numeric import compiled
from textmusic.lm.kernels.whole import FOURS, PAIRS, add_fours, add_pairs

__all__ = ["GRU", "KINDS", "LSTM", "RNN", "Panels", "ordered", "strip"]

_REGISTERS = 32 if LANES == 16 else 16
_MOST = 8
"""Rows of a tile."""
_TURN = 4
"""Units that are taken before the loop asks whether there are more."""
_LONG = ir.IntType(64)
_FLOATS, _LOW = ir.VectorType(FLOAT, 2), ir.VectorType(SHORT, 2 * LANES)


class RNN(NamedTuple):
    """The plain kind of layer; to numba, the kinds are types."""

    gates: int = 1


class GRU(NamedTuple):
    """The kind with gates r z n."""

    gates: int = 3


class LSTM(NamedTuple):
    """The kind with gates i f g o."""

    gates: int = 4


KINDS: dict[str, RNN | GRU | LSTM] = {"rnn": RNN(), "gru": GRU(), "lstm": LSTM()}


class Panels(NamedTuple):
    """Weights of linear maps whose columns stand in panels of C vectors, C that of the kind.

    Args:
        weights: (panels, K / unit, C x LANES x unit): float32, bfloat16 (uint16) or int8.
        starts: (panels, C x LANES), what sums of whole numbers start from.
        scale: the same, makes floats of them.
        bias: the same, is added to the floats.
    """

    weights: NDArray[Any]
    starts: NDArray[np.int32]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]


def ordered(function: Callable[..., Any]) -> Any:
    """Compile as `compiled` does, but leave sums in the order in which they are written."""
    return compiled(function, fastmath={"contract"})


class _Format(NamedTuple):
    """How rows and weights stand in memory, and what adds a unit to the sums."""

    name: str
    unit: int
    row: Any
    weights: Any
    sums: Any
    add: Callable[[Any, Any, Any, Any], Any]


def _add_one(builder: Any, sums: Any, row: Any, weights: Any) -> Any:
    """Return LLVM code that adds a product to each sum."""
    product = builder.fmul(splat(builder, row, VECTOR), weights, flags=("contract",))
    return builder.fadd(sums, product, flags=("contract",))


def _add_two(builder: Any, sums: Any, row: Any, weights: Any) -> Any:
    """Return LLVM code for two products; a weight's bits are the upper half of a float32's."""
    pair = builder.bitcast(weights, INTS)
    halves = builder.shl(pair, constant(INTS, 16)), builder.and_(pair, constant(INTS, -(1 << 16)))
    for k, half in enumerate(halves):
        number = builder.extract_element(row, INT(k))
        sums = _add_one(builder, sums, number, builder.bitcast(half, VECTOR))
    return sums


_FORMATS = {
    (types.float32, types.float32): _Format("single", 1, FLOAT, VECTOR, VECTOR, _add_one),
    (types.float32, types.uint16): _Format("low", 2, _FLOATS, _LOW, VECTOR, _add_two),
    (types.uint8, types.int8): _Format("fours", 4, INT, FOURS, INTS, add_fours),
    (types.int16, types.int8): _Format("pairs", 2, INT, PAIRS, INTS, add_pairs),
}
"""By the types of the rows and the weights."""


def _tile(count: int, columns: int) -> Any:
    """Return compiled code for `count` rows of a product with a panel of so many vectors."""

    def tile(_typing: Any, x: Any, at: Any, panels: Any, number: Any, out: Any, place: Any) -> Code:
        def code(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            _call_tile(count, columns, context, builder, sig.args, args)
            return context.get_dummy_value()

        whole = types.intp
        return types.void(x, whole, panels, whole, out, whole), code

    return instruction(tile)


def _call_tile(count: int, columns: int, context: Any, builder: Any, kinds: Any, args: Any) -> None:
    """Call the kernel; it is one function, since LLVM would copy and optimise it at every call."""
    (x, at, panels, number, out, place), kind = args, kinds[2]
    arrays = [builder.extract_value(panels, i) for i in range(4)]
    form = _FORMATS[kinds[0].dtype, kind.types[0].dtype]
    stand: Any = context.make_array(kind.types[0])(context, builder, arrays[0])
    units = builder.extract_value(stand.shape, 1)
    width = builder.mul(number, _LONG(columns * LANES))
    size = builder.mul(units, _LONG(form.unit))
    given = [
        address(context, builder, kinds[0], (x, builder.mul(at, size)), form.row),
        address(
            context, builder, kind.types[0], (arrays[0], builder.mul(width, size)), form.weights
        ),
        units,
        address(context, builder, kind.types[1], (arrays[1], width), INTS),
        *(address(context, builder, kind.types[i], (arrays[i], width), VECTOR) for i in (2, 3)),
        address(context, builder, kinds[4], (out, place), VECTOR),
        builder.sdiv(_columns(context, builder, kinds[4], out), _LONG(LANES)),
    ]
    name = f"textmusic_rows_{count}_{columns}_{form.name}_{LANES}"
    function = builder.module.globals.get(name)
    if function is None:
        shape = ir.FunctionType(ir.VoidType(), [value.type for value in given])
        function = ir.Function(builder.module, shape, name)
        function.linkage = "linkonce_odr"
        function.attributes.add("noinline")
        _build_tile(count, columns, function, form)
    builder.call(function, given)


def _columns(context: Any, builder: Any, kind: Any, array: Any) -> Any:
    """Return LLVM code for the last dimension of an array."""
    shape = context.make_array(kind)(context, builder, array).shape
    return builder.extract_value(shape, kind.ndim - 1)


def _build_tile(count: int, columns: int, function: Any, form: _Format) -> None:
    """Build a loop over the units, with the sums in registers."""
    x, weights, units, starts, scale, bias, out, width = function.args
    before = function.append_basic_block("before")
    body, after = (function.append_basic_block(name) for name in ("units", "after"))
    builder = ir.IRBuilder(before)
    rows = [builder.gep(x, [builder.mul(units, _LONG(r))]) for r in range(count)]
    first = [_vector(builder, bias if form.sums == VECTOR else starts, c) for c in range(columns)]
    builder.branch(body)
    builder.position_at_end(body)
    k, sums = builder.phi(_LONG), [builder.phi(form.sums) for _ in range(count * columns)]
    new = list(sums)
    for part in range(_TURN):
        now = builder.add(k, _LONG(part))
        panel = builder.gep(weights, [builder.mul(now, _LONG(columns))])
        line = [_vector(builder, panel, c, align=1) for c in range(columns)]
        for r, start in enumerate(rows):
            number = builder.load(builder.gep(start, [now]), align=1)
            for c in range(columns):
                index = r * columns + c
                new[index] = form.add(builder, new[index], number, line[c])
    following = builder.add(k, _LONG(_TURN))
    for phi, start, next_ in zip(
        (k, *sums), (_LONG(0), *first * count), (following, *new), strict=True
    ):
        phi.add_incoming(start, before)
        phi.add_incoming(next_, body)
    builder.cbranch(builder.icmp_signed("<", following, units), body, after)
    builder.position_at_end(after)
    for index, value in enumerate(new):
        r, c = divmod(index, columns)
        if form.sums == INTS:
            product = builder.fmul(builder.sitofp(value, VECTOR), _vector(builder, scale, c))
            value = builder.fadd(product, _vector(builder, bias, c))
        line = builder.gep(out, [builder.mul(width, _LONG(r))])
        builder.store(value, builder.gep(line, [_LONG(c)]), align=4)
    builder.ret_void()


def _vector(builder: Any, start: Any, index: int, align: int = 4) -> Any:
    return builder.load(builder.gep(start, [_LONG(index)]), align=align)


_TILES = {
    (count, kind.gates): _tile(count, kind.gates)
    for kind in KINDS.values()
    for count in range(1, _MOST + 1)
}


def strip(kind: Any, x: Any, panels: Any, number: Any, out: Any, place: Any) -> None:
    """Multiply rows with a panel.

    Args:
        kind: of the layers.
        x: (B, K).
        panels: a `Panels`.
        number: of the panel.
        out: (B, a multiple of LANES), float32.
        place: column of the first result.
    """
    raise NotImplementedError  # for compiled code only


@overload(strip, strict=False)
def _strip(kind: Any, x: Any, panels: Any, number: Any, out: Any, place: Any) -> Any:
    columns = kind.instance_class().gates
    loaded = columns * (2 if panels.types[0].dtype == types.uint16 else 1)
    most = max(2, min(_MOST, (_REGISTERS - 1 - loaded) // columns))
    tile_most, tile_four = _TILES[most, columns], _TILES[min(4, most), columns]
    tile_two, tile_one = _TILES[2, columns], _TILES[1, columns]

    def code(kind: Any, x: Any, panels: Any, number: Any, out: Any, place: Any) -> None:
        rows, width, done = x.shape[0], out.shape[1], 0
        while rows - done >= most:
            tile_most(x, done, panels, number, out, done * width + place)
            done += most
        if rows - done >= 4:
            tile_four(x, done, panels, number, out, done * width + place)
            done += 4
        if rows - done >= 2:
            tile_two(x, done, panels, number, out, done * width + place)
            done += 2
        if rows - done >= 1:
            tile_one(x, done, panels, number, out, done * width + place)

    return code
