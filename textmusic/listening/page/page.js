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
    const items = new Map();
    const stage = textmusic.stage((card) => items.get(card.id), step);
    const { player } = stage;
    let shown = [];

    document.title = `Listen: ${title}`;
    document.getElementById("title").textContent = title;
    document.getElementById("about").textContent = about;

    const tell = telling(cards);
    for (const card of cards) {
      if (tell && !card.source.includes(card.title)) card.from = textmusic.short(card.source);
      const item = textmusic.card(card, { onplay: stage.play, onseek: stage.point });
      items.set(card.id, item);
    }
    const form = filters(cards, () => arrange(true));
    textmusic.drawWhenSeen([...items.values()]);
    arrange(false);

    function step(by) {
      const at = shown.indexOf(stage.current) + by;
      if (shown[at]) {
        stage.play(shown[at].card);
        shown[at].scrollIntoView({ block: "nearest", behavior: textmusic.calm ? "auto" : "smooth" });
      }
    }
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
      toggle: () => (stage.current ?? shown[0]) && stage.play((stage.current ?? shown[0]).card),
      move: (by) => move(shown, by),
    }, stage);
    textmusic.themeButton();
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

  function move(shown, by) {
    const here = document.activeElement?.closest?.("#cards > li");
    const next = shown[here ? shown.indexOf(here) + by : 0];
    if (!next) return;
    next.play.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest", behavior: textmusic.calm ? "auto" : "smooth" });
  }
})((window.textmusic ??= {}));
