"""Labels of voices, ``[V:2]``, which close a bar of one voice and open that of the next."""

from __future__ import annotations

from textmusic_abc.grammar.state import State, bar_start, channels_of
from textmusic_abc.grammar.sustaining import sustained
from textmusic_abc.layers import MAX_CHANNELS, MAX_VOICES

__all__ = ["is_last_voice", "label_chars", "labelled"]


def is_last_voice(state: State) -> bool:
    """Whether no other voice follows in this row."""
    return state.voice == state.voices or (state.voices <= 0 and state.voice > 1)


def label_chars(state: State) -> frozenset[str]:
    """Return what may follow between two voices."""
    buf, row = state.buf, state.row
    if not buf:
        assert row is not None
        last = is_last_voice(state)
        more = not last or (state.voices <= 0 and _may_add_voice(state))
        return frozenset(("[" if more else "") + ("\n" if last and row.mark != "|]" else ""))
    return frozenset(_label_text(state)[len(buf)])


def _may_add_voice(state: State) -> bool:
    plain = state.channels == ((1, False),) * state.voice
    spent = channels_of(state.channels, 0)
    return state.voice < (MAX_VOICES if plain else MAX_CHANNELS + state.voice - spent)


def _label_text(state: State) -> str:
    return "\n[V:1]" if state.buf[:1] == "\n" else f"[V:{state.voice + 1}]"


def labelled(state: State) -> State:
    """Return the state after the label of a voice."""
    first = state.buf[:1] == "\n"
    number = 1 if first else state.voice + 1
    keys = state.keys or (state.fifths,) * MAX_VOICES
    if state.voice:
        keys = (*keys[: state.voice - 1], state.fifths, *keys[state.voice :])
    row = state.row
    form, voices = state.form, state.voices
    if first:
        assert row is not None
        state, form = sustained(state, row.mark, row.size), row.form
        row, voices = None, state.voice
    elif number > 1:
        form = state.form._replace(rep=0, need=0, fork=0, number=1, origin=-2, open=0)
    state = state._replace(
        voice=number, voices=voices, keys=keys, fifths=keys[number - 1], row=row, form=form
    )
    if number > len(state.channels):
        state = state._replace(channels=(*state.channels, (1, False)))
    return bar_start(state)
