// Small things that all parts of the page share. Plain scripts: modules do not load from disk.
((textmusic) => {
  "use strict";

  const base = document.currentScript.src.replace(/[^/]*$/, "");
  const loading = new Map();

  /** Load a script once; the promise ends when it has run. */
  textmusic.script = (url) => {
    const address = new URL(url, base).href;
    if (!loading.has(address)) {
      loading.set(
        address,
        new Promise((resolve, reject) => {
          const tag = document.createElement("script");
          tag.src = address;
          tag.onload = resolve;
          tag.onerror = () => {
            loading.delete(address);
            reject(new Error(`${url} cannot be loaded`));
          };
          document.head.append(tag);
        }),
      );
    }
    return loading.get(address);
  };

  /** An element. Children that are strings become text, never markup. */
  textmusic.element = (name, attributes = {}, ...children) => {
    const [tag, ...classes] = name.split(".");
    const made = document.createElement(tag);
    if (classes.length) made.className = classes.join(" ");
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value === true) made.setAttribute(key, "");
      else if (value !== false && value != null) made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child != null && child !== ""));
    return made;
  };

  const PATHS = {
    play: "M8 5.1v13.8L19 12z",
    pause: "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z",
    wait: "M12 4a8 8 0 1 0 8 8h-2a6 6 0 1 1-6-6z",
    previous: "M6 5h2.4v14H6zM19 5.2v13.6L9.2 12z",
    next: "M15.6 5H18v14h-2.4zM5 5.2v13.6L14.8 12z",
    loop: "M7 7h9.2l-2-2L15.600 3.600 20 8l-4.400 4.400-1.400-1.400 2-2H8v3H6V8a1 1 0 0 1 1-1zM17 17H7.800l2 2-1.400 1.400L4 16l4.400-4.400 1.400 1.400-2 2H16v-3h2v4a1 1 0 0 1-1 1z",
    light: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11 1h2v3h-2zM11 20h2v3h-2zM1 11h3v2H1zM20 11h3v2h-3zM4.200 5.600l1.400-1.400 2.100 2.100-1.400 1.400zM16.300 17.700l1.400-1.400 2.100 2.100-1.400 1.400zM18.400 4.200l1.400 1.400-2.100 2.100-1.400-1.400zM6.300 16.300l1.400 1.400-2.100 2.100-1.400-1.400z",
    dark: "M20 14.500A8.500 8.500 0 0 1 9.500 4 8.500 8.500 0 1 0 20 14.500z",
    close: "M6.400 5 5 6.400 10.600 12 5 17.600 6.400 19 12 13.400 17.600 19 19 17.600 13.400 12 19 6.400 17.600 5 12 10.600z",
  };

  /** A pictogram that screen readers pass over. */
  textmusic.icon = (name) => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg");
    const path = document.createElementNS(space, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("class", "icon");
    path.setAttribute("d", PATHS[name]);
    svg.append(path);
    return svg;
  };

  /** Bytes of a text in Base64. */
  textmusic.bytes = (coded) => Uint8Array.from(atob(coded), (char) => char.charCodeAt(0));

  /** Seconds as people write them: 1:05. */
  textmusic.clock = (seconds) => {
    const whole = Math.max(0, Math.floor(seconds));
    return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  };

  /** Something that others listen to; `on` returns what undoes it. */
  textmusic.emitter = () => {
    const listeners = new Set();
    return {
      on(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      off: (listener) => listeners.delete(listener),
      trigger: (...values) => [...listeners].forEach((listener) => listener(...values)),
    };
  };

  /** Tell those who cannot see it. */
  textmusic.say = (message) => {
    const live = document.getElementById("live");
    if (live) live.textContent = message;
  };

  textmusic.alphaTab = () => textmusic.script("alphaTab.min.js").then(() => {
    window.alphaTab.Logger.logLevel = window.alphaTab.LogLevel.None;
    return window.alphaTab;
  });
})((window.textmusic ??= {}));
