// What is typed into a field that answers as one types is in the address, where Back, sharing and
// the other language find it. No new entry of the history: Back leads to the page before, and not to
// half a word.
function keepInAddress({ name, value }) {
  const words = value.trim();
  const address = new URL(location.href);
  if (words) address.searchParams.set(name, words);
  else address.searchParams.delete(name);
  history.replaceState(history.state, "", address);
  const here = address.pathname + address.search;
  document.querySelector("link[rel=canonical]").href = here;
  document.querySelector("[name=next]").value = here;
  for (const link of document.querySelectorAll(".reach a")) {
    link.href = `/code?to=${encodeURIComponent(here)}`;
  }
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-answers]")) keepInAddress(target);
});
