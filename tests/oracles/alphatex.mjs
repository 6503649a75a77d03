// What alphaTab makes of alphaTex. Standard input names files, one path a line.
//   node alphatex.mjs read     alphaTex files: one JSON document a line with what alphaTab sees and
//                              every diagnostic, or {"error": "...", "diagnostics": [...]}
//   node alphatex.mjs export   Guitar Pro files: {"text": "..."}, the alphaTex that alphaTab writes
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import * as alphaTab from "@coderline/alphatab";

alphaTab.Logger.logLevel = alphaTab.LogLevel.None;
const { model } = alphaTab;

const HARMONICS = ["", "nh", "ah", "ph", "th", "sh", "fh"];
const SLIDES_OUT = ["", "ss", "sl", "sou", "sod"];
const SLIDES_IN = ["", "sib", "sia"];

function points(found) {
  return found ? found.map((point) => [point.offset, point.value]) : null;
}

function noteProperties(note) {
  const flags = [
    [note.isHammerPullOrigin, "h"],
    [note.isGhost, "g"],
    [note.isPalmMute, "pm"],
    [note.isStaccato, "st"],
    [note.isLetRing, "lr"],
    [note.isDead, "x"],
    [note.vibrato === model.VibratoType.Slight, "v"],
    [note.vibrato === model.VibratoType.Wide, "vw"],
    [note.accentuated === model.AccentuationType.Normal, "ac"],
    [note.accentuated === model.AccentuationType.Heavy, "hac"],
    [note.isTrill, `tr ${note.trillValue}`],
    [true, HARMONICS[note.harmonicType]],
    [true, SLIDES_OUT[note.slideOutType]],
    [true, SLIDES_IN[note.slideInType]],
  ];
  return flags.filter(([on, name]) => on && name).map(([, name]) => name);
}

function beatProperties(beat) {
  const flags = [
    [beat.tap, "tt"],
    [beat.slap, "s"],
    [beat.pop, "p"],
    [beat.vibrato === model.VibratoType.Slight, "v"],
    [beat.vibrato === model.VibratoType.Wide, "vw"],
    [beat.isTremolo, `tp ${beat.isTremolo ? beat.tremoloPicking.marks : 0}`],
  ];
  return flags.filter(([on]) => on).map(([, name]) => name);
}

function seenNote(note, staff) {
  const sound = staff.track.percussionArticulations[note.percussionArticulation];
  const key = sound ? sound.id : note.percussionArticulation;
  return {
    string: staff.isStringed ? note.string - 1 : null, // 0 is the lowest string
    fret: staff.isPercussion ? key : staff.isStringed ? note.fret : note.realValueWithoutHarmonic,
    pitch: staff.isPercussion ? key : note.realValueWithoutHarmonic,
    tie: note.isTieDestination,
    properties: noteProperties(note),
    bend: points(note.hasBend ? note.bendPoints : null),
  };
}

function seenBeats(staff) {
  const found = [];
  for (const bar of staff.bars) {
    for (const voice of bar.voices) {
      for (const beat of voice.beats) {
        if (beat.isEmpty) continue;
        found.push({
          bar: bar.index,
          voice: voice.index,
          start: beat.displayStart,
          duration: beat.duration,
          dots: beat.dots,
          tuplet: beat.hasTuplet ? [beat.tupletNumerator, beat.tupletDenominator] : [1, 1],
          grace: beat.graceType !== model.GraceType.None,
          dynamic: model.DynamicValue[beat.dynamics].toLowerCase(),
          properties: beatProperties(beat),
          whammy: points(beat.hasWhammyBar ? beat.whammyBarPoints : null),
          notes: beat.notes.map((each) => seenNote(each, staff)),
        });
      }
    }
  }
  return found;
}

function seenScore(score) {
  const texts = ["title", "subTitle", "artist", "album", "words", "music", "copyright", "tab", "instructions", "notices"];
  return {
    texts: Object.fromEntries(texts.map((name) => [name, score[name]])),
    bars: score.masterBars.map((bar) => ({
      signature: [bar.timeSignatureNumerator, bar.timeSignatureDenominator],
      tempos: bar.tempoAutomations.map((tempo) => [tempo.ratioPosition, tempo.value]),
      opens: bar.isRepeatStart,
      passes: bar.repeatCount,
      endings: bar.alternateEndings,
      pickup: bar.isAnacrusis,
    })),
    staves: score.tracks.flatMap((track) =>
      track.staves.map((staff) => ({
        name: track.name,
        program: track.playbackInfo.program,
        percussion: staff.isPercussion,
        tuning: [...staff.tuning].reverse().map((pitch) => pitch - staff.transpositionPitch),
        capo: staff.capo,
        keys: staff.bars.map((bar) => [bar.keySignature, bar.keySignatureType]),
        beats: seenBeats(staff),
      })),
    ),
  };
}

function diagnostics(importer) {
  const bags = [importer.lexerDiagnostics, importer.parserDiagnostics, importer.semanticDiagnostics];
  return bags.flatMap((bag) => [...bag]).map((each) => ({
    code: each.code,
    message: each.message.slice(0, 200),
    severity: each.severity, // 0 hint, 1 warning, 2 error
    offset: each.start ? each.start.offset : null,
  }));
}

function read(path) {
  const importer = new alphaTab.importer.AlphaTexImporter();
  importer.initFromString(readFileSync(path, "utf8"), new alphaTab.Settings());
  try {
    const seen = seenScore(importer.readScore());
    return { ...seen, diagnostics: diagnostics(importer) };
  } catch (error) {
    return { error: String(error.message || error), diagnostics: diagnostics(importer) };
  }
}

function exported(path) {
  try {
    const settings = new alphaTab.Settings();
    const bytes = new Uint8Array(readFileSync(path));
    const score = alphaTab.importer.ScoreLoader.loadScoreFromBytes(bytes, settings);
    return { text: new alphaTab.exporter.AlphaTexExporter().exportToString(score, settings) };
  } catch (error) {
    return { error: String(error.message || error) };
  }
}

const work = process.argv[2] === "export" ? exported : read;
for await (const path of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(work(path)) + "\n");
}
