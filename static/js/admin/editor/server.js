// Asks the server; every answer is a value with `status`, never an exception.
import { word } from "./say.js";

const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value || "";

const read = async (response) => {
  try {
    return { ...(await response.json()), status: response.status };
  } catch {
    return { status: response.status, error: word("failed", { status: response.status }) };
  }
};

export const ask = async (address, query, signal) => {
  try {
    const url = `${address}?${new URLSearchParams(query)}`;
    return await read(await fetch(url, { signal, headers: { Accept: "application/json" } }));
  } catch (trouble) {
    return { status: 0, aborted: trouble.name === "AbortError", error: word("offline") };
  }
};

export const post = async (address, form) => {
  try {
    return await read(await fetch(address, { method: "POST", body: form, headers: { "X-CSRFToken": token() } }));
  } catch {
    return { status: 0, error: word("offline") };
  }
};

// An upload that tells how far it is, from 0 to 1, and can be stopped: gives [answer, stop].
export const send = (address, form, onProgress) => {
  const request = new XMLHttpRequest();
  const answer = new Promise((done) => {
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener("load", () => {
      let given = {};
      try { given = JSON.parse(request.responseText); } catch { given = { error: word("failed", { status: request.status }) }; }
      done({ ...given, status: request.status });
    });
    request.addEventListener("error", () => done({ status: 0, error: word("offline") }));
    request.addEventListener("abort", () => done({ status: 0, aborted: true }));
    request.open("POST", address);
    request.setRequestHeader("X-CSRFToken", token());
    request.send(form);
  });
  return [answer, () => request.abort()];
};
