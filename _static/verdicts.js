// The table of all verdicts: two menus that filter its rows. Without this script every row is shown.
function menu(name, label, values, apply) {
  const box = document.createElement("label");
  const select = document.createElement("select");
  select.name = name;
  for (const value of ["", ...values]) {
    select.add(new Option(value || "all", value));
  }
  select.addEventListener("change", apply);
  box.append(`${label} `, select);
  return box;
}

function addFilters(table) {
  const rows = [...table.tBodies[0].rows];
  const form = document.createElement("form");
  const count = document.createElement("output");
  const apply = () => {
    let shown = 0;
    for (const row of rows) {
      row.hidden = ["source", "outcome"].some((name) => form[name].value && form[name].value !== row.dataset[name]);
      shown += !row.hidden;
    }
    count.value = `${shown} of ${rows.length} claims`;
  };
  const distinct = (name) => [...new Set(rows.map((row) => row.dataset[name]))].sort();
  form.className = "verdict-filters";
  form.append(menu("outcome", "Verdict", distinct("outcome"), apply));
  form.append(menu("source", "Source", distinct("source"), apply), count);
  table.before(form);
  apply();
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("table.verdicts").forEach(addFilters);
});
