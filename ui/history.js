// One entry of the browser's history for each thing that somebody does.
//
// Streamlit pushes an entry for every change of the address that its script makes. A page that fills
// in which model and map it shows would add two, and Back would lead to an address that the page
// fills in again: it would seem dead. Of the changes that follow one act, be it a click, a key or a
// navigation, the first is therefore pushed, and the others replace it.
(() => {
  const push = history.pushState.bind(history);
  let acted = false; // since the newest entry
  // A link to another page makes its entry itself; what this page still writes before is no act.
  const leaves = (target) => {
    const link = target instanceof Element ? target.closest("a[href]") : null;
    return link !== null && new URL(link.href).pathname !== location.pathname;
  };
  for (const act of ["pointerdown", "keydown"]) {
    window.addEventListener(act, (event) => { acted = !leaves(event.target); }, true);
  }
  window.addEventListener("popstate", () => { acted = false; }, true);
  history.pushState = (state, title, url) => {
    const target = new URL(url ?? location.href, location.href);
    if (target.pathname === location.pathname && !acted) {
      history.replaceState(state, title, url);
      return;
    }
    acted = false;
    push(state, title, url);
  };
})();
