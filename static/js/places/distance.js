// How far the facilities are: asked for with a tap, worked out on the phone, told to nobody.
const EARTH = 6371008.8; // metres

const radians = (degrees) => (degrees * Math.PI) / 180;

function metres(from, to) {
  const north = radians(to.latitude - from.latitude) * EARTH;
  const width = EARTH * Math.cos(radians(from.latitude));
  return Math.hypot(north, radians(to.longitude - from.longitude) * width);
}

function inWords(distance) {
  if (distance < 1000) return `${Math.round(distance / 10) * 10} m`;
  return `${(distance / 1000).toFixed(1)} km`;
}

const positionOf = ({ dataset }) => ({
  latitude: Number(dataset.latitude),
  longitude: Number(dataset.longitude),
});

function show(coords, words) {
  const places = [...document.querySelectorAll("[data-latitude]")];
  for (const place of places) {
    const away = inWords(metres(coords, positionOf(place)));
    place.querySelector(".away").textContent = words.replace("{}", away);
  }
  const near = (place) => metres(coords, positionOf(place));
  for (const list of new Set(places.map((place) => place.closest(".rows")))) {
    if (list) list.append(...[...list.children].sort((a, b) => near(a) - near(b)));
  }
}

function offer(button) {
  const status = document.querySelector("[data-distance-status]");
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        status.textContent = "";
        show(coords, button.dataset.wordsAway);
      },
      () => {
        status.textContent = button.dataset.wordsRefused;
      },
      { maximumAge: 60000, timeout: 10000 },
    );
  });
}

const button = document.querySelector("[data-distance]");
if (button && navigator.geolocation) offer(button);
