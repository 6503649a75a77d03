// A text with what is wrong with it marked at its places, and how surprising each character was.
((textmusic) => {
  "use strict";
  const { element } = textmusic;

  /** The text in pieces, cut where issues begin and end. Offsets count characters, as in Python. */
  function* stretches(chars, issues) {
    const cuts = new Set([0, chars.length]);
    const spans = issues.map((issue, number) => {
      const from = Math.min(issue.offset, chars.length);
      const to = Math.min(from + Math.max(1, issue.length), chars.length);
      cuts.add(from).add(to);
      return { from, to, number };
    });
    const places = [...cuts].sort((a, b) => a - b);
    for (let i = 0; i + 1 < places.length; i++) {
      const [from, to] = [places[i], places[i + 1]];
      const inside = spans.filter((span) => span.from <= from && to <= span.to);
      yield { from, to, inside };
    }
  }

  function plain(chars, issues, id) {
    const shown = document.createDocumentFragment();
    const told = new Set();
    for (const { from, to, inside } of stretches(chars, issues)) {
      const text = chars.slice(from, to).join("");
      if (!inside.length) {
        shown.append(text);
        continue;
      }
      const issue = issues[inside[0].number];
      const mark = element(`mark.${issue.severity}`, { title: issue.message }, text);
      for (const { number } of inside) {
        if (told.has(number)) continue;
        told.add(number);
        mark.id ||= `${id}-issue-${number}`;
        mark.tabIndex = -1;
        mark.append(element("sup", { "aria-label": `issue ${number + 1}` }, String(number + 1)));
      }
      shown.append(mark);
    }
    return shown;
  }

  function surprising(chars, bits) {
    const shown = document.createDocumentFragment();
    chars.forEach((char, i) => {
      const strength = Math.min(1, (bits[i] ?? 0) / 8);
      const span = element("span.bit", { style: `--bits:${strength.toFixed(2)}` }, char);
      span.title = `${(bits[i] ?? 0).toFixed(1)} bits`;
      shown.append(span);
    });
    return shown;
  }

  function list(issues, id) {
    const rows = issues.map((issue, number) => {
      const place = issue.line ? `line ${issue.line}, column ${issue.column}` : "";
      const go = () => document.getElementById(`${id}-issue-${number}`)?.focus();
      return element("li", {},
        element(`span.severity.${issue.severity}`, {}, issue.severity), " ",
        place ? element("button.link", { type: "button", onclick: go }, place) : "", " ",
        element("code", {}, issue.code), " ", issue.message);
    });
    return element("ol.issues", { "aria-label": "Issues" }, ...rows);
  }

  /** What is seen of a text: marked, with its issues below and a switch for the surprise. */
  textmusic.text = (detail, id) => {
    const chars = Array.from(detail.text ?? "");
    const pre = element("pre", { tabindex: "0", role: "group", "aria-label": "Text" });
    const box = element("div.reading");
    if (detail.text == null) {
      box.append(list(detail.issues, id));
      return box;
    }
    pre.append(plain(chars, detail.issues, id));
    if (detail.bits.length) {
      const show = element("input", { type: "checkbox" });
      show.addEventListener("change", () => {
        pre.replaceChildren(show.checked ? surprising(chars, detail.bits) : plain(chars, detail.issues, id));
      });
      box.append(element("label.choice", {}, show, " Shade each character by how much it surprises the model"));
    }
    box.append(pre);
    if (detail.issues.length) box.append(list(detail.issues, id));
    return box;
  };
})((window.textmusic ??= {}));
