"""Note elements of MusicXML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textmusic.score import Note, Track
from textmusic_musicxml._marks import leading_marks, notations_of
from textmusic_musicxml._values import Value, spelling

__all__ = ["NoteWriter"]

_PLAIN_VELOCITY = 80
_MOST_FRET = 60
_DRUM_PLACES = {
    **dict.fromkeys((35, 36), "F4"),
    **dict.fromkeys((37, 38, 39, 40), "C5"),
    **dict.fromkeys((41, 43), "A4"),
    44: "D4",
    **dict.fromkeys((42, 46, 53), "G5"),
    **dict.fromkeys((45, 47), "D5"),
    **dict.fromkeys((48, 50), "E5"),
    **dict.fromkeys((49, 52, 55, 57), "A5"),
    **dict.fromkeys((51, 59), "F5"),
}


class NoteWriter:
    """Writes the notes of one track; `fifths` is the key in force, for the spelling.

    Args:
        track: whose notes they are.
        name: the id of the part.
        strings: how many strings the written staff has, 0 for none.
    """

    def __init__(self, track: Track, name: str, strings: int) -> None:
        self.track, self.name, self.strings = track, name, strings
        self.fifths = 0
        self._leads: dict[tuple[int, int | None], frozenset[str]] = {}

    @staticmethod
    def rest(value: Value, ticks: int, voice: int) -> str:
        """Return a rest."""
        return (
            f"<note><rest/><duration>{ticks}</duration><voice>{voice}</voice>"
            f"{_type(value)}{_tuplet(value)}</note>\n"
        )

    def graces(self, notes: Sequence[Note], voice: int) -> Iterator[str]:
        """Yield grace notes, the highest number first; those of one number are a chord."""
        last = 0
        for note in sorted(notes, key=lambda note: (-note.grace, note.pitch)):
            head = "<grace/><chord/>" if note.grace == last else "<grace/>"
            last = note.grace
            tail = f"<voice>{voice}</voice><type>eighth</type>"
            yield self._note(note, head, tail, self._signs(note, voice))

    def chord(
        self,
        notes: Sequence[Note],
        value: Value,
        ticks: int,
        voice: int,
        *,
        stops: bool,
        starts: bool,
    ) -> Iterator[str]:
        """Yield the notes of one onset and length, tied on either side as asked."""
        ties = ('<tie type="stop"/>' if stops else "") + ('<tie type="start"/>' if starts else "")
        tied = ties.replace("<tie ", "<tied ")
        for index, note in enumerate(notes):
            tail = f"<voice>{voice}</voice>{_type(value)}{_tuplet(value)}"
            yield self._note(
                note,
                "<chord/>" if index else "",
                tail,
                {} if stops else self._signs(note, voice),
                length=f"<duration>{ticks}</duration>{ties}",
                tied=tied,
            )

    def _signs(self, note: Note, voice: int) -> dict[str, str]:
        """Return the notations of a note, and what leads to it from the last of its string."""
        key = (voice, note.string)
        groups = notations_of(note.marks, self._leads.pop(key, ()))
        leads = leading_marks(note.marks)
        if leads:
            self._leads[key] = leads
        return groups

    def _note(
        self,
        note: Note,
        head: str,
        tail: str,
        groups: dict[str, str],
        *,
        length: str = "",
        tied: str = "",
    ) -> str:
        self._place(note, groups)
        dead = "dead" in groups and not self.track.is_drum
        notehead = ""
        if dead or "ghost" in groups:
            brackets = ' parentheses="yes"' if "ghost" in groups else ""
            notehead = f"<notehead{brackets}>{'x' if dead else 'normal'}</notehead>"
        if "dead" in groups and self.track.is_drum:
            text = "<other-technical>dead</other-technical>"
            groups["technical"] = groups.get("technical", "") + text
        inside = tied + groups.get("notations", "")
        for group in ("ornaments", "technical", "articulations"):
            if group in groups:
                inside += f"<{group}>{groups[group]}</{group}>"
        notations = f"<notations>{inside}</notations>" if inside else ""
        loud = ""
        if note.velocity != _PLAIN_VELOCITY:
            loud = f' dynamics="{note.velocity / 0.9:.2f}"'
        instrument = (
            f'<instrument id="{self.name}-I{note.pitch + 1}"/>' if self.track.is_drum else ""
        )
        return (
            f"<note{loud}>{head}{self._pitch(note)}{length}{instrument}{tail}{notehead}"
            f"{notations}{groups.get('play', '')}</note>\n"
        )

    def _pitch(self, note: Note) -> str:
        if self.track.is_drum:
            place = _DRUM_PLACES.get(note.pitch, "C5")
            return (
                f"<unpitched><display-step>{place[0]}</display-step>"
                f"<display-octave>{place[1]}</display-octave></unpitched>"
            )
        step, alter, octave = spelling(note.pitch, self.fifths)
        change = f"<alter>{alter}</alter>" if alter else ""
        return f"<pitch><step>{step}</step>{change}<octave>{octave}</octave></pitch>"

    def _place(self, note: Note, groups: dict[str, str]) -> None:
        """Add the string and fret of a note to its technical notations."""
        if note.string is None or not self.strings:
            return
        fret = self.track.fret(note)
        place = f"<string>{self.strings - note.string}</string>"
        if fret is not None and 0 <= fret <= _MOST_FRET and not self.track.is_drum:
            place += f"<fret>{fret}</fret>"
        groups["technical"] = place + groups.get("technical", "")


def _type(value: Value) -> str:
    return f"<type>{value.name}</type>{'<dot/>' * value.dots}" if value.name else ""


def _tuplet(value: Value) -> str:
    if value.played == 1:
        return ""
    return (
        f"<time-modification><actual-notes>{value.played}</actual-notes>"
        f"<normal-notes>{value.times}</normal-notes></time-modification>"
    )
