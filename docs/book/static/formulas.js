// What scrolls can be reached by key: a formula that is wider than its column takes the focus.
window.addEventListener("load", async () => {
  if (!window.MathJax) return;
  await MathJax.startup.promise;
  for (const formula of document.querySelectorAll("div.math")) {
    if (formula.scrollWidth > formula.clientWidth) formula.tabIndex = 0;
  }
});
