"""MusicNet's archive: read without its audio, and without running what a pickle asks for."""

from __future__ import annotations

import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from test_musicnet_labels import HEADER, SCALE, rows

from textmusic.errors import FormatError
from textmusic_musicnet import MusicNetArchive, MusicNetLabels, MusicNetSeconds

AUDIO = 3 << 20


class Python2:
    """Writes pickles as Python 2 did: protocol 2, byte strings, its names of modules."""

    def __init__(self) -> None:
        self.out = bytearray(b"\x80\x02")

    def value(self, value: object) -> None:
        if isinstance(value, str):
            data = value.encode("latin-1")
            self.out += b"U" + bytes([len(data)]) + data
        elif isinstance(value, bytes):
            self.out += b"T" + struct.pack("<i", len(value)) + value
        elif value is None or isinstance(value, bool):
            self.out += {None: b"N", True: b"\x88", False: b"\x89"}[value]
        elif isinstance(value, int):
            self.out += b"J" + struct.pack("<i", value)
        elif isinstance(value, float):
            self.out += b"G" + struct.pack(">d", value)
        elif isinstance(value, tuple):
            self.out += b"("
            for each in value:
                self.value(each)
            self.out += b"t"
        elif isinstance(value, list):
            self.out += b"]("
            for each in value:
                self.value(each)
            self.out += b"e"
        elif isinstance(value, Call):
            self.out += f"c{value.module}\n{value.name}\n".encode()
            self.value(value.args)
            self.out += b"R"
            if value.state is not None:
                self.value(value.state)
                self.out += b"b"


class Call:
    def __init__(self, module: str, name: str, *args: object, state: object = None) -> None:
        self.module, self.name, self.args, self.state = module, name, args, state


def dtype(kind: str) -> Call:
    state = (3, "|" if kind == "O8" else "<", None, None, None, -1, -1, 63 if kind == "O8" else 0)
    return Call("numpy", "dtype", kind, 0, 1, state=state)


def array(content: object, kind: str, shape: tuple[int, ...]) -> Call:
    made = Call("numpy.core.multiarray", "_reconstruct", Call0("numpy", "ndarray"), (0,), "b")
    made.state = (1, shape, dtype(kind), False, content)
    return made


class Call0(Call):
    """A name that is not called."""


def pickled(value: object) -> bytes:
    writer = Python2()
    plain = writer.value

    def with_names(each: object) -> None:
        if isinstance(each, Call0):
            writer.out.extend(f"c{each.module}\n{each.name}\n".encode())
        else:
            plain(each)

    writer.value = with_names  # type: ignore[method-assign]
    writer.value(value)
    return bytes(writer.out + b".")


def intervals(text: str, *, scalars: bool = False) -> Call:
    found = []
    for line in text.splitlines():
        start, end, instrument, note, beat, length, value = line.split(",")
        number: object = int(note)
        if scalars:
            raw = struct.pack("<q", int(note)).decode("latin-1")
            number = Call("numpy.core.multiarray", "scalar", dtype("i8"), raw)
        data = (int(instrument), number, float(beat), float(length), value)
        found.append(Call("intervaltree.interval", "Interval", int(start), int(end), data))
    return Call("intervaltree.intervaltree", "IntervalTree", found)


def npy(pickle_data: bytes) -> bytes:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"
    header += b" " * (-(len(header) + 11) % 16) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + pickle_data


def piece(text: str, *, scalars: bool = False) -> bytes:
    audio = array(b"\0" * AUDIO, "f4", (AUDIO // 4,))
    return npy(pickled(array([audio, intervals(text, scalars=scalars)], "O8", (2,))))


def archive(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, data in members.items():
            file.writestr(f"{name}.npy", data)
    return packed.getvalue()


TUNE = rows(*SCALE, (0, 4.0, 43, 40), (4, 4.0, 43, 38))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("scalars", [False, True])
def test_a_python_2_archive_reads_to_the_notes_of_its_csv(method, scalars):
    other = rows(*SCALE[:3])
    data = archive({"1727": piece(TUNE, scalars=scalars), "2": piece(other)}, method)
    (csv,) = MusicNetLabels().decode((HEADER + TUNE).encode()).scores
    first, second = MusicNetArchive().decode(data).scores
    assert first.tracks == csv.tracks
    assert (first.tempos, first.meters) == (csv.tempos, csv.meters)
    assert (first.get("title"), second.get("title")) == ("MusicNet 1727", "MusicNet 2")
    assert len(second.tracks[0].notes) == 3


def test_an_archive_in_real_time():
    (csv,) = MusicNetSeconds().decode(TUNE.encode()).scores
    (score,) = MusicNetArchive(in_seconds=True).decode(archive({"1": piece(TUNE)})).scores
    assert score.tracks == csv.tracks


def test_the_audio_is_never_loaded(tmp_path: Path):
    path = tmp_path / "musicnet.npz"
    path.write_bytes(archive({str(i): piece(TUNE) for i in range(8)}))
    MusicNetArchive().read(path)
    tracemalloc.start()
    try:
        assert len(MusicNetArchive().read(path).scores) == 8
        assert tracemalloc.get_traced_memory()[1] < AUDIO / 2
    finally:
        tracemalloc.stop()


class Gadget:
    def __init__(self, call: object, *args: object) -> None:
        self.made = (call, args)

    def __reduce__(self) -> tuple[object, ...]:
        return self.made  # type: ignore[return-value]


def raw(text: str) -> bytes:
    return text.encode("latin-1")


def attacks(flag: Path) -> list[bytes]:
    touch = f"touch {flag}"
    script = f"open({str(flag)!r}, 'w')"
    return [
        pickle.dumps(Gadget(os.system, touch), 2),
        pickle.dumps(Gadget(exec, script), 4),
        pickle.dumps(Gadget(eval, script), 0),
        raw(f"cos\nsystem\n(S'{touch}'\ntR."),
        raw("c__builtin__\ngetattr\n(cos\nS'system'\ntR."),
        raw(f"cnumpy.testing._private.utils\nrunstring\n(S{script!r}\n(dtR."),
        raw("cnumpy.core.multiarray\n_reconstruct.__globals__\n."),
        raw(f"(S'{touch}'\nios\nsystem\n."),
        raw(f"(cos\nsystem\nS'{touch}'\no."),
        b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x05touch\x85R.",
        b"\x80\x02P1\n.",
        b"\x82\x01.",
        raw(f"c__builtin__\neval\n(S{script!r}\ntR."),
        raw("c__builtin__\nset\n(S'x'\ntRS'y'\nR."),
    ]


def test_archives_that_try_to_run_code_are_refused_and_run_nothing(tmp_path):
    flag = tmp_path / "flag"
    for attack in attacks(flag):
        with pytest.raises(FormatError, match=r"refused|damaged") as caught:
            MusicNetArchive().decode(archive({"1": npy(attack)}))
        assert "\n" not in str(caught.value)
        assert not flag.exists()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04" + b"\0" * 50,
        archive({}),
        archive({"1": b"\x93NUMPY"}),
        archive({"1": npy(b"")}),
        archive({"1": npy(b"(" * 1000)}),
        archive({"1": npy(b"]q\x00h\x00a.")}),
        archive({"1": npy(b"\x80\x02" + b"T\xff\xff\xff\x7f")}),
        archive({"1": npy(b"\x8b\xff\xff\xff\x7f")}),
        archive({"1": npy(b"I" + b"9" * 5000 + b"\n.")}),
        archive({"1": piece(TUNE)[:-500]}),
        archive({"1": piece(TUNE).replace(b"|O", b"f4")}),
    ],
)
def test_damaged_archives_get_one_line(data):
    with pytest.raises(FormatError) as caught:
        MusicNetArchive().decode(data)
    assert "\n" not in str(caught.value)


def test_a_missing_archive_is_named(tmp_path):
    with pytest.raises(FormatError, match=r"none\.npz: cannot be read"):
        MusicNetArchive().read(tmp_path / "none.npz")


def test_archives_of_modern_pickles_read_too():
    labels = np.array([np.zeros(4), None], dtype=object)
    data = archive({"1": npy(pickle.dumps(labels, 4))})
    with pytest.raises(FormatError, match="holds no MusicNet labels"):
        MusicNetArchive().decode(data)
