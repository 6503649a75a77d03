// One piece as a card. Light until it is seen: then its score is drawn.
((textmusic) => {
  "use strict";
  const { element, icon } = textmusic;
  const details = new Map();

  /** What was written of a piece: `samples/ID.js` hands it to `deliver`. */
  textmusic.deliver = (id, detail) => details.set(id, detail);
  textmusic.detail = async (card) => {
    if (!details.has(card.id)) {
      await textmusic.script(`../samples/${card.id}.js`);
    }
    return details.get(card.id);
  };

  const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

  function facts(card) {
    const beats = card.tempo % 1 ? card.tempo.toFixed(1) : card.tempo;
    return [
      card.from, card.codec, card.key, card.meter, count(card.bars, "bar"), count(card.notes, "note"),
      `♩ = ${beats}`, card.instruments.slice(0, 3).join(", ") + (card.instruments.length > 3 ? " …" : ""),
    ].filter(Boolean);
  }

  function figure(value, unit, title) {
    return element("div.figure", { title }, element("dt", {}, unit), element("dd", {}, value));
  }

  function figures(card) {
    const rows = [figure(textmusic.clock(card.seconds), "length", "Minutes and seconds")];
    if (card.bits_per_char != null) {
      const title = "Information under the model: the lower, the likelier";
      rows.push(figure(card.bits_per_char.toFixed(2), "bits a character", title));
      if (card.bits_per_note != null) rows.push(figure(card.bits_per_note.toFixed(2), "bits a note", title));
    }
    return element("dl.figures", {}, ...rows);
  }

  function judged(overlap, usual) {
    if (!usual) return "";
    if (overlap.notes > usual.limit) return "much";
    return overlap.notes > usual.most ? "some" : "usual";
  }

  const VERDICTS = {
    much: "More than 99 % of held-out music shares: this may be a copy.",
    some: "More than 95 % of held-out music shares.",
    usual: "No more than held-out music shares.",
  };

  /** A source without its folders: what is left tells them apart, the rest is in the title. */
  textmusic.short = (source) => source.replace(/^[^,(]*\/(?=[^/,(]+\/[^/,(]+)/, "");

  function shared({ overlap, usual }) {
    if (!overlap) return element("div.shared", { hidden: true });
    const verdict = judged(overlap, usual);
    const most = Math.max(24, overlap.notes, usual ? usual.limit * 1.3 : 0);
    const bar = element(`div.meter.${verdict || "usual"}`, {
      role: "meter", "aria-label": "Notes in a row that also stand in the training set",
      "aria-valuemin": 0, "aria-valuemax": Math.round(most), "aria-valuenow": overlap.notes,
      "aria-valuetext": `${count(overlap.notes, "note")}. ${VERDICTS[verdict] ?? ""}`,
      style: `--filled:${(overlap.notes / most).toFixed(4)}`,
    });
    if (usual) {
      bar.append(element("span.limit", {
        style: `--at:${(usual.most / most).toFixed(4)}`, title: `95 % of held-out music shares at most ${count(usual.most, "note")}`,
      }));
    }
    const told = overlap.notes
      ? [element("strong", {}, count(overlap.notes, "note")), ` in a row from bar ${overlap.at} also stand in `,
        element("cite", { title: overlap.source }, textmusic.short(overlap.source)), `, bar ${overlap.bar}`,
        overlap.share ? `; ${Math.round(overlap.share * 100)} % of its stretches of ${overlap.window} notes are not new` : "", ". "]
      : ["Nothing of it stands in the training set. "];
    return element("div.shared", {}, bar,
      element("p", {}, ...told, verdict ? element(`span.verdict.${verdict}`, {}, VERDICTS[verdict]) : ""));
  }

  const size = (bytes) => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(bytes < 9950 ? 1 : 0)} kB`);

  function downloads(card) {
    if (!card.downloads.length) return "";
    return element("ul.downloads", { role: "list", "aria-label": `Files of ${card.title}` },
      ...card.downloads.map((file) => element("li", {}, element("a", {
        href: encodeURI(file.href), download: file.href.split("/").pop(),
        title: [`${file.title}, ${size(file.size)}`, ...file.lost].join("\n"),
        "aria-label": `${file.suffix}: download ${card.title} as ${file.title}`,
      }, file.suffix))));
  }

  const recorded = (card) => card.downloads.filter((file) => file.audio);

  /** A sound file that was made beforehand, with the browser's own player. */
  function sound(card) {
    const audio = element("audio", { controls: true, preload: "none", "aria-label": `Sound file of ${card.title}` },
      ...recorded(card).map((file) => element("source", { src: encodeURI(file.href), type: file.audio })));
    return [element("span", { "aria-hidden": "true" }, "Sound file"), audio];
  }

  function badge(card) {
    if (card.errors) return element("span.badge.error", {}, count(card.errors, "error"));
    if (card.warnings) return element("span.badge.warning", {}, count(card.warnings, "warning"));
    return "";
  }

  function words(card) {
    if (card.characters == null && !(card.errors + card.warnings)) return "";
    const called = card.characters == null ? "Issues" : `Text, ${count(card.characters, "character")}`;
    const box = element("details.text", {}, element("summary", {}, called, " ", badge(card)));
    box.addEventListener("toggle", async () => {
      if (!box.open || box.childElementCount > 1) return;
      box.append(textmusic.text(await textmusic.detail(card), card.id));
    });
    return box;
  }

  const KINDS = { tablature: "Score and tablature", score: "Score", abc: "Score" };

  /**
   * The element of a card. `onplay` is called by its button, `onseek` with {tick} or {share}.
   * The element has draw(), erase(), playing(state), pending(), judged({overlap, usual}), drawing.
   */
  textmusic.card = (card, { onplay, onseek }) => {
    const play = element("button.play.round", { type: "button", onclick: () => onplay(card), disabled: !card.notes });
    const score = element(`div.score.${card.drawing === "abc" ? "abc" : "tablature"}`, {
      role: "img", "aria-label": `${KINDS[card.drawing]} of ${card.title}: ${[card.key, card.meter, count(card.bars, "bar")].filter(Boolean).join(", ")}`,
    });
    const more = element("button.more.link", { type: "button", hidden: true, "aria-expanded": "false" }, "Show all of it");
    let common = shared(card);
    const recording = recorded(card).length ? element("div.sound", {}) : "";
    const article = element("article.card", { id: card.id, "aria-labelledby": `${card.id}-title` },
      element("header", {}, play,
        element("div.names", {},
          element("h2", { id: `${card.id}-title` }, card.title),
          element("p.facts", {}, ...facts(card).flatMap((fact) => [element("span", {}, fact), " "]))),
        figures(card)),
      card.drawing ? score : element("p.none", {}, card.notes ? "No score could be drawn of it." : "It holds no notes."),
      more, recording, common,
      element("footer", {}, words(card), downloads(card)));
    const item = element("li", {}, article);
    item.card = card;
    item.play = play;
    item.drawing = null;
    let wanted = false;

    item.playing = (state) => {
      const verb = state === "playing" ? "Pause" : "Play";
      play.replaceChildren(icon({ playing: "pause", waiting: "wait" }[state] ?? "play"));
      play.setAttribute("aria-label", `${verb} ${card.title}`);
      article.classList.toggle("current", state !== "");
      play.classList.toggle("waiting", state === "waiting");
      if (!state) item.drawing?.clear();
    };
    /** What it shares with the training set is told later. */
    item.pending = () => {
      common.hidden = false;
      common.replaceChildren(element("p.pending", {}, "The training set is being read: what this shares with it will stand here."));
    };
    item.judged = (judgement) => {
      const told = shared(judgement);
      common.replaceWith(told);
      common = told;
    };
    item.music = async () => {
      const detail = await textmusic.detail(card);
      if (card.drawing !== "tablature" && card.drawing !== "score") return detail;
      item.read ??= await textmusic.tablature(detail.score);
      // alphaTab plays the bends and slides of guitars; what other music sounds like says its MIDI file
      return card.drawing === "score" ? { ...item.read, midi: detail.midi } : item.read;
    };
    item.draw = async () => {
      if (recording && !recording.firstChild) recording.append(...sound(card)); // hundreds take their time
      if (!card.drawing || item.drawing || wanted) return;
      wanted = true;
      try {
        const music = await item.music();
        if (!wanted) return;
        item.drawing = card.drawing === "abc"
          ? await textmusic.drawNotation(score, music.score)
          : await textmusic.drawTablature(score, music);
        item.drawing.onseek = (place) => onseek(card, place);
      } catch (error) {
        score.replaceChildren(element("p.none", {}, `The score cannot be drawn: ${error.message}`));
      }
      wanted = false;
      settle();
    };
    item.redraw = () => {
      item.drawing?.redraw();
      settle();
    };
    item.erase = () => {
      wanted = false;
      if (!item.drawing) return;
      score.style.minHeight = `${score.offsetHeight}px`;
      score.replaceChildren();
      item.drawing = null;
      item.read = null;
    };
    function settle() {
      score.style.minHeight = "";
      more.hidden = !article.classList.contains("whole") && score.scrollHeight <= score.clientHeight + 8;
      score.classList.toggle("cut", !more.hidden && !article.classList.contains("whole"));
    }
    more.addEventListener("click", () => {
      const whole = article.classList.toggle("whole");
      more.textContent = whole ? "Show less" : "Show all of it";
      more.setAttribute("aria-expanded", String(whole));
      score.scrollTop = 0;
      settle();
    });
    item.playing("");
    return item;
  };
})((window.textmusic ??= {}));
