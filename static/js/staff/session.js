// Who is signed in here, as far as a page can know: another tab may have changed it.
import { timely } from "../lib/swap.js";

const WAY_IN = /^\/staff\/(sessions|second-factor)(\/|$)/;
const PATIENCE = 20000;
const meta = document.querySelector("meta[name=lianxin-member]");

// The member of staff whose page this is; empty on the pages before they signed in.
export const member = meta ? meta.content : "";

// fetch() with the patience that a form needs.
export function sent(address, options) {
  return timely(address, options, PATIENCE);
}

// Whether an answer is the page to sign in.
export function isWayIn(answer) {
  return WAY_IN.test(new URL(answer.url).pathname);
}

// "here" for the member of staff whose page this is, "other" for a colleague, "out" for nobody,
// "lost" when the server does not answer.
export async function whoIsThere() {
  if (!member) return "here";
  try {
    const answer = await sent("/staff/sessions/current", { redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") return "out";
    if (!answer.ok) return "lost";
    return String((await answer.json()).member) === member ? "here" : "other";
  } catch {
    return "lost";
  }
}
