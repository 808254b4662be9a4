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

// The code of a page is for paper alone, so a page loads without it: drawing one costs the server
// more than the page. Where a printer may stand it is loaded once the page is, for the browser's own
// menu; our button waits for it, though not for ever. A copy on the phone has no network to ask.
const codes = document.querySelectorAll(".on-paper img");

function loadCodes() {
  for (const code of codes) code.loading = "eager";
}

async function printWithCodes() {
  loadCodes();
  const drawn = Promise.all([...codes].map((code) => code.decode())).catch(() => {});
  await Promise.race([drawn, new Promise((resolve) => setTimeout(resolve, 3000))]);
  print();
}

// Also on a page that took the place of a form.
function offerPrint() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.onclick = printWithCodes;
  }
}
offerPrint();
document.addEventListener("lianxin:swapped", offerPrint);
const isCopy = "asOf" in document.documentElement.dataset;
if (!isCopy && matchMedia("(hover: hover)").matches) addEventListener("load", loadCodes);

// Paper has no hand to unfold anything with.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  for (const details of folded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of folded) details.open = false;
});
