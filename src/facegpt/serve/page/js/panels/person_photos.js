/** Photos of a person: what became of them, and more of them. */

import { button, chooseFiles, h } from "../dom.js";

/** What file choosers offer as photos. */
export const PHOTOS = "image/*,.heic,.heif,.tif,.tiff";

/** What is said of the photos that a head was made from, as a list; null where nothing is. */
export const adviceOn = (head) => (head.advice?.length ? h("ul.small.soft.advice", {}, ...head.advice.map((text) => h("li", { text }))) : null);

/**
 * A button that asks for more photos of a head's person, and makes the head anew from all of them.
 * @param {import("../studio.js").Studio} studio @param {any} head @param {() => void} [chosen] called when there are some
 */
export const morePhotos = (studio, head, chosen = () => {}) =>
  button("Add photos", async () => {
    const photos = await chooseFiles(PHOTOS, { multiple: true });
    if (!photos.length) return;
    chosen();
    await studio.fromPerson(photos, head);
  }, { iconName: "image", title: "More photos of the same person, as of a side that is missing" });
