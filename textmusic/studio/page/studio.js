// The studio: the form, the desk and the shelf, and what this tab remembers.
((textmusic) => {
  "use strict";
  const MEMORY = "textmusic-studio";

  function remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(MEMORY) ?? "{}");
    } catch {
      return {};
    }
  }

  async function open() {
    const about = await textmusic.ask("GET", "api/studio");
    document.title = `Studio: ${about.title}`;
    document.getElementById("about").textContent = `${about.title} · writes ${about.codec}`;
    const seen = textmusic.drawWhenSeen([]);
    const find = (card) => (desk.item?.card.id === card.id ? desk.item : shelf.items.get(card.id));
    const all = () => [desk.item, ...[...shelf.items.values()].sort((a, b) => b.card.id.slice(1) - a.card.id.slice(1))].filter(Boolean);
    const stage = textmusic.stage(find, (by) => {
      const items = all();
      const next = items[items.indexOf(stage.current) + by];
      if (!next) return;
      stage.play(next.card);
      next.scrollIntoView({ block: "nearest", behavior: textmusic.calm ? "auto" : "smooth" });
    });
    let ready = false;

    function remember() {
      if (!ready) return;
      try {
        sessionStorage.setItem(MEMORY, JSON.stringify({ wish: wish.values, desk: desk.values }));
      } catch {
        // a full memory costs no more than the reload of this tab
      }
    }
    async function write(wanted, title, place = "api/write", doing = "Writing") {
      wish.busy(true);
      stage.player.pause();
      const piece = await desk.run(() => textmusic.ask("POST", place, wanted), doing);
      wish.busy(false);
      if (!piece) return;
      if (title) piece.card.title = title;
      desk.put(piece);
      textmusic.say(`${piece.card.title} is written: ${piece.card.bars} bars, ${textmusic.clock(piece.card.seconds)}`);
    }
    const wish = textmusic.wish(about, {
      onwrite: (wanted) => write(wanted),
      onopen: (piece) => desk.put({ ...piece, card: { ...piece.card } }),
      onchange: () => remember(),
    });
    const desk = textmusic.desk(about, {
      stage, seen,
      onchange: () => remember(),
      onfill: (piece, bars) => write({ text: piece.text, bars, ...wish.manner() }, piece.card.title, "api/fill", `Writing ${textmusic.named(bars)} anew`),
      ongoon(bars) {
        wish.begin(bars);
        document.getElementById("wish").scrollIntoView({ block: "nearest", behavior: textmusic.calm ? "auto" : "smooth" });
        document.querySelector("#wish .go").focus({ preventScroll: true });
        remember();
      },
      async onkeep(piece, title) {
        try {
          const card = await textmusic.ask("POST", "api/kept", { text: piece.text, title, how: piece.how });
          piece.kept = card.id;
          shelf.add(card);
          desk.settle();
          remember();
          textmusic.say(`${card.title} is kept`);
        } catch (error) {
          desk.complain(error.message);
        }
      },
    });
    const shelf = textmusic.shelf(about, {
      stage, seen, onremove: (id) => desk.removed(id),
      onopen(piece) {
        desk.put({ ...piece, kept: `k${piece.how.kept}` });
        document.getElementById("desk").scrollIntoView({ block: "start", behavior: textmusic.calm ? "auto" : "smooth" });
      },
    });

    /** The training set is read while people write already. */
    async function comparing() {
      while (about.compares === "reading") {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        about.compares = (await textmusic.ask("GET", "api/studio")).compares;
        if (about.compares !== "reading") await desk.compare();
      }
    }
    const { wish: said, desk: lay } = remembered();
    try {
      if (said) wish.values = said;
      if (lay) await desk.restore(lay);
    } catch (error) {
      desk.complain(error.message);
    }
    ready = true;
    await shelf.refresh();
    comparing().catch((error) => desk.complain(error.message));
    addEventListener("visibilitychange", () => document.hidden || shelf.refresh());
    addEventListener("focus", () => shelf.refresh());
    addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input, textarea")) return;
      event.preventDefault();
      if (event.shiftKey) desk.redo();
      else desk.undo();
    });
    textmusic.keys({
      toggle: () => (stage.current ?? all()[0]) && stage.play((stage.current ?? all()[0]).card),
      move: (by) => all()[Math.max(0, all().indexOf(document.activeElement?.closest?.(".cards > li")) + by)]?.play.focus(),
    }, stage);
    textmusic.player = stage.player;
    document.body.classList.add("ready");
  }

  textmusic.themeButton();
  open().catch((error) => {
    document.getElementById("desk").replaceChildren(textmusic.element("p.complaint", { role: "alert" }, error.message));
  });
})((window.textmusic ??= {}));
