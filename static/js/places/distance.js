// How far the facilities are: asked for with a tap, worked out on the phone, told to nobody.
(() => {
  const EARTH = 6371008.8;
  const radians = (degrees) => (degrees * Math.PI) / 180;
  const metres = (a, b) => Math.hypot(
    radians(b.latitude - a.latitude) * EARTH,
    radians(b.longitude - a.longitude) * EARTH * Math.cos(radians(a.latitude)),
  );
  const words = (distance) => (distance < 1000 ? `${Math.round(distance / 10) * 10} m` : `${(distance / 1000).toFixed(1)} km`);

  const button = document.querySelector("[data-distance]");
  if (button && navigator.geolocation) {
    const status = document.querySelector("[data-distance-status]");
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        status.textContent = "";
        for (const place of document.querySelectorAll("[data-latitude]")) {
          const at = { latitude: Number(place.dataset.latitude), longitude: Number(place.dataset.longitude) };
          place.querySelector(".away").textContent = button.dataset.wordsAway.replace("{}", words(metres(coords, at)));
        }
        for (const list of document.querySelectorAll(".rows:has([data-latitude])")) {
          const near = (place) => metres(coords, { latitude: Number(place.dataset.latitude), longitude: Number(place.dataset.longitude) });
          list.append(...[...list.children].sort((a, b) => near(a) - near(b)));
        }
      }, () => { status.textContent = button.dataset.wordsRefused; }, { maximumAge: 60000, timeout: 10000 });
    });
  }

  // An iPhone has its own word for "show this on a map".
  if (/iPhone|iPad|Macintosh/.test(navigator.userAgent)) {
    for (const link of document.querySelectorAll("[data-map]")) {
      const [, place] = link.href.match(/^geo:([-\d.]+,[-\d.]+)/) ?? [];
      if (place) link.href = `https://maps.apple.com/?ll=${place}&q=${encodeURIComponent(link.dataset.map)}`;
    }
  }
})();
