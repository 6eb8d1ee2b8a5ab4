/** The server's addresses: requests, errors as sentences, jobs and streamed replies. */

/** What a request failed of, in words for people. */
export class ServerError extends Error {
  /** @param {string} message @param {string} code @param {number} status */
  constructor(message, code = "failed", status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const SENTENCES = {
  0: "The server does not answer. Is `facegpt serve` still running?",
  401: "This server asks for its token. Open the address that it printed when it started.",
  404: "This is no longer kept here. Heads that are not saved are forgotten a day after they were last used.",
  413: "This file is too large for the server.",
  429: "The server has enough to do. Try again in a moment.",
  503: "The model is still starting. Try again in a moment.",
};

/** @param {Response} response @returns {Promise<ServerError>} */
async function errorOf(response) {
  const body = await response.json().catch(() => null);
  const { message, code } = body?.error ?? {};
  const wait = response.status === 429 && Number(response.headers.get("Retry-After"));
  const sentence = message || SENTENCES[response.status] || `The server answered with an error (${response.status}).`;
  return new ServerError(wait && !message ? `The server has enough to do. Try again in ${wait} s.` : sentence, code, response.status);
}

/** Fetch, or throw a ServerError. @returns {Promise<Response>} */
export async function request(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ServerError(SENTENCES[0], "unreachable");
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

export const getJson = async (path, signal) => (await request(path, { signal })).json();

/** Send JSON. */
export async function post(path, body = {}, signal) {
  const headers = { "Content-Type": "application/json" };
  return (await request(path, { method: "POST", headers, body: JSON.stringify(body), signal })).json();
}

export const remove = (path) => request(path, { method: "DELETE" });

/**
 * Send a form with files, told how much has gone out.
 * @param {string} path @param {FormData} form @param {(share: number) => void} [onsent] @param {AbortSignal} [signal]
 */
export function upload(path, form, onsent = () => {}, signal) {
  return new Promise((resolve, reject) => {
    const sent = new XMLHttpRequest();
    sent.open("POST", path);
    sent.responseType = "json";
    sent.upload.onprogress = (event) => event.lengthComputable && onsent(event.loaded / event.total);
    sent.onerror = () => reject(new ServerError(SENTENCES[0], "unreachable"));
    sent.onabort = () => reject(new DOMException("stopped", "AbortError"));
    sent.onload = () => {
      if (sent.status < 300) return resolve(sent.response);
      const { message, code } = sent.response?.error ?? {};
      reject(new ServerError(message || SENTENCES[sent.status] || `The server answered with an error (${sent.status}).`, code, sent.status));
    };
    signal?.addEventListener("abort", () => sent.abort());
    sent.send(form);
  });
}

/**
 * Follow a job to its end.
 * @param {{id: string}} job @param {(job: any) => void} onprogress @param {AbortSignal} [signal] aborting cancels it.
 * @returns {Promise<any>} its result
 */
export function follow(job, onprogress = () => {}, signal) {
  return new Promise((resolve, reject) => {
    const events = new EventSource(`/api/jobs/${job.id}/events`);
    let lost = 0;
    const end = (settle, value) => { events.close(); settle(value); };
    const settle = (state) => {
      if (state.state === "done") end(resolve, state.result);
      else if (state.state === "failed") end(reject, new ServerError(state.error?.message || state.error || "This did not work.", state.error?.code));
      else if (state.state === "cancelled") end(reject, new DOMException("stopped", "AbortError"));
      else onprogress(state);
    };
    for (const name of ["progress", "text", "done", "failed", "cancelled"]) {
      events.addEventListener(name, (event) => { lost = 0; settle(JSON.parse(event.data)); });
    }
    events.onerror = async () => {
      // The browser connects anew by itself; the state is asked for meanwhile, as the job may have ended.
      try {
        settle(await getJson(`/api/jobs/${job.id}`));
      } catch (error) {
        if (++lost > 4 || error.status) end(reject, error);
      }
    };
    signal?.addEventListener("abort", () => {
      remove(`/api/jobs/${job.id}`).catch(() => {});
      end(reject, new DOMException("stopped", "AbortError"));
    });
  });
}

/**
 * A streamed chat reply (OpenAI's protocol).
 * @param {any[]} messages @param {(text: string) => void} ontext the answer so far
 * @param {(stage: string) => void} onstage what is being done for it @param {AbortSignal} signal
 * @returns {Promise<{text: string, heads: any[]}>}
 */
export async function chat(messages, ontext, onstage, signal, seed = 0) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ model: "facegpt", messages, stream: true, seed, links: false, ready: true });
  const response = await request("/v1/chat/completions", { method: "POST", headers, body, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "", text = "", heads = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return { text, heads };
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith("data:") || line.includes("[DONE]")) continue;
      const chunk = JSON.parse(line.slice(5));
      if (chunk.error) throw new ServerError(chunk.error.message, chunk.error.code);
      const delta = chunk.choices?.[0]?.delta ?? {};
      if (delta.content) ontext((text += delta.content));
      if (delta.facegpt?.stage) onstage(delta.facegpt.stage);
      heads = delta.facegpt?.heads ?? heads;
    }
  }
}

export const fileUrl = (head, format) => `/api/heads/${head.id}/files/${format}`;

/** @param {Blob} blob @returns {Promise<string>} a data: address */
export function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new ServerError("This file cannot be read.", "file"));
    reader.readAsDataURL(blob);
  });
}
