// What was typed is in the address, where Back, sharing and the other language find it.
document.addEventListener("lianxin:swapped", () => {
  const field = document.querySelector("[data-answers]");
  if (!field) return;
  const address = new URL(location.href);
  address.searchParams.set(field.name, field.value);
  if (!field.value) address.searchParams.delete(field.name);
  history.replaceState(history.state, "", address);
  const here = address.pathname + address.search;
  document.querySelector("link[rel=canonical]").href = here;
  document.querySelector("[name=next]").value = here;
  for (const link of document.querySelectorAll(".reach a")) {
    link.href = `/code?to=${encodeURIComponent(here)}`;
  }
});
