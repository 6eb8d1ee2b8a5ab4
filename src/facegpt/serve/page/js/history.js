/** One stack of steps for words and sliders alike. */

/**
 * @typedef {{head: any, weights: Object<string, number>, gaze: {x_deg: number, y_deg: number}, label: string}} Step
 */

const MOST_STEPS = 200;

export class History {
  constructor() {
    /** @type {Step[]} */ this.steps = [];
    this.at = -1;
  }

  get now() { return this.steps[this.at]; }
  get canUndo() { return this.at > 0; }
  get canRedo() { return this.at < this.steps.length - 1; }

  /** Add a step after the current one; steps that were undone are gone. @param {Step} step */
  add(step) {
    this.steps = [...this.steps.slice(0, this.at + 1), step].slice(-MOST_STEPS);
    this.at = this.steps.length - 1;
  }

  /** @param {Step[]} steps @param {number} at the current one */
  restore(steps, at) {
    this.steps = steps;
    this.at = Math.min(at, steps.length - 1);
  }

  undo() { return this.canUndo ? this.steps[--this.at] : undefined; }
  redo() { return this.canRedo ? this.steps[++this.at] : undefined; }

  /** The heads of all steps, each once, newest first. */
  get heads() {
    const seen = new Map();
    for (const step of this.steps) seen.set(step.head.id, step.head);
    return [...seen.values()].reverse();
  }

  /** Forget the steps of a head that was deleted; the current one is the last before that is left. */
  forget(id) {
    const left = (steps) => steps.filter((step) => step.head.id !== id);
    const before = left(this.steps.slice(0, this.at + 1)).length;
    this.steps = left(this.steps);
    this.at = Math.min(Math.max(before - 1, 0), this.steps.length - 1);
  }
}
