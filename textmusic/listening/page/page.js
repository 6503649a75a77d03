// The page: cards in order, found by what they are, played one at a time.
((textmusic) => {
  "use strict";
  const { element } = textmusic;
  const SORTS = {
    order: ["as written", (card) => card.id],
    likelihood: ["likeliest first", (card) => card.bits_per_char],
    note: ["fewest bits a note", (card) => card.bits_per_note],
    overlap: ["least shared with the training set", (card) => card.overlap?.notes],
    copied: ["most shared with the training set", (card) => card.overlap && -card.overlap.notes],
    issues: ["most issues first", (card) => -(card.errors * 1000 + card.warnings)],
    longest: ["longest first", (card) => -card.seconds],
    shortest: ["shortest first", (card) => card.seconds],
    notes: ["most notes first", (card) => -card.notes],
    title: ["by title", (card) => card.title.toLowerCase()],
    key: ["by key", (card) => card.key || null],
  };
  const KEEPERS = {
    codec: ["Codec", (card) => card.codec || "none"],
    key: ["Key", (card) => card.key || "not said"],
    meter: ["Metre", (card) => card.meter || "not said"],
    source: ["Source", (card) => textmusic.short(card.source)],
  };

  /** Build the page; `data.js` calls it. */
  textmusic.open = ({ title, about, cards }) => {
    const list = document.getElementById("cards");
    const player = new textmusic.Player();
    const place = (card) => items.get(card.id);
    const items = new Map();
    let shown = [];
    let current = null;

    document.title = `Listen: ${title}`;
    document.getElementById("title").textContent = title;
    document.getElementById("about").textContent = about;
    const transport = textmusic.transport(player, { onstep: step, onclose: close, ontoggle: () => current && play(current.card) });
    document.body.append(transport.element);

    const tell = telling(cards);
    for (const card of cards) {
      if (tell && !card.source.includes(card.title)) card.from = textmusic.short(card.source);
      const item = textmusic.card(card, { onplay: play, onseek: point });
      items.set(card.id, item);
    }
    const form = filters(cards, () => arrange(true));
    textmusic.drawWhenSeen([...items.values()]);
    arrange(false);

    async function play(card) {
      const item = place(card);
      if (current === item && player.key === card.id) {
        if (player.playing) player.pause();
        else player.play();
        return;
      }
      player.unlock();
      if (await choose(item)) player.play();
    }
    async function choose(item) {
      current?.playing("");
      player.pause();
      current = item;
      item.playing("waiting");
      transport.show(item.card.title, item.card.tempo);
      try {
        const music = await item.music();
        const midi = music.midi instanceof Object ? music.midi
          : textmusic.readMidi(textmusic.bytes(music.midi), await textmusic.alphaTab());
        if (current !== item) return false;
        await player.load(item.card.id, midi);
        return current === item;
      } catch (error) {
        textmusic.say(`${item.card.title} cannot be played: ${error.message}`);
        if (current === item) close();
        return false;
      }
    }
    async function point(card, { tick, share }) {
      const item = place(card);
      if (player.key !== card.id || current !== item) {
        player.unlock();
        if (!(await choose(item))) return;
      }
      if (tick != null) player.seekTick(tick);
      else player.seek(share * player.total);
    }
    function step(by) {
      const at = shown.indexOf(current) + by;
      if (shown[at]) {
        play(shown[at].card);
        shown[at].scrollIntoView({ block: "nearest", behavior: textmusic.calm ? "auto" : "smooth" });
      }
    }
    function close() {
      player.pause();
      current?.playing("");
      current?.play.focus();
      current = null;
      player.key = null;
      transport.hide();
    }
    let told = "";
    player.state.on(() => {
      if (!current || player.key !== current.card.id) return;
      current.playing(player.playing ? "playing" : "paused");
      const message = `${player.playing ? "Playing" : "Paused"}: ${current.card.title}`;
      if (message !== told) textmusic.say(message);
      told = message;
    });
    player.position.on((position) => {
      if (current && player.key === current.card.id) current.drawing?.mark(position);
    });

    function arrange(tell) {
      const chosen = Object.fromEntries(new FormData(form));
      const words = chosen.words.toLowerCase().split(/\s+/).filter(Boolean);
      const [, value] = SORTS[chosen.sort] ?? SORTS.order;
      const keeps = (card) =>
        Object.entries(KEEPERS).every(([name, [, of]]) => !chosen[name] || of(card) === chosen[name])
        && (!chosen.clean || !(card.errors + card.warnings))
        && words.every((word) => searched(card).includes(word));
      shown = [...items.values()].filter((item) => keeps(item.card));
      const compare = (a, b) => (a == null) - (b == null) || (a < b ? -1 : a > b ? 1 : 0);
      shown.sort((a, b) => compare(value(a.card), value(b.card)) || compare(a.card.id, b.card.id));
      list.replaceChildren(...shown);
      document.getElementById("nothing").hidden = shown.length > 0;
      const message = shown.length === cards.length ? `${cards.length} pieces` : `${shown.length} of ${cards.length} pieces`;
      document.getElementById("count").textContent = message;
      if (tell) textmusic.say(message);
    }
    document.getElementById("reset").addEventListener("click", () => {
      form.reset();
      arrange(true);
    });
    textmusic.keys({
      toggle: () => (current ? play(current.card) : shown[0] && play(shown[0].card)),
      seek: (by) => current && player.seek(player.seconds + by),
      start: () => current && player.seek(0),
      loop: () => (player.loop = !player.loop),
      tempo: (by) => (player.speed += by),
      move: (by) => move(shown, by),
    });
    const theme = document.getElementById("theme");
    textmusic.themed = (name) => theme.replaceChildren(textmusic.icon(name === "dark" ? "light" : "dark"));
    textmusic.themed(document.documentElement.dataset.theme);
    theme.addEventListener("click", () => textmusic.toggleTheme());
    textmusic.player = player;
  };

  /** Whether sources say more than codecs do. */
  function telling(cards) {
    const both = new Set(cards.map((card) => `${card.codec} ${card.source}`)).size;
    return both > new Set(cards.map((card) => card.codec)).size;
  }

  const searched = (card) =>
    (card.searched ??= [card.title, card.source, card.codec, card.key, card.meter, ...card.instruments, card.overlap?.source]
      .join(" ").toLowerCase());

  function filters(cards, onchange) {
    const form = document.getElementById("filters");
    const choice = (name, label, options) =>
      element("label", {}, element("span", {}, label), element("select", { name },
        ...options.map(([value, text]) => element("option", { value }, text))));
    const sorts = Object.entries(SORTS)
      .filter(([, [, value]]) => cards.some((card) => value(card) != null && value(card) !== 0))
      .map(([name, [label]]) => [name, label]);
    const search = element("input", { name: "words", type: "search", placeholder: "Title, key, source …", autocomplete: "off" });
    const more = element("button.toggle.fold", { type: "button", "aria-expanded": "false" }, "Sort and filter");
    more.addEventListener("click", () => {
      more.setAttribute("aria-expanded", String(form.classList.toggle("open")));
    });
    form.append(element("label.words", {}, element("span", {}, "Find"), search), more, choice("sort", "Sort", sorts));
    for (const [name, [label, of]] of Object.entries(KEEPERS)) {
      if (name === "source" && !telling(cards)) continue;
      const values = [...new Set(cards.map(of))].sort(new Intl.Collator("en", { numeric: true }).compare);
      if (values.length > 1 && values.length < Math.max(cards.length, 3)) form.append(choice(name, label, [["", "all"], ...values.map((value) => [value, value])]));
    }
    if (cards.some((card) => card.errors + card.warnings)) {
      form.append(element("label.choice", {}, element("input", { type: "checkbox", name: "clean" }), " without issues"));
    }
    form.append(element("output.count", { id: "count" }));
    form.addEventListener("input", onchange);
    form.addEventListener("submit", (event) => event.preventDefault());
    return form;
  }

  /** Draw what comes into sight, one a time; forget what is far away. */
  textmusic.drawWhenSeen = (items) => {
    const waiting = new Set();
    let busy = false;
    const turn = async () => {
      if (busy) return;
      busy = true;
      while (waiting.size) {
        const [item] = waiting;
        waiting.delete(item);
        await item.draw();
        await new Promise((resolve) => setTimeout(resolve));
      }
      busy = false;
    };
    const near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) waiting.add(target);
        else waiting.delete(target);
      }
      turn();
    }, { rootMargin: "300px 0px" });
    const far = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (!isIntersecting) target.erase();
    }, { rootMargin: "4000px 0px" });
    for (const item of items) {
      near.observe(item);
      far.observe(item);
    }
    let width = innerWidth;
    let timer = 0;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      clearTimeout(timer);
      timer = setTimeout(() => items.forEach((item) => item.redraw()), 200);
    });
  };

  function move(shown, by) {
    const here = document.activeElement?.closest?.("#cards > li");
    const next = shown[here ? shown.indexOf(here) + by : 0];
    if (!next) return;
    next.play.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", behavior: textmusic.calm ? "auto" : "smooth" });
  }

  /** Keys: space plays, arrows seek and move, Home begins anew, L loops, + and - change the tempo. */
  textmusic.keys = (actions) => {
    const keys = {
      " ": () => actions.toggle(), ArrowLeft: () => actions.seek(-5), ArrowRight: () => actions.seek(5),
      ArrowUp: () => actions.move(-1), ArrowDown: () => actions.move(1), Home: () => actions.start(),
      l: () => actions.loop(), "+": () => actions.tempo(0.05), "-": () => actions.tempo(-0.05),
    };
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const on = event.target;
      if (on.matches("input, select, textarea, pre")) return;
      if (event.key === " " && on.matches("button, a, summary")) return;
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  };
})((window.textmusic ??= {}));
