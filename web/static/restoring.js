// The program is starting anew: goes on to the login as soon as it answers. It is
// given four seconds to stop first, so that the old one's answer is not taken for
// the new one's.
(function () {
  const link = document.querySelector("[data-when-back]");
  const look = () => fetch(link.dataset.whenBack, { cache: "no-store" })
    .then((r) => { if (!r.ok) throw new Error(r.status); location.assign(link.dataset.whenBack); })
    .catch(() => setTimeout(look, 1000));
  if (link) setTimeout(look, 4000);
})();
