"use strict";
// The extracts of the search: what is read and no code; a cell of a table ends a word; they begin with a word as it was
// typed, since what the search looks for is its stem, and that of "gas" stands in "organization". This has to be in place
// before the index arrives, for that starts the search.
document.querySelector('script[src*="searchtools.js"]')?.addEventListener("load", () => {
  const asked = splitQuery(new URLSearchParams(location.search).get("q") || "").map((word) => ` ${word}`);
  const summary = Search.makeSearchSummary;
  Search.htmlToText = (html, anchor) => {
    const apart = html.replace(/<\/(t[dh]|text|tspan|caption|figcaption|p|li|d[dt]|h\d)>/g, " $&");
    const page = new DOMParser().parseFromString(apart, "text/html");
    for (const part of page.querySelectorAll(".cell_input, .headerlink, summary, script, style")) part.remove();
    const section = anchor && page.querySelector(`main ${anchor}`);
    return (section || page.querySelector("article") || page.body).textContent.replace(/\s+/g, " ");
  };
  // Of the words that it is given, the summary takes the last that it finds.
  Search.makeSearchSummary = (html, stems, anchor) => summary(html, [...stems, ...asked], anchor);
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
