// The page is whole without this: it only adds a filter, and opens the question that a link names.
const box = document.getElementById("filter");
const cases = [...document.querySelectorAll(".case")];
box.hidden = false;
box.addEventListener("input", () => {
  const wanted = box.value.trim().toLowerCase();
  for (const each of cases) {
    each.hidden = !each.textContent.toLowerCase().includes(wanted);
    if (wanted !== "" && !each.hidden) each.closest(".group").open = true;
  }
});
const show = () => {
  const named = document.getElementById(location.hash.slice(1));
  if (named === null || !named.matches(".case")) return;
  named.closest(".group").open = named.open = true;
  named.scrollIntoView();
};
addEventListener("hashchange", show);
show();
