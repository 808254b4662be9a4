// A message that waits on this phone is sent from every page; what that takes is only loaded then.
import { read } from "../lib/store.js";

const { content } = document.querySelector('meta[name="lianxin-outbox"]') || {};
if (content && read("unsent") && !document.querySelector(`script[src="${content}"]`)) {
  const script = document.createElement("script");
  script.src = content;
  document.head.append(script);
}
