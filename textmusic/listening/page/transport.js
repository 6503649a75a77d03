// The player's controls, at the foot of the page once something was played.
((textmusic) => {
  "use strict";
  const { element, icon } = textmusic;

  /** Controls of a player; `onstep` is called with -1 or 1. Returns {element, show(title), hide()}. */
  textmusic.transport = (player, { onstep, onclose, ontoggle }) => {
    const button = (name, label, onclick, classes = ".round.quiet") =>
      element(`button${classes}`, { type: "button", "aria-label": label, title: label, onclick }, icon(name));
    const toggle = button("play", "Play", ontoggle, ".round.play");
    const title = element("strong.now", {});
    const silence = element("p.silence", { role: "alert", hidden: true }, "This browser gives out no sound: is there a device to play on?");
    const place = element("input.seek", { type: "range", min: 0, max: 1000, value: 0, step: 1, "aria-label": "Position" });
    const time = element("span.time", { "aria-hidden": "true" }, "0:00");
    const tempo = element("input.tempo", { type: "range", min: 25, max: 150, step: 5, value: 100, "aria-label": "Tempo" });
    const percent = element("output", {}, "100 %");
    const loop = element("button.toggle", { type: "button", "aria-pressed": "false", title: "Play again and again (L)" }, icon("loop"), "Loop");
    const from = element("button.toggle", { type: "button", title: "The loop begins here" }, "from here");
    const to = element("button.toggle", { type: "button", title: "The loop ends here" }, "to here");
    const span = element("span.span", { hidden: true }, from, to);
    let tempoNow = 120;
    let dragging = false;

    place.addEventListener("input", () => {
      dragging = true;
      show((place.value / 1000) * player.total);
    });
    place.addEventListener("change", () => {
      dragging = false;
      player.seek((place.value / 1000) * player.total);
    });
    tempo.addEventListener("input", () => {
      player.speed = tempo.value / 100;
    });
    percent.addEventListener("dblclick", () => {
      player.speed = 1;
    });
    loop.addEventListener("click", () => {
      player.loop = !player.loop;
      textmusic.say(player.loop ? "Loop on" : "Loop off");
    });
    from.addEventListener("click", () => {
      const now = player.tick;
      const end = player.range && player.range[1] > now ? player.range[1] : player.endTick;
      player.range = [now, end];
      textmusic.say("The loop begins here");
    });
    to.addEventListener("click", () => {
      const now = player.tick;
      const start = player.range && player.range[0] < now ? player.range[0] : 0;
      if (now > start) player.range = [start, now];
      textmusic.say("The loop ends here");
    });

    function show(seconds) {
      const total = player.total;
      time.textContent = `${textmusic.clock(seconds)} / ${textmusic.clock(total)}`;
      place.setAttribute("aria-valuetext", `${textmusic.clock(seconds)} of ${textmusic.clock(total)}`);
      place.style.setProperty("--filled", total ? seconds / total : 0);
    }
    player.position.on(({ seconds, total }) => {
      if (dragging) return;
      place.value = total ? Math.round((seconds / total) * 1000) : 0;
      show(seconds);
    });
    player.state.on(() => {
      toggle.replaceChildren(icon(player.playing ? "pause" : "play"));
      toggle.setAttribute("aria-label", player.playing ? "Pause" : "Play");
      toggle.title = player.playing ? "Pause (space)" : "Play (space)";
      silence.hidden = !player.mute;
      loop.setAttribute("aria-pressed", String(player.loop));
      span.hidden = !player.loop;
      from.classList.toggle("set", Boolean(player.range && player.range[0] > 0));
      to.classList.toggle("set", Boolean(player.range && player.range[1] < player.endTick));
      const share = Math.round(player.speed * 100);
      tempo.value = share;
      tempo.style.setProperty("--filled", (share - 25) / 125);
      percent.textContent = `${share} %`;
      percent.title = `♩ = ${Math.round(tempoNow * player.speed)}`;
      tempo.setAttribute("aria-valuetext", `${share} percent, ${Math.round(tempoNow * player.speed)} a minute`);
    });
    const bar = element("section.transport", { "aria-label": "Player", hidden: true },
      element("div.steps", {},
        button("previous", "Previous piece", () => onstep(-1)), toggle, button("next", "Next piece", () => onstep(1))),
      element("div.place", {}, element("div.told", {}, title, time), silence, place),
      element("div.how", {}, element("label.pace", {}, element("span", {}, "Tempo"), tempo, percent), loop, span),
      button("close", "Close the player", () => onclose(), ".round.quiet.close"));

    return {
      element: bar,
      show(name, qpm) {
        title.textContent = name;
        tempoNow = qpm;
        bar.hidden = false;
        document.body.classList.add("with-player");
      },
      hide() {
        bar.hidden = true;
        document.body.classList.remove("with-player");
      },
    };
  };
})((window.textmusic ??= {}));
