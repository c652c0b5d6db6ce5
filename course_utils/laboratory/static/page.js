// Starts the laboratory in the book's page, on the element with the id "laboratory"; the setting lies in the link.

(() => {
  performance.mark("laboratory-began");
  const { pool, settings, view, worker } = laboratoryProgram();
  const root = document.getElementById("laboratory");
  const host = {
    chapters: root.dataset.chapters,
    train: null,
    onSetting: (setting, rival) => history.replaceState(null, "", `#${settings.toLink(setting, rival)}`),
    onResult: (result) => root.dispatchEvent(new CustomEvent("result", { detail: result })),
  };
  const lab = new view.Laboratory(root, pool.startPorts(laboratoryProgram, worker.serve), settings.fromLink(location.hash), host);
  performance.mark("laboratory-shown");
  window.addEventListener("hashchange", () => {
    const { setting, rival } = settings.fromLink(location.hash);
    lab.set(setting, rival);
  });
})();
