"use strict";
(() => {
  const form = document.querySelector(".filters");
  const cards = [...document.querySelectorAll(".faulty")];
  const told = document.querySelector(".filters output");
  if (!form || !told) return;
  form.hidden = false;
  const fits = (one, wanted) => Object.entries(wanted).every(([name, value]) => !value || one.dataset[name] === value);
  const filter = () => {
    const wanted = Object.fromEntries([...form.querySelectorAll("select")].map((one) => [one.name, one.value]));
    let shown = 0;
    for (const card of cards) {
      let some = 0;
      for (const line of card.querySelectorAll("[data-check]")) {
        line.hidden = !fits(line, wanted);
        some += !line.hidden;
      }
      card.hidden = !some;
      shown += !card.hidden;
    }
    told.textContent = `${shown} of ${cards.length} items`;
  };
  form.addEventListener("change", filter);
  filter();
})();
