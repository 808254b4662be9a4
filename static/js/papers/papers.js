// The form of a document: it saves itself, its lists are reordered in place, and the page beside
// it shows what residents will see. Without this script its buttons do the same on the server.
(() => {
  const form = document.querySelector("[data-autosave]");
  if (!form) return;
  const PAUSE = 900, AGAIN = 5000;
  const { tell, hush, timely, whoIsThere } = window.lianxin.typed;
  for (const button of form.querySelectorAll("[data-by-hand]")) button.hidden = true;
  const frame = document.querySelector("[data-preview]");
  const line = () => document.getElementById("saved");
  let timer = 0, isSaving = false, isWanted = false, isDirty = false;
  // The button that was pressed and waits for the server; the last one that was clicked.
  let pressed = null, clicked = null, isThrough = false, trouble = "";

  // In the frame one looks and scrolls; what one presses there leads nowhere.
  frame?.addEventListener("load", () => {
    const stay = (event) => { if (event.type === "submit" || event.target.closest("a[href]")) event.preventDefault(); };
    frame.contentDocument?.addEventListener("click", stay, true);
    frame.contentDocument?.addEventListener("submit", stay, true);
  });

  const mark = () => form.toggleAttribute("data-unsaved", isDirty || isSaving);
  const WORDS = { lost: "wordsFailed", out: "wordsOut", other: "wordsOut", refused: "wordsRefused" };
  const say = (why) => {
    line().textContent = form.dataset[WORDS[why]];
    line().classList.add("unsaved-line");
  };
  const show = (page) => {
    line().replaceWith(page.getElementById("saved"));
    if (frame?.offsetParent) frame.contentWindow.location.reload();
  };
  // Why what is typed could not be saved; empty when it was.
  const post = async () => {
    // A colleague may have signed in on another tab: nothing is saved in their name.
    const state = trouble === "out" || trouble === "other" ? await whoIsThere() : "here";
    if (state !== "here") return state;
    try {
      const options = { method: "POST", body: new FormData(form), redirect: "manual" };
      const answer = await timely(form.dataset.autosave, options);
      if (answer.type === "opaqueredirect") return "out";
      if (answer.status === 413 || answer.status === 400) return "refused";
      if (!answer.ok) return "lost";
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      return "";
    } catch {
      return "lost";
    }
  };
  // An outage of a moment is said in the line alone, unless a button was pressed.
  const fail = (why) => {
    if (pressed || why !== "lost") tell(form, why);
    clearTimeout(timer);
    if (why === "lost") timer = setTimeout(again, AGAIN);
  };
  const goOn = () => {
    hush();
    if (!pressed || isDirty) return;
    const button = pressed;
    pressed = null;
    isThrough = true;
    button.click();
    isThrough = false;
  };
  const save = async () => {
    clearTimeout(timer);
    if (isSaving) { isWanted = true; return; }
    isSaving = true;
    isDirty = false;
    mark();
    trouble = await post();
    isSaving = false;
    if (trouble) { isDirty = true; say(trouble); fail(trouble); }
    mark();
    // What was changed while the answer was awaited.
    if (isWanted) { isWanted = false; save(); }
    else if (!trouble) goOn();
  };
  // All is saved; the button still needs a server, and its session.
  const check = async () => {
    const state = await whoIsThere();
    if (state === "here") goOn();
    else fail(state);
  };
  const again = () => {
    if (isDirty) save();
    else if (pressed && !isSaving) check();
  };
  const typed = (pause = PAUSE) => {
    isDirty = true;
    // Going on now would take the page away from who is typing.
    pressed = null;
    mark();
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  };
  form.addEventListener("input", () => typed());
  for (const name of ["online", "focus"]) addEventListener(name, again);
  document.addEventListener("visibilitychange", again);
  // Safari before 15.4 does not say which button sent a form.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && button.form === form) clicked = button;
  }, true);
  form.addEventListener("submit", (event) => {
    if (isThrough) return;
    event.preventDefault();
    pressed = event.submitter || clicked;
    again();
  });
  addEventListener("beforeunload", (event) => {
    if (!isDirty && !isSaving) return;
    event.preventDefault();
    // Browsers before 2023 ask only when this is set.
    event.returnValue = "";
  });

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
