// What is to be written: how it begins, its metre, its key, how long and how bold.
((textmusic) => {
  "use strict";
  const { element } = textmusic;
  const METRES = ["4/4", "3/4", "2/4", "6/8", "9/8", "12/8", "2/2", "5/4", "7/8"];
  const KEYS = ["C", "G", "D", "A", "E", "F", "Bb", "Eb", "Am", "Em", "Bm", "F#m", "Dm", "Gm", "Cm", "D dorian", "A mixolydian"];
  const MORE = {
    tempo: ["Tempo", { type: "number", min: 10, max: 1000, placeholder: "any", inputmode: "decimal" }, "tempo"],
    pitches: ["Range", { placeholder: "E2-E5" }, "low"],
    tuning: ["Tuning", { placeholder: "DADGAD" }, "tuning"],
    instrument: ["Instrument", { placeholder: "any" }, "program"],
  };
  const SEED = { name: "seed", type: "number", min: 0, max: 2147483647, placeholder: "any", title: "The same seed writes the same music" };

  const field = (label, input) => element("label.field", {}, element("span", {}, label), input);
  const list = (id, values) => element("datalist", { id }, ...values.map((value) => element("option", { value })));

  function settings(controls) {
    const fields = [];
    if (controls.includes("meter")) {
      fields.push(field("Metre", element("input", { name: "meter", list: "metres", placeholder: "any", autocomplete: "off", maxlength: 9 })), list("metres", METRES));
    }
    if (controls.includes("key")) {
      fields.push(field("Key", element("input", { name: "key", list: "keys", placeholder: "any", autocomplete: "off", maxlength: 30 })), list("keys", KEYS));
    }
    fields.push(field("Bars in all", element("input", { name: "bars", type: "number", min: 1, max: 512, value: 16, placeholder: "any" })));
    return element("div.settings", {}, ...fields);
  }

  function kindOf(kinds) {
    if (!kinds.length) return "";
    const options = kinds.map((kind) => element("option", { value: kind }, kind));
    return field("Kind", element("select", { name: "condition" }, element("option", { value: "" }, "any"), ...options));
  }

  function boldness() {
    const range = element("input", { name: "temperature", type: "range", min: 0.3, max: 1.7, step: 0.05, value: 1, id: "temperature" });
    const told = element("output", { for: "temperature" });
    const show = () => {
      const value = Number(range.value);
      const word = value < 0.75 ? "safe" : value < 0.95 ? "careful" : value <= 1.05 ? "as learnt" : value <= 1.3 ? "bold" : "wild";
      told.textContent = `${value.toFixed(2)} · ${word}`;
      range.style.setProperty("--filled", (value - 0.3) / 1.4);
      range.setAttribute("aria-valuetext", `${value.toFixed(2)}, ${word}`);
    };
    range.addEventListener("input", show);
    range.show = show;
    show();
    return element("div.field.bold", {}, element("span.row", {}, element("label", { for: "temperature" }, "Temperature"), told), range);
  }

  function more(controls) {
    const fields = Object.entries(MORE)
      .filter(([, [, , control]]) => controls.includes(control))
      .map(([name, [label, attributes]]) => field(label, element("input", { name, autocomplete: "off", maxlength: 60, ...attributes })));
    fields.push(field("Seed", element("input", SEED)));
    return element("details.further", {}, element("summary", {}, "More"), element("div.settings", {}, ...fields));
  }

  const WAYS = [["nothing", "Nothing"], ["text", "Text"], ["file", "A file"], ["bars", "Bars"]];

  /**
   * Build the form. `onwrite` is called with what is asked for, `onopen` with a file's piece,
   * `onchange` of every change. Returns {begin(bars), busy(yes), manner(), values}.
   */
  textmusic.wish = ({ controls, kinds, upload }, { onwrite, onopen, onchange }) => {
    const form = document.getElementById("wish");
    const radios = WAYS.map(([value, label], at) => element("label.way", {},
      element("input", { type: "radio", name: "way", value, checked: at === 0 }), element("span", {}, label)));
    const words = element("textarea", { name: "prime", rows: 5, maxlength: 20000, spellcheck: "false", "aria-label": "Text that it begins with", placeholder: "Text in the model's own notation" });
    const file = element("input", { type: "file", id: "file", class: "unseen" });
    const drop = element("label.drop", { for: "file" }, element("strong", {}, "Choose a file"), " or drop it here",
      element("small", {}, `MIDI, Guitar Pro, MusicXML, ABC, tablature … up to ${Math.round(upload / 1e6)} MB`));
    const told = element("div.told-file", {});
    const hint = element("p.hint", {});
    const panels = {
      nothing: "", text: words, file: element("div.opening", {}, file, drop, told), bars: hint,
    };
    const panel = element("div.panel", {});
    const complaint = element("p.complaint", { role: "alert", hidden: true });
    const write = element("button.go", { type: "submit" }, "Write");
    let opened = null;
    let picked = null;
    let goingOn = null;

    form.append(
      element("fieldset.ways", {}, element("legend", {}, "Begin with"), element("div.choices", {}, ...radios)), panel,
      kindOf(kinds), settings(controls), boldness(), more(controls), complaint, write);

    const way = () => new FormData(form).get("way");
    function show() {
      const now = panels[way()];
      if (panel.firstChild !== now) panel.replaceChildren(...(now ? [now] : []));
      hint.textContent = goingOn
        ? `Begins with ${textmusic.named(goingOn.chosen)} of ${goingOn.title}.`
        : "Choose bars of the piece on the desk, then “Go on from them”.";
    }
    function complain(message) {
      complaint.textContent = message;
      complaint.hidden = !message;
    }
    async function read(chosenFile) {
      complain("");
      told.replaceChildren();
      opened = null;
      if (!chosenFile) return;
      if (chosenFile.size > upload) {
        complain(`${chosenFile.name} is too large: at most ${Math.round(upload / 1e6)} MB are read.`);
        return;
      }
      told.replaceChildren(element("p.hint", {}, `Reading ${chosenFile.name} …`));
      try {
        opened = await textmusic.ask("POST", `api/files?name=${encodeURIComponent(chosenFile.name)}`, chosenFile);
      } catch (error) {
        told.replaceChildren();
        complain(error.message);
        return;
      }
      picked = textmusic.bars(opened.bars, `Bars of ${chosenFile.name} to begin with`, [1, 2], show);
      const whole = element("button.link", { type: "button", onclick: () => onopen(opened) }, "Put all of it on the desk");
      told.replaceChildren(element("p.hint", {}, `${opened.card.title}: begin with these bars.`), picked.element, whole);
      textmusic.say(`${chosenFile.name} has ${opened.bars} bars`);
    }
    file.addEventListener("change", () => read(file.files[0]));
    for (const kind of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(kind, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", kind === "dragover");
        if (kind === "drop") read(event.dataTransfer.files[0]);
      });
    }
    /** What holds for bars that are written anew, too. */
    function manner() {
      const seed = form.elements.seed.value;
      const condition = form.elements.condition?.value || null;
      return { temperature: Number(form.elements.temperature.value), seed: seed ? Number(seed) : null, condition };
    }
    function asked() {
      const said = Object.fromEntries(new FormData(form));
      const number = (value) => (value ? Number(value) : null);
      const wish = { bars: number(said.bars), ...manner() };
      for (const name of ["meter", "key", "tempo", "pitches", "tuning", "instrument"]) if (said[name]) wish[name] = said[name];
      if (said.way === "text") wish.prime = said.prime;
      if (said.way === "file" && opened) Object.assign(wish, { source: opened.text, chosen: picked.chosen });
      if (said.way === "bars") Object.assign(wish, { source: goingOn.source, chosen: goingOn.chosen });
      return wish;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (write.getAttribute("aria-disabled") === "true") return;
      complain("");
      if (way() === "file" && !opened) return complain("Choose a file to begin with.");
      if (way() === "bars" && !goingOn) return complain(hint.textContent);
      await onwrite(asked());
    });
    form.addEventListener("input", () => {
      show();
      onchange();
    });
    show();
    return {
      busy: (yes) => write.setAttribute("aria-disabled", String(yes)), // disabled, it would lose the focus
      manner,
      begin(bars) {
        goingOn = bars;
        form.elements.way.value = "bars";
        show();
      },
      get values() {
        const { file: unread, ...rest } = Object.fromEntries(new FormData(form));
        return { ...rest, prime: words.value, goingOn, way: rest.way === "file" ? "nothing" : rest.way };
      },
      set values({ prime, goingOn: kept, ...rest }) {
        words.value = prime ?? "";
        goingOn = kept;
        for (const [name, value] of Object.entries(rest)) if (form.elements[name]) form.elements[name].value = value;
        form.elements.temperature.show();
        show();
      },
    };
  };
})((window.textmusic ??= {}));
