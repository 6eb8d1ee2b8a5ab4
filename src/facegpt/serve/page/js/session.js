/** What a reload keeps: the conversation, the steps, the faces to choose from and the clip, by ids of what the server has. */

import { getJson } from "./api.js";
import { settled } from "./dom.js";

const KEY = "studio-session", ASKED_AT_ONCE = 100;
const round = (value) => Math.round(value * 1e4) / 1e4;

/** Records of heads that are still there, by id. @param {string[]} ids @returns {Promise<Map<string, any>>} */
async function headsOf(ids) {
  const known = new Map(), wanted = [...new Set(ids)];
  for (let at = 0; at < wanted.length; at += ASKED_AT_ONCE) {
    const { heads } = await getJson(`/api/heads?ids=${wanted.slice(at, at + ASKED_AT_ONCE).join(",")}`);
    for (const head of heads) known.set(head.id, head);
  }
  return known;
}

/** A tab has its own session; a new one begins with that of the last. */
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}

function write(state) {
  try {
    const text = JSON.stringify(state);
    sessionStorage.setItem(KEY, text);
    localStorage.setItem(KEY, text);
  } catch { /* a browser that keeps nothing: a reload begins anew */ }
}

export class Session {
  /**
   * @param {import("./studio.js").Studio} studio
   * @param {{talk: import("./panels/talk.js").Talk, clips: {state: () => any, restore: (kept: any) => Promise<void>}}} parts
   */
  constructor(studio, parts) {
    Object.assign(this, { studio, parts, ended: false, faces: [] });
    const save = settled(300, () => this.save());
    studio.on("faces", (heads) => { this.faces = heads.map(({ id }) => id); });
    for (const event of ["history", "faces", "replaced", "talked", "work", "clip", "gone", "saved"]) studio.on(event, save);
    addEventListener("pagehide", () => this.save());
  }

  save() {
    if (this.ended || !this.begun) return;
    const { history, work } = this.studio;
    const steps = history.steps.map(({ head, weights, gaze, label }) => ({
      head: head.id, label, gaze, weights: Object.fromEntries(Object.entries(weights).filter(([, value]) => value).map(([unit, value]) => [unit, round(value)])),
    }));
    write({ steps, at: history.at, faces: this.faces, talk: this.parts.talk.state(), clip: this.parts.clips.state(), job: work?.job ? { id: work.job, label: work.label } : null });
  }

  /** Put back what was there, of what the server still has. @param {string} [shown] a head that is shown in any case */
  async restore(shown = "") {
    const kept = read();
    try {
      const known = await headsOf([...(shown ? [shown] : []), ...(kept?.steps ?? []).map(({ head }) => head), ...(kept?.faces ?? []), ...(kept ? this.parts.talk.ids(kept.talk) : [])]);
      if (kept) await this.#put(kept, known);
      if (known.has(shown)) await this.studio.show(known.get(shown), "Opened by its address");
    } finally {
      this.begun = true;
    }
    if (kept?.job) await this.studio.resume(kept.job, (clip) => this.parts.clips.open(clip));
  }

  async #put(kept, known) {
    this.parts.talk.restore(kept.talk, known);
    const left = kept.steps.map((step, at) => ({ ...step, head: known.get(step.head), at })).filter(({ head }) => head);
    const now = Math.max(0, left.filter(({ at }) => at <= kept.at).length - 1);
    await this.studio.restore(left.map(({ head, weights, gaze, label }) => ({ head, weights, gaze, label })), now);
    const faces = kept.faces.map((id) => known.get(id)).filter(Boolean);
    if (faces.length > 1) this.studio.tell("faces", faces);
    await this.parts.clips.restore(kept.clip);
  }

  /** Begin anew: nothing is deleted, the heads are only left. */
  end() {
    this.ended = true;
    sessionStorage.removeItem(KEY);
    localStorage.removeItem(KEY);
    location.assign("/");
  }
}
