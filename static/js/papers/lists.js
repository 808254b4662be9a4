// Lists in a document's form: rows are added, moved and removed in place. The server takes them in
// the order in which they stand, whatever their names.
let made = 0;

function add(parts) {
  made += 1;
  const row = parts.querySelector("template").content.cloneNode(true).firstElementChild;
  for (const element of [row, ...row.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      if (value.includes(".NEW")) element.setAttribute(name, value.replace(".NEW", `.n${made}`));
    }
  }
  parts.querySelector("ol").append(row);
  const field = row.querySelector("input:not([type=hidden]), select, textarea");
  if (field) field.focus();
}

function remove(row) {
  const near = row.nextElementSibling || row.previousElementSibling;
  const next = near && near.querySelector("[data-move=remove]");
  const focused = next || row.closest(".parts").querySelector("[data-add]");
  row.remove();
  focused.focus();
}

function move(button) {
  const row = button.closest(".part");
  if (button.dataset.move === "remove") {
    remove(row);
    return;
  }
  const isUp = button.dataset.move === "up";
  const other = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (other && isUp) other.before(row);
  else if (other) other.after(row);
  button.focus();
  row.scrollIntoView({ block: "nearest" });
}

// `changed` is called after each change.
export function listenForLists(form, changed) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-move], [data-add]");
    if (!button) return;
    event.preventDefault();
    if (button.hasAttribute("data-add")) add(button.closest(".parts"));
    else move(button);
    changed();
  });
}
