/** The player of a clip: picture, timeline and head by one clock; its files. */

import { getJson } from "../api.js";
import { button, capital, h, icon, iconButton } from "../dom.js";
import { Curves, at } from "./curves.js";

/** What the files of a clip are called. */
const FILES = {
  "animation.glb": "Animated GLB", "animation.usdz": "Animated USDZ", "livelink.csv": "Live Link CSV", "curves.json": "Curves, JSON",
  "curves.npz": "Curves, NumPy", "curves.png": "Curves, picture", "overlay.mp4": "Overlay video", "contact_sheet.png": "Contact sheet",
  "video.mp4": "Video", "animation.wav": "Sound",
};

/** Links to the files of a clip and of one of its people, in the order of FILES. */
function filesOf(clip, person) {
  const named = [...Object.entries(FILES)].flatMap(([file, text]) =>
    [`person_${person.track_id}_${file}`, file].filter((name) => name in clip.files).map((name) => [name, text]));
  return named.map(([name, text]) => h("a.button", { href: `/api/clips/${clip.id}/files/${name}`, download: name, text }));
}

/** Plays a followed or animated clip on the head on the stage, whoever's it is: video, curves and head by one clock. */
export class Player {
  constructor(studio, viewer) {
    Object.assign(this, { studio, viewer });
    this.curves = new Curves();
    this.video = h("video", { muted: true, playsInline: true, preload: "auto", "aria-label": "The clip with what was found" });
    this.scrub = h("input", { type: "range", min: "0", max: "1", step: "0.001", value: "0", "aria-label": "Time" });
    this.scrub.addEventListener("input", () => this.seek(Number(this.scrub.value)));
    this.playing = iconButton("play", "Play", () => this.#toggle());
    this.clock = h("output.small.soft");
    this.people = h("select.field", { "aria-label": "Person", hidden: true });
    this.people.addEventListener("change", () => this.#person(Number(this.people.value)));
    this.files = h("div.row");
    this.title = h("b.grow");
    this.whose = button("Show its own head", () => this.#ownHead(), { kind: "plain", title: "The head of the person in the clip, on the stage" });
    const top = h("div.row.title-row", {}, this.title, iconButton("close", "Close the clip", () => this.close()));
    this.root = h("div.stack.player", { hidden: true }, top, this.people, this.video, this.curves.root, h("div.row.scrub", {}, this.playing, this.scrub, this.clock), h("div.row", {}, this.whose), this.files);
    this.video.addEventListener("play", () => this.#run());
    this.video.addEventListener("pause", () => this.#shows("play"));
    // Another head on the stage is moved by the clip as it plays on; where it stands still, that head is seen as it is.
    studio.on("head", (head) => { this.whose.hidden = !this.head || head.id === this.head.id; });
  }

  #toggle() {
    if (this.video.hidden) this.#runAlone();
    else if (this.video.paused) this.video.play();
    else this.video.pause();
  }

  /** @param {"play"|"pause"} what the button does next */
  #shows(what) {
    this.playing.replaceChildren(icon(what));
    this.playing.title = capital(what);
    this.playing.setAttribute("aria-label", capital(what));
  }

  /** Without a picture the curves have a clock of their own. */
  #runAlone() {
    this.#shows(this.alone ? "play" : "pause");
    if (this.alone) return void (this.alone = null);
    const begun = performance.now() - (Number(this.scrub.value) % 1) * this.seconds * 1000;
    const frame = (this.alone = (now) => {
      if (this.alone !== frame || !this.data) return;
      const time_s = Math.max(0, (now - begun) / 1000);
      this.#draw(Math.min(time_s, this.seconds));
      if (time_s < this.seconds) requestAnimationFrame(frame);
      else { this.alone = null; this.#shows("play"); }
    });
    requestAnimationFrame(frame);
  }

  /** @param {any} clip @param {boolean} own whether its person's head comes on the stage @param {number} person which, from 0 */
  async open(clip, own = true, person = 0) {
    if (this.data) this.close();
    if (!clip.people.length) return this.studio.fail(Object.assign(new Error("No face was found in this clip."), { code: "no-face" }));
    this.clip = clip;
    this.title.textContent = this.title.title = clip.name || "Clip";
    this.people.replaceChildren(...clip.people.map((person, number) => h("option", { value: String(number), text: `Person ${number + 1}, ${person.frames} frames` })));
    this.people.hidden = clip.people.length < 2;
    this.video.hidden = !clip.overlay_url;
    this.video.muted = clip.made !== "animate"; // what was made here may be heard
    if (clip.overlay_url) this.video.src = clip.overlay_url;
    else this.video.removeAttribute("src");
    this.people.value = String(person);
    await this.#person(person, own);
    this.root.hidden = false;
    this.studio.tell("clip");
  }

  async #ownHead() { if (this.head) await this.studio.show(this.head, "Head from a clip"); }

  async #person(number, own = true) {
    this.number = number;
    const person = this.clip.people[number];
    this.files.replaceChildren(...filesOf(this.clip, person));
    try {
      this.data = await getJson(person.curves_url);
      this.head = person.head ?? null;
      if (own) await this.#ownHead();
      this.whose.hidden = !this.head || this.studio.head?.id === this.head.id;
      this.curves.show(this.data);
      this.seek(0);
    } catch (error) {
      this.studio.fail(error);
    }
  }

  get seconds() { return this.clip?.seconds || this.data?.time_s.at(-1) || 1; }

  /** @param {number} share 0..1 of the clip */
  seek(share) {
    if (this.video.readyState) this.video.currentTime = share * this.seconds;
    this.#draw(share * this.seconds);
  }

  #draw(time_s) {
    if (!this.data) return;
    const share = Math.min(1, time_s / this.seconds);
    this.scrub.value = String(share);
    this.scrub.style.setProperty("--at", `${share * 100}%`);
    this.scrub.setAttribute("aria-valuetext", `${time_s.toFixed(1)} seconds`);
    this.clock.textContent = `${time_s.toFixed(1)} s`;
    this.curves.draw(share);
    this.viewer.perform(at(this.data, time_s));
  }

  #run() {
    this.#shows("pause");
    const frame = () => {
      if (!this.data) return;
      this.#draw(this.video.currentTime);
      if (!this.video.paused && !this.video.ended) requestAnimationFrame(frame);
    };
    frame();
  }

  close() {
    this.video.pause();
    this.root.hidden = true;
    this.data = this.clip = this.head = this.alone = null;
    this.viewer.rest();
    this.studio.tell("clip");
  }
}
