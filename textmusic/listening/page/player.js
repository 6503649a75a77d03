// Plays with alphaTab's synthesizer, in this page alone: no worker, no file and no network.
((textmusic) => {
  "use strict";

  const AHEAD = 0.35;
  const AHEAD_HIDDEN = 2.5; // timers of hidden pages run once a second
  const LEAD = 0.06;
  const PATIENCE = 2; // seconds in which a browser that can be heard begins to play

  /** Sound for the synthesizer: stretches of samples, each begun where the one before it ends. */
  class Output {
    ready = textmusic.emitter();
    samplesPlayed = textmusic.emitter();
    sampleRequest = textmusic.emitter();
    heard = textmusic.emitter();
    mute = false;
    #queue = [];
    #next = 0;
    #timer = 0;
    #since = 0;

    constructor() {
      this.context = new AudioContext({ latencyHint: "playback" });
      this.node = this.context.createGain();
      this.node.connect(this.context.destination);
    }
    get sampleRate() {
      return this.context.sampleRate;
    }
    open() {
      this.ready.trigger();
    }
    activate() {
      this.context.resume();
    }
    play() {
      this.context.resume();
      clearInterval(this.#timer);
      this.#timer = setInterval(() => this.#turn(), 25);
      this.#since = performance.now();
      this.#turn();
    }
    pause() {
      clearInterval(this.#timer);
      this.#timer = 0;
      this.context.suspend();
    }
    destroy() {
      this.resetSamples();
      this.pause();
      this.context.close();
    }
    resetSamples() {
      for (const { source } of this.#queue) {
        source.stop();
        source.disconnect();
      }
      this.#queue = [];
      this.#next = 0;
    }
    addSamples(samples) {
      const frames = samples.length / 2;
      if (!frames) return;
      const rate = this.context.sampleRate;
      const buffer = this.context.createBuffer(2, frames, rate);
      for (const side of [0, 1]) {
        const channel = buffer.getChannelData(side);
        for (let i = 0; i < frames; i++) channel[i] = samples[2 * i + side];
      }
      const source = this.context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.node);
      const now = Math.ceil(this.context.currentTime * rate);
      if (this.#next < now) this.#next = now + Math.round(LEAD * rate);
      source.start(this.#next / rate);
      this.#queue.push({ source, from: this.#next, frames, told: 0 });
      this.#next += frames;
    }
    /** Tell what has been played since the last turn, and fill up what lies ahead. */
    #turn() {
      this.#listen();
      const now = this.context.currentTime * this.context.sampleRate;
      let played = 0;
      for (const part of this.#queue) {
        const done = Math.min(part.frames, Math.max(0, Math.floor(now - part.from)));
        played += done - part.told;
        part.told = done;
      }
      this.#queue = this.#queue.filter((part) => part.told < part.frames);
      if (played) this.samplesPlayed.trigger(played);
      const ahead = (document.hidden ? AHEAD_HIDDEN : AHEAD) * this.context.sampleRate;
      let before = -1;
      while (this.#timer && this.#next !== before && this.#next - now < ahead) {
        before = this.#next;
        this.sampleRequest.trigger();
      }
    }
    /** Notice a browser that has no device to play on, or does not want to. */
    #listen() {
      const mute = this.context.state !== "running" && performance.now() - this.#since > PATIENCE * 1000;
      if (mute === this.mute) return;
      this.mute = mute;
      this.heard.trigger();
    }
    enumerateOutputDevices = async () => [];
    setOutputDevice = async () => {};
    getOutputDevice = async () => null;
  }

  /**
   * One player for all pieces. `state` is told of changes, `position` of the time that passes:
   * {seconds, total, tick}, at the written tempo whatever the speed.
   */
  textmusic.Player = class {
    state = textmusic.emitter();
    position = textmusic.emitter();
    key = null;
    #output = null;
    #synth = null;
    #opening = null;
    #speed = 1;
    #loop = false;

    /** The node that all sound goes through; null before anything was played. */
    get node() {
      return this.#output?.node ?? null;
    }
    /** Whether it should play, and the browser gives out no sound. */
    get mute() {
      return this.playing && Boolean(this.#output?.mute);
    }
    get playing() {
      return this.#synth?.state === 1;
    }
    get seconds() {
      return this.#synth ? (this.#synth.timePosition * this.#speed) / 1000 : 0;
    }
    get total() {
      return this.#synth?.loadedMidiInfo ? this.#synth.loadedMidiInfo.endTime / 1000 : 0;
    }
    get tick() {
      return this.#synth ? this.#synth.tickPosition : 0;
    }
    get speed() {
      return this.#speed;
    }
    set speed(value) {
      this.#speed = Math.min(2, Math.max(0.25, value));
      if (this.#synth) this.#synth.playbackSpeed = this.#speed;
      this.state.trigger();
    }
    get loop() {
      return this.#loop;
    }
    set loop(value) {
      this.#loop = value;
      if (this.#synth) {
        this.#synth.isLooping = value;
        if (!value) this.range = null;
      }
      this.state.trigger();
    }
    /** The part that is played, in ticks: [from, to], or null for all of it. */
    get range() {
      const range = this.#synth?.playbackRange;
      return range ? [range.startTick, range.endTick] : null;
    }
    set range(value) {
      if (!this.#synth || (!value && !this.#synth.playbackRange)) return;
      if (value) {
        const range = new window.alphaTab.synth.PlaybackRange();
        [range.startTick, range.endTick] = value;
        this.#synth.playbackRange = range;
      } else this.#synth.playbackRange = null;
      this.state.trigger();
    }
    get endTick() {
      return this.#synth?.loadedMidiInfo?.endTick ?? 0;
    }

    /** Browsers allow sound from a click on: call this in its handler. */
    unlock() {
      this.#output ??= new Output();
      this.#output.activate();
    }
    /** Make ready what is heard next. */
    async load(key, midi) {
      await this.#open();
      this.#synth.pause();
      this.#synth.playbackRange = null;
      this.#synth.playbackSpeed = 1;
      this.#synth.loadMidiFile(midi);
      this.#synth.playbackSpeed = this.#speed;
      this.#synth.isLooping = this.#loop;
      this.key = key;
      this.#tell();
      this.state.trigger();
    }
    play() {
      this.#synth?.play();
    }
    pause() {
      this.#synth?.pause();
    }
    seek(seconds) {
      if (!this.#synth) return;
      const place = Math.min(Math.max(0, seconds), Math.max(0, this.total - 0.01));
      this.#synth.timePosition = (place * 1000) / this.#speed;
      this.#tell();
    }
    seekTick(tick) {
      if (!this.#synth) return;
      this.#synth.tickPosition = tick;
      this.#tell();
    }

    #open() {
      this.#opening ??= this.#start().catch((error) => {
        this.#opening = null;
        throw error;
      });
      return this.#opening;
    }
    async #start() {
      const [alphaTab] = await Promise.all([
        textmusic.alphaTab(),
        textmusic.soundFont ? null : textmusic.script("soundfont.js"),
      ]);
      this.#output ??= new Output();
      this.#output.heard.on(() => this.state.trigger());
      const synth = new alphaTab.synth.AlphaSynth(this.#output, 500);
      synth.loadSoundFont(textmusic.bytes(textmusic.soundFont), false);
      textmusic.soundFont = " "; // it is decoded now, and large
      synth.stateChanged.on(() => this.state.trigger());
      synth.positionChanged.on(() => this.#tell());
      this.#synth = synth;
    }
    #tell() {
      this.position.trigger({ seconds: this.seconds, total: this.total, tick: this.tick });
    }
  };
})((window.textmusic ??= {}));
