"""Kern, MEI, Capella and NoteWorthy text, read through music21."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections import Counter
from fractions import Fraction

import pytest

from textmusic.errors import FormatError
from textmusic.score import Key, Meter, Score
from textmusic_musicxml import CapellaFormat, KernFormat, MeiFormat, NoteworthyFormat

KERN = """**kern\t**kern
*Ivioln\t*Icello
*M3/4\t*M3/4
*k[b-]\t*k[b-]
=1\t=1
4c\t[2.C
12d\t.
12e\t.
12f\t.
[4g\t.
=2:|!\t=2:|!
2g]\t2C]
4a\t4AA
==\t==
*-\t*-
"""

MEI = """<?xml version="1.0"?><mei xmlns="http://www.music-encoding.org/ns/mei"><music><body><mdiv>
<score><scoreDef meter.count="2" meter.unit="4" key.sig="1s"><staffGrp>
<staffDef n="1" lines="5" clef.shape="G" clef.line="2"/></staffGrp></scoreDef><section>
<measure n="1"><staff n="1"><layer n="1"><note pname="g" oct="4" dur="4"/>
<note pname="f" oct="4" dur="4" accid.ges="s"/></layer></staff></measure></section></score>
</mdiv></body></music></mei>"""

NOTEWORTHY = """!NoteWorthyComposer(2.0)
|AddStaff|Name:"Lead"
|Clef|Type:Treble
|TimeSig|Signature:2/4
|Note|Dur:4th|Pos:0
|Note|Dur:4th|Pos:1
|Bar
|Note|Dur:Half|Pos:2
"""

CAPELLA = """<?xml version="1.0"?><score xmlns="http://www.whc.de/CapXML/1.0.8"><layout><staves>
<staffLayout description="A"><notation/></staffLayout></staves></layout>
<systems><system><staves><staff defaultTime="4/4" layout="A"><voices><voice><noteObjects>
<clefSign clef="treble"/><timeSign time="4/4"/>
<chord><duration base="1/2"/><heads><head pitch="C5"/></heads></chord>
<chord><duration base="1/2"/><heads><head pitch="E5"/></heads></chord><barline type="end"/>
</noteObjects></voice></voices></staff></staves></system></systems></score>"""


def sounds(score: Score) -> list[Counter[tuple[Fraction, Fraction, int]]]:
    return [
        Counter((Fraction(n.onset, score.tpq), Fraction(n.duration, score.tpq), n.pitch)
                for n in track.notes)
        for track in score.tracks
    ]  # fmt: skip


def test_kern_keeps_parts_ties_tuplets_metre_and_key():
    text = KERN.replace(":|!", "")
    (score,) = KernFormat().decode(text.encode()).scores
    third = Fraction(1, 3)
    violin, cello = sorted(sounds(score), key=len, reverse=True)
    assert violin == Counter(
        [(0, 1, 60), *((1 + i * third, third, 62 + (0, 2, 3)[i]) for i in range(3)),
         (2, 3, 67), (5, 1, 69)]
    )  # fmt: skip
    assert cello == Counter([(0, 5, 48), (5, 1, 45)])
    assert score.meters[0] == Meter(0, 3, 4)
    assert score.keys[0] == Key(0, -1)


def test_mei_is_read():
    (score,) = MeiFormat().decode(MEI.encode()).scores
    assert sounds(score) == [Counter([(0, 1, 67), (1, 1, 66)])]
    assert score.meters[0] == Meter(0, 2, 4)


def test_noteworthy_text_is_read():
    (score,) = NoteworthyFormat().decode(NOTEWORTHY.encode()).scores
    assert sounds(score) == [Counter([(0, 1, 71), (1, 1, 72), (2, 2, 74)])]


def test_capella_is_read():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        file.writestr("score.xml", CAPELLA)
    (score,) = CapellaFormat().decode(packed.getvalue()).scores
    assert sounds(score) == [Counter([(0, 2, 60), (2, 2, 64)])]


@pytest.mark.parametrize("form", [KernFormat(), MeiFormat(), NoteworthyFormat(), CapellaFormat()])
@pytest.mark.parametrize(
    "data",
    [b"", b"\0\xff", b"**kern\n\t\t\n4\n*-", KERN[:90].encode(), MEI[:300].encode(),
     MEI.replace('oct="4"', 'oct="x"').encode(), NOTEWORTHY[:60].encode() + b"|Note|Dur:Foo|Pos:zz"],
)  # fmt: skip
def test_damaged_files_raise_nothing_else(form, data):
    with contextlib.suppress(FormatError):
        form.decode(data)


def test_entities_are_refused():
    bomb = MEI.replace("<mei ", '<!DOCTYPE mei [<!ENTITY a "aa">]><mei ')
    with pytest.raises(FormatError, match="declares entities"):
        MeiFormat().decode(bomb.encode())
