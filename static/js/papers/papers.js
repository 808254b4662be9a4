// The form of a document: it saves itself, its lists are reordered in place, and the page beside
// it shows what residents will see. Without this script its buttons do the same on the server.
(() => {
  const form = document.querySelector("[data-autosave]");
  if (!form) return;
  const PAUSE = 900, AGAIN = 5000;
  for (const button of form.querySelectorAll("[data-by-hand]")) button.hidden = true;
  const frame = document.querySelector("[data-preview]");
  const line = () => document.getElementById("saved");
  let timer = 0, isSaving = false, isWanted = false, isDirty = false, isLeaving = false;

  // In the frame one looks and scrolls; what one presses there leads nowhere.
  frame?.addEventListener("load", () => {
    const stay = (event) => { if (event.type === "submit" || event.target.closest("a[href]")) event.preventDefault(); };
    frame.contentDocument?.addEventListener("click", stay, true);
    frame.contentDocument?.addEventListener("submit", stay, true);
  });

  const mark = () => form.toggleAttribute("data-unsaved", isDirty || isSaving);
  const say = (words) => { line().textContent = words; };
  const save = async () => {
    clearTimeout(timer);
    if (isSaving) { isWanted = true; return; }
    isSaving = true;
    isDirty = false;
    mark();
    const body = new FormData(form);
    try {
      const answer = await fetch(form.dataset.autosave, { method: "POST", body, redirect: "manual" });
      if (answer.type === "opaqueredirect") { isDirty = true; say(form.dataset.wordsOut); }
      else if (answer.status === 413 || answer.status === 400) { isDirty = true; say(form.dataset.wordsRefused); }
      else if (!answer.ok) throw new Error(String(answer.status));
      else {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        line().replaceWith(page.getElementById("saved"));
        if (frame?.offsetParent) frame.contentWindow.location.reload();
      }
    } catch {
      isDirty = true;
      say(form.dataset.wordsFailed);
      clearTimeout(timer);
      timer = setTimeout(save, AGAIN);
    }
    isSaving = false;
    mark();
    // What was changed while the answer was awaited.
    if (isWanted) { isWanted = false; save(); }
  };
  const typed = (pause = PAUSE) => {
    isDirty = true;
    mark();
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };
  form.addEventListener("input", () => typed());
  addEventListener("online", () => { if (isDirty) save(); });
  form.addEventListener("submit", () => { isLeaving = true; clearTimeout(timer); });
  addEventListener("pageshow", () => { isLeaving = false; });
  addEventListener("beforeunload", (event) => { if (isDirty && !isLeaving) event.preventDefault(); });

  // Lists. The server takes rows in the order in which they stand, whatever their names.
  let made = 0;
  const add = (parts) => {
    const list = parts.querySelector("ol");
    made += 1;
    const row = parts.querySelector("template").content.cloneNode(true).firstElementChild;
    for (const each of [row, ...row.querySelectorAll("*")]) {
      for (const { name, value } of [...each.attributes]) {
        if (value.includes(".NEW")) each.setAttribute(name, value.replace(".NEW", `.n${made}`));
      }
    }
    list.append(row);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  };
  const move = (button) => {
    const row = button.closest(".part");
    const way = button.dataset.move;
    if (way === "remove") {
      const near = row.nextElementSibling ?? row.previousElementSibling;
      const next = near?.querySelector("[data-move=remove]") ?? row.closest(".parts").querySelector("[data-add]");
      row.remove();
      next.focus();
      return;
    }
    if (way === "up") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    button.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move], [data-add]");
    if (!button) return;
    event.preventDefault();
    if (button.hasAttribute("data-add")) add(button.closest(".parts"));
    else move(button);
    typed(0);
  });

  // A box is as high as what is written in it.
  const grow = (area) => {
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  for (const area of form.querySelectorAll("textarea")) grow(area);
  form.addEventListener("input", (event) => { if (event.target.matches("textarea")) grow(event.target); });
})();
