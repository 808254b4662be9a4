// Putting Lianxin on the home screen, offered on 我的 and never pushed at anyone.
function offer(section) {
  const button = section.querySelector("[data-install-button]");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    section.hidden = false;
    button.hidden = false;
    button.addEventListener("click", () => event.prompt(), { once: true });
  });
  addEventListener("appinstalled", () => {
    section.hidden = true;
  });
  if (/iPhone|iPad/.test(navigator.userAgent)) {
    section.hidden = false;
    section.querySelector("[data-install-ios]").hidden = false;
  }
}

const section = document.querySelector("[data-install]");
if (section && !matchMedia("(display-mode: standalone)").matches) offer(section);
