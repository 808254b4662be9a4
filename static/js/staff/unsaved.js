// The notice that what was typed is not sent. There is one on a page at a time, above the button or
// where the page says. Its words stand in templates/staff/_unsaved.html.
const shown = () => document.querySelector(".unsaved");

export function hush() {
  const notice = shown();
  if (notice) notice.remove();
}

// `why` is one of the notices' data-why; `address` is where to go on, where the notice has a link.
export function tell(form, why, address) {
  const old = shown();
  if (old && old.dataset.why === why) return;
  hush();
  const words = document.getElementById("unsaved-words").content;
  const notice = words.querySelector(`[data-why="${why}"]`).cloneNode(true);
  if (address) notice.querySelector("a").href = address;
  place(form, notice);
}

function place(form, notice) {
  const here = document.querySelector("[data-unsaved-place]");
  // It stays in view there, and the page does not scroll away from where words are typed.
  if (here) {
    here.prepend(notice);
    return;
  }
  const button = [...form.querySelectorAll("button")].pop();
  (button.closest(".pair") || button).before(notice);
  notice.scrollIntoView({ block: "nearest" });
}
