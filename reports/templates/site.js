// Comfort for people with JavaScript; every page can be read without it.
(() => {
  "use strict";
  const root = document.documentElement;

  // Light, dark, or as the system says.
  const themes = ["", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("theme") || ""; } catch { return ""; } };
  const paint = theme => { if (theme) root.dataset.theme = theme; else delete root.dataset.theme; };
  paint(stored());
  const button = document.querySelector(".theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(stored()) + 1) % themes.length];
    try { localStorage.setItem("theme", next); } catch { /* The choice lasts for this page. */ }
    paint(next);
  });

  // What a mark says shows where the pointer rests.
  document.addEventListener("mouseover", event => {
    const mark = event.target.closest("table [aria-label]");
    if (mark && !mark.title) mark.title = mark.getAttribute("aria-label");
  });

  // Scripts can be copied.
  for (const pre of document.querySelectorAll("pre")) {
    const copy = document.createElement("button");
    copy.type = "button"; copy.className = "copy"; copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
      try { await navigator.clipboard.writeText(pre.textContent); }
      catch { getSelection().selectAllChildren(pre); document.execCommand("copy"); }
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
    pre.before(copy);
  }

  // A link to a check opens what it is in.
  const open = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();

  // The filters of the matrix. Each state of them is in the address.
  const form = document.querySelector("form.tools");
  if (!form) return;
  const rows = [...document.querySelectorAll("tr[data-name]")].map(row => ({
    row, name: row.dataset.name, category: row.parentElement.dataset.category, cells: [...row.querySelectorAll("td")],
  }));
  const heads = [...document.querySelectorAll("th.lib")];
  const keys = heads.map(head => head.dataset.key);
  const field = name => form.elements.namedItem(name);
  const boxes = [...form.querySelectorAll("input[name=show]")];

  const has = (cell, verdict) => verdict === "deviates" ? cell.classList.contains("dev") : cell.classList.contains(verdict);
  function show() {
    const words = field("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    const category = field("category").value, library = field("library").value, verdict = field("verdict").value, differs = field("differs").checked;
    const visible = keys.map(key => boxes.find(box => box.value === key).checked);
    let shown = 0;
    for (const { row, name, category: own, cells } of rows) {
      const asked = cells.filter((_, i) => visible[i] && (!library || keys[i] === library));
      const fits = words.every(word => name.includes(word)) && (!category || own === category) && (!differs || row.classList.contains("differs"))
        && (!verdict && !library || asked.some(cell => verdict ? has(cell, verdict) : !cell.classList.contains("absent")));
      row.hidden = !fits;
      shown += fits;
    }
    for (const body of document.querySelectorAll(".matrix tbody")) body.hidden = !body.querySelector("tr[data-name]:not([hidden])");
    heads.forEach((head, i) => { head.hidden = !visible[i]; });
    for (const { cells } of rows) cells.forEach((cell, i) => { cell.hidden = !visible[i]; });
    document.getElementById("nothing").hidden = shown > 0;
    document.getElementById("shown").textContent = shown < rows.length ? `${shown} of ${rows.length}` : "";

    const query = new URLSearchParams();
    for (const name of ["q", "category", "library", "verdict"]) if (field(name).value) query.set(name, field(name).value);
    if (differs) query.set("differs", "1");
    const hidden = keys.filter((_, i) => !visible[i]);
    if (hidden.length) query.set("hide", hidden.join("."));
    const text = query.toString();
    history.replaceState(null, "", `${location.pathname}${text ? "?" + text : ""}${location.hash}`);
  }

  const query = new URLSearchParams(location.search);
  for (const name of ["q", "category", "library", "verdict"]) if (query.has(name)) field(name).value = query.get(name);
  field("differs").checked = query.has("differs");
  const hidden = (query.get("hide") || "").split(".");
  for (const box of boxes) box.checked = !hidden.includes(box.value);
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", event => event.preventDefault());
  show();

  const box = field("q");
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.key === "/" && !typing) { event.preventDefault(); box.focus(); }
    if (event.key === "Escape" && document.activeElement === box) { box.value = ""; show(); }
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const cell = document.activeElement.closest(".matrix td, .matrix tr[data-name] th");
    if (!step || !cell) return;
    event.preventDefault();
    const lines = rows.filter(({ row }) => !row.hidden).map(({ row }) => [...row.children].filter(child => !child.hidden));
    let y = lines.findIndex(line => line.includes(cell)), x = lines[y].indexOf(cell);
    // Marks that pass lead nowhere and are passed over.
    for (y += step[0], x += step[1]; lines[y] && lines[y][x]; y += step[0], x += step[1]) {
      const link = lines[y][x].querySelector("a");
      if (link) { link.focus(); link.scrollIntoView({ block: "nearest", inline: "nearest" }); break; }
    }
  });
})();
