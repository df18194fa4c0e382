"use strict";
(() => {
  const collator = new Intl.Collator("vi", { numeric: true });
  const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/[đĐ]/g, "d").toLowerCase();
  const plain = (text) => text.normalize("NFC").toLowerCase();

  // a word typed without marks finds the word with them; one typed with marks finds only itself
  const finder = (query) => {
    const words = query.trim().split(/\s+/).filter(Boolean).map((word) => {
      const folded = fold(word);
      return folded === plain(word) ? [1, folded] : [0, plain(word)];
    });
    return (texts) => words.every(([how, word]) => texts[how].includes(word));
  };

  for (const table of document.querySelectorAll("table[data-list]")) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const box = document.getElementById(table.dataset.list);

    if (box) {
      const input = box.querySelector("input");
      const count = box.querySelector("output");
      let texts = null;
      const search = () => {
        texts ??= rows.map((row) => {
          const text = row.textContent + " " + (row.dataset.more ?? "");
          return [plain(text), fold(text)];
        });
        const found = finder(input.value);
        let shown = 0;
        rows.forEach((row, number) => {
          row.hidden = !found(texts[number]);
          shown += row.hidden ? 0 : 1;
        });
        count.textContent = count.dataset.text.replace("#", shown).replace("#", rows.length);
      };
      input.addEventListener("input", search);
      box.hidden = false;
      if (input.value) search();
    }

    const places = new Map(rows.map((row, place) => [row, place]));
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const keys = new Map(rows.map((row) => {
          const cell = row.cells[column];
          const value = cell.dataset.v;
          return [row, value === undefined ? cell.textContent.trim() : value === "" ? null : Number(value)];
        }));
        const compare = (one, other) => {
          const [a, b] = [keys.get(one), keys.get(other)];
          const empty = (a === null || a === "") - (b === null || b === "");
          if (empty) return empty; // what has no figure stands last, either way
          const order = typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a ?? "", b ?? "");
          return (down ? -order : order) || places.get(one) - places.get(other);
        };
        body.append(...[...rows].sort(compare));
      });
    });
  }

  // a link into a folded part, or a print, opens it
  const opened = [];
  const unfold = (within) => {
    for (const part of within) if (!part.open) { part.open = true; opened.push(part); }
  };
  const follow = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const folded = target && (target.closest("details") ?? target.querySelector("details"));
    if (folded) { folded.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => unfold(document.querySelectorAll("details")));
  addEventListener("afterprint", () => { for (const part of opened.splice(0)) part.open = false; });
  follow();
})();
