/** The stage's contents: which head, in which look, compared with what. It follows the studio's events. */

import { fileUrl } from "../api.js";
import { toast } from "../dom.js";
import { headName } from "../names.js";
import { HeadModel, PAINTED } from "./head_model.js";
import { Legend, rampOf } from "./legend.js";
import { Lights } from "./lights.js";
import { MeasureLines } from "./measure_lines.js";
import { Pair, distances } from "./pair.js";
import { PhotoView } from "./photo_view.js";
import { Stage } from "./stage.js";

/** How many heads stay in memory for undo and side by side. */
const KEPT = 4;
/** Colours of how sure each place is, as the server paints them, and what they stand for. */
const SURE = rampOf(["#2448a0", "#34968c", "#f6d65c", "#ce3e2c"]);

/** Events: "shown" (a head is on the stage), "view" (what is compared changed), "look" (it is drawn in another look). */
export class Viewer extends EventTarget {
  /** @param {import("../studio.js").Studio} studio @param {HTMLElement} place */
  constructor(studio, place) {
    super();
    this.studio = studio;
    this.stage = new Stage(place);
    this.lights = new Lights(this.stage);
    this.photo = new PhotoView(this.stage);
    this.scale = new Legend(this.stage);
    this.pair = new Pair(this.stage, this.scale);
    this.lines = new MeasureLines(this.stage);
    /** @type {Map<string, Promise<HeadModel>>} */
    this.models = new Map();
    this.model = null;
    this.other = null;
    this.look = "texture";
    this.hiddenParts = new Set();
    /** "": the head alone; "photo"; "pair". */
    this.mode = "";
    studio.drawing = (head) => this.load(head);
    studio.on("head", (head) => this.#show(head));
    studio.on("pose", () => this.#pose());
  }

  /** The GLB of a head, loaded once. @returns {Promise<HeadModel>} */
  load(head) {
    if (!this.models.has(head.id)) {
      const loading = HeadModel.load(fileUrl(head, "glb"));
      loading.catch(() => this.models.delete(head.id));
      this.models.set(head.id, loading);
    } else {
      const kept = this.models.get(head.id);
      this.models.delete(head.id);
      this.models.set(head.id, kept);
    }
    return this.models.get(head.id);
  }

  async #show(head) {
    this.setMode("");
    try {
      this.lights.furnish();
      const model = await this.load(head);
      if (this.studio.head?.id !== head.id) return;
      if (this.model && this.model !== model) this.stage.scene.remove(this.model.root);
      this.model = model;
      if (!head.gaze) {
        head.gaze = model.photoGaze;
        this.studio.gaze = { ...head.gaze };
        if (this.studio.history.now?.head === head) this.studio.history.now.gaze = { ...head.gaze };
      }
      this.#draw();
      for (const part of model.parts) model.setPart(part, !this.hiddenParts.has(part));
      this.stage.scene.add(model.root);
      this.#pose();
      this.#forgetOld();
      this.stage.canvas.dataset.head = head.id;
      this.dispatchEvent(new CustomEvent("shown", { detail: model }));
    } catch (error) {
      this.studio.fail(error);
    }
  }

  #forgetOld() {
    for (const [id, loading] of [...this.models].slice(0, -KEPT)) {
      if (id === this.studio.head?.id) continue;
      this.models.delete(id);
      loading.then((model) => model !== this.other && model !== this.model && model.dispose());
    }
  }

  #pose() {
    if (!this.model) return;
    this.model.setWeights(this.resting ? {} : this.studio.weights);
    this.model.setGaze(this.resting ? { x_deg: 0, y_deg: 0 } : this.studio.gaze);
    this.stage.invalidate();
  }

  /** A tracked face moves the shown head: from the camera or a clip's curves. Nothing of it is kept. */
  perform({ weights, gaze, pose }) {
    if (!this.model) return;
    this.model.setWeights(weights);
    if (gaze) this.model.setGaze(gaze);
    this.model.setTurn(pose);
    this.stage.invalidate();
  }

  /** The performance is over. */
  rest() {
    this.model?.setTurn({});
    this.#pose();
  }

  setLook(look) {
    this.look = look;
    this.dispatchEvent(new Event("look"));
    this.#draw();
    if (this.mode === "pair") this.setMode("");
    this.stage.invalidate();
  }

  /** Draw the shown head in the look that was chosen. */
  #draw() {
    const { model, studio: { head } } = this;
    model?.setLook(this.look);
    const [picture, needs, without] = PAINTED[this.look] ?? [];
    if (this.look === "sure" && head?.doubt) this.scale.show("Each place may lie elsewhere by", SURE, ["0", "2 mm and more"]);
    else this.scale.hide();
    if (!model || !picture) return;
    if (!head[needs]) { toast(without); return; }
    const { look } = this, wanted = () => this.model === model && this.look === look;
    model.paint(fileUrl(head, picture), wanted).then(() => this.stage.invalidate(), (error) => this.studio.fail(error));
  }

  /** Take a part off or put it on again, here alone. */
  setPart(part, visible) {
    this.hiddenParts[visible ? "delete" : "add"](part);
    this.model?.setPart(part, visible);
    this.stage.invalidate();
  }

  /** Measurements are taken at rest, so the head is shown at rest under them. */
  setMeasures(measures) {
    this.resting = measures.length > 0;
    this.lines.show(measures);
    this.#pose();
  }

  /** @param {""|"photo"|"pair"} mode */
  setMode(mode) {
    if (this.mode === "photo" && mode !== "photo") this.photo.hide();
    if (this.mode === "pair" && mode !== "pair") this.#unpair();
    this.mode = mode;
    this.lights.byPhoto(mode === "photo");
    if (mode === "photo") this.photo.show(this.studio.head, fileUrl(this.studio.head, "photo"));
    this.dispatchEvent(new CustomEvent("view", { detail: mode }));
  }

  /** Show another head beside the shown one. */
  async beside(head, { heat = true } = {}) {
    try {
      const [other, far] = await Promise.all([this.load(head), heat ? distances(this.studio.head, head) : null]);
      this.setMode("");
      this.other = other;
      this.stage.scene.add(other.root);
      for (const model of [this.model, other]) { model.setWeights({}); model.setLook(heat ? "clay" : this.look); }
      this.setMode("pair");
      this.pair.show(this.model, other, [headName(this.studio.head), headName(head)], far);
    } catch (error) {
      this.studio.fail(error);
    }
  }

  #unpair() {
    this.pair.hide();
    if (this.other && this.other !== this.model) this.stage.scene.remove(this.other.root);
    this.other = null;
    if (!this.model) return;
    this.model.root.visible = true;
    for (const part of this.model.parts) this.model.setPart(part, !this.hiddenParts.has(part));
    this.#draw();
    this.#pose();
  }
}
