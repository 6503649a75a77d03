"""The lines of a text in their order: the header, and bars of one part or several."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from textmusic.controls import Controls
from textmusic_guitarpro.text.events import MAX_VOICES
from textmusic_guitarpro.text.grammar.header import HEADER, Moves, State
from textmusic_guitarpro.text.grammar.piece import Body
from textmusic_guitarpro.text.grammar.trace import Trace
from textmusic_guitarpro.text.grammar.voice import (
    Voice,
    voice_chars,
    voice_finish,
    voice_step,
)
from textmusic_guitarpro.text.grammar.wishes import FREE, wishes_of
from textmusic_guitarpro.text.grammar.words import word_end, word_finish, word_moves
from textmusic_guitarpro.text.times import beat_of
from textmusic_guitarpro.text.writing import LABELS

__all__ = [
    "LineGrammar",
    "ended",
    "line_moves",
    "may_begin",
    "new_bar",
    "referred",
    "with_voice",
]


class LineGrammar:
    """What may follow in a text of the codec `guitarpro`. See `textmusic.grammar.Grammar`.

    Args:
        controls: what must hold of every text.

    Raises:
        ConfigError: no text can keep them.
    """

    def __init__(self, controls: Controls | None = None) -> None:
        self.wishes = wishes_of(controls) if controls else FREE

    def start(self) -> State:
        """Return the state before the header."""
        return State("at", wishes=self.wishes)

    def allowed(self, state: State) -> frozenset[str]:
        """Return the characters that may follow."""
        if state.phase == "voice":
            return _inside(state)
        chars = frozenset(line_moves(state))
        return chars | _inside(with_voice(state)) if may_begin(state) else chars

    def step(self, state: State, char: str) -> State:
        """Return the state after a character; ValueError where it may not follow."""
        following = None if state.phase == "voice" else line_moves(state).get(char)
        if following is None and state.phase == "voice":
            following = _played(state, char)
        elif following is None and may_begin(state):
            following = _played(with_voice(state), char)
        if following is None:
            raise ValueError(f"{char!r} may not follow here")
        return following

    def accepting(self, state: State) -> bool:
        """Whether the text may end: after a line, when there was a note."""
        return state.piece.heard and _is_line_start(state)

    def finish(self, state: State) -> str:
        """Return an ending that completes the line, with a note where there was none yet."""
        ending = ""
        while not self.accepting(state):
            char = _last_char(state)
            ending += char
            state = self.step(state, char)
        return ending


def _is_line_start(state: State) -> bool:
    return state.phase == "line" or (state.phase == "words" and state.is_alone and state.bar.is_new)


def line_moves(state: State) -> dict[str, State]:
    """Return what may follow outside of a voice, and the state after it."""
    return _in_header(state) if state.phase in HEADER else dict(_PHASES[state.phase](state))


@lru_cache(maxsize=256)
def _in_header(state: State) -> dict[str, State]:
    return dict(HEADER[state.phase](state))


def _parts(state: State) -> Moves:
    """Behind a line of the header."""
    if len(state.piece.parts) < len(LABELS):
        yield ":", state._replace(phase="program")
    behind = state._replace(wishes=FREE)
    if state.is_alone:
        yield from _words(behind)
    elif state.piece.parts:
        yield "|", behind._replace(phase="words")


def _words(state: State) -> Moves:
    """At the words of a bar: within one, behind one (``space``), or where one may begin."""
    bar, section = state.bar, state.piece.section
    for char, after in word_moves(bar, section).items():
        yield char, state._replace(phase="words", bar=after)
    ended = word_end(bar, section)
    if ended and (state.is_alone or ended.takes_words):
        yield " ", state._replace(phase="words", bar=ended)
    behind = ended or (bar if bar.is_new else None)
    if behind and not state.is_alone and not behind.is_cut:
        yield "\n", state._replace(phase="line", bar=behind)


def _line(state: State) -> Moves:
    """At the start of a line in a piece of several parts."""
    for turn in range(state.piece.turn, len(state.piece.parts)):
        yield LABELS[turn], state._replace(phase="label", text=LABELS[turn])
    yield "|", new_bar(state)


def new_bar(state: State) -> State:
    """Return the state at the words of the next bar, all lines of the present one being over."""
    piece = state.piece.until(len(state.piece.parts))
    return _next_bar(state._replace(piece=piece))


def _next_bar(state: State) -> State:
    section = state.piece.section.after(state.bar.measure)
    piece = state.piece._replace(section=section, turn=0)
    return State("words", piece=piece, bar=state.bar.next())


def _label(state: State) -> Moves:
    piece = state.piece.until(LABELS.index(state.text))
    yield " ", with_voice(state._replace(piece=piece))


def may_begin(state: State) -> bool:
    """Return whether what the only part has in a bar may begin here, if no word does."""
    is_free = state.phase in {"words", "parts"} and state.is_alone and not state.bar.word
    return is_free and not state.bar.is_cut


def with_voice(state: State) -> State:
    """Return the state at the start of a voice, which begins where it stands."""
    played = state.piece.parts[state.piece.turn]
    length = state.bar.length
    voice = Voice(played.part, length, played.sounds(len(state.traces)), grids=beat_of(0, length))
    return state._replace(phase="voice", text="", wishes=FREE, voice=voice)


def _reference(state: State) -> Moves:
    found = state.piece.references(state.bar.length)
    size = len(state.text)
    for mark in found:
        if len(mark) > size and mark.startswith(state.text):
            yield mark[size], state._replace(text=state.text + mark[size])
    if state.text in found:
        yield "\n", referred(state, state.text)


def referred(state: State, mark: str) -> State:
    """Return the state behind the line of a reference."""
    return _behind(state, state.piece.references(state.bar.length)[mark], heard=False)


def _behind(state: State, body: Body, *, heard: bool) -> State:
    """The state behind a line with notes or a reference."""
    after = State("line", piece=state.piece.after(body, heard=heard), bar=state.bar)
    return _next_bar(after) if state.is_alone else after


def _inside(state: State) -> frozenset[str]:
    """What may follow in a voice, or instead of the first one."""
    voice = state.voice
    chars = voice_chars(voice)
    if voice.may_end:
        return chars | _ends(state)
    if state.traces or not voice.is_new:
        return chars
    return chars.union(mark[0] for mark in state.piece.references(state.bar.length))


def _played(state: State, char: str) -> State | None:
    """The state after a character in a voice, None where it may not follow."""
    voice = voice_step(state.voice, char)
    if voice:
        return state._replace(voice=voice)
    if state.voice.may_end and char in _ends(state):
        return _ended(state, char)
    if char in "%=" and char in _inside(state):
        return state._replace(phase="reference", text=char)
    return None


def _ends(state: State) -> frozenset[str]:
    """What may stand behind a whole voice."""
    last = len(state.traces) + 1 == MAX_VOICES
    line_end = not state.voice.is_silent or (state.is_alone and not state.traces)
    return frozenset(" " * (not last) + "\n" * line_end)


def _ended(state: State, char: str) -> State:
    """The state behind a whole voice and a character."""
    voice = state.voice
    trace = None if voice.is_silent else voice.trace
    return ended(state, char, trace, heard=voice.heard)


def ended(state: State, char: str, trace: Trace | None, *, heard: bool) -> State:
    """Return the state behind a whole voice.

    Args:
        state: within the voice; the state of that does not matter.
        char: what stands behind it.
        trace: of the voice, None where it is silent.
        heard: whether a note was struck in it.
    """
    traces = (*state.traces, trace or Trace())
    heard = state.piece.heard or heard
    if char == " ":
        piece = state.piece._replace(heard=heard)
        return State("semicolon", piece=piece, bar=state.bar, traces=traces)
    length = state.bar.length if trace else 0
    return _behind(state, Body(length, traces), heard=heard)


def _semicolon(state: State) -> Moves:
    if not state.text:
        yield ";", state._replace(text=";")
    else:
        yield " ", with_voice(state)


_PHASES: dict[str, Callable[[State], Moves]] = {
    "parts": _parts,
    "words": _words,
    "line": _line,
    "label": _label,
    "reference": _reference,
    "semicolon": _semicolon,
}


def _last_char(state: State) -> str:
    """A character of a short way to the end of the text."""
    heard, bar = state.piece.heard, state.bar
    if state.phase == "voice":
        if state.voice.may_end and "\n" in _ends(state) and (heard or not state.voice.is_silent):
            return "\n"
        return voice_finish(state.voice, heard=heard)
    if may_begin(state):
        return "r" if heard else voice_finish(with_voice(state).voice, heard=heard)
    moves = line_moves(state)
    if state.phase == "line":
        return min(moves, key=lambda char: (char == "|", LABELS.find(char)))
    if state.phase == "words" and "\n" not in moves:
        ended = word_end(bar, state.piece.section)
        return " " if ended else word_finish(bar, state.piece.section)
    return next((char for char in "\n|2E/4" if char in moves), min(moves))
