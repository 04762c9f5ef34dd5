/* What stands beside the person who types on a labelling page: it keeps, restores, asks and tells.

Label Studio's own page drafts only text that was put down with Enter, drafts nothing any more after one refused
Submit, names one missing field at a time, gives a task away at one click on Skip, and lets boxes that it draws anew
take the focus. This script mends that from outside, through the front end's own stores and events, without a fork:

- what is typed goes to the browser's own store within a second, and to the server as a draft when a box is left;
- it comes back after a reload or a crash, and is erased once it was submitted or its writer logged out;
- leaving, going on and skipping ask first; Submit names all that is missing at once;
- boxes take the focus from the person alone, and say which language they are written in;
- what a correction changes is marked in the draft beside it, until the person marks there or takes that away;
- once a workbench has nothing more it goes on to the next piece of work, whatever stage that is in, and what leads to
  Label Studio's own first pages leads to the person's page instead;
- on a phone, pages that can be worked on there fit it, and the others say that they need a computer.

The store is IndexedDB, not localStorage: Chromium writes localStorage to the disk up to a minute late, so that a killed
browser lost eight seconds of thirteen, and none from IndexedDB.

All that it leans on in Label Studio is in LEANS_ON. If one of these is missing it says so on the page and does
nothing else: half of it, on a front end that has changed, could lose what people type. */
"use strict";

(() => {
  const PAGE = ".page"; // the outermost element of our label configurations
  const SUBMIT = ["submit-button", "update-button", "submit-and-exit-button", "update-and-exit-button"]
    .map((name) => `[data-testid='bottombar-${name}']`)
    .join();
  const SKIP = "[data-testid='bottombar-skip-button']";
  const ONWARD = "[data-testid='next-task'], [data-testid='prev-task']";
  const BOX = `${PAGE} textarea, ${PAGE} input:not([type]), ${PAGE} input[type='text']`;
  const HOME = document.currentScript?.dataset.home ?? ""; // the address of the person's own page; none for the lead
  const FIRST_PAGES = ["", "/projects"]; // Label Studio's own
  const COUNT = ".lsf-current-task__task-count"; // "2 of 2": of those drawn so far, not of those that wait
  const PHONE = matchMedia("(max-width: 700px)");
  const MARK = `${PAGE} input[type='radio'], ${PAGE} input[type='checkbox']`;

  const CATALOGUES = {}; // of the languages beside English, put in by companion.py
  const BROWSERS =
    navigator.languages.map((tag) => tag.split("-")[0]).find((one) => one === "en" || CATALOGUES[one]) ?? "en";

  /* The language and direction of what is said: those of the page's own words, before any the browser's. */
  const ofPage = (name) => {
    const page = document.querySelector(PAGE);
    return page ? getComputedStyle(page).getPropertyValue(name).trim() : "";
  };
  const language = () => ofPage("--words") || BROWSERS;
  const direction = () => ofPage("--way") || (RIGHT_TO_LEFT.includes(language()) ? "rtl" : "ltr");
  const RIGHT_TO_LEFT = []; // the languages that are written so, put in by companion.py

  /* A text in that language, with values in place of {name}; the English text is its key. */
  const gettext = (text, values = {}) =>
    (CATALOGUES[language()]?.[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name]);

  const LOOK_EACH = 250; // ms between looks at the page; a keystroke is stored at most this and KEEP_EACH later
  const KEEP_EACH = 500; // ms between writes to the browser's store
  const DRAFT_EACH = 5000; // ms between drafts, as long as Label Studio itself waits: twenty people write 4 a second
  const RETRY_AFTER = 15000; // ms until a draft that the server did not take is sent again
  const MISSING_AFTER = 20000; // ms that a page may take to have all of LEANS_ON
  const FORGET_AFTER = 60 * 24 * 3600 * 1000; // ms that the browser keeps what never came to an end

  // ---- What it leans on -------------------------------------------------------------------------------------------

  const isFunction = (value) => typeof value === "function";
  const has = (owner, ...names) => names.every((name) => isFunction(owner?.[name]));
  const controls = (annotation) => [...(annotation?.names?.values() ?? [])].filter((tag) => tag.isControlTag);
  const textAreas = (annotation) => controls(annotation).filter((tag) => tag.type === "textarea");

  /* Everything of Label Studio's front end that is used below: its name, and whether it is there. `it` holds the data
     manager, the editor's instance, its store, the annotation that is shown, and the page's element. */
  const LEANS_ON = [
    ["dataManager.on", (it) => has(it.manager, "on")],
    ["LabelStudio.instances", (it) => it.instances instanceof Set && it.instances.size > 0],
    ["store.task.id", (it) => it.store?.task?.id !== undefined],
    ["store.isSubmitting", (it) => typeof it.store?.isSubmitting === "boolean"],
    ["store.submitDraft", (it) => has(it.store, "submitDraft")],
    ["store.skipTask", (it) => has(it.store, "skipTask")],
    ["store.noTask", (it) => typeof it.store?.noTask === "boolean"],
    ["annotationStore.selected", (it) => Boolean(it.annotation)],
    ["annotation.names", (it) => it.annotation?.names instanceof Map && textAreas(it.annotation).length > 0],
    ["annotation.versions", (it) => typeof it.annotation?.versions === "object"],
    ["annotation.isDraftSaving", (it) => typeof it.annotation?.isDraftSaving === "boolean"],
    ...["isReadOnly", "serializeAnnotation", "deserializeResults", "deleteAllRegions", "updateObjects", "beforeSend",
      "setDraftSelected", "setDraftSaving", "onDraftSaved", "pauseAutosave", "deserializeSingleResult"]
      .map((name) => [`annotation.${name}`, (it) => has(it.annotation, name)]),
    ["annotation.areas", (it) => has(it.annotation?.areas, "get", "put", "values")],
    ["textarea._value", (it) => textAreas(it.annotation).every((tag) => typeof tag._value === "string")],
    ["textarea.setValue", (it) => textAreas(it.annotation).every((tag) => has(tag, "setValue"))],
    ["textarea.regions", (it) => textAreas(it.annotation).every((tag) => Array.isArray(tag.regions))],
    ["textarea.showSubmit", (it) => textAreas(it.annotation).every((tag) => typeof tag.showSubmit === "boolean")],
    ["control.required", (it) => controls(it.annotation).some((tag) => tag.required === true)],
    ["control.requiredmessage", (it) => controls(it.annotation).every((tag) => !tag.required || tag.requiredmessage)],
    ["control.isVisible", (it) => textAreas(it.annotation).every((tag) => typeof tag.isVisible === "boolean")],
    ["control.holdsState", (it) => textAreas(it.annotation).every((tag) => typeof tag.holdsState === "boolean")],
    ["control.elementRef", (it) => textAreas(it.annotation).some((tag) => tag.elementRef?.current)],
    ["APP_SETTINGS.user.id", () => window.APP_SETTINGS?.user?.id !== undefined],
    ["the buttons Submit and Update", () => Boolean(document.querySelector(SUBMIT))],
    ["boxes by their names", (it) => textAreas(it.annotation).some((tag) => boxesOf(tag.name).length > 0)],
  ];

  function onPage() {
    const instances = window.LabelStudio?.instances;
    const instance = instances instanceof Set ? [...instances].at(-1) : undefined;
    const store = instance?.store;
    return { manager: window.dataManager, instances, instance, store, annotation: store?.annotationStore?.selected };
  }

  const missingOf = (it) => LEANS_ON.filter(([, found]) => !safely(() => found(it))).map(([name]) => name);

  function safely(look) {
    try {
      return look();
    } catch {
      return false; // a look into a front end that has changed: what throws is missing
    }
  }

  // ---- What stands on the page --------------------------------------------------------------------------------------

  const baseName = (box) => (box.getAttribute("name") ?? "").split(":")[0];

  function boxesOf(name) {
    const wanted = CSS.escape(name);
    return [...document.querySelectorAll(`${PAGE} [name='${wanted}'], ${PAGE} [name^='${wanted}:']`)];
  }

  /* The results as they would be submitted now, and the text that was typed and not put down, by field.

     A box that was put down holds what is being changed in it by itself until it is left, so its own text counts. */
  function read(annotation) {
    const results = JSON.parse(JSON.stringify(annotation.serializeAnnotation({ fast: true })));
    const typed = {};
    for (const tag of textAreas(annotation)) {
      if (tag.name === "feedback") continue; // the assistant's
      if (tag.showSubmit && tag._value) typed[tag.name] = tag._value;
      tag.regions.forEach((region, at) => {
        const box = document.getElementsByName(`${tag.name}:${region.id}`)[0];
        const result = results.find((one) => one.from_name === tag.name);
        if (box && result?.value?.text && box.value !== region._value) result.value.text[at] = box.value;
      });
    }
    return { results: results.filter((one) => one.from_name !== "feedback"), typed };
  }

  /* One string for what a person filled in, the same whether it was put down or not. */
  function inWords({ results, typed }) {
    const said = {};
    const say = (name, value) => (said[name] ??= []).push(JSON.stringify(value, Object.keys(value).sort()));
    results.forEach((one) => say(one.from_name ?? one.type, one.value ?? {}));
    Object.entries(typed).forEach(([name, text]) => say(name, { text: [text] }));
    return JSON.stringify(Object.keys(said).sort().map((name) => [name, said[name].sort()]));
  }

  /* The results with what was typed among them, unless the page came with it. */
  function asDraft(desk, { results, typed }) {
    const added = Object.entries(typed).filter(([name, text]) => text.trim() && desk.opened.typed[name] !== text);
    return [
      ...results,
      ...added.map(([name, text]) => ({
        id: `typed-${name}`.slice(0, 40),
        from_name: name,
        to_name: desk.annotation.names.get(name).toname,
        type: "textarea",
        origin: "manual",
        value: { text: [text] },
      })),
    ];
  }

  function putBack(annotation, { results, typed }) {
    annotation.deleteAllRegions({ deleteReadOnly: true });
    annotation.deserializeResults(results);
    annotation.updateObjects();
    for (const tag of textAreas(annotation)) {
      if (tag.showSubmit && tag.name !== "feedback") tag.setValue(typed[tag.name] ?? "");
    }
  }

  // ---- The browser's own store ----------------------------------------------------------------------------------------

  const shelf = (() => {
    let opened = null;
    const open = () =>
      (opened ??= new Promise((done, fail) => {
        const request = indexedDB.open("belebele", 1);
        request.onupgradeneeded = () => request.result.createObjectStore("typed");
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
      }));
    const within = (mode, use) =>
      open().then(
        (base) =>
          new Promise((done, fail) => {
            const transaction = base.transaction("typed", mode);
            const request = use(transaction.objectStore("typed"));
            transaction.oncomplete = () => done(request.result);
            transaction.onerror = transaction.onabort = () => fail(transaction.error);
            if (mode === "readwrite") transaction.commit?.();
          }),
      );
    return {
      get: (key) => within("readonly", (all) => all.get(key)),
      put: (key, kept) => within("readwrite", (all) => all.put(kept, key)),
      drop: (key) => within("readwrite", (all) => all.delete(key)),
      keys: () => within("readonly", (all) => all.getAllKeys()),
    };
  })();

  const accountKey = () => `${location.origin}|${window.APP_SETTINGS.user.id}|`;

  /* Server, account, task and form: text goes back only to where it was typed, and only while that has its boxes. */
  const keyOf = (it) => `${accountKey()}${it.store.task.id}|${digest(formOf(it.annotation))}`;

  const formOf = (annotation) => controls(annotation).map((tag) => `${tag.name}:${tag.type}`).sort().join("\n");

  function digest(text) {
    let sum = 0x811c9dc5; // FNV-1a; the browser's own digests are not there without https
    for (const sign of text) sum = Math.imul(sum ^ sign.codePointAt(0), 0x01000193) >>> 0;
    return sum.toString(16);
  }

  async function forgetAccount() {
    const ours = (await shelf.keys()).filter((key) => String(key).startsWith(accountKey()));
    await Promise.all(ours.map((key) => shelf.drop(key)));
  }

  async function forgetOld() {
    for (const key of await shelf.keys()) {
      const kept = await shelf.get(key);
      if (kept && Date.now() - kept.at > FORGET_AFTER) await shelf.drop(key);
    }
  }

  // ---- The desk: one task as it is open here -------------------------------------------------------------------------

  let desk = null; // {it, annotation, key, opened, server, kept, …}, or null while no task is open
  let changed = false; // whether somebody did something since the last look
  let leaving = false; // whether they said that they leave

  function openDesk(it) {
    const opened = read(it.annotation);
    const former = desk;
    desk = {
      it,
      annotation: it.annotation,
      task: it.store.task.id,
      key: keyOf(it),
      opened, // what the page came with
      server: inWords(opened), // what the server is known to have, typed or put down
      draft: inWords({ results: opened.results, typed: {} }), // the results that it has
      sending: "",
      kept: inWords(opened), // what the browser's store has
      keptAt: 0,
      draftAt: 0,
      left: false, // whether a box was left or a choice made since the last draft
      ready: false, // whether the browser's store was asked
      told: inWords({ results: opened.results, typed: {} }), // the results at the last look, to see choices change
      marked: {}, // by field, what was last marked in its draft
      ended: false, // whether it was submitted or skipped: nothing more of it is kept
    };
    hideNotice();
    namePage();
    fitPhone();
    void countOpen();
    void fetchKept(desk, former);
  }

  /* Says the language of the page's own words, which screen readers go by, and of the texts that it shows. */
  function namePage() {
    const page = document.querySelector(PAGE);
    const allYes = gettext("Y: yes to everything you have not answered.");
    document.documentElement.style.setProperty("--all-yes", JSON.stringify(allYes));
    if (!page) return;
    page.lang = ofPage("--words") || "en";
    page.dir = ofPage("--way") || "ltr";
    for (const place of page.querySelectorAll(".target, .source")) {
      place.lang = getComputedStyle(place).getPropertyValue("--language").trim();
    }
  }

  /* Puts back what the browser kept of this page, if the server has nothing newer; else it offers it. */
  async function fetchKept(here, former) {
    if (former?.key === here.key && former.last && !former.ended) await keep(former, former.last); // drawn anew while somebody typed
    const kept = await shelf.get(here.key).catch(() => undefined);
    if (desk !== here) return;
    here.ready = true;
    if (!kept) return;
    if (kept.words === here.server) return void shelf.drop(here.key).catch(tellStore);
    if (kept.pk !== (here.annotation.pk ?? null)) return;
    const restore = () => {
      putBack(here.annotation, kept);
      here.left = true;
      changed = true;
      say(gettext("What you had typed here has been restored."));
    };
    const untouched = inWords(read(here.annotation)) === here.server;
    if (untouched && (kept.draft === here.draft || kept.sending === here.draft)) restore();
    else say(gettext("This browser has kept other text that you typed here."), [gettext("Restore it"), restore]);
  }

  /* Keeps what the server does not have, and nothing else. */
  async function keep(here, content) {
    const words = inWords(content);
    if (here.ended || (words === here.kept && !here.sending)) return;
    here.kept = words;
    here.keptAt = Date.now();
    if (words === here.server && !here.sending) return shelf.drop(here.key);
    const { draft, sending } = here;
    await shelf.put(here.key, { ...content, words, draft, sending, pk: here.annotation.pk ?? null, at: Date.now() });
  }

  const unsaved = (here) => here && !here.ended && here.last && inWords(here.last) !== here.server;
  const touched = (here) => here && !here.ended && here.last && inWords(here.last) !== inWords(here.opened);

  /* Sends all that stands here to the server as a draft, through Label Studio's own way, put down or not. */
  async function sendDraft(here, content) {
    const { annotation } = here;
    if (annotation.isDraftSaving || here.it.store.isSubmitting || annotation.isReadOnly()) return false;
    const results = asDraft(here, content);
    here.draftAt = Date.now();
    here.left = false;
    here.sending = inWords({ results, typed: {} });
    await keep(here, content);
    annotation.setDraftSelected();
    annotation.versions.draft = results;
    annotation.setDraftSaving(true);
    let taken = false;
    try {
      const answer = await here.it.store.submitDraft(annotation, {});
      taken = Boolean(answer) && !answer.error && (answer.$meta?.status ?? 200) < 400;
    } finally {
      if (taken) {
        here.server = inWords(content);
        here.draft = here.sending;
        annotation.onDraftSaved();
      } else {
        annotation.setDraftSaving(false);
        here.draftAt = Date.now() + RETRY_AFTER - DRAFT_EACH;
        here.left = true;
      }
      here.sending = "";
      if (desk === here) await keep(here, here.last ?? content);
    }
    return taken;
  }

  /* Brings all that stands here to the server now, after a draft that is on its way; whether it is there. */
  async function settle(here) {
    for (let waited = 0; here.annotation.isDraftSaving && waited < 5000; waited += 50) await pause(50);
    here.last = read(here.annotation);
    return !unsaved(here) || sendDraft(here, here.last);
  }

  /* Puts down what was typed, as Submit would, so that what Label Studio saves by itself has it too. */
  function putDown(annotation) {
    if (document.activeElement?.matches(BOX)) document.activeElement.blur();
    annotation.beforeSend();
  }

  function look() {
    const it = onPage();
    if (HOME && it.store?.noTask === true && inStream()) return goToNext();
    const open = it.annotation && it.store?.task && document.querySelector(PAGE);
    if (!open) {
      if (!it.annotation) desk = null;
      return;
    }
    if (!checkOnce(it)) return;
    if (!desk || desk.annotation !== it.annotation || desk.task !== it.store.task.id) {
      listenTo(it.manager);
      openDesk(it);
    }
    it.annotation.pauseAutosave(); // ours says more: it has what was typed and not put down
    nameLanguages();
    shortenTab();
    if (notice) placeNotice();
    const here = desk;
    if (!changed && !here.left) return;
    const now = Date.now();
    if (changed) {
      changed = false;
      here.last = read(here.annotation);
      notice?.refresh?.(missingFields(here.annotation));
      const results = inWords({ results: here.last.results, typed: {} });
      if (results !== here.told) here.left = true;
      here.told = results;
      markChanges(here);
    }
    if (here.ready && now - here.keptAt >= KEEP_EACH) void keep(here, here.last).catch(tellStore);
    else if (inWords(here.last) !== here.kept) changed = true; // next look
    if (here.ready && here.left && now - here.draftAt >= DRAFT_EACH) {
      if (unsaved(here)) void sendDraft(here, here.last);
      else here.left = false;
    }
  }

  // ---- What a correction changes in the draft ------------------------------------------------------------------------

  const OURS = "changed-"; // begins the id of a mark that is made here

  /* Marks what the corrected texts change in their drafts, each once its text has stood still from one look to the next. */
  function markChanges(here) {
    if (here.annotation.isReadOnly() || here.it.store.isSubmitting) return;
    for (const tag of textAreas(here.annotation)) {
      const [draft, labels] = [`draft_${tag.name}`, `mark_${tag.name}`].map((name) => here.annotation.names.get(name));
      if (typeof draft?._value !== "string" || !labels || tag.isVisible === false) continue;
      const now = boxesOf(tag.name)[0]?.value ?? (here.last?.results.find((one) => one.from_name === tag.name)?.value.text ?? [])[0];
      if (now === undefined) continue;
      const known = (here.marked[tag.name] ??= { seen: now, marked: draft._value, over: false });
      if (known.seen !== now) changed = true; // typed since the last look: wait for the next
      else if (known.marked !== now && !known.over) mark(here, draft, labels, known, now);
      known.seen = now;
    }
  }

  function mark(here, draft, labels, known, now) {
    const { annotation } = here;
    const drawn = [...annotation.areas.values()].filter((area) => area.object === draft);
    const ours = drawn.filter((area) => area.id.startsWith(OURS) && area.results.length === 1);
    const former = known.made ?? ours.length;
    known.over = drawn.length !== ours.length || ours.length !== former; // the person marked there, or took ours away
    if (known.over) return;
    known.marked = now;
    const places = changedPlaces(draft._value, now);
    known.made = places.length;
    if (!ours.length && !places.length) return; // as where words only came in
    ours.forEach((area) => area.deleteRegion());
    for (const [start, end] of places) {
      const value = { start: countOf(draft._value, start), end: countOf(draft._value, end), text: draft._value.slice(start, end) };
      annotation.deserializeSingleResult(
        { id: `${OURS}${draft.name}-${start}`, from_name: labels.name, to_name: draft.name, type: "labels", origin: "prediction",
          value: { ...value, labels: ["error"] } },
        (id) => annotation.areas.get(id),
        (area) => annotation.areas.put(area),
      );
    }
    draft.needsUpdate?.();
    changed = true; // what is drawn is part of the draft
  }

  /* Label Studio's text labels count code points. */
  const countOf = (text, units) => [...text.slice(0, units)].length;

  /* The stretches of a text that another one does not have in the same order, by words, without space around them. */
  function changedPlaces(before, now) {
    const [old, young] = [before, now].map((text) => [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)]);
    const rest = Array.from({ length: old.length + 1 }, () => new Uint16Array(young.length + 1));
    for (let i = old.length - 1; i >= 0; i--) {
      for (let j = young.length - 1; j >= 0; j--) {
        const same = old[i].segment === young[j].segment;
        rest[i][j] = same ? rest[i + 1][j + 1] + 1 : Math.max(rest[i + 1][j], rest[i][j + 1]);
      }
    }
    const places = [];
    for (let i = 0, j = 0; i < old.length; ) {
      if (j < young.length && old[i].segment === young[j].segment) [i, j] = [i + 1, j + 1];
      else if (j < young.length && rest[i][j + 1] >= rest[i + 1][j]) j++;
      else {
        const { index, segment } = old[i++];
        if (places.at(-1)?.[1] === index) places.at(-1)[1] += segment.length;
        else places.push([index, index + segment.length]);
      }
    }
    return places
      .map(([start, end]) => {
        const text = before.slice(start, end);
        return [start + text.length - text.trimStart().length, end - (text.length - text.trimEnd().length)];
      })
      .filter(([start, end]) => start < end);
  }

  let listened = null;
  function listenTo(manager) {
    if (listened === manager) return;
    listened = manager;
    const end = () => {
      if (!desk) return;
      desk.ended = true;
      void shelf.drop(desk.key).catch(tellStore);
      desk.server = desk.last ? inWords(desk.last) : desk.server;
    };
    manager.on("submitAnnotation", () => {
      end();
      if (HOME && desk && !inStream()) void offerNext(desk);
    });
    manager.on("skipTask", end);
    manager.on("updateAnnotation", (_, __, answer) => {
      if ((answer?.$meta?.status ?? 200) < 400) end();
    });
  }

  let checked = null; // the data manager that was found whole
  let since = 0;
  let refused = false;
  function checkOnce(it) {
    if (refused) return false;
    if (checked === it.manager) return true;
    const missing = missingOf(it);
    if (missing.length === 0) {
      checked = it.manager;
      void forgetOld().catch(tellStore);
      return true;
    }
    since ||= Date.now();
    if (Date.now() - since > MISSING_AFTER) {
      refused = true;
      say(
        gettext(
          "This page's companion does not know this version of Label Studio and is off: finish each box with Enter, and tell the lead. Missing: {names}.",
          { names: missing.join(", ") },
        ),
        undefined,
        { stays: true },
      );
    }
    return false;
  }

  const active = () => Boolean(desk) && !refused && Boolean(document.querySelector(PAGE));

  // ---- What it says ------------------------------------------------------------------------------------------------

  const STYLE = `
    .counted ${COUNT} { font-size: 0 !important; }
    .counted ${COUNT}::after { content: var(--open); font-size: 12px; }
    .companion { position: fixed; bottom: 58px; z-index: 2000; padding: 10px 18px; box-sizing: border-box;
      border-radius: 10px; background: var(--color-neutral-background, #fff); color: var(--color-neutral-content, #1d1d1f);
      border: 1px solid var(--color-neutral-border-bold, #c9c9ce); border-inline-start: 6px solid #2f6fd0;
      box-shadow: 0 8px 28px rgba(0, 0, 0, .22); font: 15px/1.5 system-ui, sans-serif; }
    .companion.missing { border-inline-start-color: #c2410c; }
    .companion h2 { font-size: 15px; font-weight: 600; margin: 0 0 4px; }
    .companion ul { list-style: none; margin: 0; padding: 0; max-height: 26vh; overflow-y: auto; }
    .companion.missing ul { display: flex; flex-wrap: wrap; gap: 6px 8px; }
    .companion.missing li button { padding: 1px 10px; border: 1px solid var(--color-neutral-border-bold, #c9c9ce); border-radius: 14px; }
    .companion button { font: inherit; color: inherit; background: none; border: none; padding: 3px 0; text-align: start; cursor: pointer; }
    .companion button:hover { text-decoration: underline; }
    .companion .act { color: #2f6fd0; font-weight: 600; margin-inline-start: 8px; }
    dialog.companion { position: fixed; inset: 0; margin: auto; height: fit-content; max-width: 460px; padding: 18px 22px; }
    dialog.companion::backdrop { background: rgba(0, 0, 0, .3); }
    dialog.companion li button { display: flex; gap: 12px; width: 100%; padding: 6px 8px; border-radius: 6px; }
    dialog.companion li button:hover { background: rgba(47, 111, 208, .1); text-decoration: none; }
    .companion kbd { min-width: 28px; padding: 0 6px; border: 1px solid #c9c9ce; border-radius: 5px; text-align: center; font: 600 13px/22px system-ui, sans-serif; align-self: start; }
    .page .rubric h5:not(.criterion h5)::after { content: ' ' var(--all-yes, ""); font-weight: 400; color: var(--quiet); }
    .page:has(.feedback) .lsf-textarea__region input, .page:has(.feedback) .lsf-textarea__region textarea { animation: none !important; }
    @media (max-width: 700px) {
      .lsf-menu-header__context, .lsf-menu-header__hotkeys, [class*='themeToggle'] { display: none !important; }
      .lsf-menu-header__user { margin-inline-start: auto; }
      .lsf-label-view__lsf-container, .lsf-editor { width: 100vw !important; min-width: 0 !important; padding-inline: 0 !important; }
      .lsf-main-view__annotation { padding: 6px !important; }
      .lsf-bottombar { width: 100% !important; }
      .lsf-bottombar__group { flex: 1 !important; width: auto !important; }
      .lsf-bottombar__group:first-child { display: none !important; }
      .lsf-modal-ls__content { width: 100% !important; max-width: 100vw !important; margin: 0 !important; }
    }`;

  function dress() {
    const sheet = new CSSStyleSheet(); // a style element would need the page's nonce
    sheet.replaceSync(STYLE);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }

  const make = (name, text = "", ...classes) => {
    const made = document.createElement(name);
    made.textContent = text;
    made.classList.add(...classes);
    return made;
  };

  function spoken(shown) {
    shown.lang = language();
    shown.dir = direction();
  }

  let notice = null;
  function hideNotice() {
    notice?.remove();
    notice = null;
    placeNotice();
  }

  function show(made) {
    document.body.append(made);
    notice = made;
    placeNotice();
  }

  /* Along the foot of the page, which keeps as much room free below itself: what is there can be scrolled above it. */
  function placeNotice() {
    const page = document.querySelector(PAGE)?.getBoundingClientRect();
    document.documentElement.style.setProperty("--notice", notice ? `${notice.offsetHeight + 24}px` : "0px");
    if (!notice || !page) return;
    notice.style.left = `${page.left}px`;
    notice.style.width = `${page.width}px`;
  }

  function say(text, [label, act] = [], { stays = false } = {}) {
    hideNotice();
    const shown = make("div", text, "companion");
    shown.setAttribute("role", "status");
    spoken(shown);
    if (label) {
      const button = make("button", label, "act");
      button.type = "button";
      button.addEventListener("click", () => {
        hideNotice();
        act();
      });
      shown.append(button);
    }
    show(shown);
    if (!stays && !label) setTimeout(() => notice === shown && hideNotice(), 6000);
  }

  function tellStore(error) {
    const why = error?.name ?? error;
    say(gettext("This browser cannot keep what you type ({why}): leave each box when you are done, so that it is sent to the server.", { why }));
  }

  let asking = null; // the dialog that waits for an answer
  /* Asks, and resolves to the value of what was chosen, by key or click; to null for Escape. */
  function ask(title, choices, more = "") {
    if (asking) return Promise.resolve(null);
    return new Promise((done) => {
      const dialog = make("dialog", "", "companion");
      spoken(dialog);
      const list = make("ul");
      const answer = (value) => {
        asking = null;
        dialog.close();
        dialog.remove();
        done(value);
      };
      for (const [key, label, value] of choices) {
        const button = make("button");
        button.type = "button";
        button.append(make("kbd", key), make("span", label));
        button.addEventListener("click", () => answer(value));
        list.append(make("li"));
        list.lastChild.append(button);
      }
      dialog.append(make("h2", title), make("p", more), list);
      dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        answer(null);
      });
      asking = {
        press(key) {
          const wanted = key === "Escape" ? "Esc" : key;
          const choice = choices.find(([name]) => name.toLowerCase() === wanted.toLowerCase());
          if (choice) answer(choice[2]);
          return Boolean(choice);
        },
      };
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  // ---- The next piece of work ----------------------------------------------------------------------------------------

  const inStream = () => new URLSearchParams(location.search).has("labeling"); // one task after the other
  const projectHere = () => location.pathname.match(/\/projects\/(\d+)/)?.[1] ?? "";

  let going = false;
  function goToNext() {
    if (going) return;
    going = leaving = true;
    location.assign(`${HOME}/next?after=${projectHere()}${PHONE.matches ? "&phone=1" : ""}`);
  }

  /* After a task that was opened by itself: whoever looks for the next one need not look for a list. */
  async function offerNext(here) {
    for (let waited = 0; !here.annotation.pk && waited < 15000; waited += 250) await pause(250);
    if (desk !== here || !here.annotation.pk) return;
    say(gettext("Submitted."), [gettext("Next piece of work"), () => location.assign(`${HOME}/next`)]);
  }

  /* Says how many tasks wait on this workbench in place of how many were drawn. */
  async function countOpen() {
    if (!HOME || !document.querySelector(COUNT)) return;
    const answer = await fetch(`${HOME}/open?project=${projectHere()}`).catch(() => null);
    if (!answer?.ok) return; // the count is left as it was
    const { open } = await answer.json();
    document.documentElement.style.setProperty("--open", JSON.stringify(gettext("{count} open", { count: open })));
    document.documentElement.classList.add("counted");
  }

  function fitPhone() {
    if (!PHONE.matches || !HOME || document.querySelector(PAGE)?.matches(".phone")) return;
    const back = [gettext("To your work"), () => location.assign(HOME)];
    say(gettext("This page needs a computer: on a phone it is too narrow to be worked on."), back);
  }

  /* Label Studio's links to its first pages, which its own script would follow without asking the server. */
  const isHome = (link) => {
    const to = new URL(link.href, location.href);
    return HOME && to.origin === location.origin && FIRST_PAGES.includes(to.pathname.replace(/\/$/, ""));
  };

  function goHome() {
    const home = { href: new URL(HOME, location.href).href };
    if (active() && (look(), unsaved(desk))) return void leave(home);
    location.assign(home.href);
  }

  // ---- What is missing ---------------------------------------------------------------------------------------------

  function isFilled(tag) {
    if (tag.type !== "textarea") return tag.holdsState;
    return tag.regions.some((region) => region._value.trim()) || Boolean(tag.showSubmit && tag._value.trim());
  }

  const missingFields = (annotation) =>
    controls(annotation).filter(
      (tag) => tag.required && !tag.perregion && tag.isVisible !== false && !isFilled(tag),
    );

  function goTo(tag) {
    const found = boxesOf(tag.name)[0] ?? tag.elementRef?.current?.querySelector("input, textarea, select");
    if (!found) return;
    giveFocus(found);
    found.scrollIntoView({ block: "center" });
  }

  /* Names all that is missing, each a way to its field; what is filled in meanwhile leaves the list. */
  function tellMissing(tags) {
    hideNotice();
    const shown = make("div", "", "companion", "missing");
    shown.setAttribute("role", "alert");
    spoken(shown);
    const head = make("h2");
    const list = make("ul");
    const lines = tags.map((tag) => {
      const button = make("button", tag.requiredmessage);
      button.type = "button";
      button.dir = "auto"; // the page's own words, in its own language
      button.addEventListener("click", () => goTo(tag));
      const line = make("li");
      line.append(button);
      list.append(line);
      return [tag, line];
    });
    shown.append(head, list);
    shown.refresh = (still) => {
      lines.forEach(([tag, line]) => { line.hidden = !still.includes(tag); });
      head.textContent = gettext("Still missing: {count}", { count: still.length });
      if (!still.length) hideNotice();
    };
    shown.refresh(tags);
    show(shown);
    goTo(tags[0]);
  }

  // ---- Submit, skip, go on, leave ----------------------------------------------------------------------------------

  let passing = false; // a click of our own on Label Studio's button
  function press(button) {
    passing = true;
    button.click();
    passing = false;
  }

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  async function submit(button) {
    const here = desk;
    const active = document.activeElement;
    if (active?.matches?.(BOX) && active.getAttribute("name")?.includes(":")) {
      active.blur(); // what is changed in a box that was put down counts once the box is left
      await pause(30); // until Update is not grey any more
    }
    if (desk !== here) return;
    const missing = missingFields(here.annotation);
    if (missing.length) return tellMissing(missing);
    hideNotice();
    if (!(await keptDespite(here))) return;
    press(document.querySelector(SUBMIT.split(",").includes(button) ? button : SUBMIT) ?? button);
  }

  /* Whether a judgement that says No and recommends to keep is meant. */
  async function keptDespite(here) {
    const chosen = (name) => here.annotation.names.get(name)?.selectedValues?.() ?? [];
    const no = rubrics(here.annotation).filter((tag) => chosen(tag.name).includes("no"));
    if (!no.length || !chosen("recommend").includes("keep")) return true;
    const said = no.map((tag) => tag.requiredmessage.replace(/^.*?: |\.$/g, "")).join("; ");
    const meant = await ask(
      gettext("You answered No, but recommend keeping it"),
      [["Enter", gettext("Submit it as it is"), true], ["Esc", gettext("Back to the page"), false]],
      said,
    );
    return meant === true;
  }

  const rubrics = (annotation) => controls(annotation).filter((tag) => tag.name.startsWith("rubric_"));

  function answerYes(annotation) {
    for (const tag of rubrics(annotation)) {
      if (tag.isVisible !== false && !tag.holdsState) tag.elementRef?.current?.querySelector("input")?.click(); // the first, whatever it is called
    }
  }

  const skipped = () => [
    ["1", gettext("Something is wrong with the source or the passage"), "source"],
    ["2", gettext("I cannot do this one"), "cannot do it"],
    ["3", gettext("I have no time for it"), "no time"],
    ["4", gettext("Another reason"), "another reason"],
    ["Esc", gettext("Do not skip it"), null],
  ];

  async function skip() {
    const here = desk;
    const title = gettext("If you skip this task, somebody else gets it. Why skip it?");
    const why = await ask(title, skipped(), gettext("What you have written on it will not count."));
    if (why === null || desk !== here) return;
    if (why === "source") return sourceIsWrong(here.annotation);
    here.it.store.skipTask({ comment: why });
  }

  /* Leads to where the page asks what is wrong, since a skipped task would tell the lead nothing about it. */
  function sourceIsWrong(annotation) {
    const tag = annotation.names.get("source");
    const marks = [...(tag?.elementRef?.current?.querySelectorAll("input") ?? [])];
    const blocks = marks.at(-1);
    if (!blocks) return;
    if (!blocks.checked) blocks.click();
    setTimeout(() => annotation.names.get("query") && goTo(annotation.names.get("query")), 100);
  }

  async function goOn(button) {
    const here = desk;
    const meant = await ask(
      gettext("You have not submitted this page"),
      [["Enter", gettext("Go on; the page will come back later"), true], ["Esc", gettext("Stay here"), false]],
      gettext("What you wrote is saved."),
    );
    if (!meant || desk !== here) return;
    putDown(here.annotation);
    await settle(here);
    press(button);
  }

  async function leave(link) {
    const here = desk;
    const out = isLogout(link);
    const taken = await settle(here);
    if (!taken || (!out && touched(here))) {
      const meant = await ask(
        gettext("You have not submitted this page"),
        [["Enter", gettext("Leave"), true], ["Esc", gettext("Stay here"), false]],
        taken ? gettext("What you wrote is saved on the server.") : gettext("The server is not accepting it at the moment."),
      );
      if (!meant) return;
    }
    leaving = true;
    if (out) await forgetAccount().catch(tellStore);
    location.assign(link.href);
  }

  const isLogout = (link) => new URL(link.href).pathname.replace(/\/$/, "").endsWith("/logout");

  function leads(link) {
    const to = new URL(link.href, location.href);
    return link.target !== "_blank" && !link.closest(PAGE) && to.protocol.startsWith("http") && to.pathname !== location.pathname;
  }

  function onClick(event) {
    changed = true;
    const at = (selector) => event.target.closest?.(selector);
    const stop = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    const link = at("a[href]");
    const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0;
    if (link && plain && isHome(link)) {
      stop();
      return goHome();
    }
    if (passing || !active()) return;
    if (at(SUBMIT)) {
      stop();
      void submit(at(SUBMIT));
    } else if (at(SKIP)) {
      stop();
      void skip();
    } else if (at(ONWARD) && (look(), touched(desk) && !isSubmitted(desk))) {
      stop();
      void goOn(at(ONWARD));
    } else if (link && leads(link) && (look(), isLogout(link) || unsaved(desk))) {
      stop();
      void leave(link);
    }
  }

  const isSubmitted = (here) => here.server === inWords(here.last) && here.annotation.pk && !here.annotation.draftId;

  function onLeave(event) {
    if (leaving || !active()) return;
    changed = true;
    look();
    if (desk?.ready && desk.last) void keep(desk, desk.last).catch(() => undefined); // the page is going: who would read it
    if (unsaved(desk)) {
      void sendDraft(desk, desk.last);
      event.preventDefault();
    }
  }

  // ---- Keys and focus ----------------------------------------------------------------------------------------------

  function onKey(event) {
    changed = true;
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    const stop = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    if (asking) {
      if (plain && asking.press(event.key)) return stop();
      if (event.key !== "Tab" && event.key !== " ") stop();
      return;
    }
    if (!active()) return;
    const command = event.ctrlKey || event.metaKey;
    const inBox = event.target.matches?.(BOX);
    moving = event.key === "Tab";
    if (event.key === "Escape" && !inBox) hideNotice();
    if (command && event.key === "Enter") {
      const button = document.querySelector(SUBMIT);
      stop();
      if (button) void submit(button);
    } else if (((event.ctrlKey && event.code === "Space") || (event.altKey && event.key === "Enter")) && document.querySelector(SKIP)) {
      stop();
      void skip();
    } else if (plain && !inBox && event.key.toLowerCase() === "y" && rubrics(desk.annotation).length) {
      stop();
      answerYes(desk.annotation);
    } else if (plain && event.target.matches?.(MARK) && event.key.length === 1 && event.key !== " ") {
      stop(); // Label Studio's shortcuts are dead while a mark has the focus, as after a click on one
      event.target.blur();
      document.body.dispatchEvent(new KeyboardEvent("keydown", {
        key: event.key, code: event.code, keyCode: event.keyCode, which: event.which, shiftKey: event.shiftKey, bubbles: true,
      }));
      beginQuestion(event);
    } else if (plain && !inBox) {
      beginQuestion(event);
    }
  }

  /* A letter typed while nothing has the focus begins the question, if that is empty: one need not click there first.
     Letters that are shortcuts here stay shortcuts, and writing that is composed from keys begins in the box itself. */
  function beginQuestion(event) {
    const tag = textAreas(desk.annotation).find(({ name }) => name === "question");
    const free = !document.activeElement || document.activeElement === document.body;
    if (!free || !tag || isFilled(tag) || tag.isVisible === false || desk.annotation.isReadOnly()) return;
    if (!/^\p{L}$/u.test(event.key) || isShortcut(event.key)) return;
    const box = boxesOf("question")[0];
    if (!box || COMPOSED.test(box.lang)) return;
    giveFocus(box); // and the letter goes where the focus is
    event.stopImmediatePropagation();
  }

  const COMPOSED = /Hans|Hant|Jpan|Hang|Kore|^(zh|ja|ko|yue)\b/; // scripts that are typed through an input method

  const isShortcut = (key) =>
    controls(desk.annotation).some((tag) => tag.children?.some(({ hotkey }) => hotkey?.toLowerCase() === key.toLowerCase()));

  const nativeFocus = HTMLElement.prototype.focus;
  let moving = false; // whether the last key or press was one that moves the focus, and has not yet
  let held = null; // the box that has the focus, or had it until it was drawn anew: {box, name, text, start, end}

  function giveFocus(box) {
    held = { box, name: baseName(box) };
    nativeFocus.call(box);
  }

  const remember = (box) => {
    held = { box, name: baseName(box), text: box.value, start: box.selectionStart, end: box.selectionEnd };
  };

  /* Whether a script may give a box the focus: only where the same field was drawn anew under somebody's hands. */
  function isSameField(box) {
    const now = document.activeElement;
    const free = !now || now === document.body || now === held?.box || now === box;
    return Boolean(held) && free && baseName(box) === held.name;
  }

  HTMLElement.prototype.focus = function focus(...options) {
    if (!active() || !this.matches(BOX)) return nativeFocus.apply(this, options);
    if (!isSameField(this)) return undefined;
    const before = held;
    nativeFocus.apply(this, options);
    if (before.box !== this && before.text !== undefined) carryOver(this, before);
    return undefined;
  };

  /* Takes what was being typed, and where, into the box that was drawn in place of another. */
  function carryOver(box, before) {
    if (before.typing && box.value !== before.text) {
      Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set.call(box, before.text);
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    box.setSelectionRange(Math.min(before.start, box.value.length), Math.min(before.end, box.value.length));
    remember(box);
  }

  function onFocusOut(event) {
    if (!event.target.matches?.(BOX)) return;
    changed = true;
    if (desk) desk.left = true;
    const box = event.target;
    if (moving) held = null; // they left it
    else setTimeout(() => held?.box === box && box.isConnected && document.activeElement !== box && (held = null));
  }

  // ---- Languages -----------------------------------------------------------------------------------------------------

  /* Says the language and direction of each box, which spell-checkers and screen readers go by: the page's own language
     where it is worked in, and none where people write to each other in whichever they like. */
  function nameLanguages() {
    for (const box of document.querySelectorAll(BOX)) {
      if (box.dataset.companion) continue;
      box.dataset.companion = "1";
      const place = box.closest(".words, .target, .source");
      const worked = place && !place.matches(".words");
      const style = worked ? getComputedStyle(place) : null;
      box.lang = style?.getPropertyValue("--language").trim() ?? "";
      box.dir = style?.direction ?? "auto";
      box.spellcheck = true;
    }
  }

  /* Takes the marks that stand beside boxes out of Tab's way once one is taken: it is changed by its shortcut. */
  function shortenTab() {
    for (const list of document.querySelectorAll(`${PAGE} .keyed:has(.written .lsf-text-area)`)) {
      const marks = [...list.querySelectorAll("input[type='radio']")];
      const taken = marks.some((mark) => mark.checked);
      for (const mark of marks) mark.tabIndex = taken ? -1 : 0;
    }
  }

  // ---- Start -----------------------------------------------------------------------------------------------------------

  function start() {
    dress();
    const early = { capture: true };
    window.addEventListener("click", onClick, early);
    window.addEventListener("keydown", onKey, early);
    window.addEventListener("pointerdown", () => { moving = true; }, early);
    window.addEventListener("input", (event) => {
      changed = true;
      if (event.target.matches?.(BOX)) {
        remember(event.target);
        held.typing = true;
      }
    }, early);
    window.addEventListener("focusin", (event) => {
      moving = false;
      if (event.target.matches?.(BOX)) remember(event.target);
    }, early);
    window.addEventListener("focusout", onFocusOut, early);
    window.addEventListener("beforeunload", onLeave);
    document.addEventListener("visibilitychange", look);
    setInterval(look, LOOK_EACH);
  }

  window.belebele = {
    companion: {
      leansOn: LEANS_ON.map(([name]) => name),
      missing: () => missingOf(onPage()),
      unsaved: () => Boolean(unsaved(desk)),
    },
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
