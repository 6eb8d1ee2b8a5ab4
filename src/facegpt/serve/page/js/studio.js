/** What is shown and what can be done with it. Panels listen to its events; none of them knows another. */

import { chat, dataUrl, follow, getJson, post, upload } from "./api.js";
import { announce, toast } from "./dom.js";
import { History } from "./history.js";

const SAME = 0.004;

/**
 * Events: "about" (what the server offers), "head" (another head is shown), "pose" (expression or gaze moved),
 * "history" (the stack changed), "work" (a job began, moved or ended), "saved" (the gallery changed), "made" (a head came without the conversation), "faces" (a photo with several), "gone" (the id of a head that was deleted), "panel" (another panel is open), "in-photo" (the photo is to be shown changed),
 * "restored" (what a reload found again).
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
    /** Loads what the stage draws of a head; the head is shown when that is there. @type {(head: any) => Promise<any>} */
    this.drawing = async () => {};
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

  /**
   * Show a head as a new step, once it can be drawn: until then the stage, its name and its sliders stay as they are.
   * @param {any} head @param {string} label what led to it @returns {Promise<boolean>} false when something else came between
   */
  async show(head, label) {
    if (!(await this.#drawn(head))) return false;
    this.place({ head, weights: { ...(head.blendshapes ?? {}) }, gaze: { ...(head.gaze ?? { x_deg: 0, y_deg: 0 }) }, label });
    this.history.add({ head, weights: { ...this.weights }, gaze: { ...this.gaze }, label });
    this.tell("history");
    announce(`${label}. The head is shown.`);
    return true;
  }

  /** Wait until a head can be drawn, and say so on the stage. False when another was asked for meanwhile. */
  async #drawn(head) {
    const turn = (this.turnToShow = (this.turnToShow ?? 0) + 1);
    const other = this.work;
    const work = other ?? { label: "Drawing the head", stage: "", progress: null, left: null, position: null, stop: () => { this.turnToShow++; this.#over(work); } };
    if (other) Object.assign(other, { stage: "drawing the head", progress: null, left: null, position: null });
    // What is there already is shown without a word.
    const late = setTimeout(() => {
      if (this.work !== other) return;
      this.work = work;
      this.tell("work", work);
    }, other ? 0 : 150);
    try {
      await this.drawing(head);
      return turn === this.turnToShow;
    } catch (error) {
      this.fail(error);
      return false;
    } finally {
      clearTimeout(late);
      if (!other) this.#over(work);
    }
  }

  #over(work) {
    if (this.work !== work) return;
    this.work = null;
    this.tell("work", null);
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
  async forget(id) {
    this.history.forget(id);
    this.tell("gone", id);
    if (this.head?.id === id) {
      Object.assign(this.head, { name: "", saved: false });
      if (this.history.now) await this.#travel("", this.history.now, "Deleted");
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

  async #travel(label, step, word) {
    if (!step) return;
    this.tell("history");
    if (!(await this.#drawn(step.head)) || this.history.now !== step) return;
    this.place(step);
    this.tell("history");
    announce(`${word}: ${label}`);
  }

  /**
   * Run a job with its progress on the stage. Errors are shown; undefined then.
   * @param {string} label @param {(signal: AbortSignal, moved: (job: any) => void) => Promise<any>} begin
   * @param {{came?: (id: string) => void, then?: (result: any) => Promise<any>}} [what] is done with each head that is made before
   *   the end, and with the result: the progress stays until that is done.
   */
  async run(label, begin, { came = () => {}, then = async () => {} } = {}) {
    this.work?.stop();
    const stopper = new AbortController();
    const work = { label, stage: "", progress: null, left: null, position: null, stop: () => stopper.abort() };
    this.work = work;
    const known = new Set();
    const moved = (job) => {
      for (const id of job.came ?? []) if (!known.has(id)) { known.add(id); came(id); }
      Object.assign(work, { stage: job.stage ?? "", progress: job.progress ?? null, left: job.seconds_left ?? null, position: job.position ?? null });
      if (this.work === work) this.tell("work", work);
    };
    this.tell("work", work);
    announce(`${label}: started`);
    try {
      const job = await begin(stopper.signal, moved);
      work.job = job.id;
      const result = await follow(job, moved, stopper.signal);
      if (result) await then(result);
      return result;
    } catch (error) {
      this.fail(error);
    } finally {
      this.#over(work);
    }
  }

  /** Follow a job that was begun before a reload. @param {{id: string, label: string}} job @param {(clip: any) => any} open takes a clip */
  async resume({ id, label }, open) {
    const told = await getJson(`/api/jobs/${id}`).catch(() => null);
    if (!told || ["failed", "cancelled"].includes(told.state)) return;
    const early = this.#asTheyCome(label);
    const then = (result) => (result.clip ? open(result.clip) : result.heads ? this.arrived(result, label, early) : undefined);
    await this.run(label, async () => told, { came: early.came, then });
  }

  /** Put back steps of before, and show the one that was shown. @param {any[]} steps @param {number} at */
  async restore(steps, at) {
    if (!steps.length) return;
    this.history.restore(steps, at);
    await this.#travel(this.history.now.label, this.history.now, "As it was");
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
    return this.#fromPhotos("Building a head from the photo", "/api/heads/photo", form, photo);
  }

  /**
   * Several photos of one person become one head: as in the photo that shows the most.
   * @param {File[]} photos @param {any} [head] whose photos count too
   */
  async fromPerson(photos, head = null) {
    const form = new FormData();
    if (head) form.append("with", head.id);
    for (const photo of photos) form.append("photos", photo, photo.name);
    form.append("quality", this.quality);
    const label = head ? "Building the head anew with more photos" : `Building one head from ${photos.length} photos`;
    return this.#fromPhotos(label, "/api/heads/person", form, photos[0]);
  }

  async #fromPhotos(label, path, form, shown) {
    form.append("ready", "true");
    const address = URL.createObjectURL(shown);
    this.tell("photo", address);
    const early = this.#asTheyCome("Head from a photo");
    const sending = (share) => ({ stage: form.has("photos") ? "Sending the photos" : "Sending the photo", progress: share < 1 ? share : null });
    await this.run(label, (signal, moved) => upload(path, form, (share) => moved(sending(share)), signal),
      { came: early.came, then: (result) => this.arrived(result, "Head from a photo", early) });
    this.tell("photo", null);
    URL.revokeObjectURL(address);
  }

  /** Heads of a job that are made before others: the first one is shown at once, all can be chosen from. */
  #asTheyCome(label) {
    const heads = [];
    let shown = Promise.resolve(), asked = Promise.resolve();
    const came = (id) => {
      asked = asked.then(async () => {
        const head = await getJson(`/api/heads/${id}`);
        heads.push(head);
        if (heads.length === 1) shown = this.show(head, label);
        await shown;
        this.tell("faces", [...heads]);
      }).catch(() => {});
    };
    return { came, heads, all: () => asked };
  }

  /** What a job made is shown and goes into the conversation. */
  async arrived(result, label, early = null) {
    await early?.all();
    const heads = result.heads ?? [];
    if (!heads.length) {
      toast("No face was found in this photo. A face should be at least 40 pixels wide and not turned away.", { bad: true });
      return undefined;
    }
    // Those that came one by one are shown already, and keep their places.
    const shown = early?.heads.length === heads.length ? early.heads : heads;
    const first = shown.find((head) => head.id === result.clearest) ?? shown[0];
    if (!early?.heads.length) await this.show(first, label);
    this.tell("made", { head: first, label, count: shown.length, person: Boolean(result.clearest) });
    this.tell("faces", shown);
    return shown;
  }

  /** Words become a head. */
  async fromWords(text, { seed = 0, count = 1 } = {}) {
    const early = this.#asTheyCome(text);
    await this.run("Making a head from words", (signal) => post("/api/heads/words", { text, seed, count, ready: true }, signal),
      { came: early.came, then: (result) => this.arrived(result, text, early) });
  }

  /** Settings change the shown head: controls, hair, beard, glasses, skin. */
  async change(what, label) {
    if (!this.head) return undefined;
    // A change that comes while another is in work stops that one and does both.
    this.unsent = joined(this.unsent, what);
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const body = { ...this.moved(), ...this.unsent, ready: true };
    const done = (result) => {
      if (turn === this.turn) this.unsent = null;
      return this.arrived(result, label);
    };
    return this.run(label, (signal) => post(`/api/heads/${this.head.id}/change`, body, signal), { then: done });
  }

  /**
   * Make the shown head again without some of the words of a head on its way (or that head itself): all else stays.
   * @param {any} of whose words @param {string[]} parts all that is left out @param {string} label
   */
  async without(of, parts, label) {
    const shown = await this.settle();
    if (!shown) return undefined;
    const from = shown.chain?.includes(of.id) ? shown : of;
    const done = async (result) => {
      this.tell("replaced", [...(result.bases ?? []), ...result.heads].map((head, at) => [Object.keys(result.replaced)[at], head]));
      await this.show(result.heads[0], label);
    };
    await this.run(label, (signal) => post(`/api/heads/${from.id}/without`, { parts, of: of.id, ready: true }, signal), { then: done });
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
    const result = await this.run("Taking over the sliders", (signal) => post(`/api/heads/${this.head.id}/change`, { ...this.moved(), ready: true }, signal));
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
  async say(messages, ontext, onstage, signal) { return chat(messages, ontext, onstage, signal); }

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
