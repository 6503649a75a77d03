// Draws scores: with alphaTab from Guitar Pro and MusicXML files, with abcjs from ABC.
//
// Both return a drawing: {mark(position), clear(), redraw(), onseek}, and `onseek` is called with
// {tick} or {share} of the piece where someone points at a note.
((textmusic) => {
  "use strict";

  const NARROW = 560;
  const INK = "#010101"; // the style sheet turns these into the colours of the page
  const LINES = "#020202";
  const FAINT = "#030303";

  function tablatureSettings(alphaTab, width, alone) {
    const settings = new alphaTab.Settings();
    settings.core.engine = "svg";
    settings.core.enableLazyLoading = false;
    settings.core.useWorkers = false;
    settings.player.playerMode = alphaTab.PlayerMode.Disabled;
    settings.display.scale = width < NARROW ? 0.72 : 0.88;
    settings.display.padding = [0, 4];
    const { resources } = settings.display;
    const color = (code) => alphaTab.model.Color.fromJson(code);
    for (const name of ["mainGlyphColor", "scoreInfoColor"]) resources[name] = color(INK);
    for (const name of ["staffLineColor", "barSeparatorColor"]) resources[name] = color(LINES);
    for (const name of ["secondaryGlyphColor", "barNumberColor"]) resources[name] = color(FAINT);
    const { NotationElement } = alphaTab;
    settings.notation.elements.set(NotationElement.GuitarTuning, alone); // of a band they fill the page
    for (const name of ["ScoreTitle", "ScoreSubTitle", "ScoreArtist", "ScoreAlbum", "ScoreWords",
      "ScoreMusic", "ScoreWordsAndMusic", "ScoreCopyright"]) {
      settings.notation.elements.set(NotationElement[name], false);
    }
    return settings;
  }

  function useMusicFont(alphaTab) {
    if (document.getElementById("music-font")) return;
    const size = new alphaTab.Settings().display.resources.engravingSettings.musicFontSize;
    const style = textmusic.element("style", { id: "music-font" });
    style.textContent = `
      @font-face { font-family: "Bravura"; font-display: block;
        src: url("data:font/woff2;base64,${textmusic.musicFont}") format("woff2"); }
      .at { font-family: "Bravura"; font-size: ${size}px; line-height: 1; overflow: visible; }`;
    document.head.append(style);
    textmusic.musicFont = " ";
  }

  /** The music of a Guitar Pro or MusicXML file, in Base64: its score, and what it sounds like. */
  textmusic.tablature = async (coded) => {
    const [alphaTab] = await Promise.all([
      textmusic.alphaTab(),
      textmusic.musicFont ? null : textmusic.script("font.js"),
    ]);
    useMusicFont(alphaTab);
    const settings = tablatureSettings(alphaTab, Infinity, true);
    const { ScoreLoader } = alphaTab.importer;
    const score = ScoreLoader.loadScoreFromBytes(textmusic.bytes(coded), settings);
    const midi = new alphaTab.midi.MidiFile();
    const handler = new alphaTab.midi.AlphaSynthMidiFileHandler(midi, true);
    const generator = new alphaTab.midi.MidiFileGenerator(score, settings, handler);
    generator.generate();
    return { score, midi, lookup: generator.tickLookup };
  };

  /** Without shapes that were reckoned wrongly: browsers complain of them. */
  const sound = (svg) => svg.replace(/<path [^>]*NaN[^>]*>/g, "").replace(/<rect [^>]*(?:width|height)="-[^>]*>/g, "");

  /** Draw what `tablature` read. */
  textmusic.drawTablature = async (host, music) => {
    const alphaTab = await textmusic.alphaTab();
    const tracks = music.score.tracks.map((track) => track.index);
    const shown = new Set(tracks);
    const cursor = textmusic.element("div.cursor", { hidden: true });
    const drawing = { onseek: null, mark, clear, redraw };
    let renderer = null;
    let height = 0;
    let hint = null;

    function redraw() {
      const width = Math.floor(host.clientWidth);
      if (!width) return;
      // what alphaTab fails to draw one way it may draw another
      for (const profile of ["Default", "Score", "Tab"]) {
        const parts = render(width, alphaTab.StaveProfile[profile]);
        if (!parts) continue;
        const surface = textmusic.element("div.surface", {}, ...parts, cursor);
        surface.style.height = `${height}px`;
        surface.addEventListener("click", point);
        host.replaceChildren(surface);
        return;
      }
      throw new Error("alphaTab fails on it");
    }
    function render(width, profile) {
      const settings = tablatureSettings(alphaTab, width, tracks.length < 3);
      settings.display.staveProfile = profile;
      renderer = new alphaTab.rendering.ScoreRenderer(settings);
      renderer.width = width;
      const parts = [];
      let failed = false;
      renderer.partialLayoutFinished.on((part) => renderer.renderResult(part.id));
      renderer.partialRenderFinished.on((part) => parts.push(part));
      renderer.renderFinished.on((whole) => (height = whole.totalHeight));
      renderer.error.on(() => (failed = true));
      renderer.renderScore(music.score, tracks);
      return failed ? null : parts.filter((part) => typeof part.renderResult === "string").map(picture);
    }
    function picture(part) {
      const parsed = new DOMParser().parseFromString(sound(part.renderResult), "image/svg+xml");
      const svg = document.importNode(parsed.documentElement, true);
      svg.style.left = `${part.x}px`;
      svg.style.top = `${part.y}px`;
      return svg;
    }
    function point(event) {
      const place = event.currentTarget.getBoundingClientRect();
      const beat = renderer.boundsLookup?.getBeatAtPos(
        event.clientX - place.left, event.clientY - place.top);
      if (beat) drawing.onseek?.({ tick: music.lookup.getBeatStart(beat) });
    }
    function mark({ tick }) {
      hint = music.lookup.findBeat(shown, tick, hint);
      const found = hint && renderer?.boundsLookup?.findBeat(hint.beat);
      cursor.hidden = !found;
      if (!found) return;
      const bar = found.barBounds.masterBarBounds.visualBounds;
      const share = Math.min(1, Math.max(0, (tick - hint.start) / Math.max(1, hint.tickDuration)));
      const wide = found.realBounds.w * share;
      cursor.style.transform = `translate(${found.onNotesX + Math.min(wide, found.realBounds.w)}px, ${bar.y}px)`;
      cursor.style.height = `${bar.h}px`;
      textmusic.follow(host, bar.y, bar.h);
    }
    function clear() {
      cursor.hidden = true;
      hint = null;
    }
    redraw();
    return drawing;
  };

  /** Run what draws, and drop what it reckons wrongly: browsers complain of paths to nowhere. */
  function soundly(draw) {
    const set = Element.prototype.setAttribute;
    Element.prototype.setAttribute = function (name, value) {
      if (!String(value).includes("NaN")) set.call(this, name, value);
    };
    try {
      return draw();
    } finally {
      Element.prototype.setAttribute = set;
    }
  }

  /** Draw a tune in ABC. Its title stands on the card. */
  textmusic.drawNotation = async (host, abc) => {
    await textmusic.script("abcjs-basic-min.js");
    const text = abc.replace(/^T:/gm, "%:");
    const drawing = { onseek: null, mark, clear, redraw };
    let events = [];
    let total = 1;
    let lit = [];
    const scale = () => (host.clientWidth < NARROW ? 0.78 : 0.92);

    function redraw() {
      const width = Math.floor(host.clientWidth);
      if (!width) return;
      const narrow = width < NARROW;
      const surface = textmusic.element("div.surface.abc");
      host.replaceChildren(surface);
      const [tune] = soundly(() => window.ABCJS.renderAbc(surface, text, {
        add_classes: true,
        staffwidth: width / scale() - 12,
        responsive: "resize",
        paddingleft: 4, paddingright: 8, paddingtop: 4, paddingbottom: 8,
        wrap: { minSpacing: 1.5, maxSpacing: 2.6, preferredMeasuresPerLine: narrow ? 2 : 4 },
        clickListener: (element) => {
          const event = events.find((each) => each.startCharArray?.includes(element.startChar));
          if (event) drawing.onseek?.({ share: event.milliseconds / total });
        },
        selectTypes: ["note", "rest"],
      }));
      // abcjs makes each note a stop of the tab key, without a name; the card names the score
      for (const note of surface.querySelectorAll("[tabindex]")) note.removeAttribute("tabindex");
      surface.firstElementChild?.setAttribute("aria-hidden", "true");
      events = tune?.setTiming ? tune.setTiming() : [];
      total = Math.max(1, events.length ? events[events.length - 1].milliseconds : 1);
    }
    function mark({ seconds, total: all }) {
      const now = (seconds / Math.max(all, 0.001)) * total + 1;
      let low = 0;
      let high = events.length;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (events[middle].milliseconds <= now) low = middle;
        else high = middle;
      }
      const event = events[low];
      const elements = event?.elements?.flat() ?? [];
      if (elements[0] === lit[0] && elements.length === lit.length) return;
      clear();
      lit = elements;
      for (const element of lit) element.classList.add("sounding");
      if (event?.height) textmusic.follow(host, event.top * scale(), event.height);
    }
    function clear() {
      for (const element of lit) element.classList.remove("sounding");
      lit = [];
    }
    redraw();
    return drawing;
  };

  /** Keep a line of music in sight where the score is taller than its place. */
  textmusic.follow = (host, top, height) => {
    if (host.scrollHeight <= host.clientHeight + 2) return;
    if (top >= host.scrollTop && top + height <= host.scrollTop + host.clientHeight) return;
    host.scrollTo({ top: Math.max(0, top - 12), behavior: textmusic.calm ? "auto" : "smooth" });
  };

  textmusic.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
})((window.textmusic ??= {}));
