"""The grammar of the codec `guitarpro`: which character may come next, counting musical time.

::

    spelling   finite words and numbers          notes    notes of an event, their techniques
    durations  lengths that leave a bar whole    voice    events of a voice in a bar
    words      what all parts share in a bar     trace    what of them matters to other bars
    wishes     what was asked of the piece       piece    what is remembered between lines
    header     the lines of the header           lines    all lines in their order
    instrument what a part is played on          retold   all that of a text that is known to fit

    joint      all that as automata side by side; they are:
    opening    lines, words, what begins         beats    the time of a voice
    sound      what is being typed               curves   the points of a curve
    held       what sounds on strings            named    what sounds without strings
"""

from textmusic_guitarpro.text.grammar.joint import GuitarProGrammar

__all__ = ["GuitarProGrammar"]
