// Halls by how far they are from the phone: asked for with a tap, worked out here, told to nobody.
// So the waits of the nearest are not asked for either: whose waits they are would say where it is.
import { askPhone, inWords, keptPosition, metres, positionOf } from "../places/nearest.js";

function sort(button, position) {
  const list = document.querySelector("#halls-here");
  // A hall of which the office has not said where it is comes last.
  const isKnown = (row) => "latitude" in row.dataset;
  const far = (row) => (isKnown(row) ? metres(position, positionOf(row)) : Infinity);
  const rows = [...document.querySelectorAll(".halls > li")];
  rows.sort((a, b) => (far(a) < far(b) ? -1 : Number(far(a) > far(b))));
  for (const row of rows.filter(isKnown)) {
    const away = row.querySelector(".away");
    away.textContent = button.dataset.wordsAway.replace("{}", inWords(far(row)));
    away.hidden = false;
  }
  list.append(...rows);
  for (const section of document.querySelectorAll("[data-halls]")) section.remove();
  list.closest("section").hidden = false;
  button.setAttribute("aria-pressed", "true");
  document.querySelector("[data-halls-status]").textContent = button.dataset.wordsHere;
  const home = document.querySelector("#from");
  if (home) home.checked = false;
  document.querySelector("[data-halls-from]").disabled = false;
}

function begin(button) {
  const from = document.querySelector("[data-halls-from]");
  const home = document.querySelector("#from");
  if (home) home.addEventListener("change", () => (from.disabled = home.checked || from.disabled));
  button.hidden = false;
  button.addEventListener("click", () => {
    askPhone(
      (position) => sort(button, position),
      () => {
        document.querySelector("[data-halls-status]").textContent = button.dataset.wordsRefused;
      },
    );
  });
  const isAsked = new URLSearchParams(location.search).get("from") === "here";
  const kept = isAsked && keptPosition();
  if (kept) sort(button, kept);
}

const button = document.querySelector("[data-halls-here]");
if (button && navigator.geolocation) begin(button);
