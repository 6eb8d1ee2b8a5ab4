/** Texts said aloud by the head on the stage, sentence by sentence, with its lips in step. */

import { post } from "../api.js";
import { toast } from "../dom.js";

/** A text in pieces that are spoken one after the other: the first sound comes soon. */
const sentences = (text) => text.match(/[^.!?…\n]+[.!?…]*["”’)]*\s*|[.!?…\n]+/g)?.reduce((found, piece) => {
  // What ends in a digit or a single letter before its dot ("3." of 3.5, "e.g.") goes on.
  const open = found.length && (found.at(-1).length < 12 || /(\d|\b\p{L})\.$/u.test(found.at(-1)));
  if (open) found[found.length - 1] += piece;
  else found.push(piece);
  return found;
}, []).filter((piece) => /[\p{L}\p{N}]/u.test(piece)) ?? [];

/** Says one text at a time. */
export class Aloud {
  /** @param {import("../studio.js").Studio} studio @param {import("../viewer/viewer.js").Viewer} viewer */
  constructor(studio, viewer) {
    Object.assign(this, { studio, viewer, run: null });
    studio.on("speak", (text) => this.say(text));
    studio.on("quiet", () => this.stop());
  }

  async say(text) {
    this.stop();
    if (this.studio.about?.extras?.voice === false) return toast('Speaking needs the extra voice: in the checkout, run pip install -e ".[voice]", then start the server again.');
    const run = (this.run = { stopper: new AbortController(), sound: new AudioContext() });
    this.studio.tell("speaking", text);
    try {
      await run.sound.resume();
      const head = await this.studio.settle();
      const ask = (piece) => piece && post("/api/speech", { text: piece.trim(), head: head?.id ?? null }, run.stopper.signal);
      const pieces = sentences(text);
      for (let at = 0, coming = ask(pieces[0]); at < pieces.length && this.run === run; at++) {
        const said = await coming;
        coming = ask(pieces[at + 1]);
        coming?.catch(() => {}); // it is told when its turn comes
        await this.#play(run, said);
      }
    } catch (error) {
      if (error.name !== "AbortError" && this.run === run) this.studio.fail(error);
    } finally {
      if (this.run === run) this.stop();
    }
  }

  /** Sound and mouth of one sentence by the clock of the sound. */
  async #play(run, said) {
    const bytes = Uint8Array.from(atob(said.sound), (sign) => sign.charCodeAt(0));
    const buffer = await run.sound.decodeAudioData(bytes.buffer);
    const source = Object.assign(run.sound.createBufferSource(), { buffer });
    source.connect(run.sound.destination);
    await new Promise((resolve) => {
      run.ended = resolve;
      source.onended = resolve;
      const begin_s = run.sound.currentTime;
      source.start();
      const frame = () => {
        if (this.run !== run || run.ended !== resolve) return;
        const time_s = run.sound.currentTime - begin_s;
        const row = said.weights[Math.min(Math.round(time_s * said.fps), said.weights.length - 1)] ?? [];
        const mouth = Object.fromEntries(said.names.map((name, at) => [name, Math.max(row[at] ?? 0, this.studio.weights[name] ?? 0)]));
        this.viewer.perform({ weights: { ...this.studio.weights, ...mouth }, pose: {} });
        if (time_s < said.seconds) requestAnimationFrame(frame);
      };
      frame();
    });
    run.ended = null;
  }

  stop() {
    const { run } = this;
    if (!run) return;
    this.run = null;
    run.stopper.abort();
    run.ended?.();
    run.sound.close();
    this.viewer.rest();
    this.studio.tell("speaking", "");
  }
}
