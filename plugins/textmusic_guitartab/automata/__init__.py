"""The parts of the grammar of event texts: each reads all of it and knows one thing of the bar.

======  ====================================================================================
`Line`  the order of events, strings and marks
`Time`  what is left of the bar, and the grid of the beat
`Hand`  the frets that one hand holds in a chord
`Past`  which earlier bars may stand there once more
======  ====================================================================================

What a part does not know of it allows. Characters come in an order that `Line` allows.
"""

from textmusic_guitartab.automata.bartime import ANY, Time, full_of
from textmusic_guitartab.automata.chars import ALL
from textmusic_guitartab.automata.hand import Hand
from textmusic_guitartab.automata.line import Line
from textmusic_guitartab.automata.past import Past

__all__ = ["ALL", "ANY", "Hand", "Line", "Past", "Time", "full_of"]
