// Speaks with the studio: asks, and watches music being written.
((textmusic) => {
  "use strict";

  /** Ask; the promise is broken with the studio's own words where it refuses. */
  textmusic.ask = async (method, place, body) => {
    const sent = body == null || body instanceof Blob ? body : JSON.stringify(body);
    let answer;
    try {
      answer = await fetch(place, { method, body: sent });
    } catch {
      throw new Error("The studio does not answer: does it still run?");
    }
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(textmusic.sentence(said.error ?? `the studio answers ${answer.status}`));
    return said;
  };

  /** As a sentence begins and ends; names of files and bars stay as they are. */
  textmusic.sentence = (words) =>
    (/^[a-z]+ /.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words) + (/[.!?]$/.test(words) ? "" : ".");

  /**
   * Watch a job: `onplace` is told how many are before it, `ontext` all that is written so far, and
   * how many characters of that were given to begin with.
   * The promise holds the piece, or null where the job was stopped.
   */
  textmusic.watch = (job, { onplace, ontext }) => new Promise((resolve, reject) => {
    const source = new EventSource(`api/jobs/${job}`);
    let text = "";
    let given = 0;
    const end = (act) => {
      source.close();
      act();
    };
    const on = (kind, act) => source.addEventListener(kind, ({ data }) => act(JSON.parse(data)));
    on("place", ({ ahead }) => onplace(ahead));
    on("text", ({ from, text: more, given: fresh }) => {
      text = text.slice(0, from) + more;
      given = fresh ?? given;
      ontext(text, given);
    });
    on("done", (piece) => end(() => resolve(piece)));
    on("stopped", () => end(() => resolve(null)));
    on("failed", ({ error }) => end(() => reject(new Error(textmusic.sentence(error)))));
    source.addEventListener("error", () => {
      if (source.readyState !== EventSource.CLOSED) return; // it tries again by itself
      end(() => reject(new Error("The studio was started anew meanwhile: please ask again.")));
    });
  });
})((window.textmusic ??= {}));
