// A result of the search shows words of the page's text, not of the buttons around it.
window.addEventListener("DOMContentLoaded", () => {
  if (typeof Search == "undefined") return;
  const whole = Search.htmlToText;
  Search.htmlToText = (source, anchor) => {
    const page = new DOMParser().parseFromString(source, "text/html");
    const text = page.querySelector("article.bd-article");
    if (!text) return whole(source, anchor);
    text.querySelectorAll(".headerlink, script, style, .forms").forEach(e => e.remove());
    return ((anchor && text.querySelector(anchor)) || text).textContent;
  };
});
