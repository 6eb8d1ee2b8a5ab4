/** What is shown and what can be done with it. Panels listen to its events; none of them knows another. */

import { chat, dataUrl, follow, getJson, post, upload } from "./api.js";
import { announce, toast } from "./dom.js";
import { History } from "./history.js";

const SAME = 0.004;

/**
 * Events: "about" (what the server offers), "head" (another head is shown), "pose" (expression or gaze moved),
 * "history" (the stack changed), "work" (a job began, moved or ended), "saved" (the gallery changed), "made" (a head came without the conversation), "faces" (a photo with several), "gone" (the id of a head that was deleted).
 */
export class Studio extends EventTarget {
  constructor() {
    super();
    this.about = null;
    this.head = null;
    this.weights = {};
    this.gaze = { x_deg: 0, y_deg: 0 };
    this.history = new History();
    this.quality = localStorage.getItem("quality") ?? "balanced";
    /** The work in progress, or null. @type {{label: string, stage: string, progress: number|null, left: number|null, position: number|null, stop: () => void}|null} */
    this.work = null;
  }

  on(name, call) { this.addEventListener(name, (event) => call(/** @type {CustomEvent} */ (event).detail)); }
  tell(name, detail) { this.dispatchEvent(new CustomEvent(name, { detail })); }

  async start() {
    this.about = await getJson("/api/about");
    this.tell("about", this.about);
    if (!this.head) return;
    this.tell("head", this.head);
    this.tell("pose");
  }

  /** Show a head as a new step. @param {any} head @param {string} label what led to it */
  show(head, label) {
    this.place({ head, weights: { ...(head.blendshapes ?? {}) }, gaze: { ...(head.gaze ?? { x_deg: 0, y_deg: 0 }) }, label });
    this.history.add({ head, weights: { ...this.weights }, gaze: { ...this.gaze }, label });
    this.tell("history");
    announce(`${label}. The head is shown.`);
  }

  /** Put a step on the stage without adding one. */
  place(step) {
    const changed = this.head?.id !== step.head.id;
    this.head = step.head;
    this.weights = { ...step.weights };
    this.gaze = { ...step.gaze };
    if (changed) this.tell("head", step.head);
    this.tell("pose");
  }

  /** A head was deleted: where it was shown, the last one before it is, if there is one. */
  forget(id) {
    this.history.forget(id);
    this.tell("gone", id);
    if (this.head?.id === id) {
      Object.assign(this.head, { name: "", saved: false });
      if (this.history.now) this.place(this.history.now);
      else toast("What you still see is the deleted head: it is kept nowhere, and gone with the next one.");
    }
    this.tell("history");
    this.tell("saved");
  }

  /** Move sliders while they are dragged. */
  pose({ weights = {}, gaze = null }) {
    Object.assign(this.weights, weights);
    if (gaze) this.gaze = { ...this.gaze, ...gaze };
    this.tell("pose");
  }

  /** The drag ended: what it did is one step. */
  step(label) {
    if (!this.head) return;
    this.history.add({ head: this.head, weights: { ...this.weights }, gaze: { ...this.gaze }, label });
    this.tell("history");
  }

  undo() { this.#travel(this.history.now?.label, this.history.undo(), "Undone"); }
  redo() { const step = this.history.redo(); this.#travel(step?.label, step, "Redone"); }

  #travel(label, step, word) {
    if (!step) return;
    this.place(step);
    this.tell("history");
    announce(`${word}: ${label}`);
  }

  /** Run a job with its progress on the stage. Errors are shown; undefined then. */
  async run(label, begin) {
    this.work?.stop();
    const stopper = new AbortController();
    const work = { label, stage: "", progress: null, left: null, position: null, stop: () => stopper.abort() };
    this.work = work;
    const moved = (job) => {
      Object.assign(work, { stage: job.stage ?? "", progress: job.progress ?? null, left: job.seconds_left ?? null, position: job.position ?? null });
      if (this.work === work) this.tell("work", work);
    };
    this.tell("work", work);
    announce(`${label}: started`);
    try {
      return await follow(await begin(stopper.signal, moved), moved, stopper.signal);
    } catch (error) {
      this.fail(error);
    } finally {
      if (this.work === work) {
        this.work = null;
        this.tell("work", null);
      }
    }
  }

  fail(error) {
    if (error.name === "AbortError") return announce("Stopped");
    if (!error.code) console.error(error);
    toast(error.message || "This did not work.", { bad: true });
  }

  /** A photo becomes heads. @param {Blob} photo */
  async fromPhoto(photo, name = "photo") {
    if (photo.type && !photo.type.startsWith("image/")) {
      return toast("This is not a photo. Pictures can be JPEG, PNG, WebP, TIFF or HEIC.", { bad: true });
    }
    const form = new FormData();
    form.append("photo", photo, name);
    form.append("quality", this.quality);
    form.append("hair", "auto");
    const address = URL.createObjectURL(photo);
    this.tell("photo", address);
    const result = await this.run("Building a head from the photo", (signal, moved) =>
      upload("/api/heads/photo", form, (share) => moved({ stage: "Sending the photo", progress: share < 1 ? share : null }), signal));
    this.tell("photo", null);
    URL.revokeObjectURL(address);
    return this.arrived(result, "Head from a photo");
  }

  async arrived(result, label) {
    if (!result) return undefined;
    const heads = result.heads ?? [];
    if (!heads.length) {
      toast("No face was found in this photo. A face should be at least 40 pixels wide and not turned away.", { bad: true });
      return undefined;
    }
    this.show(heads[0], label);
    this.tell("made", { head: heads[0], label, count: heads.length });
    this.tell("faces", heads);
    return heads;
  }

  /** Words become a head. */
  async fromWords(text, { seed = 0, count = 1 } = {}) {
    const result = await this.run("Making a head from words", (signal) =>
      post("/api/heads/words", { text, seed, count }, signal));
    return this.arrived(result, text);
  }

  /** Words change the shown head. */
  async edit(text, { source = null } = {}) {
    const head = source ?? (await this.settle());
    if (!head) return undefined;
    const result = await this.run("Changing the head", (signal) =>
      post(`/api/heads/${head.id}/edit`, { text, seed: 0 }, signal));
    return this.arrived(result, text);
  }

  /** Settings change the shown head: controls, hair, beard, glasses, skin. */
  async change(what, label) {
    if (!this.head) return undefined;
    // A change that comes while another is in work stops that one and does both.
    this.unsent = joined(this.unsent, what);
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const body = { ...this.moved(), ...this.unsent };
    const result = await this.run(label, (signal) => post(`/api/heads/${this.head.id}/change`, body, signal));
    if (turn === this.turn) this.unsent = null;
    return this.arrived(result, label);
  }

  /**
   * Make the shown head again without some of the words of a head on its way (or that head itself): all else stays.
   * @param {any} of whose words @param {string[]} parts all that is left out @param {string} label
   */
  async without(of, parts, label) {
    const shown = await this.settle();
    if (!shown) return undefined;
    const from = shown.chain?.includes(of.id) ? shown : of;
    const result = await this.run(label, (signal) => post(`/api/heads/${from.id}/without`, { parts, of: of.id }, signal));
    if (!result) return undefined;
    this.tell("replaced", [...(result.bases ?? []), ...result.heads].map((head, at) => [Object.keys(result.replaced)[at], head]));
    this.show(result.heads[0], label);
    return result.heads;
  }

  /** What the sliders changed since the head was made, as the server takes it; {} for nothing. */
  moved() {
    const before = this.head?.blendshapes ?? {};
    const expression = Object.fromEntries(
      Object.entries(this.weights).filter(([unit, value]) => Math.abs(value - (before[unit] ?? 0)) > SAME));
    // Where the eyes look is known when the head's file is there.
    const at = this.head?.gaze ?? this.gaze;
    const turned = Math.abs(at.x_deg - this.gaze.x_deg) + Math.abs(at.y_deg - this.gaze.y_deg) > 0.2;
    return { ...(Object.keys(expression).length && { expression }), ...(turned && { gaze: this.gaze }) };
  }

  /** The shown head with its sliders taken over by the server, for words, files and the gallery. */
  async settle() {
    if (!this.head || !Object.keys(this.moved()).length) return this.head;
    const result = await this.run("Taking over the sliders", (signal) => post(`/api/heads/${this.head.id}/change`, this.moved(), signal));
    const head = result?.heads?.[0];
    if (!head) return null;
    const step = this.history.now;
    // The same look under a new id: no step of its own.
    if (step) Object.assign(step, { head });
    this.head = head;
    this.tell("head", head);
    this.tell("pose");
    return head;
  }

  /** Say something. @returns {Promise<{text: string, heads: any[]}>} */
  async say(messages, ontext, signal) { return chat(messages, ontext, signal); }

  /** @param {Blob} blob */
  async imagePart(blob) { return { type: "image_url", image_url: { url: await dataUrl(blob) } }; }

  async save(name) {
    const head = await this.settle();
    if (!head) return;
    try {
      const answer = await post(`/api/heads/${head.id}/save`, { name });
      Object.assign(head, { name, saved: true }, answer?.id ? answer : {});
      this.tell("saved");
      this.tell("history");
      toast(`Saved as “${name}”.`);
    } catch (error) {
      this.fail(error);
    }
  }

  setQuality(quality) {
    this.quality = quality;
    localStorage.setItem("quality", quality);
  }
}

/** Two changes in one: the later one counts where both say something. */
function joined(before, after) {
  const all = { ...before };
  for (const [key, value] of Object.entries(after)) all[key] = value && all[key] && typeof value === "object" ? { ...all[key], ...value } : value;
  return all;
}
