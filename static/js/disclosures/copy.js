// One tap copies the text for group chats. Without a script the text is there to be marked by hand.
async function copy(field) {
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // A browser within a chat app often has no clipboard for pages.
    field.select();
    document.execCommand("copy");
  }
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const status = button.closest(".copied").querySelector("[data-copied]");
  button.hidden = false;
  button.addEventListener("click", async () => {
    await copy(field);
    status.textContent = status.dataset.copied;
  });
}
