// Messages that are not sent yet, in the phone's own database. Each has the key of its form, which
// the server takes once, so it does not matter which tab, worker or later visit sends it.
import { keep } from "../lib/store.js";

const NAME = "lianxin-outbox";
const STORE = "messages";

function opened() {
  return new Promise((done, fail) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

async function within(mode, act) {
  const database = await opened();
  try {
    return await new Promise((done, fail) => {
      const transaction = database.transaction(STORE, mode);
      const asked = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => done(asked.result);
      transaction.onerror = () => fail(transaction.error);
      transaction.onabort = () => fail(transaction.error);
    });
  } finally {
    database.close();
  }
}

// A message is {key, action, fields: [[name, value]], photos: [File], words, at, refused}.
export async function put(message) {
  await within("readwrite", (store) => store.put(message));
  // Other pages see by this word that there is something to send.
  keep("unsent", "1");
}

export async function drop(key) {
  await within("readwrite", (store) => store.delete(key));
  if ((await all()).length === 0) keep("unsent", null);
}

export async function all() {
  try {
    return await within("readonly", (store) => store.getAll());
  } catch {
    return [];
  }
}

export function bodyOfMessage({ fields, photos }) {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  for (const photo of photos) body.append("photo", photo, "photo.jpg");
  return body;
}
