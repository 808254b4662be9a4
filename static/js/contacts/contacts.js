// Which building is at home only the phone knows: the contacts of that building go to the top.
import { preferences } from "../site/preferences.js";

function bringToTop(section) {
  const { community, building } = preferences();
  if (community !== section.dataset.myBuilding || !building) return;
  const posts = [...document.querySelectorAll("[data-buildings]")].filter((post) =>
    post.dataset.buildings.split(" ").includes(building),
  );
  if (!posts.length) return;
  const lists = new Set(posts.map((post) => post.parentElement));
  section.querySelector(".mine").append(...posts);
  section.querySelector("[data-building-name]").textContent =
    JSON.parse(section.dataset.names)[building] || "";
  section.hidden = false;
  for (const list of lists) if (!list.children.length) list.parentElement.hidden = true;
}

const section = document.querySelector("[data-my-building]");
if (section) bringToTop(section);
