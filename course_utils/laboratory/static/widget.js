// Starts the laboratory in a notebook's output. Python and page share `setting`, `rival`, `result` and `keras`.

function render({ model, el }) {
  const { pool, view, worker } = laboratoryProgram();
  const share = (values) => {
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    model.save_changes();
  };
  const host = {
    chapters: null,
    train: () => model.send({ train: true }),
    onSetting: (setting, rival) => share({ setting, rival }),
    onResult: (result) => share({ result }),
  };
  const start = { setting: model.get("setting"), rival: model.get("rival") };
  const lab = new view.Laboratory(el, pool.startPorts(laboratoryProgram, worker.serve), start, host);
  model.on("change:setting change:rival", () => {
    const asked = [model.get("setting"), model.get("rival")];
    const here = [lab.current.setting, lab.rival?.setting ?? null];
    if (JSON.stringify(asked) !== JSON.stringify(here)) lab.set(...asked);
  });
  model.on("change:keras", () => lab.showKeras(model.get("keras")));
  return () => lab.stopTraining("ended");
}

export default { render };
