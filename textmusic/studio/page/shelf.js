// The shelf: what was kept, by anyone; to be opened, taken away and exported.
((textmusic) => {
  "use strict";
  const { element } = textmusic;

  /** Build the shelf. `onopen` is called with a piece, `onremove` with an id. Returns {add(card), refresh(), items}. */
  textmusic.shelf = ({ formats }, { stage, seen, onopen, onremove }) => {
    const host = document.getElementById("shelf");
    const items = new Map();
    const count = element("span.count", {});
    const list = element("ol.cards", { role: "list" });
    const none = element("p.nothing", {}, "Nothing is kept yet.");
    const told = element("p.undone", { hidden: true });
    const boxes = formats.map(({ name, title, chosen }) => element("label.way", { title },
      element("input", { type: "checkbox", name: "to", value: name, checked: chosen }), element("span", {}, `.${name}`)));
    const take = element("a.go", { href: "api/export", download: "textmusic-studio.zip" }, "Export all");
    const form = element("form.export", { "aria-label": "Export" },
      element("fieldset.ways", {}, element("legend", {}, "Export as"), element("div.choices", {}, ...boxes)), take);
    host.append(element("header.row", {}, element("h2", { id: "shelf-title" }, "Kept"), count), form, told, none, list);

    const address = () => {
      const chosen = new URLSearchParams([...new FormData(form)].map(([, name]) => ["to", name]));
      take.href = `api/export?${chosen}`;
    };
    form.addEventListener("input", address);
    form.addEventListener("submit", (event) => event.preventDefault());
    address();

    function settle() {
      const many = items.size;
      count.textContent = many ? `${many} ${many === 1 ? "piece" : "pieces"}` : "";
      none.hidden = many > 0;
      form.hidden = list.hidden = !many;
    }
    function add(card) {
      if (items.has(card.id)) return;
      const item = textmusic.card(card, { onplay: stage.play, onseek: stage.point });
      const number = card.id.slice(1);
      const open = element("button.toggle", { type: "button", "aria-label": `Open on the desk: ${card.title}` }, "Open on the desk");
      const away = element("button.toggle", { type: "button", "aria-label": `Remove: ${card.title}` }, "Remove");
      open.addEventListener("click", () => act(async () => onopen(await textmusic.ask("GET", `api/kept/${number}`))));
      away.addEventListener("click", () => act(async () => {
        await textmusic.ask("POST", `api/kept/${number}`, { removed: true });
        forget(card.id);
        onremove(card.id);
        tell(`${card.title} was removed.`, element("button.link", { type: "button", onclick: () => act(async () => {
          await textmusic.ask("POST", `api/kept/${number}`, { removed: false });
          tell("");
          await refresh();
        }) }, "Put it back"));
      }));
      item.querySelector("footer").prepend(element("div.acts", {}, open, away));
      items.set(card.id, item);
      list.prepend(item);
      seen.add(item);
      settle();
    }
    function forget(id) {
      const item = items.get(id);
      if (stage.current === item) stage.close();
      seen.drop(item);
      item.remove();
      items.delete(id);
      settle();
    }
    function tell(message, ...more) {
      told.replaceChildren(message, " ", ...more);
      told.hidden = !message;
      if (message) textmusic.say(message);
    }
    async function act(what) {
      try {
        await what();
      } catch (error) {
        tell(error.message);
      }
    }
    const refresh = () => act(async () => {
      const cards = await textmusic.ask("GET", "api/kept");
      const known = new Set(cards.map((card) => card.id));
      for (const id of [...items.keys()]) if (!known.has(id)) forget(id);
      cards.forEach(add);
      const newest = [...items.values()].sort((a, b) => b.card.id.slice(1) - a.card.id.slice(1));
      // only where one was put back: what is moved loses the focus
      if (newest.some((item, at) => list.children[at] !== item)) list.append(...newest);
    });
    settle();
    return { add, refresh, items };
  };
})((window.textmusic ??= {}));
