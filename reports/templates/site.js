// Comfort for people with JavaScript; every page can be read without it.
(() => {
  "use strict";
  const html = document.documentElement;
  const root = document.currentScript.dataset.root || "";
  html.classList.add("script-on");

  // Light, dark, or as the system says.
  const themes = ["", "light", "dark"];
  const stored = () => { try { return localStorage.getItem("theme") || ""; } catch { return html.dataset.theme || ""; } };
  const button = document.querySelector(".theme");
  const paint = theme => {
    if (theme) html.dataset.theme = theme; else delete html.dataset.theme;
    button.querySelector(".word").textContent = `${theme || "system"} colours`;
  };
  paint(stored());
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(stored()) + 1) % themes.length];
    paint(next);
    try { localStorage.setItem("theme", next); } catch { /* The choice lasts for this page. */ }
  });

  // Data lie in scripts, because a page from the disk may load no JSON. Each is loaded once, when it is asked for.
  const loaded = new Map(), waiting = new Map();
  window.assay = (name, data) => { loaded.set(name, data); waiting.get(name)?.forEach(then => then(data)); waiting.delete(name); };
  function load(name, then) {
    if (loaded.has(name)) { then(loaded.get(name)); return; }
    if (waiting.has(name)) { waiting.get(name).push(then); return; }
    waiting.set(name, [then]);
    const script = document.createElement("script");
    script.src = `${root}data/${name}.js`;
    document.head.append(script);
  }

  // Scripts and bug reports can be copied. A bug report holds the script that stands above it.
  const textOf = pre => {
    if (!pre.classList.contains("report")) return pre.textContent;
    const snippet = pre.closest(".found").querySelector("pre.snippet");
    const text = snippet.textContent.trimEnd();
    const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(ticks => ticks[0].length));
    const fence = "`".repeat(longest + 1);
    return `${pre.querySelector(".before").textContent}${fence}${snippet.dataset.language}\n${text}\n${fence}\n\n${pre.querySelector(".after").textContent}`;
  };
  for (const pre of document.querySelectorAll("pre")) {
    const copy = document.createElement("button");
    copy.type = "button"; copy.className = "copy"; copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
      const text = textOf(pre);
      try { await navigator.clipboard.writeText(text); }
      catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      copy.textContent = "Copied";
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
    pre.before(copy);
  }

  // A link to a check opens what it is in.
  const open = () => {
    let target;
    try { target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1))); } catch { return; }
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", open);
  open();

  const typing = () => /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
  const plain = event => !event.ctrlKey && !event.metaKey && !event.altKey;
  const words = text => text.toLowerCase().split(/\s+/).filter(Boolean);
  const remember = query => {
    const text = query.toString();
    history.replaceState(null, "", `${location.pathname}${text ? "?" + text : ""}${location.hash}`);
  };
  const marks = {
    p: ["✓", "pass"], n: ["·", "not-tested"], b: ["»", "blocked"], u: ["○", "unsupported"], k: ["~", "flaky"],
    m: ["–", "missing"], f: ["✗", "fail"], t: ["…", "timeout"], c: ["!", "crash"], y: ["◐", "polyfilled"],
  };
  document.addEventListener("keydown", event => {
    const box = document.querySelector("form.tools input[type=search]");
    if (!box || !plain(event)) return;
    if (event.key === "/" && !typing()) { event.preventDefault(); box.focus(); }
    if (event.key === "Escape" && document.activeElement === box) { box.value = ""; box.dispatchEvent(new Event("input", { bubbles: true })); }
    if (event.key === "?" && !typing()) {
      const legend = document.querySelector("details.legend");
      if (legend) { legend.open = !legend.open; legend.scrollIntoView({ block: "nearest" }); }
    }
  });

  // Clauses: a filter by text.
  const texts = document.querySelector("form.text");
  if (texts) {
    const box = texts.elements.namedItem("q");
    const pages = [...document.querySelectorAll("details.page")].map(page => ({
      page, items: [...page.querySelectorAll("li[data-status]")].map(item => [item, `${page.dataset.page} ${item.dataset.status} ${item.textContent}`.toLowerCase()]),
    }));
    const show = () => {
      const asked = words(box.value);
      let shown = 0;
      for (const { page, items } of pages) {
        let here = 0;
        for (const [item, text] of items) { item.hidden = !asked.every(word => text.includes(word)); here += !item.hidden; }
        page.hidden = here === 0;
        page.open = asked.length > 0 && here > 0 && shown < 200;
        shown += here;
      }
      document.getElementById("shown").textContent = asked.length ? `${shown} clauses` : "";
      remember(new URLSearchParams(box.value ? { q: box.value } : {}));
    };
    box.value = new URLSearchParams(location.search).get("q") || "";
    texts.hidden = false;
    texts.addEventListener("input", show);
    texts.addEventListener("submit", event => event.preventDefault());
    if (box.value) show();
  }

  // Two runs compared.
  const pair = document.querySelector("form.pair");
  if (pair) {
    const field = name => pair.elements.namedItem(name);
    const into = document.getElementById("comparison");
    const element = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text, ...more });
    const deviates = letter => "fmctk".includes(letter);
    const kinds = [
      ["judged in the second run only, and deviating", (a, b) => "bn".includes(a) && deviates(b) && b !== "m"],
      ["broken", (a, b) => !deviates(a) && deviates(b) && !"ct".includes(b) && b !== "m"],
      ["new crashes and hangs", (a, b) => "ct".includes(b) && !"ct".includes(a)],
      ["newly missing", (a, b) => b === "m" && a !== "m"],
      ["fixed", (a, b) => deviates(a) && b === "p"],
      ["other", () => true],
    ];
    const show = () => {
      const a = field("a").value, b = field("b").value;
      const query = new URLSearchParams({ a, b });
      if (field("q").value) query.set("q", field("q").value);
      remember(query);
      load("checks", data => {
        const asked = words(field("q").value);
        const found = kinds.map(() => []);
        let at = 0, same = 0;
        for (const [name, page, checks] of data.functions) for (const check of checks) {
          const was = data.runs[a][at], is = data.runs[b][at++];
          if (was === is || was === "." || is === ".") { same += was === is; continue; }
          if (asked.every(word => `${name}::${check}`.toLowerCase().includes(word))) {
            found[kinds.findIndex(([, fits]) => fits(was, is))].push([name, page, check, was, is]);
          }
        }
        into.replaceChildren(element("p", `${same} checks are the same.`, { className: "small" }));
        kinds.forEach(([kind], i) => {
          if (!found[i].length) return;
          const details = element("details", "", { open: found[i].length <= 60 });
          details.append(element("summary", `${kind}: ${found[i].length} ${found[i].length === 1 ? "check" : "checks"}`));
          const list = element("ul", "");
          for (const [name, page, check, was, is] of found[i].slice(0, 1000)) {
            const item = element("li", "");
            item.append(element("a", `${name}::${check}`, { href: `${root}${page}#${check}` }), ` ${marks[was][1]} → ${marks[is][1]}`);
            list.append(item);
          }
          details.append(list);
          into.append(details);
        });
      });
    };
    const query = new URLSearchParams(location.search);
    const options = [...field("a").options].map(option => option.value);
    field("b").selectedIndex = Math.min(1, options.length - 1);
    for (const name of ["a", "b"]) if (options.includes(query.get(name))) field(name).value = query.get(name);
    field("q").value = query.get("q") || "";
    pair.hidden = false;
    pair.addEventListener("input", show);
    pair.addEventListener("submit", event => event.preventDefault());
    show();
  }

  // The matrix: filters, columns and keys. Each state of them is in the address.
  const table = document.querySelector("table.matrix");
  const form = document.querySelector("body.index form.tools");
  if (!form || !table) return;
  const heads = new Map([...table.querySelectorAll("th.lib")].map(head => [head.dataset.key, head]));
  const initial = [...heads.keys()];
  const rows = [...table.querySelectorAll("tr[data-n]")].map(row => {
    const cells = new Map([...row.querySelectorAll("td")].map((cell, i) => [initial[i], cell]));
    const start = new Map([...cells].map(([key, cell]) => [key, [cell.className, cell.textContent]]));
    return { row, name: row.dataset.n, text: `${row.dataset.n} ${row.cells[0].textContent}`.toLowerCase(), category: row.parentElement.dataset.category, cells, start };
  });
  const field = name => form.elements.namedItem(name);
  const choices = () => [...form.querySelectorAll(".choice")];
  const boxOf = choice => choice.querySelector("input");
  const names = ["q", "category", "library", "verdict", "dtype", "level", "differs"];

  const verdict = cell => cell.className.split(" ")[0].replace("q", "") || (cell.textContent ? "p" : "");
  const deviates = cell => /[fmct]/.test(verdict(cell)) || cell.classList.contains("d");
  const paintCell = (cell, letter) => {
    const [glyph, word] = marks[letter] || ["", ""];
    cell.className = letter === "p" || letter === "." ? "" : letter;
    cell.textContent = glyph;
    if (word && letter !== "p") cell.setAttribute("aria-label", word); else cell.removeAttribute("aria-label");
  };
  const restore = () => {
    for (const { cells, start } of rows) for (const [key, cell] of cells) {
      const [of, glyph] = start.get(key);
      if (cell.className === of && cell.textContent === glyph) continue;
      paintCell(cell, of.split(" ")[0].replace("q", "") || (glyph ? "p" : "."));
      cell.className = of;
    }
  };
  let painted = "";
  // Shows the verdicts of one dtype or level, then calls `then`.
  function view(then) {
    const dtype = field("dtype").value, level = field("level").value, asked = `${dtype}|${level}`;
    if (asked === painted) { then(); return; }
    painted = asked;
    restore();
    if (!dtype && !level) { then(); return; }
    load("cells", data => {
      const column = level ? data.width - (level === "should" ? 2 : 1) : Number(dtype);
      const place = new Map(data.functions.map((name, i) => [name, i]));
      for (const { name, cells } of rows) for (const [key, cell] of cells) {
        const at = place.get(name);
        paintCell(cell, at === undefined || !data.runs[key] ? "." : data.runs[key][at * data.width + column]);
      }
      then();
    });
  }

  let order = initial;
  function arrange() {
    const now = choices().map(choice => boxOf(choice).value);
    if (now.join() === order.join()) return;
    order = now;
    const head = table.tHead.rows[0];
    for (const key of order) head.append(heads.get(key));
    for (const { row, cells } of rows) for (const key of order) row.append(cells.get(key));
  }

  function filter() {
    const asked = words(field("q").value), category = field("category").value, library = field("library").value;
    const wanted = field("verdict").value, differs = field("differs").value;
    const visible = new Set(choices().map(boxOf).filter(box => box.checked).map(box => box.value));
    let shown = 0;
    for (const { row, text, category: own, cells } of rows) {
      const among = [...cells].filter(([key]) => visible.has(key));
      const looked = among.filter(([key]) => !library || key === library);
      const fits = asked.every(word => text.includes(word)) && (!category || own === category)
        && (!wanted && !library || looked.some(([, cell]) => wanted ? (wanted === "deviates" ? deviates(cell) : verdict(cell) === wanted) : cell.textContent))
        && (!differs || different(among, cells.get(differs)));
      row.hidden = !fits;
      shown += fits;
      for (const [key, cell] of cells) cell.hidden = !visible.has(key);
    }
    for (const [key, head] of heads) head.hidden = !visible.has(key);
    for (const body of table.tBodies) body.hidden = !body.querySelector("tr[data-n]:not([hidden])");
    document.getElementById("nothing").hidden = shown > 0;
    document.getElementById("shown").textContent = shown < rows.length ? `${shown} of ${rows.length}` : "";

    const query = new URLSearchParams();
    for (const name of names) if (field(name).value) query.set(name, field(name).value);
    const hidden = initial.filter(key => !visible.has(key));
    if (hidden.length) query.set("hide", hidden.join(" "));
    if (order.join() !== initial.join()) query.set("order", order.join(" "));
    remember(query);
    for (const link of document.querySelectorAll(".revisions a")) link.search = query.toString();
  }
  // Whether verdicts differ between any two columns, or between one column and the others.
  function different(among, from) {
    const letters = among.map(([, cell]) => verdict(cell)).filter(Boolean);
    return from ? verdict(from) && letters.some(letter => letter !== verdict(from)) : new Set(letters).size > 1;
  }
  const show = () => { arrange(); view(filter); };

  const query = new URLSearchParams(location.search);
  for (const name of names) if (query.has(name)) field(name).value = query.get(name);
  const hidden = (query.get("hide") || "").split(" ");
  for (const choice of choices()) boxOf(choice).checked = !hidden.includes(boxOf(choice).value);
  for (const key of (query.get("order") || "").split(" ").filter(key => heads.has(key)).reverse()) {
    const choice = choices().find(choice => boxOf(choice).value === key);
    choice.parentElement.querySelector(".choice").before(choice);
  }
  form.hidden = false;
  form.addEventListener("input", event => {
    // A level has no dtypes of its own here, so one of the two is chosen.
    if (event.target.name === "dtype" && event.target.value) field("level").value = "";
    if (event.target.name === "level" && event.target.value) field("dtype").value = "";
    show();
  });
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => {
    const first = new Map(choices().map(choice => [boxOf(choice).value, choice]));
    for (const key of initial) { const choice = first.get(key); choice.parentElement.append(choice); }
    show();
  }));
  form.addEventListener("click", event => {
    const move = event.target.dataset.move;
    if (move === undefined) return;
    const choice = event.target.closest(".choice"), all = choices(), at = all.indexOf(choice);
    if (move === "0") all[0].before(choice);
    else if (move === "-1" && at > 0) all[at - 1].before(choice);
    else if (move === "1" && at + 1 < all.length) all[at + 1].after(choice);
    event.target.focus();
    show();
  });
  show();

  // A cell leads to the function's page, at the row of its library.
  const goal = cell => {
    const found = rows.find(({ row }) => row === cell.parentElement);
    const key = found && [...found.cells].find(([, other]) => other === cell)?.[0];
    return key && `${found.row.querySelector("a").getAttribute("href")}#lib-${key}`;
  };
  table.addEventListener("click", event => {
    const cell = event.target.closest("td"), to = cell && goal(cell);
    if (!to) return;
    if (event.ctrlKey || event.metaKey) window.open(to); else location.href = to;
  });
  table.addEventListener("mouseover", event => {
    const cell = event.target.closest("tr[data-n] td");
    if (!cell || cell.title) return;
    const key = [...rows.find(({ row }) => row === cell.parentElement).cells].find(([, other]) => other === cell)?.[0];
    cell.title = `${cell.parentElement.dataset.n} · ${heads.get(key).querySelector("a").title} · ${(marks[verdict(cell)] || ["", "not run"])[1]}`;
  });
  document.addEventListener("keydown", event => {
    if (!plain(event) || typing()) return;
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const cell = document.activeElement.closest(".matrix tr[data-n] > *");
    if (event.key === "Enter" && cell?.tagName === "TD") { location.href = goal(cell); return; }
    if (!step || !cell && document.activeElement !== table.parentElement) return;
    event.preventDefault();
    const lines = rows.filter(({ row }) => !row.hidden).map(({ row }) => [...row.children].filter(child => !child.hidden));
    const y = cell ? lines.findIndex(line => line.includes(cell)) : 0, x = cell ? lines[y].indexOf(cell) : 0;
    const next = cell ? lines[y + step[0]]?.[x + step[1]] : lines[0]?.[1];
    if (!next) return;
    const target = next.tagName === "TH" ? next.querySelector("a") : next;
    if (next.tagName === "TD") next.tabIndex = -1;
    target.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
})();
