"use strict";
// The extracts of the search: a cell of a table ends a word.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  const read = Search.htmlToText;
  Search.htmlToText = (html, anchor) => read(html.replace(/<\/(t[dh]|text|tspan|caption|figcaption|p|li)>/g, " $&"), anchor);
});
// Filters for the pages of the claim ledger; without scripts the whole table is there.
document.addEventListener("DOMContentLoaded", () => {
  const ledger = document.querySelector(".sco-ledger");
  if (!ledger) return;
  const rows = [...ledger.querySelectorAll("tbody tr")];
  const parts = [...ledger.querySelectorAll(".sco-part")];
  const form = document.createElement("form");
  form.className = "sco-filter";
  form.setAttribute("role", "search");
  form.setAttribute("aria-label", "Filter the claims");
  const field = (text, control) => {
    const label = document.createElement("label");
    label.append(text + " ", control);
    form.append(label);
    return control;
  };
  const search = field("Search", Object.assign(document.createElement("input"), { type: "search" }));
  const verdictOf = (row) => row.querySelector("b").textContent;
  const kinds = ledger.dataset.kinds.split(" ");
  const kindOf = (row) => kinds[row.dataset.k];
  const choice = (text, of) => {
    const select = document.createElement("select");
    const words = [...new Set(rows.map(of))].sort();
    for (const word of ["all", ...words]) select.append(new Option(word, word));
    return field(text, select);
  };
  const verdict = choice("Verdict", verdictOf);
  const kind = choice("Kind", kindOf);
  const count = document.createElement("output");
  form.append(count);
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const fits = (verdict.value === "all" || verdictOf(row) === verdict.value) &&
        (kind.value === "all" || kindOf(row) === kind.value) && words.every((word) => text.includes(word));
      row.hidden = !fits;
      shown += fits;
    }
    for (const part of parts) part.hidden = !part.querySelector("tbody tr:not([hidden])");
    count.textContent = `${shown} of ${rows.length} claims`;
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  ledger.prepend(form);
  apply();
});
