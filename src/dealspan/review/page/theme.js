// A classic script in the head, so that the page is never drawn in the other theme first.
try {
  const theme = localStorage.getItem("dealspan-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Without storage the system decides.
}
