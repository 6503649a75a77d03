"""Tracks of any music -> tracks whose every note the text can hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from textmusic.clock import Clock
from textmusic.errors import Issue, ScoreError
from textmusic.fretboard import finger
from textmusic.lengths import BEAT
from textmusic.score import Note, Track
from textmusic_guitarpro.text.bounds import CAPOS, MAX_DRUM, MAX_FRET, OPEN_STRINGS
from textmusic_guitarpro.text.events import MAX_COPIES, MAX_GRACES, MAX_VOICES
from textmusic_guitarpro.text.parts import MAX_STRINGS, Part
from textmusic_guitarpro.text.reading import MAX_NOTES
from textmusic_guitarpro.text.signs import clean_marks
from textmusic_guitarpro.text.times import TICK, UNITS, WRITTEN, grids_at
from textmusic_guitarpro.text.writing import voice_of

__all__ = ["Fitter", "denominator", "warning"]

_USUAL = frozenset({*range(1, 17), 20, 24, 28, 48})
_USUAL_FRETS = 24
"""The neck for notes without a string."""
_SHARE = 0.9
"""A part whose times are usual to this share is written music, else somebody played it."""
_TOO_LATE = 20_000 * 4
"""Quarters; later notes come from damaged files."""


def warning(name: str, message: str) -> Issue:
    """Return what the projection changed, as an issue."""
    return Issue(f"guitarpro.{name}", message, 0, 0, "warning")


def denominator(units: int) -> int:
    """The denominator of a time in quarters, 0 if it is no usual one."""
    for number in WRITTEN:
        if units * number % UNITS == 0:
            return number
    return 0


class Fitter:
    """Brings tracks inside the domain.

    Args:
        clock: beats of the piece.
        tpq: ticks per quarter of the tracks.
        issues: to add to.
    """

    def __init__(self, clock: Clock, tpq: int, issues: list[Issue]) -> None:
        self.clock, self.tpq, self.issues = clock, tpq, issues

    def warn(self, name: str, message: str) -> None:
        """Add what was changed to the issues."""
        self.issues.append(warning(name, message))

    def fitted(self, track: Track) -> Track:
        """Return the track in units, its notes all writable."""
        late = _TOO_LATE * self.tpq
        notes = [n for n in track.notes if n.onset < late][:MAX_NOTES]
        if len(notes) < len(track.notes):
            self.warn(
                "notes", f"left out {len(track.notes) - len(notes)} notes, too many or too late"
            )
            track = replace(track, notes=tuple(notes))
        strung = self._strung(self._held_drums(track))
        timed = list(self._timed(strung.notes, self._marked(strung.notes)))
        placed = list(self._placed(replace(strung, notes=tuple(timed))))
        return replace(strung, notes=tuple(placed), name="")

    def _held_drums(self, track: Track) -> Track:
        """The track without drums above all that there are."""
        notes = tuple(n for n in track.notes if not track.is_drum or n.pitch <= MAX_DRUM)
        if len(notes) == len(track.notes):
            return track
        high = len(track.notes) - len(notes)
        self.warn("drums", f"left out {high} notes of drums above key {MAX_DRUM}")
        return replace(track, notes=notes)

    def _strung(self, track: Track) -> Track:
        """The track with strings on all notes or on none."""
        if track.is_drum or not 0 < len(track.tuning) <= MAX_STRINGS:
            return self._unstrung(track)
        track = self._on_neck(track)
        frets = [track.fret(note) for note in track.notes]
        if all(fret is not None and 0 <= fret <= MAX_FRET for fret in frets):
            return track
        highest = max((fret for fret in frets if fret and fret <= MAX_FRET), default=0)
        try:
            track, found = finger(track, max_fret=max(highest, _USUAL_FRETS), octaves=True)
        except ScoreError:  # strings so high that an octave up leaves the pitches
            return self._unstrung(track)
        self.issues.extend(found)
        return track

    def _on_neck(self, track: Track) -> Track:
        """The track with a capo that there is, and open strings whose pitches there are."""
        if track.capo and track.capo not in CAPOS:
            self.warn("capo", f"no capo at fret {track.capo}: left out")
            track = replace(track, capo=0)
        low, high = OPEN_STRINGS[0], OPEN_STRINGS[-1] - 12
        tuning = tuple(
            p if p in OPEN_STRINGS else p % 12 + (low if p < low else high) for p in track.tuning
        )
        if tuning != track.tuning:
            self.warn("tuning", "open strings too low or too high moved by octaves")
            track = replace(track, tuning=tuning)
        return track

    def _unstrung(self, track: Track) -> Track:
        if track.tuning and not track.is_drum:
            self.warn("strings", f"no text for the tuning {track.tuning}: left out")
        notes = tuple(replace(n, string=None) if n.string is not None else n for n in track.notes)
        return replace(track, notes=notes, tuning=(), capo=0)

    def _marked(self, notes: Sequence[Note]) -> list[frozenset[str]]:
        """The marks of each note that can be written."""
        lost: set[str] = set()
        marked = []
        known: dict[tuple[frozenset[str], int], frozenset[str]] = {}
        for note in notes:
            key = note.marks, note.pitch
            if key not in known:
                known[key] = frozenset(self._marks(note, lost))
            marked.append(known[key])
        if lost:
            self.warn("marks", f"left out: {', '.join(sorted(lost))}")
        return marked

    def _marks(self, note: Note, lost: set[str]) -> Iterator[str]:
        yield from clean_marks(note.marks, note.pitch, lost)
        if note.grace:
            yield f"grace:{note.grace}"
        voices = {mark for mark in note.marks if mark.startswith("voice:")}
        numbers = [int(v[6:]) for v in voices if v[6:].isdecimal() and len(v) < 12]
        number = min(max(numbers, default=1), MAX_VOICES)
        if number > 1:
            yield f"voice:{number}"
        if voices - {f"voice:{number}"}:
            lost |= voices - {f"voice:{number}"}

    def _timed(self, notes: Sequence[Note], marked: Sequence[frozenset[str]]) -> Iterator[Note]:
        """The notes at whole units, with these marks."""
        fine = {n.onset for n in notes} | {n.end for n in notes}
        at = {time: divmod(time * UNITS, self.tpq) for time in fine}
        den = {t: 0 if rest else denominator(units) for t, (units, rest) in at.items()}
        usual = sum(number in _USUAL for number in den.values())
        if usual == len(den) or (usual >= _SHARE * len(den)):
            off = {time for time, number in den.items() if not number}
        else:
            off = set(fine)
        ticks = {time: units for time, (units, _) in at.items() if time not in off}
        off |= self._uneven(notes, marked, ticks)
        if off:
            ticks |= self._snapped(notes, off)
        moved = sum(ticks[time] * self.tpq != time * UNITS for time in fine)
        if moved:
            self.warn("grid", f"{moved} of {len(fine)} onsets and ends moved to a grid")
        for note, marks in zip(notes, marked, strict=True):
            onset, end = ticks[note.onset], ticks[note.end]
            if note.grace:
                end = onset
            elif end <= onset:
                end = self.clock.beat(onset // TICK)[1] * TICK
            yield Note(onset, end - onset, note.pitch, 80, note.string, marks)

    def _uneven(
        self,
        notes: Sequence[Note],
        marked: Sequence[frozenset[str]],
        ticks: Mapping[int, int],
    ) -> set[int]:
        """The times of quarters in which no grid holds those of a voice."""
        grids: dict[tuple[int, str], int] = {}
        times = defaultdict(set)
        for note, marks in zip(notes, marked, strict=True):
            voice = min((mark for mark in marks if mark.startswith("voice:")), default="")
            for time in {note.onset, note.end}:
                start, end = self.clock.beat(time * BEAT // self.tpq)
                units = ticks.get(time)
                times[start].add(time)
                held = 0 if units is None else grids_at(units - start * TICK)
                before = grids.get((start, voice), grids_at((end - start) * TICK))
                grids[start, voice] = before & held
        uneven = {start for (start, _), held in grids.items() if not held}
        return {time for start in uneven for time in times[start]}

    def _snapped(self, notes: Sequence[Note], off: set[int]) -> dict[int, int]:
        onsets = sorted({n.onset for n in notes if n.onset in off})
        struck = set(onsets)
        ends = sorted({n.end for n in notes if n.end in off and n.end not in struck})
        ticks = self.clock.snap([o * BEAT for o in onsets], [e * BEAT for e in ends])
        return {fine // BEAT: tick * TICK for fine, tick in ticks.items()}

    def _placed(self, track: Track) -> Iterator[Note]:
        """The notes of each voice so that no two sound at one place at once."""
        part = Part.of(track)
        copies = 1 if part.tuning else MAX_COPIES
        by_voice = sorted(
            track.notes, key=lambda n: (voice_of(n), n.onset, not n.grace, -n.duration)
        )
        twice = cut = 0
        for _, group in groupby(by_voice, key=voice_of):
            last: dict[int, list[Note]] = {}
            graces: list[Note] = []
            for note in group:
                if note.grace:
                    graces.append(note)
                    held = last.get(part.place(note).rank, [])
                    cut += sum(other.end > note.onset for other in held)
                    held[:] = [_until(other, note.onset) for other in held]
                    continue
                before = last.setdefault(part.place(note).rank, [])
                if before and before[0].onset == note.onset:
                    twice += len(before) >= copies
                    before += [note] * (len(before) < copies)
                    continue
                cut += sum(other.end > note.onset for other in before)
                yield from (_until(other, note.onset) for other in before)
                before[:] = [note]
            yield from (note for notes in last.values() for note in notes)
            kept = list(self._graces(part, graces))
            if len(kept) < len(graces):
                self.warn("grace", f"left out {len(graces) - len(kept)} grace notes, too many")
            yield from kept
        if twice:
            self.warn("unison", f"left out {twice} notes struck where another is struck")
        if cut:
            self.warn("overlap", f"shortened {cut} notes where their place is struck again")

    def _graces(self, part: Part, notes: Sequence[Note]) -> Iterator[Note]:
        """Grace notes numbered 1, 2 … before each main note; at most `MAX_GRACES`."""
        for _, group in groupby(notes, key=lambda n: n.onset):
            members = list(group)
            ranks = sorted({note.grace for note in members})
            seen = set()
            for note in members:
                number = ranks.index(note.grace) + 1
                place = part.place(note).rank
                if number > MAX_GRACES or (number, place) in seen:
                    continue
                seen.add((number, place))
                others = {mark for mark in note.marks if not mark.startswith("grace:")}
                yield replace(note, marks=frozenset({*others, f"grace:{number}"}))


def _until(note: Note, end: int) -> Note:
    return note if note.end <= end else replace(note, duration=end - note.onset)
