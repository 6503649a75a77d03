// The desk: one piece, watched while it is written, changed bar by bar, and undone.
((textmusic) => {
  "use strict";
  const { element } = textmusic;
  const REMEMBERED = 40;

  /** What outlasts a reload of this tab: texts, not pictures. */
  const light = (piece) => piece && { text: piece.text, title: piece.card?.title ?? piece.title, how: piece.how, kept: piece.kept };

  /** Shows a text as it grows from what was given, no faster than eyes follow, and never far behind. */
  function revealing(pre) {
    let text = "";
    let given = 0;
    let timer = 0;
    let whole = null;
    const show = (upto) => {
      pre.hidden = !text;
      pre.textContent = text.slice(0, upto);
      pre.scrollTop = pre.scrollHeight;
    };
    const turn = () => {
      const now = Math.min(Math.max(pre.textContent.length, given), text.length);
      if (now === text.length || textmusic.calm || document.hidden) {
        show(text.length);
        whole?.();
      } else show(now + Math.ceil(2 + (text.length - now) / 25));
    };
    timer = setInterval(turn, 30);
    return {
      to(longer, from) {
        text = longer;
        given = from;
      },
      end: () => new Promise((resolve) => (whole = resolve)),
      stop: () => clearInterval(timer),
    };
  }

  /**
   * Build the desk. Returns {piece, item, run(start, doing), put(piece), compare(), removed(id), undo(), redo(), restore(values), values}.
   * `onchange` is told of every change, `onkeep` and `onfill` are called with the piece, `ongoon`
   * with {source, chosen, title}: bars that another piece may begin with.
   */
  textmusic.desk = (about, { stage, seen, onchange, onkeep, onfill, ongoon }) => {
    const host = document.getElementById("desk");
    const status = element("p.status", {});
    const written = element("pre", { tabindex: "0", role: "group", "aria-label": "What is written so far" });
    const stop = element("button.toggle", { type: "button" }, "Stop");
    const live = element("div.writing.card", { hidden: true, "aria-busy": "true" }, element("div.row", {}, status, stop), written);
    const empty = element("div.empty", {},
      element("p.large", {}, "An empty desk."),
      element("p", {}, "Say what you would like, or nothing at all, and let it write. Every piece can be heard, kept, undone, and written anew bar by bar."));
    const place = element("ol.cards", { role: "list" });
    const complaint = element("p.complaint", { role: "alert", hidden: true });
    const tools = element("div.tools", { hidden: true });
    let piece = null;
    let item = null;
    let bars = null;
    let past = [];
    let future = [];
    let number = 0;
    let serial = 0;
    host.append(complaint, live, empty, place, tools);

    const button = (label, onclick, title) => element("button.toggle", { type: "button", onclick, title }, label);
    const undo = button("Undo", () => step(past, future), "Ctrl+Z");
    const redo = button("Redo", () => step(future, past), "Ctrl+Shift+Z");
    const fill = button("Write these bars anew", () => onfill(piece, bars.chosen));
    const goon = button("Go on from them", () => ongoon({ source: piece.text, chosen: bars.chosen, title: piece.card.title }));
    const name = element("input", { type: "text", maxlength: 120, autocomplete: "off", id: "name" });
    const keep = element("button.go", { type: "button", onclick: () => keep.getAttribute("aria-disabled") !== "true" && onkeep(piece, name.value) }, "Keep");
    const discard = button("Discard", () => put(null));
    const choice = element("div.choice-of-bars", {});
    const past_ = element("div.history", {}, undo, redo);
    tools.append(choice, element("div.keeping", {}, element("label.field", { for: "name" }, element("span", {}, "Title"), name), keep, discard));
    host.append(past_);

    function complain(message) {
      complaint.textContent = message;
      complaint.hidden = !message;
    }
    /** Show a piece, or none; what was there can be had again by undo. */
    function put(next) {
      if (piece || past.length) past.push(piece);
      past = past.slice(-REMEMBERED);
      future = [];
      show(next);
      hold();
    }
    /** Keep the keyboard here where the button that was used is gone. */
    function hold() {
      if (document.activeElement === document.body) (item?.play ?? host).focus({ preventScroll: true });
    }
    async function step(from, to) {
      if (!from.length || host.classList.contains("busy")) return;
      complain("");
      let next = from.pop();
      if (next && !next.card) {
        const { text, title, how, kept } = next;
        try {
          next = { ...(await textmusic.ask("POST", "api/pieces", { text, title, how })), kept };
        } catch (error) {
          from.push(next);
          complain(error.message);
          return;
        }
      }
      to.push(piece);
      show(next);
      hold();
      textmusic.say(next ? `${next.card.title}, ${next.bars} bars` : "The desk is empty");
    }
    function show(next) {
      if (stage.current && stage.current === item) stage.close();
      if (item) seen.drop(item);
      piece = next;
      item = null;
      bars = null;
      if (piece) {
        if (!piece.card.named) {
          if (piece.card.title === "New piece") piece.card.title = `Sketch ${++number}`;
          piece.card = { ...piece.card, id: `d${++serial}`, named: true };
          textmusic.deliver(piece.card.id, piece.detail);
        }
        item = textmusic.card(piece.card, { onplay: stage.play, onseek: stage.point });
        if (about.compares === "reading") item.pending();
        name.value = piece.card.title;
      }
      place.replaceChildren(...(item ? [item] : []));
      if (item) seen.add(item);
      choose();
      settle();
      onchange();
    }
    function choose() {
      choice.replaceChildren();
      if (!piece?.bars) return;
      bars = textmusic.bars(piece.bars, "Bars to write anew or to go on from", piece.chosen ?? [], (chosen) => {
        piece.chosen = chosen;
        settle();
        onchange();
      });
      choice.append(element("p.label", {}, "Bars"), bars.element, element("div.row.acts", {}, about.fills ? fill : "", goon));
    }
    function settle() {
      const busy = host.classList.contains("busy");
      const none = !bars?.chosen.length;
      fill.disabled = goon.disabled = busy || none;
      discard.disabled = busy;
      undo.disabled = busy || !past.length;
      redo.disabled = busy || !future.length;
      past_.hidden = !past.length && !future.length;
      keep.setAttribute("aria-disabled", String(busy || Boolean(piece?.kept))); // disabled, it would lose the focus
      keep.textContent = piece?.kept ? "Kept" : "Keep";
      tools.hidden = !piece || !live.hidden;
      place.hidden = !item || !live.hidden;
      empty.hidden = Boolean(piece) || !live.hidden;
    }
    settle();
    name.addEventListener("input", () => {
      if (!piece) return;
      piece.kept = null;
      settle();
    });

    /** Watch a job that `start` asks for; the piece that comes of it is put on the desk. */
    async function run(start, doing) {
      complain("");
      const held = tools.contains(document.activeElement);
      host.classList.add("busy");
      live.hidden = false;
      if (host.getBoundingClientRect().top > innerHeight * 0.6) {
        host.scrollIntoView({ block: "start", behavior: textmusic.calm ? "auto" : "smooth" });
      }
      written.textContent = "";
      written.hidden = true;
      status.textContent = "Asking …";
      settle();
      if (held) stop.focus({ preventScroll: true });
      const reveal = revealing(written);
      let came = null;
      try {
        const { job } = await start();
        stop.onclick = () => textmusic.ask("DELETE", `api/jobs/${job}`).catch((error) => complain(error.message));
        textmusic.say(doing);
        came = await textmusic.watch(job, {
          onplace(ahead) {
            status.textContent = ahead ? `Waiting: ${ahead} ${ahead === 1 ? "request is" : "requests are"} before this one.` : `${doing} …`;
            if (ahead) textmusic.say(status.textContent);
          },
          ontext: reveal.to,
        });
        if (came) await reveal.end();
      } catch (error) {
        complain(error.message);
      }
      reveal.stop();
      host.classList.remove("busy");
      const stopped = live.contains(document.activeElement);
      live.hidden = true;
      written.textContent = "";
      settle();
      if (stopped) (item?.play ?? host).focus({ preventScroll: true });
      return came;
    }

    return {
      put, run, complain, settle,
      /** Tell what the piece shares with the training set, now that it was read. */
      async compare() {
        const waiting = item;
        if (!piece || piece.card.overlap) return;
        const { text, how } = piece;
        const { card } = await textmusic.ask("POST", "api/pieces", { text, title: piece.card.title, how });
        if (item !== waiting) return;
        piece.card = { ...piece.card, overlap: card.overlap, usual: card.usual };
        item.judged(card);
      },
      /** What was taken off the shelf can be kept again. */
      removed(id) {
        for (const each of [piece, ...past, ...future]) if (each?.kept === id) each.kept = null;
        settle();
        onchange();
      },
      undo: () => step(past, future),
      redo: () => step(future, past),
      get piece() { return piece; },
      get item() { return item; },
      get values() {
        return { piece: light(piece), chosen: bars?.chosen, past: past.map(light), number };
      },
      async restore(kept) {
        past = kept.past ?? [];
        number = kept.number ?? 0;
        if (!kept.piece) return settle();
        const { text, title, how, kept: shelved } = kept.piece;
        const found = await textmusic.ask("POST", "api/pieces", { text, title, how });
        show({ ...found, kept: shelved, chosen: kept.chosen });
      },
    };
  };
})((window.textmusic ??= {}));
