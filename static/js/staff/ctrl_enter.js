// Ctrl+Enter (on a Mac also ⌘+Enter) sends a form with `data-ctrl-enter` from any of its fields, so
// that a call is entered without the mouse.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest ? event.target.closest("form[data-ctrl-enter]") : null;
  if (!form) return;
  event.preventDefault();
  // A click, so that the browser checks the fields and the form's other scripts hear of it.
  form.querySelector("button:not([type=button])").click();
});
