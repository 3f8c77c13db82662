// Goes to the dashboard as soon as the program says where it is, or shows why it
// could not start.
(async function () {
  for (;;) {
    const answer = await fetch("/link").then((a) => a.json()).catch(() => ({}));
    if (answer.link) {
      location.replace(answer.link);
      return;
    }
    if (answer.problem) {
      const p = document.getElementById("problem");
      p.textContent = answer.problem;
      p.hidden = false;
      return;
    }
    await new Promise((again) => setTimeout(again, 100));
  }
})();
