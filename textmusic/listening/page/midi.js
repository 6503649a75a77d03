// Reads a Standard MIDI File into the events that alphaTab's synthesizer plays.
((textmusic) => {
  "use strict";

  class Reader {
    constructor(bytes) {
      this.bytes = bytes;
      this.at = 0;
    }
    byte() {
      if (this.at >= this.bytes.length) throw new Error("the MIDI file ends too early");
      return this.bytes[this.at++];
    }
    number(size) {
      let value = 0;
      for (let i = 0; i < size; i++) value = value * 256 + this.byte();
      return value;
    }
    variable() {
      let value = 0;
      for (let i = 0; i < 4; i++) {
        const byte = this.byte();
        value = value * 128 + (byte & 127);
        if (byte < 128) break;
      }
      return value;
    }
    part(size) {
      const found = new Reader(this.bytes.subarray(this.at, this.at + size));
      this.at += size;
      return found;
    }
  }

  function* track(reader, midi) {
    let tick = 0;
    let status = 0;
    while (reader.at < reader.bytes.length) {
      tick += reader.variable();
      if (reader.bytes[reader.at] & 128) status = reader.byte();
      if (status === 255) {
        const type = reader.byte();
        const data = reader.part(reader.variable());
        if (type === 0x51) yield new midi.TempoChangeEvent(tick, data.number(3));
        if (type === 0x2f) return;
      } else if (status >= 240) {
        reader.part(reader.variable());
      } else {
        const [kind, channel, first] = [status >> 4, status & 15, reader.byte()];
        const second = kind === 12 || kind === 13 ? 0 : reader.byte();
        if (kind === 9 && second) yield new midi.NoteOnEvent(0, tick, channel, first, second);
        else if (kind === 8 || kind === 9) yield new midi.NoteOffEvent(0, tick, channel, first, 0);
        else if (kind === 11) yield new midi.ControlChangeEvent(0, tick, channel, first, second);
        else if (kind === 12) yield new midi.ProgramChangeEvent(0, tick, channel, first);
        else if (kind === 14) yield new midi.PitchBendEvent(0, tick, channel, second * 128 + first);
      }
    }
  }

  const TICKS = 960; // a quarter, as in alphaTab's scores

  /** Turn the bytes of a MIDI file into alphaTab's MidiFile, with 960 ticks a quarter. */
  textmusic.readMidi = (bytes, alphaTab) => {
    const { midi } = alphaTab;
    const reader = new Reader(bytes);
    const file = new midi.MidiFile();
    const events = [new midi.TempoChangeEvent(0, 500000)]; // until the file says otherwise
    reader.at = 8;
    reader.number(2);
    const tracks = reader.number(2);
    const division = reader.number(2);
    file.division = TICKS;
    for (let i = 0; i < tracks && reader.at < bytes.length; i++) {
      reader.at += 4;
      events.push(...track(reader.part(reader.number(4)), midi));
    }
    events.sort((a, b) => a.tick - b.tick || order(a, midi) - order(b, midi));
    events.push(new midi.EndOfTrackEvent(0, events.length ? events[events.length - 1].tick : 0));
    for (const event of events) {
      event.tick = Math.round((event.tick * TICKS) / division);
      file.addEvent(event);
    }
    return file;
  };

  const order = (event, midi) =>
    event instanceof midi.NoteOnEvent ? 2 : event instanceof midi.NoteOffEvent ? 0 : 1;
})((window.textmusic ??= {}));
