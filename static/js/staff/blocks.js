// 常用语: a text block goes into its field where the cursor is.
document.addEventListener("click", ({ target }) => {
  const button = target.closest ? target.closest("[data-blocks] button") : null;
  if (!button) return;
  const field = document.getElementById(button.parentElement.dataset.blocks);
  const [from, to] = [field.selectionStart, field.selectionEnd];
  field.value = field.value.slice(0, from) + button.value + field.value.slice(to);
  field.focus();
  field.setSelectionRange(from + button.value.length, from + button.value.length);
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
