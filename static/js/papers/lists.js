// Lists in a document's form: rows are added, moved and removed in place. The server takes them in
// the order in which they stand, whatever their names.
let made = 0;

// The rows that stand where they were removed, by what stands there instead.
const removed = new WeakMap();

function ownTemplate(parts, name) {
  const own = [...parts.children].find((child) => child.matches(`template[data-${name}]`));
  return own.content.cloneNode(true).firstElementChild;
}

// What is typed as a row's name; empty when nothing is.
export function nameOf(row) {
  const field = document.getElementById(row.dataset.namedBy);
  if (!field) return "";
  if (field.localName !== "select") return field.value.trim();
  return field.value ? field.selectedOptions[0].textContent.trim() : "";
}

// Names of the row's own fields, also within the templates of lists in it.
function rename(root, from, to) {
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const { name, value } of [...(element.attributes || [])]) {
      if (value.includes(from)) element.setAttribute(name, value.split(from).join(to));
    }
    if (element.localName === "template") rename(element.content, from, to);
  }
}

function add(parts) {
  made += 1;
  const row = ownTemplate(parts, "row");
  rename(row, `${parts.dataset.parts}.NEW`, `${parts.dataset.parts}.n${made}`);
  parts.querySelector("ol").append(row);
  const field = row.querySelector("input:not([type=hidden]), select, textarea");
  if (field) field.focus();
}

// Removing is saved at once, so the row waits in the page to be put back. The focus goes to the
// button that does it, which says what was removed.
// Not taken: asking before each removal, which one learns to answer without reading.
function remove(row) {
  const gone = ownTemplate(row.closest(".parts"), "gone");
  const label = row.querySelector("legend").textContent.trim();
  const words = nameOf(row) || label;
  for (const place of gone.querySelectorAll("[data-what]")) place.textContent = words;
  removed.set(gone, row);
  row.replaceWith(gone);
  gone.querySelector("[data-undo]").focus();
}

function putBack(gone) {
  const row = removed.get(gone);
  gone.replaceWith(row);
  row.querySelector("[data-move=remove]").focus();
}

function neighbour(row, way) {
  let other = row[way];
  while (other && !other.matches(".part")) other = other[way];
  return other;
}

function move(button) {
  const row = button.closest(".part");
  const isUp = button.dataset.move === "up";
  const other = neighbour(row, isUp ? "previousElementSibling" : "nextElementSibling");
  if (other && isUp) other.before(row);
  else if (other) other.after(row);
  button.focus();
  row.scrollIntoView({ block: "nearest" });
}

function press(button) {
  if (button.hasAttribute("data-add")) add(button.closest(".parts"));
  else if (button.hasAttribute("data-undo")) putBack(button.closest("li"));
  else if (button.dataset.move === "remove") remove(button.closest(".part"));
  else move(button);
}

// `changed` is called after each change.
export function listenForLists(form, changed) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move], [data-add], [data-undo]");
    if (!button) return;
    event.preventDefault();
    press(button);
    changed();
  });
}
