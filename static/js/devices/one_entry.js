// A device that everybody uses has one entry in its history, so Back leads to nobody's page: each
// page takes the place of the one before. Should there be an older page all the same, it gives way
// to the start.
const step = document.querySelector("[data-timeout]");
const isShared = document.body.matches(".kiosk, .terminal");

function isOurs(link) {
  return link && link.origin === location.origin && !link.hash;
}

function addressOf(form) {
  const address = new URL(form.action);
  address.search = new URLSearchParams(new FormData(form));
  return address.href;
}

function leaveIfWentBack({ persisted }) {
  const [entry] = performance.getEntriesByType("navigation");
  if (persisted || (entry && entry.type === "back_forward")) location.replace(step.dataset.start);
}

if (isShared) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (event.defaultPrevented || !isOurs(link)) return;
    event.preventDefault();
    location.replace(link.href);
  });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "get") return;
    event.preventDefault();
    location.replace(addressOf(event.target));
  });
  if (step) addEventListener("pageshow", leaveIfWentBack);
}
