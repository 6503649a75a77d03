"""What programs that share no code with us say of music: used by `validity.py` and `acceptance.py`.

abc2midi (package abcmidi) must be on the path; alphaTab needs node and ``npm install`` in
tests/oracles. mido and music21 are Python packages. Each function returns complaints: empty or
None where the reader takes the music, and hears in it what our Score holds.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import mido
from gp5_losses import missing

import textmusic
from textmusic.errors import FormatError
from textmusic.score import Score

ORACLES = Path(__file__).parent.parent / "tests" / "oracles"
sys.path.insert(0, str(ORACLES))
from alphatab import Seen, _seen, heard  # noqa: E402 - lies beside the tests
from midi import mido_notes  # noqa: E402 - the same

__all__ = ["abc2midi", "alphatab_hears", "alphatab_reads", "mido_hears", "music21_hears"]

BATCH = 25
PATIENCE = 20
"""Seconds for a reader to start and read one piece."""
UNWORRYING = {"guitarpro.no-notes", "guitarpro.tied-curve"}
"""What our reader may say of a .gp5 file of ours."""
TICK = Fraction(1, 256)
"""Quarters within which music21's times are ours: it rounds those of uncommon tuplets."""


def abc2midi(text: str, folder: Path) -> tuple[list[str], list[str]]:
    """Return its errors, and its warnings about the lengths of bars.

    Args:
        text: a tune; ``X:`` and ``T:`` are put before it where it has none.
        folder: a temporary one, to work in.
    """
    if not text.lstrip().startswith(("X:", "%")):
        text = f"X:1\nT:tune\n{text}"
    (folder / "t.abc").write_text(text.rstrip("\n") + "\n", "utf-8")
    command = ["abc2midi", "t.abc", "-o", "t.mid"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return [f"abc2midi is not done after {PATIENCE} seconds"], []
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    errors = [line for line in lines if line.startswith("Error")]
    if done.returncode < 0:
        errors.append(f"abc2midi died of signal {-done.returncode}")
    bars = [line for line in lines if line.startswith("Warning") and "time units" in line]
    return errors, bars


def alphatab_reads(files: Sequence[bytes]) -> list[Seen | str]:
    """Return what alphaTab sees in Guitar Pro files, or why it refuses one; many at a time."""
    found: list[Seen | str] = []
    for start in range(0, len(files), BATCH):
        found += _batch(files[start : start + BATCH])
    return found


def _batch(files: Sequence[bytes]) -> list[Seen | str]:
    """What alphaTab sees; a file at which it stops, or never does, is named and passed over."""
    found: list[Seen | str] = []
    while len(found) < len(files):
        answers, reason = _dump(files[len(found) :])
        found += map(_look, answers)
        if len(found) < len(files):
            found.append(reason)
    return found


def _dump(files: Sequence[bytes]) -> tuple[list[str], str]:
    """The answers of one process, in order, and what ended it if they are too few."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.gp" for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        given = "".join(f"{path}\n" for path in paths).encode()
        command = ["node", "dump.mjs"]
        seconds = PATIENCE + len(files)
        try:
            done = subprocess.run(
                command, input=given, capture_output=True, check=False, cwd=ORACLES, timeout=seconds
            )
            output, reason = done.stdout, f"died: {done.stderr.decode()[-200:]}"
        except subprocess.TimeoutExpired as error:
            output, reason = error.stdout or b"", f"is not done after {PATIENCE} seconds"
    return output.decode("utf-8", "replace").split("\n")[:-1], reason


def _look(answer: str) -> Seen | str:
    """The answer as `alphatab` reads it, which asserts that beats follow each other."""
    try:
        return _seen(json.loads(answer))
    except (AssertionError, LookupError, ValueError) as error:
        return f"{type(error).__name__}: {str(error)[:200]}"


def alphatab_hears(scores: Sequence[Score]) -> tuple[list[str | None], int]:
    """Write scores as .gp5; return for each why alphaTab does not hear what stands in the file.

    alphaTab must see what our reader sees in the file: bars, metres, tempos, and of each note its
    string, fret, onset and length. The file must also have all that of the score, but for the notes
    and bars that the format says it cannot hold (more than seven strings, two grace notes before
    one note, bars cut short): see `gp5_losses`.

    Returns:
        The reasons, and for how many scores the file lacks anything for which it may.
    """
    writer = textmusic.formats.get("gp5")()
    files: list[tuple[int, bytes, Score]] = []
    found: list[str | None] = [None] * len(scores)
    lossy = 0
    for number, score in enumerate(scores):
        try:
            written = writer.encode(score)
            loaded = writer.decode(written.data)
        except (FormatError, ValueError) as error:
            found[number] = f"no .gp5: {str(error)[:200]}"
            continue
        (back,) = loaded.scores
        found[number], excused = missing(score, back, written.issues)
        lossy += excused
        if not found[number]:
            odd = [issue.code for issue in loaded.issues if issue.code not in UNWORRYING]
            found[number] = f"the .gp5 is read with {odd[0]}" if odd else None
        if not found[number]:
            files.append((number, written.data, back))
    seen = alphatab_reads([data for _, data, _ in files])
    for (number, _, back), one in zip(files, seen, strict=True):
        if isinstance(one, str):
            found[number] = f"alphaTab: {one[:200]}"
        elif not heard(one, back):
            found[number] = "alphaTab hears something else"
    return found, lossy


def mido_hears(score: Score) -> str | None:
    """Write a score as .mid; return why mido does not read its notes from the file."""
    kind = textmusic.formats.get("mid")()
    try:
        data = kind.encode(score).data
        (back,) = kind.decode(data).scores
        seen = mido_notes(data)
        ticks = mido.MidiFile(file=io.BytesIO(data)).ticks_per_beat
    except (FormatError, ValueError, OSError, EOFError, LookupError) as error:
        return f"no .mid: {str(error)[:200]}"
    ours = sorted((n.onset, n.end, n.pitch, t.is_drum) for t in back.tracks for n in t.notes)
    if seen != ours:
        return "mido reads other notes than we do"
    wanted = {(n.onset, n.pitch, t.is_drum) for t in score.tracks for n in t.notes if n.duration}
    heard_notes = {
        (Fraction(on * score.tpq, ticks), pitch, drum)
        for on, _, pitch, drum in seen  # a pitch that is struck again ends the one before
    }
    if any(note.grace for note in score.notes()):
        return None if len(heard_notes) >= len(wanted) else "the .mid lacks notes"
    return None if heard_notes == wanted else "the .mid has other notes"


def music21_hears(score: Score) -> str | None:
    """Write a score as MusicXML; return why music21 does not read its bars and notes from it."""
    import music21

    try:
        data = textmusic.formats.get("musicxml")().encode(score).data
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            stream = music21.converter.parseData(data, format="musicxml")
    except (
        FormatError,
        music21.exceptions21.Music21Exception,
        ValueError,
        ArithmeticError,
    ) as error:
        return f"music21: {type(error).__name__}: {str(error)[:200]}"
    part = stream.parts[0]
    measures = list(part.getElementsByClass(music21.stream.Measure))
    bars = score.bars(max(score.end, 1))
    if len(measures) != len(bars):
        return f"music21 counts {len(measures)} bars for {len(bars)}"
    for number, (measure, bar) in enumerate(zip(measures, bars, strict=True), 1):
        length = Fraction(measure.highestTime)
        if abs(length - Fraction(bar.end - bar.onset, score.tpq)) > TICK:
            return f"music21: bar {number} lasts {length} quarters"
    seen = sorted(
        (float(note.getOffsetInHierarchy(part)), pitch.midi)
        for note in part.recurse().notes
        if note.tie is None or note.tie.type == "start"
        for pitch in note.pitches
    )
    ours = sorted((note.onset / score.tpq, note.pitch) for note in score.notes() if note.duration)
    same = len(seen) == len(ours) and all(
        abs(a[0] - b[0]) < TICK and a[1] == b[1] for a, b in zip(seen, ours, strict=True)
    )
    return None if same else "music21 reads other notes"
