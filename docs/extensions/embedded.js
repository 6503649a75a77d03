// A listening page in the gallery: it shares its scripts with others, and lies in a frame.
((textmusic) => {
  "use strict";
  const root = document.documentElement;
  const { script } = textmusic;
  const here = (url) => new URL(url.replace("../samples/", "samples/"), document.baseURI).href;
  textmusic.script = (url) => script(url.startsWith("../samples/") ? here(url) : url);
  if (parent === window) return;

  root.classList.add("embedded");
  // A frame does not know how far out of sight it is, and holds a few pieces only.
  textmusic.drawWhenSeen = async (items) => {
    for (const item of items) await item.draw();
    let width = innerWidth;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      items.forEach((item) => item.redraw());
    });
  };
  const tell = () => parent.postMessage({ textmusic: Math.ceil(document.body.getBoundingClientRect().height) }, "*");
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || !["dark", "light"].includes(data?.theme)) return;
    root.dataset.theme = data.theme;
    textmusic.themed?.(data.theme);
  });
  // The controls stand in the card that they play.
  new MutationObserver(() => {
    const bar = document.querySelector(".transport");
    const card = document.querySelector(".card.current");
    if (bar && card && bar.parentElement !== card) card.querySelector("header").after(bar);
  }).observe(document.getElementById("cards"), { subtree: true, attributeFilter: ["class"] });
  new ResizeObserver(tell).observe(document.body);
  tell();
})((window.textmusic ??= {}));
