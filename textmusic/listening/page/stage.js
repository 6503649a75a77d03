// One piece at a time is played: the player, its controls and the cards that it belongs to.
((textmusic) => {
  "use strict";

  /**
   * The player of a page. `place` gives the item of a card, `onstep` is called with -1 or 1.
   * Returns {player, current, play(card), point(card, place), close()}.
   */
  textmusic.stage = (place, onstep) => {
    const player = new textmusic.Player();
    const ontoggle = () => current && play(current.card);
    const transport = textmusic.transport(player, { onstep, onclose: close, ontoggle });
    let current = null;
    document.body.append(transport.element);

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
      player.play();
    }
    function close() {
      player.pause();
      current?.playing("");
      current?.play.focus();
      current = null;
      player.key = null;
      transport.hide();
    }
    /** One sound at a time: sound files fall silent for the player and for each other. */
    const hush = (but) => document.querySelectorAll("audio").forEach((audio) => audio === but || audio.pause());
    document.addEventListener("play", ({ target }) => {
      player.pause();
      hush(target);
    }, true);
    let told = "";
    player.state.on(() => {
      if (player.playing) hush();
      if (!current || player.key !== current.card.id) return;
      current.playing(player.playing ? "playing" : "paused");
      const message = `${player.playing ? "Playing" : "Paused"}: ${current.card.title}`;
      if (message !== told) textmusic.say(message);
      told = message;
    });
    player.position.on((position) => {
      if (current && player.key === current.card.id) current.drawing?.mark(position);
    });
    return { player, play, point, close, get current() { return current; } };
  };

  /** Draw what comes into sight, one a time; forget what is far away. `add` and `drop` change what. */
  textmusic.drawWhenSeen = (first) => {
    const items = new Set();
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
    const add = (item) => {
      items.add(item);
      near.observe(item);
      far.observe(item);
    };
    const drop = (item) => {
      items.delete(item);
      near.unobserve(item);
      far.unobserve(item);
    };
    first.forEach(add);
    let width = innerWidth;
    let timer = 0;
    addEventListener("resize", () => {
      if (innerWidth === width) return;
      width = innerWidth;
      clearTimeout(timer);
      timer = setTimeout(() => items.forEach((item) => item.redraw()), 200);
    });
    return { add, drop };
  };

  /** Keys: space plays, arrows seek and move, Home begins anew, L loops, + and - change the tempo. */
  textmusic.keys = (actions, stage) => {
    const { player } = stage;
    const seek = (by) => stage.current && player.seek(player.seconds + by);
    const keys = {
      " ": () => actions.toggle(), ArrowLeft: () => seek(-5), ArrowRight: () => seek(5),
      ArrowUp: () => actions.move(-1), ArrowDown: () => actions.move(1),
      Home: () => stage.current && player.seek(0), l: () => (player.loop = !player.loop),
      "+": () => (player.speed += 0.05), "-": () => (player.speed -= 0.05), ...actions.more,
    };
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const on = event.target;
      if (on.matches("input, select, textarea, pre, audio")) return;
      if (event.key === " " && on.matches("button, a, summary")) return;
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  };

  /** The button for dark or light. */
  textmusic.themeButton = () => {
    const theme = document.getElementById("theme");
    textmusic.themed = (name) => theme.replaceChildren(textmusic.icon(name === "dark" ? "light" : "dark"));
    textmusic.themed(document.documentElement.dataset.theme);
    theme.addEventListener("click", () => textmusic.toggleTheme());
  };
})((window.textmusic ??= {}));
