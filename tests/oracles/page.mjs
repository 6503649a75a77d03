// Reads the Guitar Pro files named on standard input, one path a line, with alphaTab, and writes
// one JSON document a line: the page with every staff, voice and beat, or {"error": "..."}.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as alphaTab from "@coderline/alphatab";

alphaTab.Logger.logLevel = alphaTab.LogLevel.None;

function note(note, track, isPercussion) {
  const sound = track.percussionArticulations[note.percussionArticulation];
  return {
    string: note.string - 1, // 0 is the lowest string
    fret: note.fret,
    key: isPercussion ? (sound ? sound.outputMidiNumber : note.percussionArticulation) : null,
    pitch: isPercussion ? null : note.realValueWithoutHarmonic,
    tie: note.isTieDestination,
    marks: {
      dead: note.isDead,
      ghost: note.isGhost,
      hammer: note.isHammerPullOrigin,
      palmMute: note.isPalmMute,
      letRing: note.isLetRing,
      staccato: note.isStaccato,
      accent: note.accentuated === 1 || note.accentuated === 2,
      vibrato: note.vibrato,
      harmonic: note.harmonicType,
      slideIn: note.slideInType,
      slideOut: note.slideOutType,
      trill: note.trillValue,
      bend: note.bendPoints ? note.bendPoints.map((p) => [p.offset, p.value]) : [],
    },
  };
}

function beat(beat, track, isPercussion) {
  return {
    index: beat.index,
    start: beat.displayStart,
    duration: beat.duration,
    dots: beat.dots,
    tuplet: beat.hasTuplet ? [beat.tupletNumerator, beat.tupletDenominator] : [1, 1],
    grace: beat.graceType !== alphaTab.model.GraceType.None,
    dynamic: beat.dynamics,
    tremolo: beat.tremoloPicking ? beat.tremoloPicking.marks : 0,
    whammy: beat.whammyBarPoints ? beat.whammyBarPoints.map((p) => [p.offset, p.value]) : [],
    notes: beat.notes.map((each) => note(each, track, isPercussion)),
  };
}

function dump(score) {
  const staves = score.tracks.flatMap((track) => track.staves.map((staff) => [track, staff]));
  return {
    title: score.title,
    bars: score.masterBars.map((bar) => ({
      start: bar.start,
      signature: [bar.timeSignatureNumerator, bar.timeSignatureDenominator],
      tempos: bar.tempoAutomations.map((tempo) => [tempo.ratioPosition, tempo.value]),
      opens: bar.isRepeatStart,
      passes: bar.repeatCount,
      endings: bar.alternateEndings,
      anacrusis: bar.isAnacrusis,
    })),
    staves: staves.map(([track, staff]) => ({
      name: track.name,
      program: track.playbackInfo.program,
      percussion: staff.isPercussion,
      tuning: [...staff.stringTuning.tunings].reverse(), // string 0 first
      capo: staff.capo,
      bars: staff.bars.map((bar) => ({
        simile: bar.simileMark !== alphaTab.model.SimileMark.None,
        key: bar.keySignature,
        voices: bar.voices.map((voice) =>
          voice.beats
            .filter((each) => each.notes.length)
            .map((each) => beat(each, track, staff.isPercussion)),
        ),
      })),
    })),
  };
}

for await (const path of createInterface({ input: process.stdin })) {
  let seen;
  try {
    const bytes = new Uint8Array(readFileSync(path));
    seen = dump(alphaTab.importer.ScoreLoader.loadScoreFromBytes(bytes, new alphaTab.Settings()));
  } catch (error) {
    seen = { error: String(error.message || error) };
  }
  process.stdout.write(JSON.stringify(seen) + "\n");
}
