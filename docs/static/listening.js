// Frames of the gallery are as tall as what they hold, and as dark as this page.
(() => {
  "use strict";
  const root = document.documentElement;
  const frames = () => [...document.querySelectorAll(".listening iframe")];
  const tell = (frame) => frame.contentWindow.postMessage({ theme: root.dataset.theme }, "*");
  addEventListener("message", ({ source, data }) => {
    const frame = frames().find((each) => each.contentWindow === source);
    if (!frame || typeof data?.textmusic !== "number") return;
    frame.style.height = `${data.textmusic}px`;
    tell(frame);
  });
  new MutationObserver(() => frames().forEach(tell)).observe(root, { attributeFilter: ["data-theme"] });
})();
