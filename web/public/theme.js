// Before the first paint, hence a file of its own that is not deferred: else a chosen theme would flash the other one.
try {
  const theme = localStorage.getItem("whitestat.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's theme it is.
}
