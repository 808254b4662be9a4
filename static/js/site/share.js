// Share and print. Without a script both are still there: the link shows the code, the browser prints.
async function share(link) {
  try {
    const url = document.querySelector("link[rel=canonical]").href;
    await navigator.share({ title: link.dataset.share, url });
  } catch (error) {
    if (error.name !== "AbortError") location.assign(link.href);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("[data-share]");
  if (!link || !navigator.share) return;
  event.preventDefault();
  share(link);
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// Paper has no hand to unfold anything with.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});
