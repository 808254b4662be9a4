// Share and print. Without a script both are still there: the link shows the code, the browser prints.
(() => {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("[data-share]");
    if (!link || !navigator.share) return;
    event.preventDefault();
    try {
      await navigator.share({ title: link.dataset.share, url: document.querySelector("link[rel=canonical]").href });
    } catch (error) {
      if (error.name !== "AbortError") location.assign(link.href);
    }
  });
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  // Paper has no hand to unfold anything with.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const each of folded) each.open = true;
  });
  addEventListener("afterprint", () => { for (const each of folded) each.open = false; });
})();
