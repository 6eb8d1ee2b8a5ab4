/** A photo from the camera. */

import { button, chooseFiles, h, openDialog, toast } from "../dom.js";

/** Open the camera. @returns {Promise<MediaStream|null>} null where there is none, which is said. */
export async function openCamera(size = 1280) {
  if (!navigator.mediaDevices?.getUserMedia) {
    toast("This browser gives the camera only to pages on this machine or over https.", { bad: true });
    return null;
  }
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: size }, facingMode: "user" } });
  } catch (error) {
    const why = { NotAllowedError: "The camera was not allowed. Allow it in the browser's address bar.", NotFoundError: "No camera was found.", NotReadableError: "The camera is used by another program." };
    toast(why[error.name] ?? "The camera cannot be opened.", { bad: true });
    return null;
  }
}

/** A frame of a playing video. @returns {Promise<Blob>} JPEG */
export function frameOf(video, longest = Infinity, quality = 0.92) {
  const scale = Math.min(1, longest / Math.max(video.videoWidth, video.videoHeight));
  const canvas = h("canvas", { width: Math.round(video.videoWidth * scale), height: Math.round(video.videoHeight * scale) });
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}

/** Let the user take a photo. @returns {Promise<File|null>} */
export async function takePhoto() {
  const stream = await openCamera();
  if (!stream) {
    const phone = matchMedia("(pointer: coarse)").matches;
    return phone ? (await chooseFiles("image/*", { capture: "user" }))[0] ?? null : null;
  }
  return new Promise((resolve) => {
    const video = h("video.mirror", { autoplay: true, muted: true, playsInline: true, "aria-label": "Camera picture" });
    video.srcObject = stream;
    let photo = null;
    const take = button("Take the photo", async () => {
      if (!video.videoWidth) return;
      photo = new File([await frameOf(video)], "camera.jpg", { type: "image/jpeg" });
      dialog.close();
    }, { kind: "main", iconName: "photo" });
    const dialog = openDialog("Take a photo", video, h("p.soft.small", { text: "Look at the camera with your face lit from the front." }),
      h("div.row.end", {}, button("Cancel", () => dialog.close()), take));
    dialog.addEventListener("close", () => {
      for (const track of stream.getTracks()) track.stop();
      resolve(photo);
    });
  });
}
