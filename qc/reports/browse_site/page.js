"use strict";
const LETTERS = "ABCDEFGHIJ";
const byId = (id) => document.getElementById(id);
const shards = new Map();
let about, chosen, shown, at = 0;

function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

// index.js calls this once.
function index(given) {
  about = given;
  const known = new Set(about.languages.map(([code]) => code));
  const asked = new URLSearchParams(location.hash.slice(1));
  chosen = (asked.get("languages") || "").split(",").filter((code) => known.has(code));
  if (!chosen.length) {
    const others = about.languages.map(([code]) => code).filter((code) => code !== about.source);
    chosen = [...(known.has(about.source) ? [about.source] : []), ...others].slice(0, 3);
  }
  listLanguages();
  find();
  const wanted = about.items.findIndex(([id]) => id === asked.get("item"));
  if (about.items.length) go(Math.max(wanted, 0));
}

// Every shard calls this.
function shard(number, content) {
  shards.set(number, content);
  if (about.items[at][2] === number) draw();
}

function listLanguages() {
  const list = byId("language-list");
  for (const [code, name] of about.languages) {
    const label = made("label");
    const box = made("input");
    box.type = "checkbox";
    box.value = code;
    box.checked = chosen.includes(code);
    box.addEventListener("change", () => {
      chosen = box.checked ? [...chosen, code] : chosen.filter((one) => one !== code);
      tell();
      draw();
    });
    label.append(box, ` ${name} `, made("small", "", code));
    list.append(label);
  }
  byId("find-language").addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase();
    for (const label of list.children) label.hidden = !label.textContent.toLowerCase().includes(words);
  });
}

function find() {
  const words = byId("find-item").value.toLowerCase();
  shown = about.items.map((item, place) => [item, place])
    .filter(([[id, , , question]]) => `${id}\n${question}`.toLowerCase().includes(words));
  const list = byId("item-list");
  list.replaceChildren(...shown.map(([[id, split, , question], place]) => {
    const button = made("button");
    button.type = "button";
    button.dataset.place = place;
    button.title = id;
    if (split !== "test") button.append(made("span", "dev", split));
    const text = made("span", "", question);
    text.dir = "auto";
    button.append(text);
    button.addEventListener("click", () => go(place));
    const line = made("li");
    line.append(button);
    return line;
  }));
  byId("count").textContent = shown.length === about.items.length ? shown.length : `${shown.length} of ${about.items.length}`;
  mark();
}

function mark() {
  for (const button of byId("item-list").querySelectorAll("[aria-current=true]")) button.removeAttribute("aria-current");
  const button = byId("item-list").querySelector(`[data-place="${at}"]`);
  if (button) {
    button.setAttribute("aria-current", "true");
    button.scrollIntoView({ block: "nearest" });
  }
  const here = shown.findIndex(([, place]) => place === at);
  byId("previous").disabled = here === 0 || !shown.length;
  byId("next").disabled = here === shown.length - 1 || !shown.length;
}

function step(by) {
  if (!shown.length) return;
  const here = shown.findIndex(([, place]) => place === at);
  const there = here < 0 ? 0 : here + by;
  if (there >= 0 && there < shown.length) go(shown[there][1]);
}

function go(place) {
  at = place;
  const number = about.items[at][2];
  tell();
  mark();
  if (shards.has(number)) return draw();
  const script = document.createElement("script");
  script.src = `items-${String(number).padStart(5, "0")}.js`;
  script.onerror = () => byId("item").replaceChildren(made("p", "about", `${script.src} cannot be read: the site's folder is not whole.`));
  document.head.append(script);
}

function tell() {
  byId("chosen").textContent = `${chosen.length} of ${about.languages.length}`;
  if (!about.items.length) return;
  const [id] = about.items[at];
  byId("place").textContent = `${at + 1} of ${about.items.length}: ${id}`;
  history.replaceState(null, "", `#item=${encodeURIComponent(id)}&languages=${chosen.join(",")}`);
}

function facts(pairs) {
  const list = made("dl");
  for (const [name, value] of pairs) list.append(made("dt", "", name), made("dd", "", value));
  return list;
}

function draw() {
  if (!about.items.length) return;
  const [id, split, number] = about.items[at];
  const content = shards.get(number);
  if (!content) return;
  const item = content.items[id];
  const head = made("p", "about");
  head.append(made("span", "split", split));
  if (/^https?:\/\//.test(item.link)) {
    const link = made("a", "", item.link);
    link.href = item.link;
    link.rel = "noreferrer noopener";
    head.append(link);
  } else head.append(item.link);
  const columns = made("div", "columns");
  for (const [code, name, tag, direction] of about.languages) {
    if (chosen.includes(code)) columns.append(column(item, content.passages, code, name, tag, direction));
  }
  if (!chosen.length) columns.append(made("p", "about", "Choose a language."));
  byId("item").replaceChildren(head, columns, ...(item.facts.length ? [facts(item.facts)] : []));
}

function column(item, passages, code, name, tag, direction) {
  const article = made("article");
  article.append(made("h2", "", `${name} · ${code}`));
  if (!item.texts[code]) {
    article.append(made("p", "about", "not in this language"));
    return article;
  }
  const [place, question, options, known] = item.texts[code];
  const text = made("div", "text");
  text.dir = direction;
  if (tag) text.lang = tag;
  text.append(made("div", "passage", passages[place]), made("div", "question", question));
  const list = made("ol");
  options.forEach((option, number) => {
    const line = made("li", number + 1 === item.key ? "key" : "");
    line.append(made("span", "letter", LETTERS[number]), made("span", "", option));
    list.append(line);
  });
  text.append(list);
  article.append(text);
  if (known.length) article.append(facts(known));
  return article;
}

byId("previous").addEventListener("click", () => step(-1));
byId("next").addEventListener("click", () => step(1));
byId("find-item").addEventListener("input", find);
byId("keys").addEventListener("change", (event) => byId("item").classList.toggle("keys", event.target.checked));
byId("item").classList.add("keys");
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input[type=search]") || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "j" || event.key === "ArrowRight") step(1);
  else if (event.key === "k" || event.key === "ArrowLeft") step(-1);
  else return;
  event.preventDefault();
});
if (matchMedia("(max-width: 760px)").matches) byId("items").open = false;
