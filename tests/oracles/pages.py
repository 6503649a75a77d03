"""What alphaTab reads on the page of Guitar Pro files, beside our own `Song` of the same page."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from textmusic_guitarpro.gpif._drums import kit_key
from textmusic_guitarpro.song import Beat, Part, Song

__all__ = ["differences", "mark_differences", "pages_with_alphatab"]

HERE = Path(__file__).parent
_TICKS = 960
_OWN_KEYS = 88
"""From here on a drum key may be one of Guitar Pro's own numbers, which Guitar Pro 6 writes."""


def pages_with_alphatab(files: Sequence[bytes]) -> list[dict[str, Any] | str]:
    """Return the page of each file as alphaTab reads it, or its error message."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.gp" for number in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        done = subprocess.run(
            ["node", "page.mjs"],
            input="".join(f"{path}\n" for path in paths),
            capture_output=True,
            check=True,
            cwd=HERE,
            encoding="utf-8",
        )
    pages = map(json.loads, done.stdout.splitlines())
    return [page.get("error", page) for page in pages]


def differences(song: Song, page: dict[str, Any]) -> list[str]:
    """Return how a song differs from the page: measures, parts, and each beat with notes."""
    found = list(_headers(song, page))
    if len(song.parts) != len(page["staves"]):
        return [*found, f"{len(song.parts)} parts for {len(page['staves'])} staves"]
    for number, (part, staff) in enumerate(zip(song.parts, page["staves"], strict=True), 1):
        program = 0 if part.is_drum else part.program  # alphaTab has one for all drums
        if (part.is_drum, program) != (staff["percussion"], staff["program"]):
            found.append(f"part {number}: another instrument")
        if part.tuning and _opens(part.tuning, part.capo) != _opens(**_strings(staff)):
            found.append(f"part {number}: another tuning or capo")
        for index, (voices, bar) in enumerate(zip(part.measures, staff["bars"], strict=False)):
            if bar["simile"]:
                continue
            theirs = [_their_beat(part, beat) for v in bar["voices"] for beat in _placed(v)]
            ours = [_our_beat(part, *placed) for voice in voices for placed in _ours(voice)]
            if len(ours) < len(theirs):
                ours, theirs = _with_whole_graces(ours), _with_whole_graces(theirs)
            if len(ours) != len(theirs):
                found.append(f"part {number}, measure {index + 1}: {len(ours)}, not {len(theirs)}")
            elif not all(map(_same, ours, theirs)):
                pair = next((a, b) for a, b in zip(ours, theirs, strict=True) if not _same(a, b))
                found.append(f"part {number}, measure {index + 1}: {pair[0]}, not {pair[1]}")
    return found


def _headers(song: Song, page: dict[str, Any]) -> Iterator[str]:
    if len(song.measures) != len(page["bars"]):
        yield f"{len(song.measures)} measures for {len(page['bars'])}"
    for number, (measure, bar) in enumerate(zip(song.measures, page["bars"], strict=False), 1):
        endings = sum(1 << ending - 1 for ending in measure.endings)
        ours = [measure.numerator, measure.denominator], measure.opens, measure.passes, endings
        if ours != (bar["signature"], bar["opens"], bar["passes"], bar["endings"]):
            yield f"measure {number}: another signature or repeat"
        if measure.is_pickup != bar["anacrusis"] and number == 1:
            yield "measure 1: a pick-up in one of the two"
        tempos = {round(change.qpm, 3) for change in measure.tempos}
        if tempos != {round(qpm, 3) for _, qpm in bar["tempos"]}:
            yield f"measure {number}: another tempo"


def _opens(tuning: Sequence[int], capo: int) -> list[int]:
    """What the open strings sound; a capo below the nut may be in the tuning."""
    return [pitch + capo for pitch in tuning]


def _strings(staff: dict[str, Any]) -> dict[str, Any]:
    return {"tuning": staff["tuning"], "capo": staff["capo"]}


Placed = tuple[int, float, Beat]
Seen = tuple[int, float, bool, Counter[Any]]


def _ours(voice: list[Beat]) -> Iterator[Placed]:
    start = 0.0
    for index, beat in enumerate(voice):
        if beat.notes:
            yield index, start, beat
        start += 0 if beat.is_grace else float(beat.rhythm.length) * _TICKS


def _placed(voice: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (beat for beat in voice if beat["notes"])


def _our_beat(part: Part, index: int, start: float, beat: Beat) -> Seen:
    notes: Counter[Any] = Counter()
    for note in beat.notes:
        if part.is_drum:
            notes[None, _drum(note.fret), False] += 1
        else:
            notes[note.string, note.fret, note.is_tied] += 1
    return index, start, beat.is_grace, notes


def _their_beat(part: Part, beat: dict[str, Any]) -> Seen:
    notes: Counter[Any] = Counter()
    for note in beat["notes"]:
        if part.is_drum:
            notes[None, _drum(note["key"]), False] += 1
        elif part.tuning:
            no_fret = note["fret"] == -1 and (note["marks"]["dead"] or beat["grace"])
            fret = 0 if no_fret else note["fret"]  # of dead notes, whose fret means nothing
            notes[note["string"], fret, note["tie"]] += 1
        else:
            notes[None, note["pitch"], note["tie"]] += 1
    return beat["index"], beat["start"], beat["grace"], notes


def _drum(key: int) -> int:
    return kit_key(key) if key >= _OWN_KEYS else key


def _with_whole_graces(beats: Sequence[Seen]) -> list[Seen]:
    """Join grace beats that follow each other: alphaTab takes chords of Guitar Pro 3-5 apart."""
    joined: list[Seen] = []
    for _, start, is_grace, notes in beats:
        if joined and is_grace and joined[-1][2]:
            before = joined.pop()
            notes = before[3] + notes
        joined.append((len(joined), start, is_grace, notes))
    return joined


def _same(ours: Seen, theirs: Seen) -> bool:
    """Whether two beats are the same.

    alphaTab cuts each tuplet note to whole ticks, does not know the key of tied drum notes and
    drum grace notes of Guitar Pro 3-5, and takes a tie whose start it does not find for a new note
    of any fret.
    """
    close = ours[2] or abs(ours[1] - theirs[1]) <= ours[0] + 1
    if any(string is None and key <= 0 for string, key, _ in theirs[3]):
        return close and ours[0] == theirs[0] and ours[3].total() == theirs[3].total()
    ours_left, theirs_left = ours[3] - theirs[3], theirs[3] - ours[3]
    lost_ties = Counter(string for string, _, is_tied in ours_left.elements() if is_tied)
    new = Counter(string for string, _, is_tied in theirs_left.elements() if not is_tied)
    same = lost_ties == new and lost_ties.total() == ours_left.total() == theirs_left.total()
    return close and same and (ours[0], ours[2]) == (theirs[0], theirs[2])


def mark_differences(song: Song, page: dict[str, Any]) -> Counter[str]:
    """Count the beats whose notes have other techniques."""
    found: Counter[str] = Counter()
    for part, staff in zip(song.parts, page["staves"], strict=False):
        for voices, bar in zip(part.measures, staff["bars"], strict=False):
            if bar["simile"]:
                continue
            theirs = [beat for v in bar["voices"] for beat in _placed(v)]
            ours = [beat for voice in voices for _, _, beat in _ours(voice)]
            for our, their in zip(ours, theirs, strict=False):
                mine, others = _our_marks(our), _their_marks(their)
                for mark in (mine - others) + (others - mine):
                    found[mark] += 1
    return found


_SLIDES_OUT = {1: "slide", 2: "slide:legato", 3: "slide:out-up", 4: "slide:out-down"}
_SLIDES_IN = {1: "slide:in-below", 2: "slide:in-above"}
_HARMONICS = ("", "", ":artificial", ":pinch", ":tap", ":semi", ":feedback")
_BEAT_MARKS = {"slap", "pop", "tap"}


def _our_marks(beat: Beat) -> Counter[str]:
    """The marks of all notes; of curves only that there is one."""
    return Counter(
        mark.partition(":")[0] if mark[:5] in {"bend:", "whamm"} else mark
        for note in beat.notes
        for mark in note.marks
        if mark not in _BEAT_MARKS and not mark.startswith(("bend-curve", "release"))
    )


def _their_marks(beat: dict[str, Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for note in beat["notes"]:
        marks = note["marks"]
        for name, mark in (("palmMute", "palm-mute"), ("letRing", "let-ring")):
            found[mark] += marks[name]
        for name in ("dead", "ghost", "hammer", "staccato", "accent"):
            found[name] += marks[name]
        found["vibrato" if marks["vibrato"] == 1 else "vibrato:wide"] += marks["vibrato"] > 0
        if marks["harmonic"]:
            found["harmonic" + _HARMONICS[marks["harmonic"]]] += 1
        for table, slide in ((_SLIDES_OUT, "slideOut"), (_SLIDES_IN, "slideIn")):
            if marks[slide] in table:
                found[table[marks[slide]]] += 1
        if marks["trill"] >= 0:
            found[f"trill:{marks['trill']}"] += 1
        found["bend"] += any(value > 0 for _, value in marks["bend"])
        found["whammy"] += any(value for _, value in beat["whammy"])
        if beat["tremolo"]:
            found[f"tremolo:{4 << beat['tremolo']}"] += 1
    return +found
