"""Written notes of a part to tracks of sounding notes: ties merged, voices and graces counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from textmusic.score import Note, Track
from textmusic_musicxml._page import Part, Sound
from textmusic_musicxml._strings import Frets, frets_of

__all__ = ["Clock", "tracks_of"]

_Place = tuple[int, Fraction]
"""A measure of the page and when it is played."""
_MOST_VOICE = 32
_MOST_TIES = 64
"""How many ties of one pitch may wait for their ends."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Quarters to ticks; rounds where `tpq` cannot hold a time."""

    tpq: int

    def at(self, time: Fraction) -> int:
        """Return the nearest tick."""
        return (2 * time.numerator * self.tpq + time.denominator) // (2 * time.denominator)


@dataclass(slots=True)
class _Held:
    """A note on its way through ties; times in ticks, `turn` is the number of its played bar."""

    onset: int
    end: int
    sound: Sound
    turn: int
    leads: bool


def tracks_of(
    part: Part, passed: Sequence[_Place], clock: Clock, lost: Counter[str]
) -> list[Track]:
    """Return one track for each staff of a part.

    Args:
        part: with all its measures read.
        passed: the measures in the order in which they are played.
        clock: what turns quarters into ticks.
        lost: counts by kind what does not fit.
    """
    held = _merged(part, passed, clock)
    staves = sorted({staff for bar in part.bars for staff, _ in bar.voices} or {1})
    groups = {staff: [h for h in held if h.sound.staff == staff] for staff in staves}
    for staff in _copies(part, groups):
        del groups[staff]
    ranks = _voice_ranks(part, staves)
    tracks = []
    for staff, notes in groups.items():
        frets = frets_of(part, staff, [h.sound for h in notes])
        tracks.append(
            Track(
                tuple(_notes(notes, ranks, frets, lost)),
                part.name,
                part.program or 0,
                part.is_drum,
                frets.tuning,
                frets.capo,
            )
        )
    return tracks


def _merged(part: Part, passed: Iterable[_Place], clock: Clock) -> list[_Held]:
    """Return the notes as they sound; tied ones are one, also over the seam of a repeat."""
    held: list[_Held] = []
    open_ties: dict[int, list[_Held]] = {}
    last = -1
    for turn, (index, bar_start) in enumerate(passed):
        follows, last = index == last + 1, index
        if index >= len(part.bars):
            continue
        for sound in sorted(part.bars[index].sounds, key=lambda sound: sound.start):
            onset = clock.at(bar_start + sound.start)
            end = clock.at(bar_start + sound.start + sound.length)
            if open_ties.get(sound.pitch) and not sound.grace:
                before = _tied_from(open_ties[sound.pitch], onset, sound, may_lack_stop=follows)
                if before:
                    before.end = max(end, before.end)
                    before.leads = sound.starts
                    continue
            if not sound.grace:
                end = max(end, onset + 1)
            note = _Held(onset, end, sound, turn, sound.starts)
            held.append(note)
            if sound.starts and not sound.grace:
                ties = open_ties.setdefault(sound.pitch, [])
                ties[:] = [tie for tie in ties if tie.leads and tie.end >= onset][-_MOST_TIES:]
                ties.append(note)
    return held


def _tied_from(
    ties: Sequence[_Held], onset: int, sound: Sound, *, may_lack_stop: bool
) -> _Held | None:
    """Return the note that a tie leads on from: of the same voice and string if there is one.

    Some programs write only the start of a tie; within a voice it is enough.
    """
    fitting = [tie for tie in ties if tie.leads and tie.end == onset]
    if not sound.stops:
        voice = (sound.staff, sound.voice, sound.string)
        fitting = [
            tie
            for tie in fitting
            if may_lack_stop and voice == (tie.sound.staff, tie.sound.voice, tie.sound.string)
        ]
    if not fitting:
        return None

    def strange(tie: _Held) -> tuple[bool, bool, bool]:
        other = tie.sound
        return other.staff != sound.staff, other.voice != sound.voice, other.string != sound.string

    return min(fitting, key=strange)


def _copies(part: Part, groups: dict[int, list[_Held]]) -> list[int]:
    """Return the staff that only repeats in notes what another one has in tablature."""
    if len(groups) != 2 or not part.tab_staves:
        return []
    one, two = groups

    def bag(staff: int) -> Counter[tuple[int, int, int]]:
        return Counter((h.onset, h.end, h.sound.pitch) for h in groups[staff])

    if not groups[one] or bag(one) != bag(two):
        return []
    return [staff for staff in groups if staff not in part.tab_staves][:1]


def _voice_ranks(part: Part, staves: Sequence[int]) -> dict[tuple[int, str], int]:
    """Number the voices of each staff from 1.

    On a part's only staff a voice keeps the number that the file gives it. Voices that visit a
    staff from another one come behind those that live there.
    """
    count: Counter[tuple[int, str]] = Counter()
    for bar in part.bars:
        count.update(bar.voices)
        count.update((sound.staff, sound.voice) for sound in bar.sounds)
    ranks: dict[tuple[int, str], int] = {}
    for staff in staves:
        voices = [voice for at, voice in count if at == staff]
        plain = all(v.isascii() and v.isdecimal() and 1 <= int(v) <= _MOST_VOICE for v in voices)
        if plain and len(staves) == 1 and "1" in voices:
            ranks |= {(staff, voice): int(voice) for voice in voices}
            continue

        def order(voice: str, staff: int = staff) -> tuple[bool, int, str]:
            here = count[staff, voice]
            visits = any(count[at, voice] > here for at in staves)
            return visits, int(voice) if voice.isdecimal() and len(voice) < 9 else 0, voice

        ranks |= {(staff, v): rank for rank, v in enumerate(sorted(voices, key=order), 1)}
    return ranks


def _notes(
    held: Sequence[_Held],
    ranks: dict[tuple[int, str], int],
    frets: Frets,
    lost: Counter[str],
) -> Iterable[Note]:
    graces: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for note in held:
        if note.sound.grace:
            rank = ranks[note.sound.staff, note.sound.voice]
            graces.setdefault((rank, note.onset), set()).add((note.turn, note.sound.grace))
    numbers = {
        (*place, *group): number
        for place, groups in graces.items()
        for number, group in enumerate(sorted(groups, reverse=True), 1)
    }
    for note in held:
        sound = note.sound
        rank = ranks[sound.staff, sound.voice]
        marks = set(sound.marks)
        if rank > 1:
            marks.add(f"voice:{rank}")
        if sound.grace:
            marks.add(f"grace:{numbers[rank, note.onset, note.turn, sound.grace]}")
        string = frets.index(sound, lost)
        length = 0 if sound.grace else note.end - note.onset
        yield Note(note.onset, length, sound.pitch, sound.velocity, string, frozenset(marks))
