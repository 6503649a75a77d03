// Bars of a piece to choose from: one stop for the tab key, arrows move, space chooses.
((textmusic) => {
  "use strict";
  const { element } = textmusic;

  /** Returns {element, chosen}: `chosen` is the sorted numbers; `onchange` is told of them. */
  textmusic.bars = (count, label, first, onchange) => {
    const chosen = new Set(first.filter((bar) => bar <= count));
    const buttons = Array.from({ length: count }, (_, at) => element("button.bar", {
      type: "button", "aria-label": `Bar ${at + 1}`, "aria-pressed": "false", tabindex: at ? -1 : 0,
    }, String(at + 1)));
    const box = element("div.bars", { role: "group", "aria-label": label }, ...buttons);
    let last = 0;

    const sorted = () => [...chosen].sort((a, b) => a - b);
    function show() {
      buttons.forEach((button, at) => button.setAttribute("aria-pressed", String(chosen.has(at + 1))));
    }
    function choose(at, extend) {
      if (extend) {
        for (let i = Math.min(at, last); i <= Math.max(at, last); i++) chosen.add(i + 1);
      } else if (!chosen.delete(at + 1)) chosen.add(at + 1);
      last = at;
      show();
      onchange(sorted());
    }
    function move(to) {
      const at = Math.min(Math.max(0, to), count - 1);
      for (const button of buttons) button.tabIndex = -1;
      buttons[at].tabIndex = 0;
      buttons[at].focus();
      return at;
    }
    box.addEventListener("click", (event) => {
      const at = buttons.indexOf(event.target);
      if (at < 0) return;
      move(at);
      choose(at, event.shiftKey);
    });
    box.addEventListener("keydown", (event) => {
      const at = buttons.indexOf(event.target);
      const to = { ArrowLeft: at - 1, ArrowUp: at - 1, ArrowRight: at + 1, ArrowDown: at + 1, Home: 0, End: count - 1 }[event.key];
      if (at < 0 || to == null) return;
      event.preventDefault();
      const now = move(to);
      if (event.shiftKey) {
        chosen.add(at + 1);
        last = at;
        choose(now, true);
      }
    });
    show();
    return { element: box, get chosen() { return sorted(); } };
  };

  /** Bars as people say them: bar 5; bars 1–2, 5. */
  textmusic.named = (bars) => {
    const spans = [];
    for (const bar of bars) {
      const now = spans[spans.length - 1];
      if (now && now[1] === bar - 1) now[1] = bar;
      else spans.push([bar, bar]);
    }
    const said = spans.map(([from, to]) => (from === to ? `${from}` : `${from}–${to}`)).join(", ");
    return `${bars.length > 1 ? "bars" : "bar"} ${said}`;
  };
})((window.textmusic ??= {}));
