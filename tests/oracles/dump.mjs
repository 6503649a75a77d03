// Reads the Guitar Pro files named on standard input, one path a line, with alphaTab, and writes
// one JSON document a line: what alphaTab sees, or {"error": "..."}.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as alphaTab from "@coderline/alphatab";

alphaTab.Logger.logLevel = alphaTab.LogLevel.None;

function metre(bar) {
  return {
    start: bar.start,
    signature: [bar.timeSignatureNumerator, bar.timeSignatureDenominator],
    tempos: bar.tempoAutomations.map((tempo) => [tempo.ratioPosition, tempo.value]),
  };
}

function note(note, track, isPercussion) {
  const sound = track.percussionArticulations[note.percussionArticulation];
  return {
    string: note.string - 1, // 0 is the lowest string
    fret: note.fret,
    key: isPercussion ? (sound ? sound.outputMidiNumber : note.percussionArticulation) : null,
    pitch: isPercussion ? null : note.realValueWithoutHarmonic,
    tie: note.isTieDestination,
    dead: note.isDead,
    hammer: note.isHammerPullOrigin,
    palmMute: note.isPalmMute,
    slide: note.slideOutType,
    bend: note.maxBendPoint ? note.maxBendPoint.value / 2 : 0, // semitones
  };
}

function beats(staff, track) {
  const found = [];
  for (const bar of staff.bars) {
    for (const voice of bar.voices) {
      for (const beat of voice.beats) {
        if (beat.isEmpty) continue;
        found.push({
          bar: bar.index,
          voice: voice.index,
          start: beat.displayStart,
          played: beat.playbackStart,
          duration: beat.duration,
          dots: beat.dots,
          tuplet: beat.hasTuplet ? [beat.tupletNumerator, beat.tupletDenominator] : [1, 1],
          grace: beat.graceType !== alphaTab.model.GraceType.None,
          notes: beat.notes.map((each) => note(each, track, staff.isPercussion)),
        });
      }
    }
  }
  return found;
}

// The bars in the order in which alphaTab plays them.
function order(score) {
  const handler = new alphaTab.midi.AlphaSynthMidiFileHandler(new alphaTab.midi.MidiFile());
  const generator = new alphaTab.midi.MidiFileGenerator(score, new alphaTab.Settings(), handler);
  generator.generate();
  return generator.tickLookup.masterBars.map((bar) => bar.masterBar.index);
}

function dump(score) {
  return {
    order: order(score),
    title: score.title,
    artist: score.artist,
    tempo: score.tempo,
    bars: score.masterBars.map(metre),
    tracks: score.tracks.map((track) => {
      const staff = track.staves[0];
      return {
        name: track.name,
        program: track.playbackInfo.program,
        percussion: staff.isPercussion,
        tuning: [...staff.stringTuning.tunings].reverse(), // string 0 first
        capo: staff.capo,
        beats: beats(staff, track),
      };
    }),
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
