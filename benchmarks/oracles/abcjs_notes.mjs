// Reads a JSON list of ABC tunes from stdin; writes for each [[onset in quarters, MIDI pitch], …] or null.
import abcjs from "abcjs";

let input = "";
for await (const chunk of process.stdin) input += chunk;

function notes(text) {
  try {
    const tune = abcjs.parseOnly(text)[0];
    const found = [];
    for (const track of tune.setUpAudio({}).tracks)
      for (const event of track)
        if (event.cmd === "note") found.push([event.start * 4, event.pitch]);
    return found;
  } catch (error) {
    return null;
  }
}

process.stdout.write(JSON.stringify(JSON.parse(input).map(notes)));
