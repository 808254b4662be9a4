// The outline of a long form: the parts come from the server, the names of their rows from the
// fields, since they are typed here. It stands open beside the form where there is room.
import { make } from "../lib/dom.js";
import { nameOf } from "./lists.js";

function partOf(link) {
  const target = document.getElementById(link.hash.slice(1));
  return target.closest(".paper-section") && target.localName === "h2"
    ? target.closest(".paper-section")
    : target;
}

// Rows without a name are found by their neighbours. A list in a row is no place of its own.
function rowsIn(part) {
  const rows = [...part.querySelectorAll(".part")];
  return rows.filter((row) => !row.parentElement.closest(".part") && nameOf(row));
}

function listRows(links) {
  for (const link of links) {
    const rows = rowsIn(partOf(link)).map((row) =>
      make("li", {}, make("a", { href: `#${row.id}`, textContent: nameOf(row) })),
    );
    const old = link.parentElement.querySelector("ol");
    if (old) old.remove();
    if (rows.length) link.parentElement.append(make("ol", {}, ...rows));
  }
}

// The part that is read: the last that began above the upper third of the page.
function markRead(links) {
  const tops = links.filter((link) => partOf(link).getBoundingClientRect().top < innerHeight / 3);
  const read = tops[tops.length - 1] || links[0];
  for (const link of links) {
    if (link === read) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

// Answers with what is to be called when rows were changed.
export function startOutline(form) {
  const outline = document.querySelector("[data-outline]");
  if (!outline) return () => {};
  const links = [...outline.querySelectorAll("a")];
  const isBeside = () => getComputedStyle(form.parentElement).display === "grid";
  outline.open = isBeside();
  addEventListener("resize", () => {
    if (isBeside()) outline.open = true;
  });
  outline.addEventListener("click", (event) => {
    if (event.target.closest("a") && !isBeside()) outline.open = false;
  });
  listRows(links);
  markRead(links);
  form.addEventListener("change", () => listRows(links));
  addEventListener("scroll", () => requestAnimationFrame(() => markRead(links)), { passive: true });
  return () => listRows(links);
}
