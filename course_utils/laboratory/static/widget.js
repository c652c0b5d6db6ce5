// Starts the laboratory in a notebook's output. Python and page share `setting`, `rival`, `result` and `keras`.

function render({ model, el }) {
  const { pool, view, worker } = laboratoryProgram();
  const share = (name, value) => {
    model.set(name, value);
    model.save_changes();
  };
  const host = {
    chapters: null,
    train: () => model.send({ train: true }),
    onSetting: (setting, rival) => share("shown", { setting, rival }),
    onResult: (result) => share("result", result),
  };
  const start = { setting: model.get("setting"), rival: model.get("rival") };
  const lab = new view.Laboratory(el, pool.startPorts(laboratoryProgram.toString(), worker.serve), start, host);
  model.on("change:setting change:rival", () => lab.set(model.get("setting"), model.get("rival")));
  model.on("change:keras", () => lab.showKeras(model.get("keras")));
  return () => lab.end();
}

export default { render };
